/** Deliveries and plans: what was accepted, and what was decided. */
import { Effect, Option, type Schema } from "effect"
import type { Order } from "../domain/Order.ts"
import { isComplete, type Plan } from "../domain/Plan.ts"
import { Acceptance, type RunKey, runKey, type SourceRun } from "../domain/SourceRun.ts"
import { absent, atVersion, type Condition, ordered, type Table, type TableError, type Write } from "../ports/Table.ts"
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
import { acceptedKey, deliveryKey, orderKey, planKey, progressKey, startedKey } from "./Keys.ts"
import { type HeldOrder, orderWrite } from "./Replays.ts"

/** How far a run has come with its latest plan. */
export interface Progress extends Schema.Schema.Type<typeof ProgressItem> {}

/** The ledger's part that Receive and Plan use. */
export const makePlans = (table: Table["Service"]) => {
  /** Stores how a run was accepted, unless it was before; gives what is stored. One write, and a read where there was something. */
  const acceptRun = Effect.fnUntraced(function* (first: Acceptance, expiresAt: number) {
    const key = acceptedKey(runKey(first.run))
    const attributes = encodeItem(Acceptance, first)
    const put: Write = { _tag: "Put", key, attributes, condition: absent, expiresAt }
    return yield* ordered(table.write(put)).pipe(
      Effect.as(first),
      Effect.catchTag("ConditionFailed", () =>
        Effect.map(read(table, key, Acceptance), Option.match({ onNone: () => first, onSome: ({ value }) => value }))
      )
    )
  })

  /**
   * Stores that a run was accepted, and gives the stored acceptance, in the generation of the given one. The first delivery of a run stands
   * for all: another one, with a GUID of its own, leads to the same acceptance. Two writes, and a read for a run that was stored before.
   */
  const accept = Effect.fn("Ledger.accept")(function* (acceptance: Acceptance) {
    const expiresAt = yield* retention
    const stored = yield* acceptRun({ ...acceptance, generation: 0 }, expiresAt)
    yield* table.append([
      { key: deliveryKey(acceptance.deliveryId), attributes: encodeItem(Acceptance, stored), expiresAt }
    ])
    return { ...stored, generation: acceptance.generation }
  })

  /** The plan of a run, if it was stored. One read. */
  const plan = (run: RunKey) => read(table, planKey(run), PlanItem)

  /**
   * Stores a plan with its new orders, all or nothing, unless somebody was quicker (false). `previous` is the version of the stored
   * plan that this one completes or replaces; orders that are `held` are opened once more; `alongside` is written with it, on its own
   * conditions. One transaction of 2 + orders + `alongside` writes, 1 + `alongside` for a run that is ignored.
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
    const progressWrite: Write = {
      _tag: "Update",
      key: progressKey(run),
      set: { complete: isComplete(draft) },
      add: { expected: newOrders.length - reopened, settled: -reopened },
      expiresAt
    }
    const writes: ReadonlyArray<Write> = [
      { _tag: "Put", key: planKey(run), attributes: encodeItem(PlanItem, draft), condition: unchanged, expiresAt },
      ...(draft.ignored === undefined ? [progressWrite] : []),
      ...alongside,
      ...newOrders.map((order) => orderWrite(order, known.get(order.id), expiresAt))
    ]
    return yield* ordered(table.transact(writes)).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )
  })

  /** How far a run has come. One read. */
  const progress = (run: RunKey): Effect.Effect<Option.Option<Versioned<Progress>>, TableError> =>
    read(table, progressKey(run), ProgressItem)

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
