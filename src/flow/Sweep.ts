/**
 * Sweep: finds deliveries that never arrived, and has GitHub send them again, so that an outage of ours costs no deployment.
 *
 * GitHub's log is read from where the last sweep ended, and where it could not be read to the end, from there. A delivery is missing if every attempt of it failed and its run was not planned;
 * it is asked for at once, and twice more with growing waits, which outlasts an outage and does not hammer a service that refuses it. What
 * arrives twice is planned once. Several sweeps at a time ask once: asking begins with a conditional write. Each redelivery is a fact.
 */
import { Clock, Duration, Effect } from "effect"
import { isoTime } from "../domain/Bucket.ts"
import { deliveryRedelivered } from "../domain/Fact.ts"
import { describeObstacle, type Obstacle } from "../domain/Obstacle.ts"
import type { Versioned } from "../ledger/Items.ts"
import { type Missing, mostUnread, Redeliveries, type Unread } from "../ledger/Redeliveries.ts"
import { Deliveries, type DeliveryAttempt, succeeded } from "../ports/Deliveries.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { type DeliveryFailure, failedIn, readLog } from "./FailedDeliveries.ts"
import { publisher, type Settings } from "./Settings.ts"
import * as Stage from "./Stage.ts"

/** GitHub redelivers what is younger. */
export const redeliverable = Duration.days(3)
/** Attempts may show up in the log late, and in another order than they were made. */
const overlap = Duration.minutes(10)
/** Waits before a delivery is asked for: at first, and again. */
const waits = [Duration.zero, Duration.minutes(30), Duration.hours(4)] as const
/** Redeliveries of one sweep; the others follow in the next. */
const mostAtOnce = 50

/** Remembers a delivery that is missing; one whose stored items cannot be read is a warning, and holds up no other. */
const rememberFailure = Effect.fnUntraced(function* ({ deliveryId, attemptId, failedAt }: DeliveryFailure) {
  const memory = yield* Redeliveries
  const planned = yield* Effect.catchDefect(memory.isPlanned(deliveryId), (defect) =>
    Effect.as(Effect.logWarning("the stored items of a delivery cannot be read", defect), false)
  )
  if (!planned) yield* memory.remember({ deliveryId, attemptId, failedAt, asked: 0, askedAt: null })
})

/** The run that a delivery is about, by GitHub's record of it; undefined where that is about no completed run. */
const runOf = Effect.fnUntraced(function* ({ attemptId }: Missing) {
  const reading = yield* Deliveries.use(({ content }) => content(attemptId))
  if (reading._tag === "Completed") return reading.run
  yield* Effect.logWarning("a redelivered delivery is about no completed run, so there is no fact", reading)
  return undefined
})

/**
 * Publishes the requests for a delivery whose facts are not known to be published, and gives the delivery without them; as it is, where that
 * fails: it holds up nothing, and the next sweep tries again. One request to GitHub where the delivery's run is not known yet.
 */
const announced = (missing: Missing) =>
  Effect.gen(function* (): Effect.fn.Return<Missing, FactBusError | GitHubError, Deliveries | FactBus | Settings> {
    const { unpublished, ...rest } = missing
    if (unpublished === undefined) return missing
    const { deliveryId, failedAt: lostAt } = missing
    const run = missing.run ?? (yield* runOf(missing))
    if (run === undefined) return rest
    const facts = yield* FactBus
    const by = yield* publisher
    yield* facts.publish(unpublished.map((request) => deliveryRedelivered({ deliveryId, run, lostAt, ...request }, by)))
    return { ...rest, run }
  }).pipe(
    Effect.catch((error) =>
      Effect.as(Effect.logWarning("the fact of a redelivery is not published yet", error), missing)
    )
  )

/** A remembered delivery after {@link announced}, as it is stored by then. */
const announcedAndStored = Effect.fnUntraced(function* (remembered: Versioned<Missing>) {
  const memory = yield* Redeliveries
  const { value, version } = remembered
  const published = yield* announced(value)
  if (published === value || !(yield* memory.update(published, version))) return remembered
  return { value: published, version: version + 1 }
})

/** Forgets a delivery that arrived, once all requests for it are published. */
const forget = Effect.fnUntraced(function* (missing: Missing) {
  const memory = yield* Redeliveries
  const { unpublished, deliveryId } = yield* announced(missing)
  if (unpublished === undefined) yield* memory.forget(deliveryId)
})

/** Remembers what is missing among these attempts, and forgets what has arrived. */
const digest = Effect.fnUntraced(function* (attempts: ReadonlyArray<DeliveryAttempt>) {
  const memory = yield* Redeliveries
  const arrived = new Set(attempts.filter(succeeded).map(({ deliveryId }) => deliveryId))
  const found = (yield* memory.missing).filter(({ value }) => arrived.has(value.deliveryId))
  yield* Effect.forEach(found, ({ value }) => forget(value))
  yield* Effect.forEach(failedIn(attempts), rememberFailure)
})

/** Newest attempts in a row that were all refused for their signature, from which on it is the secret and not a stranger. */
const refusedInARow = 3
/** Until the sweep after the next one. */
const refusalLasts = Duration.minutes(11)

/**
 * Where the newest attempts were all answered with 401, the webhook secret is not the App's. A function that receives has no table to store
 * that in, so the sweep does, which sees the answers in GitHub's log.
 */
const watchSignatures = Effect.fnUntraced(function* (attempts: ReadonlyArray<DeliveryAttempt>, now: number) {
  const memory = yield* Redeliveries
  const newest = attempts.slice(0, refusedInARow)
  const first = newest.at(-1)
  if (first === undefined || newest.length < refusedInARow || newest.some(({ statusCode }) => statusCode !== 401))
    return
  const obstacle: Obstacle = { kind: "signatures", subject: "", since: isoTime(first.at) }
  yield* Effect.logWarning(describeObstacle(obstacle))
  yield* memory.note(obstacle, now + Duration.toMillis(refusalLasts))
})

const stopped = (error: GitHubError) =>
  Effect.logWarning("a page of GitHub's delivery log cannot be read; the next sweep goes on there", error)

/** Goes on with a part of the log that an earlier sweep could not read; gives what is left of it, and from when on to read anew. */
const resumeReading = Effect.fnUntraced(function* ({ cursor, since }: Unread) {
  const { attempts, broken } = yield* readLog(since, cursor)
  yield* digest(attempts)
  if (broken === undefined) return { unread: [], again: undefined }
  yield* stopped(broken.error)
  // A cursor that GitHub does not take any more is worth nothing: that part is read from the newest page on.
  return broken.error.isTransient
    ? { unread: [{ cursor: broken.cursor ?? cursor, since }], again: undefined }
    : { unread: [], again: since }
})

/**
 * Reads what is new in the log, and what earlier sweeps left unread. What was read counts, even where a later page fails: the rest is
 * noted by its cursor. Fails only where not even the newest page can be read, or where more was left unread than is kept.
 */
const lookForMissing = Effect.fnUntraced(function* (now: number) {
  const memory = yield* Redeliveries
  const oldest = now - Duration.toMillis(redeliverable)
  const before = yield* memory.position
  const since = Math.max(oldest, before.readUntil - Duration.toMillis(overlap))
  const { attempts, broken } = yield* readLog(since)
  if (broken !== undefined && broken.cursor === undefined) return yield* broken.error
  yield* digest(attempts)
  yield* watchSignatures(attempts, now)
  if (broken !== undefined) yield* stopped(broken.error)
  const earlier = yield* Effect.forEach(
    before.unread.filter((part) => part.since >= oldest - Duration.toMillis(overlap)),
    resumeReading
  )
  const unread = [
    ...earlier.flatMap((part) => part.unread),
    ...(broken?.cursor === undefined ? [] : [{ cursor: broken.cursor, since }])
  ]
  const again = earlier.flatMap((part) => (part.again === undefined ? [] : [part.again]))
  // More than are kept: the newest of them is read anew.
  const readUntil = unread.length > mostUnread ? before.readUntil : now
  yield* memory.advance({ readUntil: Math.min(readUntil, ...again), unread: unread.slice(0, mostUnread) })
})

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
 * again once GitHub took it; then its fact is published, now or by a later sweep. Three writes.
 */
const requestRedelivery = Effect.fnUntraced(function* (missing: Missing, version: number) {
  const memory = yield* Redeliveries
  const deliveries = yield* Deliveries
  const at = yield* Clock.currentTimeMillis
  const asking: Missing = { ...missing, asked: missing.asked + 1, askedAt: at }
  if (!(yield* memory.update(asking, version))) return false
  const taken = Effect.gen(function* () {
    yield* Effect.logInfo("a delivery that never arrived is redelivered")
    const value = { ...asking, unpublished: [...(missing.unpublished ?? []), { asked: asking.asked, at }] }
    if (yield* memory.update(value, version + 1)) yield* announcedAndStored({ value, version: version + 2 })
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

/** What was planned after all is forgotten; what is due is asked for, the oldest first. */
const requestMissing = Effect.fnUntraced(function* (now: number) {
  const memory = yield* Redeliveries
  let failures = 0
  let tried = 0
  const continueAfter = (error: GitHubError) => {
    failures++
    return error.reason._tag === "RateLimited" || failures === mostFailures
      ? Effect.fail(error)
      : Effect.as(Effect.logWarning("GitHub fails at a redelivery", error), false)
  }
  const remembered = yield* Effect.forEach(yield* memory.missing, announcedAndStored)
  const all = remembered.filter(({ value }) => isDue(now)(value)).sort((a, b) => a.value.failedAt - b.value.failedAt)
  const untried = Effect.suspend(() => noteLeft(all.slice(tried)))
  return yield* Effect.filter(
    all.slice(0, mostAtOnce),
    Effect.fnUntraced(function* ({ value, version }) {
      tried++
      if (!(yield* memory.isPlanned(value.deliveryId))) {
        return yield* Effect.catchTag(requestRedelivery(value, version), "GitHubError", continueAfter)
      }
      yield* forget(value)
      return false
    })
  ).pipe(
    Effect.tapError(() => untried),
    Effect.tap(() => untried)
  )
})

/**
 * One sweep: the deliveries that were asked for. Costs one request to GitHub for each 100 attempts since the last sweep, two for each
 * redelivery, and at most two reads for each delivery that failed.
 */
export const sweep = Effect.fn("Sweep.sweep")(function* () {
  const now = yield* Clock.currentTimeMillis
  yield* lookForMissing(now)
  const asked = yield* requestMissing(now)
  return asked.map(({ value }) => value.deliveryId)
})

/** A sweep every 5 minutes, for ever. */
export const sweepRegularly = Stage.regularly({
  name: "Sweep",
  every: Duration.minutes(5),
  run: Effect.as(sweep(), false),
  onFailure: (cause) => Effect.logWarning("the sweep for lost deliveries failed", cause)
})
