/**
 * Dispatch: claims an order, starts its workflow, settles it. Exactly once, by the protocol of `../ledger/Orders.ts`:
 *
 * claim → where in doubt, reconcile → where the order waited, ask for consent again → renew the lease → start → settle.
 *
 * Every way out settles the order, or gives its claim and its message back with a reason.
 */
import { Duration, Effect } from "effect"
import { type Order, type OrderId, targetLabel } from "../domain/Order.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { Claim } from "../ledger/Orders.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import { dead, retry } from "../ports/WorkQueue.ts"
import { aboutRun, type DispatchMessage } from "./Queues.ts"
import { reconcile } from "./Reconcile.ts"
import { Timing } from "./Settings.ts"
import { announce, keepInDoubt, type ReceivedOrder, settle } from "./Settling.ts"
import * as Stage from "./Stage.ts"
import { type LeaseClock, startIfAdmitted, startLease } from "./Starting.ts"

/**
 * Brings a claim in doubt to where it is known what its requests did: settles it, or leaves it in doubt (a verdict), or comes to know that
 * nothing was started (undefined).
 */
const resolve = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, asked: number) {
  const finding = yield* reconcile(claim, asked)
  switch (finding._tag) {
    case "Started":
      yield* Effect.logInfo("found what an earlier attempt had started")
      return yield* settle(claim, { _tag: "Dispatched", started: finding.run })
    case "Unknowable":
      return yield* settle(claim, { _tag: "Unknown", message: finding.message })
    case "NotYet":
      return yield* keepInDoubt(message, claim, asked, finding.after, finding.reason)
    case "NotStarted":
      return undefined
  }
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
 * and the one that held it last), a query (whether its run is over), two writes, and an append of two items. An order that waited costs one write and at most two requests more.
 */
export const dispatch = Stage.make({
  name: "Dispatch",
  about: ({ version: _, generation: __, order, ...run }: DispatchMessage) => ({ ...run, orderId: order }),
  handle
})
