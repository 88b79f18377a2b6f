/**
 * Claims: how an order is started exactly once although queues redeliver, GitHub redelivers and processes die.
 *
 * A target workflow has one in-flight item. The order that it names, its holder, is the only one that may start the workflow. The item
 * ends with its holder's settle or release and with nothing else, so of all orders of a target workflow at most one is in doubt. A worker
 * that meets an item whose lease is over gets the claim of its holder, to find out what that order did, before it gets its own.
 * A claim writes the item alone. It reads the item first and then the order: an order that is not settled then can only be settled later by a
 * holder of the item, whose version is another afterwards. Every step is conditional on what the step before it wrote. A claim is on the disk
 * before anything is sent; what ends one need not be, since a claim that comes back after a loss of power is in doubt, and is reconciled. All
 * times are GitHub's, in milliseconds since the epoch.
 */
import { Duration, Effect, Option } from "effect"
import { type Order, type OrderId, type TargetKey, targetOf } from "../domain/Order.ts"
import type { Outcome } from "../domain/Outcome.ts"
import { attemptOf, latestResult, type RunResult } from "../domain/RunResult.ts"
import { type GitHubId, type RunKey, runKey, type SourceRun } from "../domain/SourceRun.ts"
import {
  absent,
  atVersion,
  isWritten,
  type Key,
  ordered,
  type Table,
  type TableError,
  type TableReader,
  unconditional,
  type Write
} from "../ports/Table.ts"
import {
  AwaitedItem,
  decodeItem,
  encodeItem,
  type Holder,
  InFlightItem,
  OrderItem,
  OrderPointer,
  type OrderState,
  read,
  retention,
  type StoredResult,
  type Versioned
} from "./Items.ts"
import { awaitedKey, firstAsk, inFlightKey, orderKey, orderRange, startedKey } from "./Keys.ts"

/** The right to act on an order until the lease ends. */
export interface Claim {
  readonly order: Order
  /** Versions of the order and of the in-flight item; every step is conditional on both or on the item's. */
  readonly orderVersion: number
  readonly itemVersion: number
  /** Before the first request that may have started something. */
  readonly since: number
  /** The end of the lease. */
  readonly until: number
  /**
   * When the latest request was given up that may have started something; undefined if there was none. A holder that died gave up
   * when its lease ended, at the latest.
   */
  readonly asked: number | undefined
  /** Whether GitHub confirmed a start without naming the run. */
  readonly confirmed: boolean
}

/**
 * The answer to a request for a claim. `Claimed` may be the claim of another order, the holder of the in-flight item whose lease is over:
 * that order comes first. `Held` says whose lease lasts and until when.
 */
export type ClaimAnswer =
  | { readonly _tag: "Claimed"; readonly claim: Claim }
  | { readonly _tag: "Held"; readonly by: OrderId; readonly until: number }
  | { readonly _tag: "Settled"; readonly order: Order; readonly outcome: Outcome; readonly at: number }
  | { readonly _tag: "Missing" }

/** An order of a run, how it ended, if it did, and what is known of the end of the run that it started. */
export interface OrderStanding {
  readonly order: Order
  readonly outcome: Outcome | undefined
  readonly result: StoredResult | undefined
}

/** An order that is known to have started a run. */
export interface StartedOrder {
  readonly order: Order
  readonly state: Extract<OrderState, { readonly _tag: "Settled" }>
  readonly version: number
}

/** How long a claim lasts. */
export interface Term {
  readonly lease: Duration.Duration
  /** How much later than its end others take the lease for over: what two clocks may be apart. */
  readonly leaseMargin: Duration.Duration
}

type StoredOrder = typeof OrderItem.Type

/** What the ledger does for orders and their claims. Times are GitHub's, milliseconds since the epoch. */
export interface OrderLedger {
  /**
   * Claims an order for the time of a lease, or the order that has to be settled before it. Two reads (three to take over a claim) and a
   * write.
   */
  readonly claim: (run: RunKey, id: OrderId, now: number, term: Term) => Effect.Effect<ClaimAnswer, TableError>
  /** The order that holds a target workflow now. One read. */
  readonly inFlight: (target: TargetKey) => Effect.Effect<Option.Option<OrderId>, TableError>
  /** Starts the lease anew, unless another worker took the claim over; then undefined. One write. */
  readonly renew: (claim: Claim, now: number, lease: Duration.Duration) => Effect.Effect<Claim | undefined, TableError>
  /**
   * Gives a claim back: one of the requests made for it, the latest at `asked`, may have started something. False if the claim was taken
   * over. One write.
   */
  readonly doubt: (claim: Claim, asked: number) => Effect.Effect<boolean, TableError>
  /** Gives a claim back of which it is known that its requests started nothing. False if it was taken over. Two writes in one transaction. */
  readonly release: (claim: Claim) => Effect.Effect<boolean, TableError>
  /**
   * Settles an order for good, ends its hold on the target workflow and names it as the one that started its run, in one transaction of at
   * most four writes. False if the claim was taken over.
   */
  readonly settle: (claim: Claim, outcome: Outcome, at: number) => Effect.Effect<boolean, TableError>
  /** Whether an order is known to have started this run of its target repository. One read. */
  readonly isBound: (order: Order, startedRunId: GitHubId) => Effect.Effect<boolean, TableError>
  /** The order that started a workflow run, if the dispatcher did: what following it and the loop guard build on. One read, two if it did. */
  readonly startedBy: (
    run: Pick<SourceRun, "repository" | "runId">
  ) => Effect.Effect<Option.Option<StartedOrder>, TableError>
  /**
   * Stores the result of an attempt of what an order started, at a time, unless there is one of that attempt already; gives what is stored
   * of the attempt, and whether it is new. One write, and one that ends the wait for a result; nothing for a result that is known.
   */
  readonly storeResult: (
    of: StartedOrder,
    result: RunResult,
    at: number
  ) => Effect.Effect<{ readonly stored: StoredResult; readonly isNew: boolean }, TableError>
  /** All orders of a run and how they ended. One range read. */
  readonly standings: (run: RunKey) => Effect.Effect<ReadonlyArray<OrderStanding>, TableError>
}

/** The order that a pointer names, if it is settled: what started a run. One read. */
export const readStartedOrder = Effect.fnUntraced(function* (
  table: TableReader,
  { run, order: id }: typeof OrderPointer.Type
) {
  const item = yield* read(table, orderKey(run, id), OrderItem)
  return Option.flatMap(item, ({ value: { order, state }, version }) =>
    state._tag === "Settled" ? Option.some<StartedOrder>({ order, state, version }) : Option.none<StartedOrder>()
  )
})

/** Over a table. */
export const makeOrderLedger = (table: Table["Service"]): OrderLedger => {
  const keyOf = (order: Order) => orderKey(runKey(order.run), order.id)
  const itemKey = ({ id }: Pick<Order, "id">) => inFlightKey(targetOf(id))

  const writeState = (order: Order, state: OrderState, version: number): Write => ({
    _tag: "Update",
    key: keyOf(order),
    set: { state: encodeItem(OrderItem.fields.state, state) },
    condition: atVersion(version)
  })

  /** Version 0: there is no item yet. */
  const writeHolder = ({ order, itemVersion }: Claim, holder: Holder | null, expiresAt?: number): Write => ({
    _tag: "Put",
    key: itemKey(order),
    attributes: encodeItem(InFlightItem, { holder }),
    condition: itemVersion === 0 ? absent : atVersion(itemVersion),
    ...(expiresAt === undefined ? {} : { expiresAt })
  })
  /** The item as the claim has it. A held item never expires. */
  const hold = (claim: Claim): Write => {
    const { order, since, asked = null, until, confirmed } = claim
    const { id, target, run } = order
    return writeHolder(claim, {
      run: runKey(run),
      order: id,
      ref: target.ref,
      since,
      asked,
      leaseUntil: until,
      confirmed
    })
  }
  const free = (claim: Claim): Effect.Effect<Write> =>
    Effect.map(retention, (expiresAt) => writeHolder(claim, null, expiresAt))

  /** All writes or none; false if another worker wrote in between. */
  const tryTransact = (writes: ReadonlyArray<Write>) => isWritten(table.transact(writes))

  const readOrder = (run: RunKey, id: OrderId) => read(table, orderKey(run, id), OrderItem)

  /** Claims an order whose target workflow is free. One write; undefined if another worker was quicker. */
  const takeFree = Effect.fnUntraced(function* (
    found: Versioned<StoredOrder>,
    itemVersion: number,
    now: number,
    lease: Duration.Duration
  ) {
    const { order, state } = found.value
    const doubt = state._tag === "Planned" ? state.doubt : undefined
    const claim: Claim = {
      order,
      orderVersion: found.version,
      itemVersion,
      since: doubt?.since ?? now,
      until: now + Duration.toMillis(lease),
      asked: doubt?.until,
      confirmed: false
    }
    return (yield* tryTransact([hold(claim)])) ? { ...claim, itemVersion: itemVersion + 1 } : undefined
  })

  /** Takes the claim of a holder whose lease is over. One read, one write; undefined if another worker was quicker. */
  const takeOver = Effect.fnUntraced(function* (
    { run, order: id, since, asked, leaseUntil, confirmed }: Holder,
    key: Key,
    itemVersion: number,
    now: number,
    lease: Duration.Duration
  ) {
    const found = yield* readOrder(run, id)
    if (Option.isNone(found)) {
      // The holder outlived its order, which the ledger keeps for 90 days: nothing is left to find out.
      yield* tryTransact([{ _tag: "Delete", key, condition: atVersion(itemVersion) }])
      return undefined
    }
    const { value, version } = found.value
    const claim: Claim = {
      order: value.order,
      orderVersion: version,
      itemVersion,
      since,
      until: now + Duration.toMillis(lease),
      asked: Math.max(asked ?? 0, leaseUntil),
      confirmed
    }
    return (yield* tryTransact([hold(claim)])) ? { ...claim, itemVersion: itemVersion + 1 } : undefined
  })

  const held = (by: OrderId, until: number): ClaimAnswer => ({ _tag: "Held", by, until })

  const claim = Effect.fn("Ledger.claim")(function* (
    run: RunKey,
    id: OrderId,
    now: number,
    { lease, leaseMargin }: Term
  ): Effect.fn.Return<ClaimAnswer, TableError> {
    const key = itemKey({ id })
    const item = Option.getOrUndefined(yield* read(table, key, InFlightItem))
    const found = yield* readOrder(run, id)
    if (Option.isNone(found)) return { _tag: "Missing" }
    const { order, state } = found.value.value
    if (state._tag === "Settled") return { _tag: "Settled", order, outcome: state.outcome, at: state.at }
    const holder = item?.value.holder ?? null
    if (holder !== null && holder.leaseUntil > 0) {
      const keptUntil = holder.leaseUntil + Duration.toMillis(leaseMargin)
      if (now <= keptUntil) return held(holder.order, keptUntil)
    }
    const version = item?.version ?? 0
    const taken = yield* holder === null
      ? takeFree(found.value, version, now, lease)
      : takeOver(holder, key, version, now, lease)
    return taken === undefined ? held(holder?.order ?? id, now) : { _tag: "Claimed", claim: taken }
  })

  const inFlight = (target: TargetKey): Effect.Effect<Option.Option<OrderId>, TableError> =>
    Effect.map(read(table, inFlightKey(target), InFlightItem), (item) =>
      Option.flatMapNullishOr(item, ({ value }) => value.holder?.order)
    )

  const renew = Effect.fn("Ledger.renew")(function* (claim: Claim, now: number, lease: Duration.Duration) {
    const renewed = { ...claim, until: now + Duration.toMillis(lease) }
    return (yield* tryTransact([hold(renewed)])) ? { ...renewed, itemVersion: claim.itemVersion + 1 } : undefined
  })

  const doubt = Effect.fn("Ledger.doubt")((claim: Claim, asked: number) =>
    ordered(tryTransact([hold({ ...claim, asked, until: 0 })]))
  )

  const release = Effect.fn("Ledger.release")(function* (claim: Claim) {
    return yield* ordered(
      tryTransact([writeState(claim.order, { _tag: "Planned" }, claim.orderVersion), yield* free(claim)])
    )
  })

  /** Names the order of a started run, so that no other order takes the run for its own, and that its result is waited for. */
  const pointers = Effect.fnUntraced(function* ({ order }: Claim, outcome: Outcome, at: number) {
    if (outcome._tag !== "Dispatched" || outcome.started === null) return []
    const { id } = outcome.started
    const pointer = { run: runKey(order.run), order: order.id }
    const expiresAt = yield* retention
    return [
      {
        _tag: "Put",
        key: startedKey(order.target.repository, id),
        attributes: encodeItem(OrderPointer, pointer),
        expiresAt
      },
      {
        _tag: "Put",
        key: awaitedKey(firstAsk(at), order.target.repository, id),
        attributes: encodeItem(AwaitedItem, { ...pointer, asked: 0 }),
        expiresAt
      }
    ] satisfies ReadonlyArray<Write>
  })

  const settle = Effect.fn("Ledger.settle")(function* (claim: Claim, outcome: Outcome, at: number) {
    const { order, orderVersion, since, asked = at } = claim
    const doubtful = outcome._tag === "Unknown" ? { doubt: { since, until: asked } } : {}
    const writes: ReadonlyArray<Write> = [
      writeState(order, { _tag: "Settled", outcome, at, ...doubtful }, orderVersion),
      yield* free(claim),
      ...(yield* pointers(claim, outcome, at))
    ]
    return yield* ordered(tryTransact(writes))
  })

  const isBound = (order: Order, startedRunId: GitHubId) =>
    Effect.map(table.get(startedKey(order.target.repository, startedRunId)), Option.isSome)

  const standings = Effect.fn("Ledger.standings")(function* (run: RunKey) {
    const { items } = yield* table.query({ ...orderRange(run), limit: 100 })
    const decoded = yield* Effect.forEach(items, (item) => decodeItem(item, OrderItem))
    return decoded.map(
      ({ value: { order, state } }): OrderStanding =>
        state._tag === "Settled"
          ? { order, outcome: state.outcome, result: latestResult(state.results ?? []) }
          : { order, outcome: undefined, result: undefined }
    )
  })

  const startedBy = Effect.fn("Ledger.startedBy")(function* (run: Pick<SourceRun, "repository" | "runId">) {
    const pointer = yield* read(table, startedKey(run.repository, run.runId), OrderPointer)
    if (Option.isNone(pointer)) return Option.none<StartedOrder>()
    return yield* readStartedOrder(table, pointer.value.value)
  })

  /** Ends the wait for a result that GitHub was not asked for yet; where it was, the next look at it drops it. */
  const stopWaiting = ({ order, state: { outcome, at } }: StartedOrder) =>
    outcome._tag === "Dispatched" && outcome.started !== null
      ? unconditional(
          table.write({ _tag: "Delete", key: awaitedKey(firstAsk(at), order.target.repository, outcome.started.id) })
        )
      : Effect.void

  const storeResult = Effect.fn("Ledger.storeResult")(function* (
    of: StartedOrder,
    result: RunResult,
    at: number
  ): Effect.fn.Return<{ readonly stored: StoredResult; readonly isNew: boolean }, TableError> {
    const { order, state, version } = of
    const results = state.results ?? []
    const known = results.find((one) => attemptOf(one.result) === attemptOf(result))
    if (known !== undefined) return { stored: known, isNew: false }
    const stored: StoredResult = { result, at }
    const write = writeState(order, { ...state, results: [...results, stored] }, version)
    if (yield* ordered(tryTransact([write]))) {
      yield* stopWaiting(of)
      return { stored, isNew: true }
    }
    // Another attempt's result was stored meanwhile; an order that started something is never taken away.
    const again = yield* readStartedOrder(table, { run: runKey(order.run), order: order.id })
    return Option.isNone(again) ? { stored, isNew: false } : yield* storeResult(again.value, result, at)
  })

  return { claim, inFlight, renew, release, doubt, settle, isBound, startedBy, storeResult, standings }
}
