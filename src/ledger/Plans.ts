/**
 * Plans and whether their orders are over. A replay makes a new plan in the place of an earlier one: what was started, or is under way, is
 * never touched; what failed or was withdrawn is planned anew; what is unknown is in doubt again, so that its next claim looks at GitHub first.
 */
import { Effect, type Option } from "effect"
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
  OrderStage,
  type OrderState,
  read,
  retention,
  type Versioned
} from "./Items.ts"
import { orderKey, orderRange, planAndOrderRange, planKey } from "./Keys.ts"
import { PlanItem, PlanStage } from "./PackedPlan.ts"

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

/** Whether a plan is complete, and has one order and no other. */
const hasOnlyOne = (plan: Plan): boolean =>
  isComplete(plan) && plan.decisions.filter(({ _tag }) => _tag === "Allowed").length === 1

/** Stores a new order, or one that is held as the new plan has it; `isOnly`: that plan has no other. */
const orderWrite = (order: Order, held: HeldOrder | undefined, isOnly: boolean, expiresAt: number): Write => ({
  _tag: "Put",
  key: orderKey(runKey(order.run), order.id),
  attributes: encodeItem(OrderItem, {
    order,
    state: held === undefined ? { _tag: "Planned" } : reopened(held),
    ...(isOnly ? { only: true } : {})
  }),
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
   * conditions. One transaction of 1 + orders + `alongside` writes.
   */
  readonly savePlan: (
    draft: Plan,
    newOrders: ReadonlyArray<Order>,
    previous: number | undefined,
    held?: ReadonlyArray<HeldOrder>,
    alongside?: ReadonlyArray<Write>
  ) => Effect.Effect<boolean, TableError>
  /**
   * Whether a run has a plan, all of whose targets are decided about and all of whose orders have settled. One range read. The plan is read
   * first: orders that are planned later are not missed, and of two that settle at once the later one sees both.
   */
  readonly isOver: (run: RunKey) => Effect.Effect<boolean, TableError>
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
    const isOnly = hasOnlyOne(draft)
    const writes: ReadonlyArray<Write> = [
      { _tag: "Put", key: planKey(run), attributes: encodeItem(PlanItem, draft), condition: unchanged, expiresAt },
      ...alongside,
      ...newOrders.map((order) => orderWrite(order, known.get(order.id), isOnly, expiresAt))
    ]
    return yield* ordered(isWritten(table.transact(writes)))
  })

  const isOver = Effect.fn("Ledger.isOver")(function* (run: RunKey) {
    const { items } = yield* table.query({ ...planAndOrderRange(run), limit: 101, direction: "descending" })
    const [item, ...orders] = items
    if (item?.key.sort !== planKey(run).sort) return false
    const plan = yield* decodeItem(item, PlanStage)
    const stages = yield* Effect.forEach(orders, (order) => decodeItem(order, OrderStage))
    return plan.value.complete && stages.every(({ value }) => value.state._tag === "Settled")
  })

  const heldOrders = Effect.fn("Ledger.heldOrders")(function* (run: RunKey) {
    const items = yield* readAll(table, orderRange(run))
    return yield* Effect.forEach(items, (item) =>
      Effect.map(
        decodeItem(item, OrderItem),
        ({ value: { order, state }, version }): HeldOrder => ({ order, state, version })
      )
    )
  })

  return { plan, savePlan, isOver, heldOrders }
}
