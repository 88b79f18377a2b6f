/**
 * What a month costs on AWS, by service: units are counted (`Counting.ts`), durations and sizes of logs are estimated, prices are list prices
 * (`Prices.ts`). Prints the table of infrastructure/README.md, section Cost.
 */
import { Effect } from "effect"
import { countDelivery, type DeliveryUnits } from "./Delivery.ts"
import { estimates, prices, pricesAsOf, standing } from "./Prices.ts"
import { countRollup, minutes, type RollupUnits } from "./Rollup.ts"

/** A month of traffic, spread evenly. */
interface Month {
  readonly deliveries: number
  readonly repositories: number
}
/** Ten millions only if asked for (`-- --ten-million`), since they take minutes. */
const deliveriesOf = [0, 10_000, 1_000_000, ...(process.argv.includes("--ten-million") ? [10_000_000] : [])]
const months: ReadonlyArray<Month> = deliveriesOf.flatMap((deliveries) =>
  (deliveries === 0 ? [50] : [50, 1000]).map((repositories) => ({ deliveries, repositories }))
)

/** Two deliveries of each run are about no completion, and are ignored: GitHub sends `requested` and `in_progress`, too. */
const ignored = 2
/** Longest batches of the event sources, and the windows in which they are collected, seconds. */
const planBatch = { most: 10, window: 1 } as const
const factBatch = { most: 100, window: 1 } as const
/** Pollers that Lambda keeps for each queue, each asking once in 20 seconds where nothing comes. */
const emptyReceives = 4 * 5 * 3 * minutes

const batchOf = (perSecond: number, { most, window }: { readonly most: number; readonly window: number }): number =>
  Math.min(most, Math.max(1, perSecond * window))

/** Dollars of some invocations. */
const run = (name: "ingress" | "planner" | "dispatcher" | "facts" | "rollup" | "sweeper", times: number): number => {
  const { gigabytes, milliseconds } = estimates[name]
  return times * (prices.invocation + (gigabytes * milliseconds * prices.gigabyteSecond) / 1000)
}

/** Dollars of a month, service by service. */
const dollarsOf = (
  delivery: DeliveryUnits,
  rollup: RollupUnits,
  { deliveries }: Month
): Readonly<Record<string, number>> => {
  const perSecond = deliveries / (minutes * 60)
  const plans = deliveries / batchOf(perSecond, planBatch)
  const factMessages = deliveries * delivery.facts
  const batches = Math.min(
    deliveries * delivery.factBatches,
    factMessages / batchOf(perSecond * delivery.facts, factBatch)
  )
  const others = deliveries * (delivery.otherMessages - 1)
  const orders = deliveries * delivery.orderMessages
  const invocations = deliveries * (1 + ignored) + plans + orders + others + batches + minutes
  // A message is sent, received and deleted; the last two with those of its batch.
  const requests = deliveries + 2 * plans + 3 * others + factMessages + 2 * batches + emptyReceives
  return {
    "DynamoDB, ledger":
      deliveries * (delivery.ledgerWrites * prices.writeUnit + delivery.ledgerReads * prices.readUnit),
    "DynamoDB, facts": deliveries * (delivery.factWrites * prices.writeUnit + delivery.factReads * prices.readUnit),
    "DynamoDB, rollup": rollup.writes * prices.writeUnit + rollup.reads * prices.readUnit,
    "DynamoDB, stored": deliveries * delivery.storedByteMonths * (prices.storedByte + prices.recoverableByte),
    Lambda:
      run("ingress", deliveries * (1 + ignored)) +
      run("planner", plans) +
      run("dispatcher", orders + others) +
      run("facts", batches) +
      run("rollup", minutes) +
      run("sweeper", minutes / 5),
    SQS: requests * prices.queueRequest + 3 * orders * prices.fifoRequest,
    EventBridge: factMessages * (prices.busEvent + 1500 * prices.archivedByte),
    "API Gateway": deliveries * (1 + ignored) * prices.httpRequest,
    "CloudWatch Logs":
      (invocations * estimates.logBytesOfInvocation + deliveries * estimates.logBytesOfDelivery) * prices.loggedByte,
    "X-Ray": invocations * estimates.tracedShare * prices.trace,
    "alarms, metrics, dashboard, secrets":
      standing.alarms * prices.alarmMonth +
      standing.metrics * prices.metricMonth +
      standing.dashboards * prices.dashboardMonth +
      standing.secrets * prices.secretMonth
  }
}

const money = (dollars: number): string =>
  dollars >= 10 ? Math.round(dollars).toLocaleString("en") : dollars.toFixed(1)

/** The table, as Markdown. */
const tableOf = (delivery: DeliveryUnits, rollups: ReadonlyArray<readonly [Month, RollupUnits]>): string => {
  const columns = rollups.map(([month, rollup]) => dollarsOf(delivery, rollup, month))
  const services = Object.keys(columns[0] ?? {})
  const head = months.map(({ deliveries, repositories }) =>
    deliveries === 0 ? "idle" : `${deliveries.toLocaleString("en")}, ${repositories.toLocaleString("en")} repositories`
  )
  const total = columns.map((column) => Object.values(column).reduce((sum, one) => sum + one, 0))
  const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`
  return [
    line(["dollars a month", ...head]),
    line(["---", ...head.map(() => "---:")]),
    ...services.map((service) => line([service, ...columns.map((column) => money(column[service] ?? 0))])),
    line(["**together**", ...total.map((sum) => `**${money(sum)}**`)])
  ].join("\n")
}

/** Counts and prints. */
export const benchCost = async (): Promise<void> => {
  const delivery = await Effect.runPromise(countDelivery)
  const counted = Object.entries(delivery).map(([name, value]) => `  ${name}: ${value.toFixed(1)}`)
  process.stdout.write(`\nCounted for a delivery with one target\n${counted.join("\n")}\n`)
  process.stdout.write("\nCounted for a tick of the rollup, on average\n")
  const rollups: Array<readonly [Month, RollupUnits]> = []
  for (const month of months) {
    const units = await Effect.runPromise(countRollup(month.deliveries, month.repositories))
    rollups.push([month, units])
    const [writes, reads] = [units.writes, units.reads].map((sum) => (sum / minutes).toFixed(0))
    process.stdout.write(
      `  ${month.deliveries} deliveries, ${month.repositories} repositories: ${writes} write units, ${reads} read units\n`
    )
  }
  process.stdout.write(`\nList prices of ${pricesAsOf}, us-east-1\n\n${tableOf(delivery, rollups)}\n`)
}
