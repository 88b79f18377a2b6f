/** Where a run stands, as its repository is shown: its plan, its orders and its latest report, which are items of one partition. */
import { Effect } from "effect"
import type { Order } from "../domain/Order.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Plan } from "../domain/Plan.ts"
import { latestResult } from "../domain/RunResult.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { type Item, readAll, type Table, type TableError } from "../ports/Table.ts"
import { decodeItem, OrderItem, type StoredResult } from "./Items.ts"
import { isOrder, isReport, planKey, runStateRange } from "./Keys.ts"
import { PlanItem } from "./PackedPlan.ts"
import { decodeReport, type LatestReport } from "./Reports.ts"

/** An order of a run, how it ended, if it did, and what is known of the end of the run that it started. */
export interface OrderStanding {
  readonly order: Order
  readonly outcome: Outcome | undefined
  readonly result: StoredResult | undefined
}

/** Where a run stands. */
export interface RunState {
  readonly plan: Plan | undefined
  readonly standings: ReadonlyArray<OrderStanding>
  readonly report: LatestReport | undefined
}

/** What the ledger has of a run as a whole. */
export interface RunStateLedger {
  /**
   * Where a run stands. One range read, from its end: the plan comes before its orders, and the latest report before both. It is no snapshot: beside
   * a transaction an order may be missing, and the report may be older.
   */
  readonly runState: (run: RunKey) => Effect.Effect<RunState, TableError>
}

const standingOf = (item: Item): Effect.Effect<OrderStanding> =>
  Effect.map(decodeItem(item, OrderItem), ({ value: { order, state } }) =>
    state._tag === "Settled"
      ? { order, outcome: state.outcome, result: latestResult(state.results ?? []) }
      : { order, outcome: undefined, result: undefined }
  )

/** Over a table. */
export const makeRunStateLedger = (table: Table["Service"]): RunStateLedger => ({
  runState: Effect.fn("Ledger.runState")(function* (run: RunKey) {
    const items = yield* readAll(table, { ...runStateRange(run), direction: "descending" })
    const plan = items.find(({ key }) => key.sort === planKey(run).sort)
    const report = items.find(({ key }) => isReport(key))
    const orders = items.filter(({ key }) => isOrder(key)).reverse()
    return {
      plan: plan && (yield* decodeItem(plan, PlanItem)).value,
      standings: yield* Effect.forEach(orders, standingOf),
      report: report && (yield* decodeReport(report))
    } satisfies RunState
  })
})
