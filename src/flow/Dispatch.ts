/**
 * Dispatch: claims an order, starts its workflow, settles it. Exactly once, by the protocol of `../store/ledger/Claims.ts`.
 *
 * Whatever is not known to have started nothing is looked up before it is tried again (`Reconcile.ts`). Every way out settles the
 * order, or gives the message back to its queue with a reason.
 */
import { Clock, Duration, Effect } from "effect"
import { outcomeFact } from "../domain/Fact.ts"
import type { Order } from "../domain/Order.ts"
import type { FailureCode, Outcome } from "../domain/Outcome.ts"
import { runKey } from "../domain/SourceRun.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
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
import type { Claim, Settlement } from "../store/ledger/Claims.ts"
import { reportIfComplete } from "./Completion.ts"
import { countOutcome } from "./Metrics.ts"
import { findOwnRun, reconcile } from "./Reconcile.ts"
import { Timing, telling } from "./Settings.ts"
import { retryLater, waitAfter } from "./Waiting.ts"

type Message = Received<DispatchMessage>

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

/** Tells how an order ended, and has the run reported if it was the last. */
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
        Effect.annotateLogs({ started: outcome.started?.url ?? "not told" })
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
      return Effect.logError("nobody knows whether the workflow was started").pipe(
        Effect.annotateLogs({ why: outcome.message })
      )
  }
}

/**
 * Settles the order; a claim that was taken over in the meantime leaves it to the new holder. `ifTaken` says what it means that the
 * started run is bound to another order already.
 */
const settle = Effect.fnUntraced(function* <E = never, R = never>(
  claim: Claim,
  outcome: Outcome,
  ifTaken?: Effect.Effect<Verdict, E, R>
) {
  const ledger = yield* Ledger
  const settlement = yield* ledger.settle(claim, outcome)
  if (settlement === "taken" && ifTaken !== undefined) return yield* ifTaken
  return yield* settled(claim, outcome, settlement)
})

const settled = Effect.fnUntraced(function* (claim: Claim, outcome: Outcome, settlement: Settlement) {
  const { recheck } = yield* Timing
  if (settlement === "lost") return retry(recheck, "the claim was taken over")
  yield* countOutcome(outcome)
  yield* logOutcome(outcome)
  return yield* announce(claim.order, outcome)
})

const startFailure = (reason: GitHubErrorReason) =>
  Effect.fail(new GitHubError({ operation: "Workflows.start", reason }))

/**
 * Starts the workflow, unless the lease might end before the answer comes: then somebody else would already be looking for what was
 * started. A request that takes too long counts as one whose answer was lost.
 */
const start = Effect.fnUntraced(function* ({ order, until }: Claim) {
  const workflows = yield* Workflows
  const { startTimeout } = yield* Timing
  const left = Duration.millis(until - (yield* Clock.currentTimeMillis))
  if (Duration.isLessThan(left, startTimeout)) {
    const message = `the claim ends in ${Duration.format(left)}, too soon for a request`
    return yield* startFailure(new Unavailable({ message }))
  }
  const lost = new Ambiguous({ message: `no answer within ${Duration.format(startTimeout)}` })
  return yield* workflows
    .start(order, () => true)
    .pipe(Effect.timeoutOrElse({ duration: startTimeout, orElse: () => startFailure(lost) }))
})

/** After a start that failed: what GitHub refused is final, what it had no time for is tried again, what is unclear is looked up. */
const afterFailure = Effect.fnUntraced(function* (message: Message, claim: Claim, error: GitHubError) {
  const { reason } = error
  if (reason._tag === "Ambiguous") {
    yield* Effect.logWarning("the answer was lost; GitHub is asked what it did", error)
    const { recheck } = yield* Timing
    return yield* comeBack(message, claim, yield* Clock.currentTimeMillis, recheck, error.message)
  }
  if (!error.isTransient || message.lastAttempt) {
    return yield* settle(claim, {
      _tag: "Failed",
      code: failureCodes[reason._tag],
      message: failureMessage(claim.order, reason)
    })
  }
  const ledger = yield* Ledger
  yield* Effect.logWarning("not started; tried again later", error)
  yield* ledger.release(claim)
  return yield* retryLater(message, error.message, error.retryAfter)
})

/** Leaves it to a later attempt to find out what was started; if there is none, nobody can tell. */
const comeBack = Effect.fnUntraced(function* (
  message: Message,
  claim: Claim,
  asked: number,
  after: Duration.Duration,
  reason: string
) {
  if (message.lastAttempt) return yield* settle({ ...claim, asked }, { _tag: "Unknown", message: reason })
  const ledger = yield* Ledger
  yield* ledger.doubt(claim, asked)
  return retry(yield* waitAfter(message.attempt, after), reason)
})

const startAndSettle = Effect.fnUntraced(function* (message: Message, claim: Claim) {
  const ledger = yield* Ledger
  const started = yield* Effect.result(start(claim))
  if (started._tag === "Failure") return yield* afterFailure(message, claim, started.failure)
  const answered = { ...claim, asked: yield* Clock.currentTimeMillis }
  const run = started.success ?? (yield* findOwnRun(answered))
  const outcome: Outcome = { _tag: "Dispatched", started: run }
  // GitHub told us this id for our own request, so the other order was bound to it in error: both stay visible.
  const boundElsewhere = Effect.logError("the started run is bound to another order").pipe(
    Effect.andThen(ledger.settle(answered, outcome, { bind: false })),
    Effect.flatMap((settlement) => settled(answered, outcome, settlement))
  )
  return yield* settle(answered, outcome, boundElsewhere)
})

/** Finds out what earlier requests did, and goes on from there. */
const resume = Effect.fnUntraced(function* (message: Message, claim: Claim, asked: number) {
  const finding = yield* reconcile(claim, asked)
  switch (finding._tag) {
    case "Started": {
      yield* Effect.logInfo("found what an earlier attempt had started")
      const { recheck } = yield* Timing
      const lookAgain = comeBack(message, claim, asked, recheck, "the run that was found is another order's")
      return yield* settle(claim, { _tag: "Dispatched", started: finding.run }, lookAgain)
    }
    case "NotStarted":
      return yield* startAndSettle(message, claim)
    case "CannotTell":
      return yield* settle(claim, { _tag: "Unknown", message: finding.message })
    case "NotYet":
      return yield* comeBack(message, claim, asked, finding.after, finding.reason)
  }
})

/** Whatever fails for now gives the message back to its queue. */
const orTryAgain =
  (message: Message) =>
  <R>(work: Effect.Effect<Verdict, TableError | QueueError | FactBusError, R>) =>
    Effect.catch(work, (error) =>
      Effect.logWarning("dispatching is tried again", error).pipe(Effect.andThen(retryLater(message, error.message)))
    )

/** Every line about an order says what it is for. */
const about = ({ deliveryId, target, run: source }: Order) =>
  Effect.annotateLogs({
    deliveryId,
    source: source.repository,
    workflow: source.workflow,
    target: `${target.repository} ${target.workflow}@${target.ref}`
  })

const actOn = (message: Message, claim: Claim) => {
  const work = claim.asked === undefined ? startAndSettle(message, claim) : resume(message, claim, claim.asked)
  return work.pipe(orTryAgain(message), about(claim.order))
}

const act = Effect.fnUntraced(function* (message: Message) {
  const ledger = yield* Ledger
  const { lease } = yield* Timing
  const { run, order } = message.body
  const answer = yield* ledger.claim(run, order, lease)
  switch (answer._tag) {
    case "Unknown":
      return dead(`the ledger has no order ${order}`)
    case "Settled":
      return yield* announce(answer.order, answer.outcome).pipe(orTryAgain(message), about(answer.order))
    case "Held": {
      const left = answer.until - (yield* Clock.currentTimeMillis)
      return retry(Duration.millis(Math.max(0, left)), "somebody else has claimed it")
    }
    case "Claimed":
      return yield* actOn(message, answer.claim)
  }
})

/**
 * Dispatches one order. One request to GitHub that starts something; two table reads (the order, and whether its run is complete) and
 * two transactions, of two and four writes.
 */
export const dispatch = Effect.fn("Dispatch")(
  act,
  (effect, message) => orTryAgain(message)(effect),
  (effect, { body: { run, order } }) => Effect.annotateLogs(effect, { run, orderId: order })
)
