/**
 * Settling: how the claim of an order ends. Settled for good, given back in doubt, or given back because nothing was started; and which of
 * these, after a start that failed. When the last order of a run has settled, the run is to be reported: the stage that notices asks for it,
 * and Report does it once.
 */
import { type Duration, Effect } from "effect"
import { type Ended, outcomeFact } from "../domain/Fact.ts"
import type { Order } from "../domain/Order.ts"
import type { FailureCode, Outcome } from "../domain/Outcome.ts"
import { sentence } from "../domain/Sentence.ts"
import { type Acceptance, runKey } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { Claim } from "../ledger/Orders.ts"
import { FactBus } from "../ports/FactBus.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { done, type Received, retry } from "../ports/WorkQueue.ts"
import { countOutcome } from "./Metrics.ts"
import { aboutRun, type DispatchMessage, ReportQueue } from "./Queues.ts"
import { publisher, Timing } from "./Settings.ts"
import { retryLater, waitAfter } from "./Stage.ts"

/** An order to start. */
export type ReceivedOrder = Received<DispatchMessage>

/** Asks for the report of a run. Asking twice is harmless, and so is asking while something is still open. */
const askForReport = Effect.fnUntraced(function* (of: Pick<Acceptance, "deliveryId" | "run">) {
  const reports = yield* ReportQueue
  yield* reports.offer([{ body: { version: 1, ...aboutRun(of) } }])
})

/** Asks for the report of a run if all is decided and settled. One range read. */
export const reportIfComplete = Effect.fn("Settling.reportIfComplete")(function* (
  of: Pick<Acceptance, "deliveryId" | "run">
) {
  const ledger = yield* Ledger
  if (yield* ledger.isOver(runKey(of.run))) yield* askForReport(of)
})

/** Publishes how an order ended, as it is stored, and has the run reported if that was its last: the only one is, without a look. */
export const announce = Effect.fnUntraced(function* (order: Order, ended: Ended, isOnly = false) {
  const facts = yield* FactBus
  yield* facts.publish([outcomeFact(order, ended, yield* publisher)])
  yield* isOnly ? askForReport(order) : reportIfComplete(order)
  return done
})

/** What an outcome adds to its log line. */
const detailsOf = (outcome: Outcome) => {
  switch (outcome._tag) {
    case "Dispatched":
      return { started: outcome.started?.url ?? null }
    case "Unknown":
      return { why: outcome.message }
    default:
      return { reason: outcome.code, why: outcome.message }
  }
}

const levels = { Dispatched: "Info", Withdrawn: "Warn", Failed: "Error", Unknown: "Error" } as const

/** One line with all that is known of an order that is over; the times are GitHub's. */
const logOutcome = ({ acceptedAt, chain: { depth, root }, inputs }: Order, outcome: Outcome, at: number) =>
  Effect.logWithLevel(levels[outcome._tag])("order settled").pipe(
    Effect.annotateLogs({
      outcome: outcome._tag.toLowerCase(),
      ...detailsOf(outcome),
      elapsed: at - Date.parse(acceptedAt),
      chainDepth: depth,
      chainRoot: root,
      inputs: Object.keys(inputs).length
    })
  )

/** Another worker has the claim by now. */
export const lost = Effect.map(Timing, ({ recheck }) => retry(recheck, "the claim was taken over"))

/**
 * Settles the order; a claim that was taken over in the meantime leaves it to the new holder. `isNamed`: GitHub named the started run in its
 * answer to the order's own request.
 */
export const settle = Effect.fnUntraced(function* (claim: Claim, outcome: Outcome, isNamed = false) {
  const ledger = yield* Ledger
  const app = yield* GitHubApp
  const at = yield* app.now
  if (!(yield* ledger.settle(claim, outcome, at, isNamed))) return yield* lost
  yield* countOutcome(outcome)
  yield* logOutcome(claim.order, outcome, at)
  return yield* announce(claim.order, { outcome, at }, claim.isOnly)
})

/** Gives the claim back, its order in doubt since GitHub's time `asked`, to look again after a while. */
export const keepInDoubt = Effect.fnUntraced(function* (
  message: ReceivedOrder,
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
export const releaseForRetry = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, error: GitHubError) {
  const ledger = yield* Ledger
  yield* Effect.logWarning("not started; tried again later", error)
  yield* ledger.release(claim)
  return yield* retryLater(message, error.message, error.retryAfter)
})

const failureCodes = {
  NotFound: "not_found",
  Forbidden: "forbidden",
  Unauthorized: "unauthorized",
  Unprocessable: "unprocessable",
  RateLimited: "rate_limited",
  Unavailable: "unavailable"
} as const satisfies Record<Exclude<GitHubError["reason"]["_tag"], "Ambiguous">, FailureCode>

/** What GitHub said, and what it means for those who have to act. */
const failureMessage = ({ target }: Order, { _tag, message }: GitHubError["reason"]): string => {
  const { repository, workflow, ref } = target
  switch (_tag) {
    case "NotFound":
      return sentence(`GitHub finds no workflow ${workflow} in ${repository} that the App may start (${message})`)
    case "Unprocessable":
      return sentence(`GitHub does not start ${workflow} of ${repository} on ${ref}: ${message}`)
    case "Forbidden":
      return sentence(`GitHub does not let the App start ${workflow} of ${repository}: ${message}`)
    default:
      return message
  }
}

/** After a start that failed: what GitHub refused is final, what it had no time for is tried again, what is unclear is looked up. */
export const afterFailure = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, error: GitHubError) {
  const { reason } = error
  if (reason._tag === "Ambiguous") {
    yield* Effect.logWarning("the answer was lost; GitHub is asked what it did", error)
    const app = yield* GitHubApp
    const { recheck } = yield* Timing
    return yield* keepInDoubt(message, claim, yield* app.now, recheck, error.message)
  }
  if (error.isTransient && !message.lastAttempt) return yield* releaseForRetry(message, claim, error)
  return yield* settle(claim, {
    _tag: "Failed",
    code: failureCodes[reason._tag],
    message: failureMessage(claim.order, reason)
  })
})
