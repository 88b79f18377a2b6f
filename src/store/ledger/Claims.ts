/**
 * Claims: how an order is started exactly once although queues redeliver, GitHub redelivers and processes die.
 *
 * Whoever wants to start an order claims it, for the time of a lease. Only the holder of the latest claim can settle: every step is
 * conditional on the version that the step before it wrote. A claim whose lease ran out, or whose request's answer was lost, may have
 * started something, so the next to claim it is told to find out first (`asked`).
 */
import { Clock, Duration, Effect, Option } from "effect"
import { type Order, type OrderId, targetKey } from "../../domain/Order.ts"
import type { Outcome } from "../../domain/Outcome.ts"
import { type RunKey, runKey } from "../../domain/SourceRun.ts"
import { absent, atVersion, type Table, type TableError, type Write } from "../../ports/Table.ts"
import { decodeItem, encodeItem, OrderItem, OrderPointer, type OrderState, read, retention } from "./Items.ts"
import { inFlightKey, inFlightPartition, orderKey, orderRange, progressKey, startedKey } from "./Keys.ts"

/** The right to act on an order until the lease ends. */
export interface Claim {
  readonly order: Order
  readonly version: number
  /** Milliseconds since the epoch: before the first request that may have started something. */
  readonly since: number
  /**
   * When the latest request was given up that may have started something; undefined if there was none. For a holder that died this is
   * `since`: a lease is long enough for whatever it started to be listed when the lease ends.
   */
  readonly asked: number | undefined
}

/** The answer to a wish to act on an order. */
export type ClaimAnswer =
  | { readonly _tag: "Claimed"; readonly claim: Claim }
  | { readonly _tag: "Held"; readonly until: number }
  | { readonly _tag: "Settled"; readonly order: Order; readonly outcome: Outcome }
  | { readonly _tag: "Unknown" }

/** What became of a wish to settle: done; the claim was taken over; or the started run belongs to another order. */
export type Settlement = "settled" | "lost" | "taken"

/** An order of a run and how it ended, if it did. */
export interface OrderStanding {
  readonly order: Order
  readonly outcome: Outcome | undefined
}

/** What is to be found out before an order in this state may be started (again). */
const doubts = (
  state: Exclude<OrderState, { readonly _tag: "Settled" }>,
  now: number
): Pick<Claim, "since" | "asked"> => {
  switch (state._tag) {
    case "Planned":
      return { since: now, asked: undefined }
    case "Claimed":
      return { since: state.since, asked: state.since }
    case "Uncertain":
      return { since: state.since, asked: state.asked }
  }
}

/** The ledger's part that Dispatch uses. */
export const makeClaims = (table: Table["Service"]) => {
  const keyOf = (order: Order) => orderKey(runKey(order.run), order.id)
  const inFlight = (order: Order) => inFlightKey(targetKey(order.target), order.id)

  const write = (order: Order, state: OrderState, version: number): Write => ({
    _tag: "Update",
    key: keyOf(order),
    set: { state: encodeItem(OrderItem.fields.state, state) },
    condition: atVersion(version)
  })

  /** All writes or none; false if somebody else wrote in between. */
  const tryTransact = (writes: ReadonlyArray<Write>) =>
    table.transact(writes).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )

  const take = Effect.fnUntraced(function* (wanted: Claim, leaseUntil: number) {
    const { order, version, since } = wanted
    const pointer = { run: runKey(order.run), order: order.id }
    const taken = yield* tryTransact([
      write(order, { _tag: "Claimed", since, leaseUntil }, version),
      { _tag: "Put", key: inFlight(order), attributes: encodeItem(OrderPointer, pointer), expiresAt: yield* retention }
    ])
    const answer: ClaimAnswer = taken
      ? { _tag: "Claimed", claim: { ...wanted, version: version + 1 } }
      : { _tag: "Held", until: leaseUntil }
    return answer
  })

  /** Claims an order for the time of a lease. One read, two writes in one transaction. */
  const claim = Effect.fn("Ledger.claim")(function* (
    run: RunKey,
    id: OrderId,
    lease: Duration.Duration
  ): Effect.fn.Return<ClaimAnswer, TableError> {
    const item = yield* read(table, orderKey(run, id), OrderItem)
    if (Option.isNone(item)) return { _tag: "Unknown" }
    const { value, version } = item.value
    const { order, state } = value
    const now = yield* Clock.currentTimeMillis
    if (state._tag === "Settled") return { _tag: "Settled", order, outcome: state.outcome }
    if (state._tag === "Claimed" && state.leaseUntil > now) return { _tag: "Held", until: state.leaseUntil }
    return yield* take({ order, version, ...doubts(state, now) }, now + Duration.toMillis(lease))
  })

  /** Gives a claim back: one of the requests made for it, the latest at `asked`, may have started something. */
  const doubt = ({ order, version, since }: Claim, asked: number) =>
    tryTransact([write(order, { _tag: "Uncertain", since, asked }, version)])

  /** Gives a claim back: the holder's own requests are known to have started nothing. */
  const release = (claim: Claim) =>
    claim.asked === undefined
      ? tryTransact([
          write(claim.order, { _tag: "Planned" }, claim.version),
          { _tag: "Delete", key: inFlight(claim.order) }
        ])
      : doubt(claim, claim.asked)

  /**
   * Settles an order for good, counts it in its run's progress, and binds the started run to it, in one transaction of at most
   * four writes.
   */
  const settle = Effect.fn("Ledger.settle")(function* (
    { order, version }: Claim,
    outcome: Outcome,
    options?: { readonly bind: boolean }
  ) {
    const at = yield* Clock.currentTimeMillis
    const writes: Array<Write> = [
      write(order, { _tag: "Settled", outcome, at }, version),
      { _tag: "Update", key: progressKey(runKey(order.run)), add: { settled: 1 } },
      { _tag: "Delete", key: inFlight(order) }
    ]
    if (outcome._tag === "Dispatched" && outcome.started !== null && options?.bind !== false) {
      const pointer = encodeItem(OrderPointer, { run: runKey(order.run), order: order.id })
      const key = startedKey(order.target.repository, outcome.started.id)
      writes.push({ _tag: "Put", key, attributes: pointer, condition: absent, expiresAt: yield* retention })
    }
    return yield* table.transact(writes).pipe(
      Effect.as<Settlement>("settled"),
      Effect.catchTag("ConditionFailed", ({ failed }) =>
        Effect.succeed<Settlement>(failed.includes(0) ? "lost" : "taken")
      )
    )
  })

  /** Until when other orders for the same target workflow may still be about to be bound to what they started; undefined: none is. */
  const othersInFlightUntil = Effect.fn("Ledger.othersInFlightUntil")(function* ({ order }: Claim) {
    const partition = inFlightPartition(targetKey(order.target))
    const { items } = yield* table.query({ table: "ledger", partition, limit: 100 })
    const now = yield* Clock.currentTimeMillis
    const leases = yield* Effect.forEach(items, (item) =>
      Effect.gen(function* () {
        const { value: pointer } = yield* decodeItem(item, OrderPointer)
        if (pointer.order === order.id) return 0
        const other = yield* read(table, orderKey(pointer.run, pointer.order), OrderItem)
        return Option.isSome(other) && other.value.value.state._tag === "Claimed"
          ? other.value.value.state.leaseUntil
          : 0
      })
    )
    const until = Math.max(0, ...leases)
    return until > now ? until : undefined
  })

  /** All orders of a run and how they ended. One range read. */
  const standings = Effect.fn("Ledger.standings")(function* (run: RunKey) {
    const { items } = yield* table.query({ ...orderRange(run), limit: 100 })
    const decoded = yield* Effect.forEach(items, (item) => decodeItem(item, OrderItem))
    return decoded.map(
      ({ value: { order, state } }): OrderStanding => ({
        order,
        outcome: state._tag === "Settled" ? state.outcome : undefined
      })
    )
  })

  return { claim, release, doubt, settle, othersInFlightUntil, standings }
}
