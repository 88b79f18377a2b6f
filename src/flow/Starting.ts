/**
 * Starting: from a claim that started nothing so far to a started workflow. An order that waited asks both sides again first; the request goes
 * out only while enough is left of the lease.
 */
import { Clock, Duration, Effect, Result } from "effect"
import type { Order } from "../domain/Order.ts"
import type { FailureCode } from "../domain/Outcome.ts"
import { sentence } from "../domain/Sentence.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { Claim } from "../ledger/Orders.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import { Ambiguous, GitHubError, type GitHubErrorReason, Unavailable } from "../ports/GitHubError.ts"
import { Workflows } from "../ports/Workflows.ts"
import { findWithdrawal, isStale } from "./Consent.ts"
import { findOwnRun } from "./Reconcile.ts"
import { Timing } from "./Settings.ts"
import { keepInDoubt, lost, type ReceivedOrder, releaseForRetry, settle } from "./Settling.ts"

/**
 * A holder's own view of its lease. It runs from before the claim was written, by the wall clock and by the monotonic clock: the lease is
 * over when either says so. The monotonic clock stands still while a machine is suspended, the wall clock may be set.
 */
export interface LeaseClock {
  /** Milliseconds since the lease began; asked without delay, also after the process was stopped for a while. */
  readonly elapsed: () => number
}

/** Begins a lease now. */
export const startLease: Effect.Effect<LeaseClock> = Clock.clockWith((clock) =>
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

/** After a start that failed: what GitHub refused is final, what it had no time for is tried again, what is unclear is looked up. */
const afterFailure = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, error: GitHubError) {
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

/** After a start that GitHub confirmed without naming the run (Enterprise Server before 3.21), which is looked up before anything else may start. */
const afterUnnamedStart = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim) {
  const app = yield* GitHubApp
  const { recheck } = yield* Timing
  const asked = yield* app.now
  const run = yield* Effect.catchTag(findOwnRun(claim), "GitHubError", (error) =>
    Effect.as(Effect.logWarning("the started run cannot be looked up yet", error), undefined)
  )
  if (run !== undefined) return yield* settle(claim, { _tag: "Dispatched", started: run })
  const confirmed = { ...claim, confirmed: true }
  return yield* keepInDoubt(message, confirmed, asked, recheck, "the started run is not listed yet")
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

/** Whether what the order says still holds; then it is started. Nothing was started so far. */
export const startIfAdmitted = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, lease: LeaseClock) {
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
