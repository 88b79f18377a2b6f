/**
 * Dispatch: claims an order, starts its workflow, settles it. Exactly once, by the protocol of `../ledger/Orders.ts`:
 *
 * claim → where in doubt, reconcile → where the order waited, ask for consent again → renew the lease → start → settle.
 *
 * Every way out settles the order, or gives its claim and its message back with a reason.
 */
import { Clock, Duration, Effect, Result } from "effect"
import { type Order, type OrderId, targetLabel } from "../domain/Order.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { Claim } from "../ledger/Orders.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import { Ambiguous, GitHubError, type GitHubErrorReason, Unavailable } from "../ports/GitHubError.ts"
import { Workflows } from "../ports/Workflows.ts"
import { dead, retry } from "../ports/WorkQueue.ts"
import { findWithdrawal, isStale } from "./Consent.ts"
import { aboutRun, type DispatchMessage } from "./Queues.ts"
import { afterUnnamedStart, resolve } from "./Reconcile.ts"
import { Timing } from "./Settings.ts"
import { afterFailure, announce, lost, type ReceivedOrder, releaseForRetry, settle } from "./Settling.ts"
import * as Stage from "./Stage.ts"

/**
 * A holder's own view of its lease. It runs from before the claim was written, by the wall clock and by the monotonic clock: the lease is
 * over when either says so. The monotonic clock stands still while a machine is suspended, the wall clock may be set.
 */
interface LeaseClock {
  /** Milliseconds since the lease began; asked without delay, also after the process was stopped for a while. */
  readonly elapsed: () => number
}

/** Begins a lease now. */
const startLease: Effect.Effect<LeaseClock> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const wall = clock.currentTimeMillisUnsafe()
    const monotonic = clock.monotonicTimeNanosUnsafe()
    return {
      elapsed: () =>
        Math.max(
          clock.currentTimeMillisUnsafe() - wall,
          Number((clock.monotonicTimeNanosUnsafe() - monotonic) / 1_000_000n)
        )
    }
  })
)

const startFailure = (reason: GitHubErrorReason) =>
  Effect.fail(new GitHubError({ operation: "Workflows.start", reason }))

/** Starts the workflow while enough is left of the lease. A request that outlasts the lease counts as one whose answer was lost. */
const start = Effect.fnUntraced(function* ({ order }: Claim, lease: LeaseClock) {
  const workflows = yield* Workflows
  const { startTimeout, sendWithin } = yield* Timing
  const limit = Duration.toMillis(sendWithin)
  let sent = false
  const maySend = () => {
    sent = lease.elapsed() <= limit
    return sent
  }
  const orElse = () =>
    startFailure(
      sent
        ? new Ambiguous({ message: `no answer within ${Duration.format(startTimeout)}` })
        : new Unavailable({ message: `the request could not be sent within ${Duration.format(startTimeout)}` })
    )
  return yield* workflows.start(order, maySend).pipe(Effect.timeoutOrElse({ duration: startTimeout, orElse }))
})

/** Starts the workflow of a claim whose lease began just now. */
const startAndSettle = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, lease: LeaseClock) {
  const started = yield* Effect.result(start(claim, lease))
  if (Result.isFailure(started)) return yield* afterFailure(message, claim, started.failure)
  return started.success === null
    ? yield* afterUnnamedStart(message, claim)
    : yield* settle(claim, { _tag: "Dispatched", started: started.success }, true)
})

/** Starts the workflow with a lease that is whole. */
const renewAndStart = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim) {
  const ledger = yield* Ledger
  const app = yield* GitHubApp
  const timing = yield* Timing
  const lease = yield* startLease
  const renewed = yield* ledger.renew(claim, yield* app.now, timing.lease)
  return renewed === undefined ? yield* lost : yield* startAndSettle(message, renewed, lease)
})

/** Starts the workflow of a claim that started nothing so far, if what the order says still holds: one that waited asks both sides again. */
const startIfAdmitted = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, lease: LeaseClock) {
  const app = yield* GitHubApp
  const isWhole = claim.asked === undefined
  if (!isStale(claim.order, [yield* Clock.currentTimeMillis, yield* app.now])) {
    return isWhole ? yield* startAndSettle(message, claim, lease) : yield* renewAndStart(message, claim)
  }
  const withdrawn = yield* Effect.result(findWithdrawal(claim.order))
  if (Result.isFailure(withdrawn)) {
    const { failure: error } = withdrawn
    if (!message.lastAttempt) return yield* releaseForRetry(message, claim, error)
    return yield* settle(claim, { _tag: "Failed", code: "unavailable", message: error.message })
  }
  return withdrawn.success === undefined
    ? yield* renewAndStart(message, claim)
    : yield* settle(claim, { _tag: "Withdrawn", ...withdrawn.success })
})

/** Acts on the claim of the message's own order. */
const actOnOwnClaim = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, lease: LeaseClock) {
  const verdict = claim.asked === undefined ? undefined : yield* resolve(message, claim, claim.asked)
  return verdict ?? (yield* startIfAdmitted(message, claim, lease))
})

/**
 * Ends the hold of another order, whose worker died: settles what it started, or gives it back to its own message. The verdict to give if
 * that cannot be known yet.
 */
const endOtherHold = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim) {
  const ledger = yield* Ledger
  const { asked = claim.until } = claim
  const verdict = yield* resolve(message, claim, asked)
  if (verdict === undefined) yield* ledger.release(claim)
  return verdict?._tag === "Retry" ? verdict : undefined
})

export type { ReceivedOrder } from "./Settling.ts"

/** Every line about an order names what it is for; that may be another one than the message's. */
const about = (order: Order, message: ReceivedOrder) =>
  Effect.annotateLogs({
    ...aboutRun(order),
    orderId: order.id,
    target: targetLabel(order.target),
    ...(order.id === message.body.order ? { attempt: message.attempt } : {})
  })

const waitFor = Effect.fnUntraced(function* (by: OrderId, until: number, now: number) {
  const { recheck } = yield* Timing
  const left = Duration.max(Duration.millis(until - now), Duration.times(recheck, 0.2))
  return retry(left, `the target workflow is held by order ${by}`)
})

/** Claims the order, and acts on the claim; a claim of another order that is in the way is ended first. */
const handle = Effect.fnUntraced(function* (message: ReceivedOrder) {
  const ledger = yield* Ledger
  const app = yield* GitHubApp
  const timing = yield* Timing
  const { run, order } = message.body
  while (true) {
    const now = yield* app.now
    const lease = yield* startLease
    const answer = yield* ledger.claim(run, order, now, timing)
    switch (answer._tag) {
      case "Missing":
        return dead(`the ledger has no order ${order}`)
      case "Settled":
        return yield* announce(answer.order, answer).pipe(about(answer.order, message))
      case "Held":
        return yield* waitFor(answer.by, answer.until, now)
      case "Claimed": {
        const { claim } = answer
        if (claim.order.id === order)
          return yield* actOnOwnClaim(message, claim, lease).pipe(about(claim.order, message))
        const verdict = yield* endOtherHold(message, claim).pipe(about(claim.order, message))
        if (verdict !== undefined) return verdict
      }
    }
  }
})

/**
 * Order queue → Dispatch. For each order one request to GitHub that starts something; three table reads (the in-flight item, the order,
 * and the one that held it last), two writes, an append of two items, and a query whether its run is over where it is not its only order. An order that waited costs one
 * write and at most two requests more.
 */
export const dispatch = Stage.make({
  name: "Dispatch",
  about: ({ version: _, generation: __, order, ...run }: DispatchMessage) => ({ ...run, orderId: order }),
  handle
})
