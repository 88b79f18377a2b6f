/**
 * The check run of a run: brought up to date with what the ledger has, by the messages that ask for reports. Costs one request when it is
 * created and at most one for each change of what it shows; a message that finds nothing changed writes nothing.
 *
 * A repository that takes none (no permission, archived, gone) is left alone for a day, which is logged once.
 */
import { Clock, Duration, Effect, Option } from "effect"
import { type CheckRun, checkExternalId, checkRunOf, isChecked } from "../domain/CheckRun.ts"
import type { Plan } from "../domain/Plan.ts"
import { runKey } from "../domain/SourceRun.ts"
import type { CheckClaim, CheckShown, KnownCheck } from "../ledger/Checks.ts"
import { digestOf } from "../ledger/Keys.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { OrderStanding } from "../ledger/RunStates.ts"
import { Checks } from "../ports/Checks.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { done, type Received, retry, type Verdict } from "../ports/WorkQueue.ts"
import { withinLease } from "./ReportLease.ts"
import { Settings, Timing } from "./Settings.ts"
import * as Stage from "./Stage.ts"

type Message = Pick<Received<unknown>, "attempt" | "lastAttempt">

/** Whether a run is to have a check run. */
export const wantsCheck = Effect.fnUntraced(function* (plan: Plan) {
  const { createChecks } = yield* Settings
  return createChecks && isChecked(plan)
})

const shownBy = (check: CheckRun): CheckShown => ({
  shown: digestOf(JSON.stringify(check)),
  completed: check.conclusion !== null
})

/** The check run as the ledger's orders have it; undefined where the run is to have none. */
const wantedCheck = Effect.fnUntraced(function* (plan: Plan, standings: ReadonlyArray<OrderStanding>) {
  const { publicUrl } = yield* Settings
  return (yield* wantsCheck(plan)) ? checkRunOf(plan, standings, publicUrl) : undefined
})

/** Writes the check run: updates it, or creates it where no lost request did. */
const write = Effect.fnUntraced(function* ({ run, id, number, mayExist }: CheckClaim, check: CheckRun) {
  const checks = yield* Checks
  const externalId = checkExternalId(runKey(run), number)
  const known = id ?? (mayExist ? Option.getOrNull(yield* checks.find(run, check.name, externalId)) : null)
  if (known === null) return yield* checks.create(run, externalId, check)
  yield* checks.update(run, known, check)
  return known
})

const lostLease = Effect.map(Timing, ({ recheck }) => retry(recheck, "the lease of the check run was lost"))

/** Settles a claim; where it was lost meanwhile, the message has to look again. */
const settle = Effect.fnUntraced(function* (claim: CheckClaim, id: CheckClaim["id"], wanted: CheckShown) {
  const ledger = yield* Ledger
  const { reportEvery } = yield* Timing
  return (yield* ledger.settleCheck(claim, id, wanted, reportEvery)) ? done : yield* lostLease
})

/** Gives the check run back, to be tried again; a lost answer may take a moment to show. */
const releaseAndRetry = Effect.fnUntraced(function* (
  message: Message,
  claim: CheckClaim,
  wanted: CheckShown,
  error: GitHubError
) {
  const ledger = yield* Ledger
  const { recheck } = yield* Timing
  const asked = error.reason._tag === "Ambiguous" ? recheck : error.retryAfter
  yield* ledger.releaseCheck(claim, wanted, asked ?? Duration.zero)
  if (message.lastAttempt) {
    yield* Effect.logError("the check run is not up to date; GitHub could not be reached for it", error)
    return done
  }
  yield* Effect.logWarning("the check run is tried again", error)
  return yield* Stage.retryLater(message, error.message, asked)
})

/** What GitHub refuses for good: the check run that is gone is replaced, its commit given up, or its repository left alone for a day. */
const refused = Effect.fnUntraced(function* (claim: CheckClaim, wanted: CheckShown, error: GitHubError) {
  const ledger = yield* Ledger
  const { run, id } = claim
  if (error.reason._tag === "NotFound" && id !== null) {
    yield* ledger.releaseCheck(claim, wanted, Duration.zero, true)
    return retry(Duration.zero, "GitHub has the check run no more; another one is created")
  }
  if (error.reason._tag === "Unprocessable" || error.reason._tag === "NotFound") {
    yield* Effect.logWarning("GitHub takes no check run on the commit", error)
  } else if (yield* ledger.leaveUnchecked(run, error.message)) {
    yield* Effect.logWarning("no check runs in the repository for a day; GitHub takes none", error)
  }
  return yield* settle(claim, id, wanted)
})

/** Writes the check run under a lease. */
const publish = Effect.fnUntraced(function* (message: Message, plan: Plan, known: KnownCheck, check: CheckRun) {
  const ledger = yield* Ledger
  const { reportLease } = yield* Timing
  const wanted = shownBy(check)
  const claim = yield* ledger.claimCheck(plan.run, known, wanted, reportLease)
  if (claim === undefined) return yield* lostLease
  const written = yield* Effect.result(withinLease("ReportCheck", claim)(write(claim, check)))
  if (written._tag === "Success") return yield* settle(claim, written.success, wanted)
  const { failure: error } = written
  return yield* error.isTransient ? releaseAndRetry(message, claim, wanted, error) : refused(claim, wanted, error)
})

/**
 * Brings the check run of a run up to date with its plan and its orders. `known` was read before these, so that what is written is never older
 * than what it replaces; undefined where check runs are off. Never fails for GitHub's sake: the verdict says whether to try again. One read, two
 * writes and a request where it shows something new, after a lost answer one request more.
 */
export const reportCheck = Effect.fn("ReportCheck")(function* (
  message: Message,
  plan: Plan,
  standings: ReadonlyArray<OrderStanding>,
  known: KnownCheck | undefined
) {
  const ledger = yield* Ledger
  const check = yield* wantedCheck(plan, standings)
  if (known === undefined || check === undefined || known.shown === shownBy(check).shown) return done
  if (Option.isSome(yield* ledger.whyUnchecked(plan.run))) return done
  const left = known.busyUntil - (yield* Clock.currentTimeMillis)
  if (left <= 0) return yield* publish(message, plan, known, check)
  if (message.lastAttempt) return done
  // Another worker's lease ends with its work, mostly long before its time.
  const wait = Duration.min(Duration.millis(left), yield* Stage.waitAfter(message.attempt))
  return retry(wait, "the check run is being written, or was just now")
})

/** The verdict on a message that asks for two things: it comes again as soon as one of them wants to. */
export const soonest = (one: Verdict, other: Verdict): Verdict => {
  if (one._tag !== "Retry") return other
  if (other._tag !== "Retry") return other._tag === "Dead" ? other : one
  return Duration.isLessThan(one.after, other.after) ? one : other
}
