/** Deliveries and plans: what was accepted, and what was decided. */
import { Effect, Option } from "effect"
import type { Order } from "../../domain/Order.ts"
import { isComplete, type Plan } from "../../domain/Plan.ts"
import { type DeliveryId, type RunKey, runKey, type SourceRun } from "../../domain/SourceRun.ts"
import { absent, atVersion, type Condition, type Table, type Write } from "../../ports/Table.ts"
import { encodeItem, OrderItem, OrderPointer, PlanItem, ProgressItem, read, retention } from "./Items.ts"
import { deliveryKey, orderKey, planKey, progressKey, startedKey } from "./Keys.ts"

/** The ledger's part that Receive and Plan use. */
export const makePlans = (table: Table["Service"]) => {
  /** Remembers a delivery; true the first time, false ever after. One write. */
  const accept = Effect.fn("Ledger.accept")(function* (deliveryId: DeliveryId, run: SourceRun) {
    const attributes = { run: runKey(run), repository: run.repository }
    const put: Write = {
      _tag: "Put",
      key: deliveryKey(deliveryId),
      attributes,
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
   * plan that this one completes. One transaction of 2 + orders writes.
   */
  const savePlan = Effect.fn("Ledger.savePlan")(function* (
    draft: Plan,
    newOrders: ReadonlyArray<Order>,
    previous: number | undefined
  ) {
    const run = runKey(draft.run)
    const expiresAt = yield* retention
    const unchanged: Condition = previous === undefined ? absent : atVersion(previous)
    const writes: ReadonlyArray<Write> = [
      { _tag: "Put", key: planKey(run), attributes: encodeItem(PlanItem, draft), condition: unchanged, expiresAt },
      {
        _tag: "Update",
        key: progressKey(run),
        set: { complete: isComplete(draft), reported: false },
        add: { expected: newOrders.length, settled: 0 },
        expiresAt
      },
      ...newOrders.map(
        (order): Write => ({
          _tag: "Put",
          key: orderKey(run, order.id),
          attributes: encodeItem(OrderItem, { order, state: { _tag: "Planned" } }),
          condition: absent,
          expiresAt
        })
      )
    ]
    return yield* table.transact(writes).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )
  })

  /** How far a run has come. One read. */
  const progress = (run: RunKey) => read(table, progressKey(run), ProgressItem)

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
