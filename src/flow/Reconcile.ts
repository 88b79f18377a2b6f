/**
 * Reconcile: what did a request do whose answer nobody got?
 *
 * GitHub's list of runs is the witness: a run of the order's workflow and ref that this App started since the claim and that no other
 * order owns is ours. Nothing is started again before it had time to appear there; if GitHub cannot be asked, nobody can tell.
 */
import { Clock, DateTime, Duration, Effect, Option } from "effect"
import type { StartedRun } from "../domain/Outcome.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { Workflows } from "../ports/Workflows.ts"
import { Ledger } from "../store/Ledger.ts"
import type { Claim } from "../store/ledger/Claims.ts"
import { Timing } from "./Settings.ts"

/** What was found out. */
export type Finding =
  | { readonly _tag: "Started"; readonly run: StartedRun }
  | { readonly _tag: "NotStarted" }
  | { readonly _tag: "CannotTell"; readonly message: string }
  | { readonly _tag: "NotYet"; readonly after: Duration.Duration; readonly reason: string }

/** The oldest of the runs that no order owns. */
const firstUnowned = Effect.fnUntraced(function* (claim: Claim, runs: ReadonlyArray<StartedRun>) {
  const ledger = yield* Ledger
  for (const run of runs) {
    const owner = yield* ledger.startedBy({ repository: claim.order.target.repository, runId: run.id })
    if (Option.isNone(owner)) return run
  }
  return undefined
})

const ask = Effect.fnUntraced(function* ({ order, since }: Claim) {
  const workflows = yield* Workflows
  return yield* workflows.findStarted(order, DateTime.makeUnsafe(since))
})

/** GitHub could not be asked: for now, or for good. */
const unanswered = Effect.fnUntraced(function* (error: GitHubError) {
  const { recheck } = yield* Timing
  const finding: Finding = error.isTransient
    ? { _tag: "NotYet", after: error.retryAfter ?? recheck, reason: error.message }
    : { _tag: "CannotTell", message: `GitHub cannot be asked what was started: ${error.message}` }
  return finding
})

const judge = Effect.fnUntraced(function* (claim: Claim, asked: number, runs: ReadonlyArray<StartedRun>) {
  const ledger = yield* Ledger
  const { visibleAfter, recheck } = yield* Timing
  const now = yield* Clock.currentTimeMillis
  // Asked after the list was read: whoever started a run in the list is bound to it by now, or still holds a claim.
  const othersUntil = yield* ledger.othersInFlightUntil(claim)
  const run = yield* firstUnowned(claim, runs)
  if (run !== undefined && othersUntil !== undefined) {
    const after = Duration.min(Duration.millis(othersUntil - now), recheck)
    return { _tag: "NotYet", after, reason: "the run that was found may be another order's" } satisfies Finding
  }
  if (run !== undefined) return { _tag: "Started", run } satisfies Finding
  const missing = asked + Duration.toMillis(visibleAfter) - now
  if (missing > 0) {
    return {
      _tag: "NotYet",
      after: Duration.millis(missing),
      reason: "a started run may not be listed yet"
    } satisfies Finding
  }
  return { _tag: "NotStarted" } satisfies Finding
})

/**
 * Finds out what earlier requests for an order did, the latest of them given up at `asked`. One request to GitHub, a read for every
 * run that it lists.
 */
export const reconcile = Effect.fn("Dispatch.reconcile")(function* (claim: Claim, asked: number) {
  const listed = yield* Effect.result(ask(claim))
  const finding: Finding =
    listed._tag === "Failure" ? yield* unanswered(listed.failure) : yield* judge(claim, asked, listed.success)
  return finding
})

/**
 * The run that a request started whose answer did not tell it (Enterprise Server before 3.21), if it is listed already. Only a
 * convenience for people: that the workflow was started is certain.
 */
export const findOwnRun = Effect.fnUntraced(function* (claim: Claim) {
  const runs = yield* Effect.catch(ask(claim), (error) =>
    Effect.as(Effect.logWarning("the started run cannot be looked up", error), [])
  )
  return (yield* firstUnowned(claim, runs)) ?? null
})
