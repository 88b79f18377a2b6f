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
import { type GitHubId, type RunKey, runKey } from "../../domain/SourceRun.ts"
import { absent, atVersion, type Table, type TableError, type Write } from "../../ports/Table.ts"
import { readAll } from "../ReadAll.ts"
import {
  decodeItem,
  encodeItem,
  expiryAfter,
  OrderItem,
  OrderPointer,
  type OrderState,
  read,
  retention,
  Span
} from "./Items.ts"
import { doubtDays, inFlightKey, inFlightPartition, orderKey, orderRange, progressKey, startedKey } from "./Keys.ts"

/** The right to act on an order until the lease ends. Times are milliseconds since the epoch. */
export interface Claim {
  readonly order: Order
  readonly version: number
  /** Before the first request that may have started something. */
  readonly since: number
  /** The end of the lease. */
  readonly until: number
  /**
   * When the latest request was given up that may have started something; undefined if there was none. A holder that died gave up
   * when its lease ended, at the latest.
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
      return { since: state.since, asked: state.leaseUntil }
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

  /** Notes that the order may start, or have started, its workflow in that time. */
  const mark = (order: Order, span: Span, expiresAt: number): Write => ({
    _tag: "Put",
    key: inFlight(order),
    attributes: encodeItem(Span, span),
    expiresAt
  })

  const take = Effect.fnUntraced(function* (wanted: Claim) {
    const { order, version, since, until } = wanted
    const taken = yield* tryTransact([
      write(order, { _tag: "Claimed", since, leaseUntil: until }, version),
      mark(order, { since, until }, yield* retention)
    ])
    const answer: ClaimAnswer = taken
      ? { _tag: "Claimed", claim: { ...wanted, version: version + 1 } }
      : { _tag: "Held", until }
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
    return yield* take({ order, version, until: now + Duration.toMillis(lease), ...doubts(state, now) })
  })

  /** Gives a claim back: one of the requests made for it, the latest at `asked`, may have started something. Two writes. */
  const doubt = Effect.fn("Ledger.doubt")(function* ({ order, version, since }: Claim, asked: number) {
    return yield* tryTransact([
      write(order, { _tag: "Uncertain", since, asked }, version),
      mark(order, { since, until: asked }, yield* retention)
    ])
  })

  /** Gives a claim back: the holder's own requests are known to have started nothing. Two writes. */
  const release = (claim: Claim) =>
    claim.asked === undefined
      ? tryTransact([
          write(claim.order, { _tag: "Planned" }, claim.version),
          { _tag: "Delete", key: inFlight(claim.order) }
        ])
      : doubt(claim, claim.asked)

  /** Binds the started run to its order, so that no other order takes it for its own; a run that nobody knows stays noted. */
  const runWrites = Effect.fnUntraced(function* (claim: Claim, outcome: Outcome, at: number, bind: boolean) {
    const { order, since, asked = at } = claim
    const forget: Write = { _tag: "Delete", key: inFlight(order) }
    if (outcome._tag === "Failed" || outcome._tag === "Withdrawn") return [forget]
    if (outcome._tag === "Unknown" || outcome.started === null) {
      return [mark(order, { since, until: asked }, yield* expiryAfter(doubtDays))]
    }
    if (!bind) return [forget]
    const key = startedKey(order.target.repository, outcome.started.id)
    const attributes = encodeItem(OrderPointer, { run: runKey(order.run), order: order.id })
    const put: Write = { _tag: "Put", key, attributes, condition: absent, expiresAt: yield* retention }
    return [forget, put]
  })

  /**
   * Settles an order for good, counts it in its run's progress, and binds the started run to it (unless told not to), in one
   * transaction of at most four writes.
   */
  const settle = Effect.fn("Ledger.settle")(function* (
    claim: Claim,
    outcome: Outcome,
    options?: { readonly bind: boolean }
  ) {
    const { order, version } = claim
    const at = yield* Clock.currentTimeMillis
    const writes: ReadonlyArray<Write> = [
      write(order, { _tag: "Settled", outcome, at }, version),
      { _tag: "Update", key: progressKey(runKey(order.run)), add: { settled: 1 } },
      ...(yield* runWrites(claim, outcome, at, options?.bind ?? true))
    ]
    return yield* table.transact(writes).pipe(
      Effect.as<Settlement>("settled"),
      Effect.catchTag("ConditionFailed", ({ failed }) =>
        Effect.succeed<Settlement>(failed.includes(0) ? "lost" : "taken")
      )
    )
  })

  /** When other orders may have started the same target workflow without anybody knowing yet which run it was. One range read. */
  const rivals = Effect.fn("Ledger.rivals")(function* ({ order }: Claim) {
    const items = yield* readAll(table, { table: "ledger", partition: inFlightPartition(targetKey(order.target)) })
    const others = items.filter(({ key }) => key.sort !== order.id)
    return yield* Effect.forEach(others, (item) => Effect.map(decodeItem(item, Span), ({ value }) => value))
  })

  /** Whether an order is known to have started this run of its target repository. One read. */
  const isBound = (order: Order, startedRunId: GitHubId) =>
    Effect.map(table.get(startedKey(order.target.repository, startedRunId)), Option.isSome)

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

  return { claim, release, doubt, settle, rivals, isBound, standings }
}
