/** Has GitHub send again what is missing, delivery by delivery, with growing waits; of a backlog as much as GitHub's limits allow. */
import { Clock, Context, Duration, Effect } from "effect"
import { isoTime } from "../domain/Bucket.ts"
import { describeObstacle, type Obstacle } from "../domain/Obstacle.ts"
import type { Versioned } from "../ledger/Items.ts"
import { type Missing, Redeliveries } from "../ledger/Redeliveries.ts"
import { Deliveries } from "../ports/Deliveries.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { redeliverable } from "./MissingDeliveries.ts"
import { announcedAndStored, forget } from "./RedeliveryFacts.ts"

/** Waits before a delivery is asked for: at first, and again. */
const waits = [Duration.zero, Duration.minutes(30), Duration.hours(4), Duration.hours(12), Duration.hours(24)] as const
/** Redeliveries of one sweep; the others follow in the next. */
export const usually = 50
/** Redeliveries of one sweep where there is a backlog and we answer. */
export const mostAtOnce = 250
/**
 * How far apart the redeliveries of a backlog are: GitHub allows an App 900 points a minute for an address, and a POST costs 5, which makes
 * 180 a minute ("Rate limits for the REST API"). Tests shorten it.
 */
export const Pace = Context.Reference<Duration.Duration>("dispatcher/flow/Sweep/Pace", {
  defaultValue: () => Duration.millis(500)
})
/** A sweep asks for nothing more after so long; the function has 240 seconds. */
const enough = Duration.seconds(200)
/** Whether it is time to ask for a delivery: not too soon after the last time, not too often, and while GitHub still can. */
const isDue =
  (now: number) =>
  ({ asked, askedAt, failedAt }: Missing): boolean => {
    const wait = waits[asked]
    if (wait === undefined || failedAt < now - Duration.toMillis(redeliverable)) return false
    return (askedAt ?? failedAt) + Duration.toMillis(wait) <= now
  }

/**
 * Asks for one delivery, once; GitHub refusing one (it is too old, say) holds up no other. The request is stored before it is made, and
 * again once GitHub took it; then its fact is published, now or by a later sweep, which mostly knows the run by then. Three writes.
 */
const requestRedelivery = Effect.fnUntraced(function* (missing: Missing, version: number, isAnnounced: boolean) {
  const memory = yield* Redeliveries
  const deliveries = yield* Deliveries
  const at = yield* Clock.currentTimeMillis
  const asking: Missing = { ...missing, asked: missing.asked + 1, askedAt: at }
  if (!(yield* memory.update(asking, version))) return false
  const taken = Effect.gen(function* () {
    yield* Effect.logInfo("a delivery that never arrived is redelivered")
    const value = { ...asking, unpublished: [...(missing.unpublished ?? []), { asked: asking.asked, at }] }
    const isStored = yield* memory.update(value, version + 1)
    if (isStored && isAnnounced) yield* announcedAndStored({ value, version: version + 2 })
    return true
  })
  return yield* deliveries.redeliver(missing.attemptId).pipe(
    Effect.as(true),
    Effect.catchIf(
      ({ isTransient }) => !isTransient,
      (error) => Effect.as(Effect.logWarning("a delivery that never arrived cannot be redelivered", error), false)
    ),
    Effect.andThen((isTaken) => (isTaken ? taken : Effect.succeed(false))),
    Effect.annotateLogs({
      deliveryId: missing.deliveryId,
      attemptId: missing.attemptId,
      time: asking.asked,
      of: waits.length
    })
  )
})

/** GitHub failing at one delivery holds up no other; failing at so many, or asking to wait, ends the sweep. */
const mostFailures = 3

/** Until a minute after the next sweep. */
const leftLasts = Duration.minutes(6)

/** Has health name what a sweep did not ask for although it was its turn: a backlog is never cut silently. One write, if there is any. */
const noteLeft = Effect.fnUntraced(function* (left: ReadonlyArray<Versioned<Missing>>) {
  const [oldest] = left
  if (oldest === undefined) return
  const memory = yield* Redeliveries
  const since = isoTime(oldest.value.failedAt)
  const obstacle: Obstacle = { kind: "redeliveries", subject: "", since, count: left.length }
  yield* Effect.logWarning(describeObstacle(obstacle))
  yield* memory.note(obstacle, (yield* Clock.currentTimeMillis) + Duration.toMillis(leftLasts))
})

/** The facts of earlier requests, of so many deliveries at most as are usually asked for. */
const announceEarlier = Effect.fnUntraced(function* (all: ReadonlyArray<Versioned<Missing>>) {
  const due = all.filter(({ value }) => value.unpublished !== undefined).slice(0, usually)
  const done = yield* Effect.forEach(due, announcedAndStored)
  const byId = new Map(done.map((one) => [one.value.deliveryId, one]))
  return all.map((one) => byId.get(one.value.deliveryId) ?? one)
})

/** Milliseconds of the monotonic clock. */
export const elapsed = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** What was planned after all is forgotten; what is due is asked for, the oldest first. With a backlog, two a second, and facts come later. */
export const requestMissing = Effect.fnUntraced(function* (isAnswering: boolean, startedAt: number, now: number) {
  const memory = yield* Redeliveries
  let failures = 0
  let tried = 0
  const continueAfter = (error: GitHubError) => {
    failures++
    return error.reason._tag === "RateLimited" || failures === mostFailures
      ? Effect.fail(error)
      : Effect.as(Effect.logWarning("GitHub fails at a redelivery", error), false)
  }
  const all = yield* announceEarlier(yield* memory.missing)
  const due = all.filter(({ value }) => isDue(now)(value)).sort((a, b) => a.value.failedAt - b.value.failedAt)
  const chosen = due.slice(0, isAnswering ? mostAtOnce : usually)
  const isBacklog = chosen.length > usually
  const pace = Duration.toMillis(yield* Pace)
  const from = yield* elapsed
  let requests = 0
  const request = Effect.fnUntraced(function* ({ value, version }: Versioned<Missing>) {
    const passed = yield* elapsed
    if (passed - startedAt > Duration.toMillis(enough)) return false
    tried++
    if (yield* memory.isPlanned(value.deliveryId)) {
      yield* forget(value)
      return false
    }
    const wait = from + requests * pace - passed
    if (isBacklog && wait > 0) yield* Effect.sleep(wait)
    requests++
    return yield* Effect.catchTag(requestRedelivery(value, version, !isBacklog), "GitHubError", continueAfter)
  })
  const untried = Effect.suspend(() => noteLeft(due.slice(tried)))
  return yield* Effect.filter(chosen, request).pipe(
    Effect.tapError(() => untried),
    Effect.tap(() => untried)
  )
})
