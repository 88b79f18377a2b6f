/**
 * Plans and how far their orders have come. A replay makes a new plan in the place of an earlier one: what was started, or is under way, is
 * never touched; what failed or was withdrawn is planned anew; what is unknown is in doubt again, so that its next claim looks at GitHub first.
 */
import { Effect, type Option, type Schema } from "effect"
import type { Order } from "../domain/Order.ts"
import { isComplete, type Plan } from "../domain/Plan.ts"
import { type RunKey, runKey } from "../domain/SourceRun.ts"
import {
  absent,
  atVersion,
  type Condition,
  isWritten,
  ordered,
  readAll,
  type Table,
  type TableError,
  type Write
} from "../ports/Table.ts"
import {
  decodeItem,
  encodeItem,
  OrderItem,
  type OrderState,
  PlanItem,
  ProgressItem,
  read,
  retention,
  type Versioned
} from "./Items.ts"
import { orderKey, orderRange, planKey, progressKey } from "./Keys.ts"

/** How far a run has come with its latest plan. */
export interface Progress extends Schema.Schema.Type<typeof ProgressItem> {}

/** An order of a run with its state. */
export interface HeldOrder {
  readonly order: Order
  readonly state: OrderState
  readonly version: number
}

/** Whether a new plan may have the order started: it is over, and not known to have started anything. */
export const isReopenable = ({ state }: HeldOrder): boolean =>
  state._tag === "Settled" && state.outcome._tag !== "Dispatched"

/** The state in which an order that is over begins once more. */
const reopened = ({ state }: HeldOrder): OrderState =>
  state._tag === "Settled" && state.doubt !== undefined ? { _tag: "Planned", doubt: state.doubt } : { _tag: "Planned" }

/** Stores a new order, or one that is held as the new plan has it. */
const orderWrite = (order: Order, held: HeldOrder | undefined, expiresAt: number): Write => ({
  _tag: "Put",
  key: orderKey(runKey(order.run), order.id),
  attributes: encodeItem(OrderItem, { order, state: held === undefined ? { _tag: "Planned" } : reopened(held) }),
  condition: held === undefined ? absent : atVersion(held.version),
  expiresAt
})

/** What the ledger does for plans. */
export interface PlanLedger {
  /** The plan of a run, if it was stored. One read. */
  readonly plan: (run: RunKey) => Effect.Effect<Option.Option<Versioned<Plan>>, TableError>
  /**
   * Stores a plan with its new orders, all or nothing, unless another worker was quicker (false). `previous` is the version of the stored
   * plan that this one completes or replaces; orders that are `held` are opened once more; `alongside` is written with it, on its own
   * conditions. One transaction of 2 + orders + `alongside` writes, 1 + `alongside` for a run that is ignored.
   */
  readonly savePlan: (
    draft: Plan,
    newOrders: ReadonlyArray<Order>,
    previous: number | undefined,
    held?: ReadonlyArray<HeldOrder>,
    alongside?: ReadonlyArray<Write>
  ) => Effect.Effect<boolean, TableError>
  /** How far a run has come. One read. */
  readonly progress: (run: RunKey) => Effect.Effect<Option.Option<Versioned<Progress>>, TableError>
  /** The orders of a run so far. One range read. */
  readonly heldOrders: (run: RunKey) => Effect.Effect<ReadonlyArray<HeldOrder>, TableError>
}

/** Over a table. */
export const makePlanLedger = (table: Table["Service"]): PlanLedger => {
  const plan = (run: RunKey) => read(table, planKey(run), PlanItem)

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
    return yield* ordered(isWritten(table.transact(writes)))
  })

  const progress = (run: RunKey) => read(table, progressKey(run), ProgressItem)

  const heldOrders = Effect.fn("Ledger.heldOrders")(function* (run: RunKey) {
    const items = yield* readAll(table, orderRange(run))
    return yield* Effect.forEach(items, (item) =>
      Effect.map(
        decodeItem(item, OrderItem),
        ({ value: { order, state }, version }): HeldOrder => ({ order, state, version })
      )
    )
  })

  return { plan, savePlan, progress, heldOrders }
}
