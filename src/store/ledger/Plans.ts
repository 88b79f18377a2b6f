/** Deliveries and plans: what was accepted, and what was decided. */
import { Effect, Option } from "effect"
import type { Order } from "../../domain/Order.ts"
import { isComplete, type Plan } from "../../domain/Plan.ts"
import { type Acceptance, type RunKey, runKey, type SourceRun } from "../../domain/SourceRun.ts"
import { type Attributes, absent, atVersion, type Condition, type Table, type Write } from "../../ports/Table.ts"
import {
  encodeItem,
  OrderItem,
  OrderPointer,
  PlanItem,
  ProgressItem,
  read,
  retention,
  type Versioned
} from "./Items.ts"
import { deliveryKey, orderKey, planKey, progressKey, startedKey } from "./Keys.ts"
import { type HeldOrder, orderWrite } from "./Replays.ts"

/** How far a run has come with its latest plan. */
export interface Progress extends Omit<typeof ProgressItem.Type, "generation" | "told"> {
  readonly reported: boolean
}

/** The ledger's part that Receive and Plan use. */
export const makePlans = (table: Table["Service"]) => {
  /** Remembers a delivery; true the first time, false ever after. One write. */
  const accept = Effect.fnUntraced(function* (acceptance: Acceptance) {
    const put: Write = {
      _tag: "Put",
      key: deliveryKey(acceptance.deliveryId),
      // Plain JSON as it is; GitHub waits, so it is not encoded to the same once more.
      attributes: acceptance as object as Attributes,
      condition: absent,
      expiresAt: yield* retention
    }
    return yield* table.write(put).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )
  })

  /** The plan of a run, if it was stored. One read. */
  const plan = (run: RunKey) => read(table, planKey(run), PlanItem)

  /**
   * Stores a plan with its new orders, all or nothing, unless somebody was quicker (false). `previous` is the version of the stored
   * plan that this one completes or replaces; orders that are `held` are opened once more; `alongside` is written with it, on its own
   * conditions. One transaction of 2 + orders + `alongside` writes.
   */
  const savePlan = Effect.fn("Ledger.savePlan")(function* (
    draft: Plan,
    newOrders: ReadonlyArray<Order>,
    previous: number | undefined,
    held: ReadonlyArray<HeldOrder> = [],
    alongside: ReadonlyArray<Write> = []
  ) {
    const run = runKey(draft.run)
    const expiresAt = yield* retention
    const unchanged: Condition = previous === undefined ? absent : atVersion(previous)
    const known = new Map(held.map((one) => [one.order.id, one]))
    const reopened = newOrders.filter(({ id }) => known.has(id)).length
    const writes: ReadonlyArray<Write> = [
      { _tag: "Put", key: planKey(run), attributes: encodeItem(PlanItem, draft), condition: unchanged, expiresAt },
      {
        _tag: "Update",
        key: progressKey(run),
        set: { complete: isComplete(draft), generation: draft.generation },
        add: { expected: newOrders.length - reopened, settled: -reopened },
        expiresAt
      },
      ...alongside,
      ...newOrders.map((order) => orderWrite(order, known.get(order.id), expiresAt))
    ]
    return yield* table.transact(writes).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )
  })

  /** How far a run has come. One read. */
  const progress = Effect.fnUntraced(function* (run: RunKey) {
    const item = yield* read(table, progressKey(run), ProgressItem)
    return Option.map(item, ({ value: { generation, told, ...counted }, version }): Versioned<Progress> => {
      return { value: { ...counted, reported: told !== undefined && told >= generation }, version }
    })
  })

  /** The order that started a workflow run, if the dispatcher did: what following it and the loop guard build on. One read, two if it did. */
  const startedBy = Effect.fn("Ledger.startedBy")(function* (run: Pick<SourceRun, "repository" | "runId">) {
    const pointer = yield* read(table, startedKey(run.repository, run.runId), OrderPointer)
    if (Option.isNone(pointer)) return Option.none<Order>()
    const { run: sourceRun, order } = pointer.value.value
    const item = yield* read(table, orderKey(sourceRun, order), OrderItem)
    return Option.map(item, ({ value }) => value.order)
  })

  return { accept, plan, savePlan, progress, startedBy }
}
