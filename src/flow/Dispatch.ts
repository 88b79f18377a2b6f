/**
 * Dispatch: claims an order, starts its workflow, settles it. Exactly once, by the protocol of `../store/ledger/Claims.ts`:
 *
 * claim → where in doubt, reconcile → where the order waited, ask for consent again → renew the lease → start → settle.
 *
 * Every way out settles the order, or gives its claim and its message back with a reason.
 */
import { Clock, Duration, Effect, Result } from "effect"
import { outcomeFact } from "../domain/Fact.ts"
import type { Order, OrderId } from "../domain/Order.ts"
import type { FailureCode, Outcome } from "../domain/Outcome.ts"
import { runKey } from "../domain/SourceRun.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import { Ambiguous, GitHubError, type GitHubErrorReason, Unavailable } from "../ports/GitHubError.ts"
import type { TableError } from "../ports/Table.ts"
import { Workflows } from "../ports/Workflows.ts"
import {
  type DispatchMessage,
  dead,
  done,
  type QueueError,
  type Received,
  retry,
  type Verdict
} from "../ports/WorkQueue.ts"
import { Ledger } from "../store/Ledger.ts"
import type { Claim } from "../store/ledger/Claims.ts"
import { reportIfComplete } from "./Completion.ts"
import { findWithdrawal, isStale } from "./Consent.ts"
import * as Lease from "./Lease.ts"
import { countOutcome } from "./Metrics.ts"
import { findOwnRun, reconcile } from "./Reconcile.ts"
import { Timing, telling } from "./Settings.ts"
import { retryLater, waitAfter } from "./Waiting.ts"

/** An order to start. */
export type Message = Received<DispatchMessage>

const failureCodes = {
  NotFound: "not_found",
  Forbidden: "forbidden",
  Unauthorized: "unauthorized",
  Unprocessable: "unprocessable",
  RateLimited: "rate_limited",
  Unavailable: "unavailable"
} as const satisfies Record<Exclude<GitHubError["reason"]["_tag"], "Ambiguous">, FailureCode>

/** What GitHub said, and what it means for whoever has to act. */
const failureMessage = ({ target }: Order, { _tag, message }: GitHubError["reason"]): string => {
  const { repository, workflow, ref } = target
  switch (_tag) {
    case "NotFound":
      return `GitHub finds no workflow ${workflow} in ${repository} that the App may start (${message}).`
    case "Unprocessable":
      return `GitHub does not start ${workflow} of ${repository} on ${ref}: ${message}`
    case "Forbidden":
      return `GitHub does not let the App start ${workflow} of ${repository}: ${message}`
    default:
      return message
  }
}

/** Publishes how an order ended, and has the run reported if it was the last. */
const announce = Effect.fnUntraced(function* (order: Order, outcome: Outcome) {
  const facts = yield* FactBus
  const now = yield* telling
  yield* facts.publish([outcomeFact(order, outcome, now)])
  yield* reportIfComplete(runKey(order.run))
  return done
})

const logOutcome = (outcome: Outcome) => {
  switch (outcome._tag) {
    case "Dispatched":
      return Effect.logInfo("workflow started").pipe(
        Effect.annotateLogs({ started: outcome.started?.url ?? "GitHub does not name the run" })
      )
    case "Failed":
      return Effect.logError("workflow not started").pipe(
        Effect.annotateLogs({ reason: outcome.code, why: outcome.message })
      )
    case "Withdrawn":
      return Effect.logWarning("workflow not started: consent was withdrawn").pipe(
        Effect.annotateLogs({ reason: outcome.code, why: outcome.message })
      )
    case "Unknown":
      return Effect.logError("GitHub refuses to list what was started").pipe(
        Effect.annotateLogs({ why: outcome.message })
      )
  }
}

const lost = Effect.map(Timing, ({ recheck }) => retry(recheck, "the claim was taken over"))

/** Settles the order; a claim that was taken over in the meantime leaves it to the new holder. */
const settle = Effect.fnUntraced(function* (claim: Claim, outcome: Outcome) {
  const ledger = yield* Ledger
  const app = yield* GitHubApp
  if (!(yield* ledger.settle(claim, outcome, yield* app.now))) return yield* lost
  yield* countOutcome(outcome)
  yield* logOutcome(outcome)
  return yield* announce(claim.order, outcome)
})

/** Gives the claim back, its order in doubt since GitHub's time `asked`, to look again after a while. */
const leaveInDoubt = Effect.fnUntraced(function* (
  message: Message,
  claim: Claim,
  asked: number,
  after: Duration.Duration,
  reason: string
) {
  const ledger = yield* Ledger
  yield* ledger.doubt(claim, asked)
  return retry(yield* waitAfter(message.attempt, after), reason)
})

/** Gives back the claim of an order that started nothing. */
const putBack = Effect.fnUntraced(function* (message: Message, claim: Claim, error: GitHubError) {
  const ledger = yield* Ledger
  yield* Effect.logWarning("not started; tried again later", error)
  yield* ledger.release(claim)
  return yield* retryLater(message, error.message, error.retryAfter)
})

const startFailure = (reason: GitHubErrorReason) =>
  Effect.fail(new GitHubError({ operation: "Workflows.start", reason }))

/** Starts the workflow while enough is left of the lease. A request that outlasts the lease counts as one whose answer was lost. */
const start = Effect.fnUntraced(function* ({ order }: Claim, lease: Lease.Lease) {
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

/** After a start that failed: what GitHub refused is final, what it had no time for is tried again, what is unclear is looked up. */
const afterFailure = Effect.fnUntraced(function* (message: Message, claim: Claim, error: GitHubError) {
  const { reason } = error
  if (reason._tag === "Ambiguous") {
    yield* Effect.logWarning("the answer was lost; GitHub is asked what it did", error)
    const app = yield* GitHubApp
    const { recheck } = yield* Timing
    return yield* leaveInDoubt(message, claim, yield* app.now, recheck, error.message)
  }
  if (error.isTransient && !message.lastAttempt) return yield* putBack(message, claim, error)
  return yield* settle(claim, {
    _tag: "Failed",
    code: failureCodes[reason._tag],
    message: failureMessage(claim.order, reason)
  })
})

/** After a start that GitHub confirmed without naming the run (Enterprise Server before 3.21), which is looked up before anything else may start. */
const afterUnnamedStart = Effect.fnUntraced(function* (message: Message, claim: Claim) {
  const app = yield* GitHubApp
  const { recheck } = yield* Timing
  const asked = yield* app.now
  const run = yield* Effect.catchTag(findOwnRun(claim), "GitHubError", (error) =>
    Effect.as(Effect.logWarning("the started run cannot be looked up yet", error), undefined)
  )
  if (run !== undefined) return yield* settle(claim, { _tag: "Dispatched", started: run })
  const confirmed = { ...claim, confirmed: true }
  return yield* leaveInDoubt(message, confirmed, asked, recheck, "the started run is not listed yet")
})

/** Starts the workflow of a claim whose lease began just now. */
const startAndSettle = Effect.fnUntraced(function* (message: Message, claim: Claim, lease: Lease.Lease) {
  const started = yield* Effect.result(start(claim, lease))
  if (Result.isFailure(started)) return yield* afterFailure(message, claim, started.failure)
  return started.success === null
    ? yield* afterUnnamedStart(message, claim)
    : yield* settle(claim, { _tag: "Dispatched", started: started.success })
})

/** Starts the workflow with a lease that is whole. */
const renewAndStart = Effect.fnUntraced(function* (message: Message, claim: Claim) {
  const ledger = yield* Ledger
  const app = yield* GitHubApp
  const timing = yield* Timing
  const lease = yield* Lease.begin
  const renewed = yield* ledger.renew(claim, yield* app.now, timing.lease)
  return renewed === undefined ? yield* lost : yield* startAndSettle(message, renewed, lease)
})

/** Whether what the order says still holds; then it is started. Nothing was started so far. */
const startIfAdmitted = Effect.fnUntraced(function* (message: Message, claim: Claim, lease: Lease.Lease) {
  const app = yield* GitHubApp
  const isWhole = claim.asked === undefined
  if (!isStale(claim.order, [yield* Clock.currentTimeMillis, yield* app.now])) {
    return isWhole ? yield* startAndSettle(message, claim, lease) : yield* renewAndStart(message, claim)
  }
  const withdrawn = yield* Effect.result(findWithdrawal(claim.order))
  if (Result.isFailure(withdrawn)) {
    const { failure: error } = withdrawn
    if (!message.lastAttempt) return yield* putBack(message, claim, error)
    return yield* settle(claim, { _tag: "Failed", code: "unavailable", message: error.message })
  }
  return withdrawn.success === undefined
    ? yield* renewAndStart(message, claim)
    : yield* settle(claim, { _tag: "Withdrawn", ...withdrawn.success })
})

/**
 * Brings a claim in doubt to where it is known what its requests did: settles it, or leaves it in doubt (a verdict), or comes to know that
 * nothing was started (undefined).
 */
const resolve = Effect.fnUntraced(function* (message: Message, claim: Claim, asked: number) {
  const finding = yield* reconcile(claim, asked)
  switch (finding._tag) {
    case "Started":
      yield* Effect.logInfo("found what an earlier attempt had started")
      return yield* settle(claim, { _tag: "Dispatched", started: finding.run })
    case "CannotTell":
      return yield* settle(claim, { _tag: "Unknown", message: finding.message })
    case "NotYet":
      return yield* leaveInDoubt(message, claim, asked, finding.after, finding.reason)
    case "NotStarted":
      return undefined
  }
})

/** Acts on the claim of the message's own order. */
const carryOut = Effect.fnUntraced(function* (message: Message, claim: Claim, lease: Lease.Lease) {
  const verdict = claim.asked === undefined ? undefined : yield* resolve(message, claim, claim.asked)
  return verdict ?? (yield* startIfAdmitted(message, claim, lease))
})

/**
 * Ends the hold of another order, whose worker died: settles what it started, or gives it back to its own message. The verdict to give if
 * that cannot be known yet.
 */
const makeWay = Effect.fnUntraced(function* (message: Message, claim: Claim) {
  const ledger = yield* Ledger
  const { asked = claim.until } = claim
  const verdict = yield* resolve(message, claim, asked)
  if (verdict === undefined) yield* ledger.release(claim)
  return verdict?._tag === "Retry" ? verdict : undefined
})

type Failure = TableError | QueueError | FactBusError | GitHubError

/** Whatever fails for now gives the message back to its queue. */
const orTryAgain =
  (message: Message) =>
  <R>(work: Effect.Effect<Verdict, Failure, R>) =>
    Effect.catch(work, (error) =>
      Effect.logWarning("dispatching is tried again", error).pipe(
        Effect.andThen(retryLater(message, error.message, error._tag === "GitHubError" ? error.retryAfter : undefined))
      )
    )

/** Every line about an order says what it is for. */
const about = ({ deliveryId, target, run: source }: Order) =>
  Effect.annotateLogs({
    deliveryId,
    source: source.repository,
    workflow: source.workflow,
    target: `${target.repository} ${target.workflow}@${target.ref}`
  })

const waitFor = Effect.fnUntraced(function* (by: OrderId, until: number, now: number) {
  const { recheck } = yield* Timing
  const left = Duration.max(Duration.millis(until - now), Duration.times(recheck, 0.2))
  return retry(left, `the target workflow is held by order ${by}`)
})

const act: (
  message: Message
) => Effect.Effect<
  Verdict,
  Failure,
  Ledger | GitHubApp | Effect.Services<ReturnType<typeof carryOut | typeof announce>>
> = Effect.fnUntraced(function* (message) {
  const ledger = yield* Ledger
  const app = yield* GitHubApp
  const timing = yield* Timing
  const { run, order } = message.body
  const now = yield* app.now
  const lease = yield* Lease.begin
  const answer = yield* ledger.claim(run, order, now, timing)
  switch (answer._tag) {
    case "Missing":
      return dead(`the ledger has no order ${order}`)
    case "Settled":
      return yield* announce(answer.order, answer.outcome).pipe(about(answer.order))
    case "Held":
      return yield* waitFor(answer.by, answer.until, now)
    case "Claimed": {
      const { claim } = answer
      if (claim.order.id === order) return yield* carryOut(message, claim, lease).pipe(about(claim.order))
      const verdict = yield* makeWay(message, claim).pipe(about(claim.order))
      return verdict ?? (yield* act(message))
    }
  }
})

/**
 * Dispatches one order. One request to GitHub that starts something; three table reads (the order, the in-flight item, and whether its run
 * is complete) and two transactions, of two and four writes. An order that waited costs one write and at most two requests more.
 */
export const dispatch = Effect.fn("Dispatch")(
  act,
  (effect, message) => orTryAgain(message)(effect),
  (effect, { body: { run, order } }) => Effect.annotateLogs(effect, { run, orderId: order })
)
