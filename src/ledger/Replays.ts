/**
 * Replays: planning a run again, because a person asks for it. What was started, or is under way, is never touched. What failed or was withdrawn is planned anew.
 * What nobody knows is in doubt again, so that whoever claims it looks at GitHub first.
 */
import { Effect, Option } from "effect"
import type { Order } from "../domain/Order.ts"
import { Acceptance, type DeliveryId, ReplayRequest, type RunKey, runKey } from "../domain/SourceRun.ts"
import { absent, atVersion, type Table, type TableError, type Write } from "../ports/Table.ts"
import { decodeItem, encodeItem, OrderItem, type OrderState, ReplaysItem, read, retention } from "./Items.ts"
import { deliveryKey, orderKey, orderRange, replayKey, replaysKey } from "./Keys.ts"
import { readAll } from "./ReadAll.ts"

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
export const orderWrite = (order: Order, held: HeldOrder | undefined, expiresAt: number): Write => ({
  _tag: "Put",
  key: orderKey(runKey(order.run), order.id),
  attributes: encodeItem(OrderItem, { order, state: held === undefined ? { _tag: "Planned" } : reopened(held) }),
  condition: held === undefined ? absent : atVersion(held.version),
  expiresAt
})

/** The ledger's part that Replay, and Plan for replays, use. */
export const makeReplays = (table: Table["Service"]) => {
  /**
   * The delivery as it was accepted, whatever came of it, with the generation of one more replay of its run; none if the delivery is not
   * known. Two reads, one write.
   */
  const countReplay = Effect.fn("Ledger.countReplay")(function* (
    id: DeliveryId
  ): Effect.fn.Return<Option.Option<Acceptance>, TableError> {
    const delivery = yield* read(table, deliveryKey(id), Acceptance)
    if (Option.isNone(delivery)) return Option.none()
    const acceptance = delivery.value.value
    const key = replaysKey(runKey(acceptance.run))
    const latest = Option.getOrUndefined(yield* read(table, key, ReplaysItem))
    const generation = (latest?.value.generation ?? 0) + 1
    const condition = latest === undefined ? absent : atVersion(latest.version)
    const put: Write = { _tag: "Put", key, attributes: { generation }, condition, expiresAt: yield* retention }
    return yield* table.write(put).pipe(
      Effect.as(Option.some({ ...acceptance, generation })),
      Effect.catchTag("ConditionFailed", () => countReplay(id))
    )
  })

  /** Stores who asked for the replay of this generation, and when. One write; another is no harm. */
  const rememberReplay = Effect.fnUntraced(function* ({ run, generation }: Acceptance, request: ReplayRequest) {
    const attributes = encodeItem(ReplayRequest, request)
    yield* table.append([{ key: replayKey(runKey(run), generation), attributes, expiresAt: yield* retention }])
  })

  /** The orders of a run so far. One range read. */
  const heldOrders = Effect.fn("Ledger.heldOrders")(function* (run: RunKey) {
    const items = yield* readAll(table, orderRange(run))
    return yield* Effect.forEach(items, (item) =>
      Effect.map(
        decodeItem(item, OrderItem),
        ({ value: { order, state }, version }): HeldOrder => ({ order, state, version })
      )
    )
  })

  return { countReplay, rememberReplay, heldOrders }
}
