/** What infrastructure/README.md has of the bill: the table, and the sentences with figures under it, as Markdown. */
import { billOf, services } from "./Bill.ts"
import type { DeliveryUnits } from "./Delivery.ts"
import type { FrontUnits } from "./Front.ts"
import { minutes, type RollupUnits } from "./Rollup.ts"

/** A month of traffic, spread evenly, and what the rollup uses in it. */
export interface Month {
  readonly deliveries: number
  readonly repositories: number
  readonly rollup: RollupUnits
}

/** Deliveries without a file in their source, with one target, and with two. */
export interface Deliveries {
  readonly none: DeliveryUnits
  readonly one: DeliveryUnits
  readonly two: DeliveryUnits
}

/** What GitHub's request for a run asks of GitHub, kind by kind. */
const requestsOf = ({ plan, order, report }: DeliveryUnits) => {
  const sum = (kind: "rest" | "dispatches" | "graphql"): number =>
    [plan, order, report].reduce((all, { times, work }) => all + times * work[kind], 0)
  return { rest: sum("rest"), dispatches: sum("dispatches"), graphql: sum("graphql") }
}

const count = (number: number): string => Math.round(number).toLocaleString("en")
const money = (dollars: number): string => (dollars >= 10 ? count(dollars) : dollars.toFixed(1))
const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** The table: dollars of each service, and of all. */
export const tableOf = (delivery: DeliveryUnits, front: FrontUnits, months: ReadonlyArray<Month>): string => {
  const head = months.map(({ deliveries, repositories }) =>
    deliveries === 0 ? "idle" : `${count(deliveries)}, ${count(repositories)} repositories`
  )
  const bills = months.map(({ rollup, deliveries }) => billOf({ delivery, front, rollup }, deliveries))
  return [
    line(["dollars a month", ...head]),
    line(["---", ...head.map(() => "---:")]),
    ...services.map((service, n) => line([service, ...bills.map((bill) => money(bill.services[n] ?? 0))])),
    line(["**together**", ...bills.map(({ together }) => `**${money(together)}**`)]),
    line(["less what is always free", ...bills.map(({ together, off }) => money(together - off))])
  ].join("\n")
}

/** What is to be said of it in figures. */
export const sentencesOf = (
  { none, one, two }: Deliveries,
  front: FrontUnits,
  months: ReadonlyArray<Month>
): string => {
  const rollup = { writes: 0, reads: 0 }
  const nothing = billOf({ delivery: one, front, rollup }, 0).together
  const million = (delivery: DeliveryUnits): number => billOf({ delivery, front, rollup }, 1_000_000).together - nothing
  const { rest, dispatches, graphql } = requestsOf(one)
  const { ledger, events, projections } = one.storedByteMonths
  const ticks = months
    .filter(({ deliveries }) => deliveries > 0)
    .map(
      ({ deliveries, repositories, rollup: { writes, reads } }) =>
        `${count(writes / minutes)} write and ${count(reads / minutes)} read units with ${count(deliveries)} deliveries of ${count(repositories)} repositories`
    )
  return [
    `- A delivery with one target takes ${count(one.ledgerWrites)} write units for the ledger, its check run and its report, and ${count(one.factWrites)} for its ${count(one.facts)} facts, which travel in ${count(one.messages)} events,`,
    `  and asks GitHub ${count(rest + dispatches + graphql)} times (${count(rest)} REST, ${count(dispatches)} dispatch, ${count(graphql)} GraphQL). Stored are ${count(ledger / 1024)} KB of the ledger, ${count(events / 1024)} of events and`,
    `  ${count(projections / 1024)} of projections, each times the months that it stays.`,
    `- The result of what it started, which GitHub sends as a delivery of its own, takes ${count(one.resultLedgerWrites)} write units for the ledger and ${count(one.resultFactWrites)} for its fact.`,
    `- Another target of a run costs ${money(million(two) - million(one))} dollars a million; a delivery of a source without a file, about which nothing is decided, ${money(million(none))}.`,
    `- A tick of the rollup takes, on average, ${ticks.join("; ")}.`
  ].join("\n")
}
