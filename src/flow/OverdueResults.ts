/**
 * Results that no delivery brings: GitHub is asked how a started run ended, an hour after it was started, then after twice as long each time,
 * and for the last time after the 35 days that GitHub lets a run last. What cannot be learned any more is a result as well: the run is lost.
 */
import { Clock, Duration, Effect, Option } from "effect"
import type { StartedRun } from "../domain/Outcome.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { type Awaited, AwaitedResults, longestRunDays } from "../ledger/AwaitedResults.ts"
import type { StartedOrder } from "../ledger/Orders.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { Workflows } from "../ports/Workflows.ts"
import { followResult, startedRunOf } from "./Follow.ts"
import * as Stage from "./Stage.ts"

/** Most runs that GitHub is asked about in one sweep, one request each; the others follow in the next, so 600 an hour. */
const mostAsked = 50
/** GitHub failing at one run holds up no other; failing at so many, or asking to wait, ends this sweep's questions. */
const mostFailures = 3

/** Between two sweeps. */
const every = Duration.minutes(5)

const hour = Duration.toMillis(Duration.hours(1))
const longest = Duration.toMillis(Duration.days(longestRunDays))

/** When GitHub is asked again, after it was asked so often. */
const nextAsk = (asked: number, now: number): number => now + hour * 2 ** Math.min(asked + 1, 20)

const lost = (message: string): RunResult => ({ _tag: "Lost", message })

/** Why a run is lost, where GitHub's refusal says so: it is deleted, or the App has no part in its repository any more. */
const goneBy = ({ reason }: GitHubError): RunResult | undefined =>
  reason._tag === "NotFound" ? lost(`GitHub has no such run any more: ${reason.message}`) : undefined

/** What GitHub says of a started run; undefined while it goes on, or where GitHub refuses for now to be asked. */
const asked = Effect.fnUntraced(function* ({ order }: StartedOrder, started: StartedRun) {
  const workflows = yield* Workflows
  return yield* workflows.ending(order, started.id).pipe(
    Effect.map(Option.getOrUndefined<RunResult>),
    Effect.catchIf(
      ({ isTransient }) => !isTransient,
      (error) => Effect.as(Effect.logWarning("GitHub refuses to say how a started run ended", error), goneBy(error))
    )
  )
})

/** Asks for one result, once. */
const askFor = Effect.fnUntraced(function* (
  awaited: Awaited,
  startedBy: StartedOrder,
  started: StartedRun,
  now: number
) {
  const results = yield* AwaitedResults
  const end = startedBy.state.at + longest
  const overdue =
    now >= end ? lost(`nothing was heard of it in the ${longestRunDays} days that a run may last`) : undefined
  const result = (yield* asked(startedBy, started)) ?? overdue
  if (result !== undefined) {
    // What is stored ends the wait: the next sweep is to find it all the same, in case it is not published now.
    const kept = yield* results.askAgain(awaited, now + Duration.toMillis(every))
    yield* followResult(startedBy, result)
    return yield* results.drop(kept)
  }
  yield* results.askAgain(awaited, Math.min(nextAsk(awaited.of.asked, now), end))
})

/** Deals with one run that is due: asks for its result; where that is known, publishes it, since who stored it may have died before. */
const settle = Effect.fnUntraced(function* (awaited: Awaited, now: number) {
  const results = yield* AwaitedResults
  const { startedBy, of, isOpen } = awaited
  // The result counts once the order has settled, and who settles it may have put it here before.
  if (isOpen) return yield* results.askAgain(awaited, nextAsk(of.asked, now))
  const started = startedBy === undefined ? undefined : startedRunOf(startedBy)
  if (startedBy === undefined || started === undefined) return yield* results.drop(awaited)
  const stored = startedBy.state.results ?? []
  if (stored.length === 0) return yield* askFor(awaited, startedBy, started, now)
  yield* Effect.forEach(stored, ({ result }) => followResult(startedBy, result), { discard: true })
  yield* results.drop(awaited)
})

/**
 * Asks for the results that are due, the oldest first. Costs the reads of `AwaitedResults.due`, and for each run at most one request to
 * GitHub and two writes; where it is over, one more and what `followResult` does.
 */
export const askForResults = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const results = yield* AwaitedResults
  const due = yield* results.due(now, mostAsked)
  let failures = 0
  for (const awaited of due) {
    yield* settle(awaited, now).pipe(
      Effect.catchTag("GitHubError", (error) => {
        failures++
        return error.reason._tag === "RateLimited" || failures === mostFailures
          ? Effect.fail(error)
          : Effect.logWarning("GitHub fails at the question how a started run ended", error)
      })
    )
  }
}).pipe(Effect.withSpan("Sweep.askForResults"))

/** A round every 5 minutes, for ever; the next one follows where GitHub failed. */
export const askRegularly = Stage.regularly({
  name: "Sweep",
  every,
  run: Effect.as(askForResults, false),
  onFailure: (cause) => Effect.logWarning("the sweep for overdue results failed", cause)
})
