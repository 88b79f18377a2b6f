/**
 * Claims: how an order is started exactly once although queues redeliver, GitHub redelivers and processes die.
 *
 * A target workflow has one in-flight item. The order that it names, its holder, is the only one that may start the workflow. The hold lasts
 * as long as the order is stored in the version that the item names: it ends with the write that settles or releases the order, and with
 * nothing else, so of all orders of a target workflow at most one is in doubt. A worker that meets a hold whose lease is over gets the claim of
 * its holder, to find out what that order did, before it gets its own.
 *
 * A claim on a free workflow writes the item alone. It reads the item first and then the orders: a version of an order never comes back, so a
 * hold that is over stays over; and an order that is not settled then can only be settled later by a claim that has written the item, whose
 * version is another afterwards. To take a claim over writes both, so that whatever the earlier claim still does fails: it renews and gives
 * back by the item's version, and settles and releases by the order's. A claim is on the disk before anything is sent; what ends one need not
 * be, since a claim that comes back after a loss of power is in doubt, and is reconciled. All times are GitHub's, in milliseconds since the
 * epoch.
 */
import { Duration, Effect, Option } from "effect"
import { type Order, type OrderId, type TargetKey, targetOf } from "../domain/Order.ts"
import type { Outcome } from "../domain/Outcome.ts"
import { attemptOf, type RunResult } from "../domain/RunResult.ts"
import { type GitHubId, type RunKey, runKey, type SourceRun } from "../domain/SourceRun.ts"
import {
  type Appended,
  absent,
  atVersion,
  isWritten,
  ordered,
  type Table,
  type TableError,
  unconditional,
  type Write
} from "../ports/Table.ts"
import {
  AwaitedItem,
  encodeItem,
  type Hold,
  InFlightItem,
  OrderItem,
  OrderPointer,
  type OrderState,
  read,
  retention,
  type StoredResult,
  type Versioned
} from "./Items.ts"
import { awaitedKey, firstAsk, inFlightKey, orderKey, startedKey } from "./Keys.ts"

/** The right to act on an order until the lease ends. */
export interface Claim {
  readonly order: Order
  /** Versions of the order and of the in-flight item; every step is conditional on one of them, and to take the claim over changes both. */
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
  /** Whether the run is over with this order, unless a replay planned more. */
  readonly isOnly: boolean
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
   * Claims an order for the time of a lease, or the order that has to be settled before it. Two reads (three where another order held the
   * target workflow last) and a write, two in one transaction to take over a claim.
   */
  readonly claim: (run: RunKey, id: OrderId, now: number, term: Term) => Effect.Effect<ClaimAnswer, TableError>
  /** The order that holds a target workflow now. One read, two where one held it before, three where that was given back. */
  readonly inFlight: (target: TargetKey) => Effect.Effect<Option.Option<OrderId>, TableError>
  /** Starts the lease anew, unless another worker took the claim over; then undefined. One write. */
  readonly renew: (claim: Claim, now: number, lease: Duration.Duration) => Effect.Effect<Claim | undefined, TableError>
  /**
   * Gives a claim back: one of the requests made for it, the latest at `asked`, may have started something. False if the claim was taken
   * over. One write.
   */
  readonly doubt: (claim: Claim, asked: number) => Effect.Effect<boolean, TableError>
  /** Gives a claim back of which it is known that its requests started nothing. False if it was taken over. One write. */
  readonly release: (claim: Claim) => Effect.Effect<boolean, TableError>
  /**
   * Settles an order for good, which ends its hold on the target workflow, and names it as the one that started its run. False if the claim
   * was taken over.
   *
   * A run that GitHub named (`isNamed`) in its answer to a request for the order is the order's, whatever became of the claim meanwhile: that
   * is stored first, in one append of two items, and then the outcome by one write. A run that was found in a list is the order's only while
   * the claim is: that is one transaction of three writes. An outcome without a run is one write.
   */
  readonly settle: (claim: Claim, outcome: Outcome, at: number, isNamed?: boolean) => Effect.Effect<boolean, TableError>
  /**
   * The order that is known to have started this run of an order's target repository, also where it has not settled yet; undefined if none
   * is. One read.
   */
  readonly boundTo: (order: Order, startedRunId: GitHubId) => Effect.Effect<OrderId | undefined, TableError>
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
}

/** An order as what started a run, if it is settled. */
export const startedOrderOf = ({ value: { order, state }, version }: Versioned<StoredOrder>) =>
  state._tag === "Settled" ? Option.some<StartedOrder>({ order, state, version }) : Option.none<StartedOrder>()

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

  /** The item as the claim has it. Version 0: there is none yet. */
  const writeHold = Effect.fnUntraced(function* (claim: Claim) {
    const { order, orderVersion, itemVersion, since, asked = null, until, confirmed } = claim
    const { id, target, run } = order
    const lasts = { since, asked, leaseUntil: until, confirmed }
    const hold: Hold = { run: runKey(run), order: id, version: orderVersion, ref: target.ref, ...lasts }
    const put: Write = {
      _tag: "Put",
      key: itemKey(order),
      attributes: encodeItem(InFlightItem, { hold }),
      condition: itemVersion === 0 ? absent : atVersion(itemVersion),
      expiresAt: yield* retention
    }
    return put
  })

  /** All writes or none; false if another worker wrote in between. */
  const tryTransact = (writes: ReadonlyArray<Write>) => isWritten(table.transact(writes))

  const readOrder = (run: RunKey, id: OrderId) => read(table, orderKey(run, id), OrderItem)
  const readStartedOrder = ({ run, order }: typeof OrderPointer.Type) =>
    Effect.map(readOrder(run, order), Option.flatMap(startedOrderOf))

  /** The order of a hold that lasts; a hold is over with its order. */
  const orderHeldBy = ({ version }: Hold, order: Option.Option<Versioned<StoredOrder>>) =>
    Option.filter(
      order,
      ({ value, version: stored }) => value.state._tag !== "Settled" && (version ?? stored) === stored
    )

  /** Claims an order whose target workflow is free. One write; undefined if another worker was quicker. */
  const takeFree = Effect.fnUntraced(function* (
    found: Versioned<StoredOrder>,
    itemVersion: number,
    now: number,
    lease: Duration.Duration
  ) {
    const { order, state, only } = found.value
    const doubt = state._tag === "Planned" ? state.doubt : undefined
    const claim: Claim = {
      order,
      orderVersion: found.version,
      itemVersion,
      since: doubt?.since ?? now,
      until: now + Duration.toMillis(lease),
      asked: doubt?.until,
      confirmed: false,
      isOnly: only === true
    }
    return (yield* tryTransact([yield* writeHold(claim)])) ? { ...claim, itemVersion: itemVersion + 1 } : undefined
  })

  /**
   * Takes the claim of a holder whose lease is over; with the order's next version, so that the earlier claim settles nothing any more. Two
   * writes in one transaction; undefined if another worker was quicker.
   */
  const takeOver = Effect.fnUntraced(function* (
    { since, asked, leaseUntil, confirmed }: Hold,
    { value: { order, state, only }, version }: Versioned<StoredOrder>,
    itemVersion: number,
    now: number,
    lease: Duration.Duration
  ) {
    const claim: Claim = {
      order,
      orderVersion: version + 1,
      itemVersion,
      since,
      until: now + Duration.toMillis(lease),
      asked: Math.max(asked ?? 0, leaseUntil),
      confirmed,
      isOnly: only === true
    }
    const writes = [yield* writeHold(claim), writeState(order, state, version)]
    return (yield* tryTransact(writes)) ? { ...claim, itemVersion: itemVersion + 1 } : undefined
  })

  const held = (by: OrderId, until: number): ClaimAnswer => ({ _tag: "Held", by, until })

  const claim = Effect.fn("Ledger.claim")(function* (
    run: RunKey,
    id: OrderId,
    now: number,
    { lease, leaseMargin }: Term
  ): Effect.fn.Return<ClaimAnswer, TableError> {
    const item = Option.getOrUndefined(yield* read(table, itemKey({ id }), InFlightItem))
    const found = yield* readOrder(run, id)
    if (Option.isNone(found)) return { _tag: "Missing" }
    const { order, state } = found.value.value
    if (state._tag === "Settled") return { _tag: "Settled", order, outcome: state.outcome, at: state.at }
    const hold = item?.value.hold ?? null
    const version = item?.version ?? 0
    const holder =
      hold === null
        ? Option.none<Versioned<StoredOrder>>()
        : orderHeldBy(hold, hold.order === id ? found : yield* readOrder(hold.run, hold.order))
    if (hold === null || Option.isNone(holder)) {
      const taken = yield* takeFree(found.value, version, now, lease)
      return taken === undefined ? held(id, now) : { _tag: "Claimed", claim: taken }
    }
    const keptUntil = hold.leaseUntil + Duration.toMillis(leaseMargin)
    if (hold.leaseUntil > 0 && now <= keptUntil) return held(hold.order, keptUntil)
    const taken = yield* takeOver(hold, holder.value, version, now, lease)
    return taken === undefined ? held(hold.order, now) : { _tag: "Claimed", claim: taken }
  })

  const inFlight = Effect.fn("Ledger.inFlight")(function* (
    target: TargetKey
  ): Effect.fn.Return<Option.Option<OrderId>, TableError> {
    const readHold = read(table, inFlightKey(target), InFlightItem)
    const item = Option.getOrUndefined(yield* readHold)
    const hold = item?.value.hold ?? null
    if (hold === null) return Option.none()
    const order = yield* readOrder(hold.run, hold.order)
    if (Option.isSome(orderHeldBy(hold, order))) return Option.some(hold.order)
    if (Option.isNone(Option.filter(order, ({ value: { state } }) => state._tag !== "Settled"))) return Option.none()
    // Released, or taken over between the two reads: that gives the order another version, too, and the hold goes on.
    const again = Option.getOrUndefined(yield* readHold)
    return again?.version === item?.version ? Option.none() : yield* inFlight(target)
  })

  const renew = Effect.fn("Ledger.renew")(function* (claim: Claim, now: number, lease: Duration.Duration) {
    const renewed = { ...claim, until: now + Duration.toMillis(lease) }
    const isRenewed = yield* tryTransact([yield* writeHold(renewed)])
    return isRenewed ? { ...renewed, itemVersion: claim.itemVersion + 1 } : undefined
  })

  const doubt = Effect.fn("Ledger.doubt")(function* (claim: Claim, asked: number) {
    return yield* ordered(tryTransact([yield* writeHold({ ...claim, asked, until: 0 })]))
  })

  const release = Effect.fn("Ledger.release")((claim: Claim) =>
    ordered(tryTransact([writeState(claim.order, { _tag: "Planned" }, claim.orderVersion)]))
  )

  /** Names the order of a started run, so that no other order takes the run for its own, and that its result is waited for. */
  const pointers = Effect.fnUntraced(function* ({ order }: Claim, outcome: Outcome, at: number) {
    if (outcome._tag !== "Dispatched" || outcome.started === null) return []
    const { id } = outcome.started
    const pointer = { run: runKey(order.run), order: order.id }
    const { repository } = order.target
    const expiresAt = yield* retention
    return [
      { key: startedKey(repository, id), attributes: encodeItem(OrderPointer, pointer), expiresAt },
      {
        key: awaitedKey(firstAsk(at), repository, id),
        attributes: encodeItem(AwaitedItem, { ...pointer, asked: 0 }),
        expiresAt
      }
    ] satisfies ReadonlyArray<Appended>
  })

  const settle = Effect.fn("Ledger.settle")(function* (claim: Claim, outcome: Outcome, at: number, isNamed = false) {
    const { order, orderVersion, since, asked = at } = claim
    const doubtful = outcome._tag === "Unknown" ? { doubt: { since, until: asked } } : {}
    const settled = writeState(order, { _tag: "Settled", outcome, at, ...doubtful }, orderVersion)
    const named = yield* pointers(claim, outcome, at)
    if (isNamed) yield* table.append(named)
    const together = isNamed ? [] : named.map((item): Write => ({ _tag: "Put", ...item }))
    return yield* ordered(tryTransact([settled, ...together]))
  })

  const boundTo = ({ target }: Order, startedRunId: GitHubId) =>
    Effect.map(
      read(table, startedKey(target.repository, startedRunId), OrderPointer),
      (pointer) => Option.getOrUndefined(pointer)?.value.order
    )

  const startedBy = Effect.fn("Ledger.startedBy")(function* (run: Pick<SourceRun, "repository" | "runId">) {
    const pointer = yield* read(table, startedKey(run.repository, run.runId), OrderPointer)
    if (Option.isNone(pointer)) return Option.none<StartedOrder>()
    return yield* readStartedOrder(pointer.value.value)
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
    const again = yield* readStartedOrder({ run: runKey(order.run), order: order.id })
    return Option.isNone(again) ? { stored, isNew: false } : yield* storeResult(again.value, result, at)
  })

  return { claim, inFlight, renew, release, doubt, settle, boundTo, startedBy, storeResult }
}
