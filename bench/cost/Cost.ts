/** What a month costs on AWS, by service. Prints what was counted, what durations that makes, and what infrastructure/README.md has of it, section Cost. */
import { Effect } from "effect"
import { durationOf, megabytes } from "./Bill.ts"
import { countDelivery, type DeliveryUnits } from "./Delivery.ts"
import { countFront, type FrontUnits } from "./Front.ts"
import { pricesAsOf } from "./Prices.ts"
import { countRollup } from "./Rollup.ts"
import { type Month, sentencesOf, tableOf } from "./Text.ts"
import type { Work } from "./Work.ts"

/** The month of ten millions takes most of the two minutes. */
const deliveriesOf = [0, 10_000, 1_000_000, 10_000_000]

const write = (text: string): void => void process.stdout.write(`${text}\n`)

/** An invocation in a line: how long it takes, and what it does. */
const invocationOf = (name: string, times: number, work: Work, memory: number): string => {
  const github = `${work.rest} REST, ${work.dispatches} dispatch, ${work.graphql} GraphQL`
  const calls = `table ${work.table} + ${work.transactions} transactions, queue or bus ${work.sends}, GitHub ${github}`
  const took = `${durationOf(work, memory).toFixed(0)} ms of ${memory} MB, ${work.cpuMillis.toFixed(1)} ms of a processor`
  return `  ${name}, ${times} a delivery: ${took}; ${calls}; ${work.loggedBytes.toFixed(0)} bytes logged`
}

const printCounts = (delivery: DeliveryUnits, front: FrontUnits): void => {
  const { plan, order, report, record, storedByteMonths, ...units } = delivery
  write("\nCounted for a delivery with one target")
  for (const [name, value] of Object.entries(units)) write(`  ${name}: ${value.toFixed(1)}`)
  for (const [name, value] of Object.entries(storedByteMonths))
    write(`  stored in ${name}, byte months: ${value.toFixed(0)}`)
  write("\nAn invocation, on average")
  write(invocationOf("ingress, accepted", 1, front.accepted, megabytes.ingress))
  write(invocationOf("ingress, ignored", 2, front.ignored, megabytes.ingress))
  write(invocationOf("planner", plan.times, plan.work, megabytes.planner))
  write(invocationOf("dispatcher, order", order.times, order.work, megabytes.dispatcher))
  write(invocationOf("dispatcher, report", report.times, report.work, megabytes.dispatcher))
  write(invocationOf("facts", record.times, record.work, megabytes.facts))
}

const counted = (targets: number): Promise<DeliveryUnits> => Effect.runPromise(countDelivery(targets))

/** Counts and prints. */
export const benchCost = async (): Promise<void> => {
  const deliveries = { none: await counted(0), one: await counted(1), two: await counted(2) }
  const front = await countFront()
  printCounts(deliveries.one, front)
  const months: Array<Month> = []
  for (const each of deliveriesOf)
    for (const repositories of each === 0 ? [50] : [50, 1000])
      months.push({
        deliveries: each,
        repositories,
        rollup: await Effect.runPromise(countRollup(each, repositories))
      })
  write(`\nList prices of ${pricesAsOf}, us-east-1; for infrastructure/README.md:`)
  write(`\n${tableOf(deliveries.one, front, months)}\n\n${sentencesOf(deliveries, front, months)}`)
}
