/**
 * Sweep: finds deliveries that never arrived, and has GitHub send them again, so that an outage of ours costs nobody a deployment.
 *
 * GitHub's log is read from where the last sweep ended, and where it could not be read to the end, from there. A delivery is missing if every attempt of it failed and its run was not planned;
 * it is asked for at once, and twice more with growing waits, which outlasts an outage and does not hammer a service that refuses it. What
 * arrives twice is accepted once. Several sweeps at a time ask once: asking begins with a conditional write. Each redelivery is a fact.
 */
import { Cause, Clock, Duration, Effect, Result, Stream } from "effect"
import { isoTime } from "../domain/Bucket.ts"
import { deliveryRedelivered, type Telling } from "../domain/Fact.ts"
import type { DeliveryId, GitHubId } from "../domain/SourceRun.ts"
import { Deliveries, type DeliveryAttempt, type LogPage, succeeded } from "../ports/Deliveries.ts"
import { FactBus } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { type Missing, mostUnread, Redeliveries, type Unread } from "../store/Redeliveries.ts"
import { telling } from "./Settings.ts"

/** GitHub redelivers what is younger. */
export const redeliverable = Duration.days(3)
/** Attempts may show up in the log late, and in another order than they were made. */
const overlap = Duration.minutes(10)
/** Waits before a delivery is asked for: at first, and again. */
const waits = [Duration.zero, Duration.minutes(30), Duration.hours(4)] as const
/** Redeliveries of one sweep; the others follow in the next. */
const mostAtOnce = 50

/** A delivery of which every attempt failed. */
export interface Failure {
  readonly deliveryId: DeliveryId
  /** The latest attempt. */
  readonly attemptId: GitHubId
  /** When it failed first. */
  readonly failedAt: number
  readonly statusCode: number
  readonly attempts: number
}

/** The only deliveries that start anything. */
const matters = ({ event, action }: DeliveryAttempt): boolean => event === "workflow_run" && action === "completed"

const failureOf = (attempts: ReadonlyArray<DeliveryAttempt>): ReadonlyArray<Failure> => {
  const latest = attempts[0]
  const first = attempts.at(-1)
  if (latest === undefined || first === undefined || attempts.some(succeeded)) return []
  const { deliveryId, id: attemptId, statusCode } = latest
  return [{ deliveryId, attemptId, statusCode, failedAt: first.at, attempts: attempts.length }]
}

/** What was read of the log, and how the reading ended. */
interface ReadLog {
  readonly attempts: ReadonlyArray<DeliveryAttempt>
  /** Where a page could not be read: the error, and the cursor of that page unless it was the newest one. */
  readonly broken: { readonly error: GitHubError; readonly cursor: string | undefined } | undefined
}

/** Reads the log since a time, from a cursor or from its newest page, as far as GitHub answers. */
const readLog = Effect.fn("Sweep.readLog")(function* (since: number, from?: string) {
  const deliveries = yield* Deliveries
  const attempts: Array<DeliveryAttempt> = []
  let cursor = from
  const take = (page: LogPage) =>
    Effect.sync(() => {
      attempts.push(...page.attempts.filter(matters))
      cursor = page.next
    })
  const ended = yield* Effect.result(Stream.runForEach(deliveries.pages(since, from), take))
  const broken = Result.isFailure(ended) ? { error: ended.failure, cursor } : undefined
  return { attempts, broken } satisfies ReadLog
})

/** The deliveries that failed whenever they were tried, oldest first. */
const failedIn = (attempts: ReadonlyArray<DeliveryAttempt>): ReadonlyArray<Failure> =>
  [...Map.groupBy(attempts, ({ deliveryId }) => deliveryId).values()].flatMap(failureOf).toReversed()

/** The deliveries since a time that failed whenever they were tried, oldest first. Fails where the log cannot be read to its end. */
export const failures = Effect.fnUntraced(function* (since: number) {
  const { attempts, broken } = yield* readLog(since)
  if (broken !== undefined) return yield* broken.error
  return failedIn(attempts)
})

/** Remembers a delivery that is missing; one whose stored items cannot be read is a warning, and holds up no other. */
const rememberFailure = Effect.fnUntraced(function* ({ deliveryId, attemptId, failedAt }: Failure) {
  const memory = yield* Redeliveries
  const planned = yield* Effect.catchDefect(memory.isPlanned(deliveryId), (defect) =>
    Effect.as(Effect.logWarning("the stored items of a delivery cannot be read", defect), false)
  )
  if (!planned) yield* memory.remember({ deliveryId, attemptId, failedAt, asked: 0, askedAt: null })
})

/** Remembers what is missing among these attempts, and forgets what has arrived. */
const digest = Effect.fnUntraced(function* (attempts: ReadonlyArray<DeliveryAttempt>) {
  const memory = yield* Redeliveries
  const arrived = new Set(attempts.filter(succeeded).map(({ deliveryId }) => deliveryId))
  const found = (yield* memory.missing).filter(({ value }) => arrived.has(value.deliveryId))
  yield* Effect.forEach(found, ({ value }) => memory.forget(value.deliveryId))
  yield* Effect.forEach(failedIn(attempts), rememberFailure)
})

const stopped = (error: GitHubError) =>
  Effect.logWarning("a page of GitHub's delivery log cannot be read; the next sweep goes on there", error)

/** Goes on with a part of the log that an earlier sweep could not read; gives what is left of it, and from when on to read anew. */
const goOn = Effect.fnUntraced(function* ({ cursor, since }: Unread) {
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
  if (broken !== undefined) yield* stopped(broken.error)
  const earlier = yield* Effect.forEach(
    before.unread.filter((part) => part.since >= oldest - Duration.toMillis(overlap)),
    goOn
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

/** Tells of a redelivery. It is under way already, so that a fact which cannot be told holds up nothing; the log has it all the same. */
const tell = Effect.fnUntraced(
  function* ({ deliveryId, attemptId, failedAt, asked }: Missing, told: Telling) {
    const facts = yield* FactBus
    const reading = yield* Deliveries.use(({ content }) => content(attemptId))
    if (reading._tag !== "Completed") {
      return yield* Effect.logWarning("a redelivered delivery tells of no completed run, so there is no fact", reading)
    }
    const lost = { deliveryId, lostAt: isoTime(failedAt), asked: asked + 1 }
    yield* facts.publish([deliveryRedelivered(lost, reading.run, told)])
  },
  Effect.catch((error) => Effect.logWarning("the fact of a redelivery is not told", error))
)

/** Asks for one delivery, once; GitHub refusing one (it is too old, say) holds up no other. */
const askFor = Effect.fnUntraced(function* (missing: Missing, version: number) {
  const memory = yield* Redeliveries
  const deliveries = yield* Deliveries
  if (!(yield* memory.ask(missing, version))) return false
  const told = yield* telling
  return yield* deliveries.redeliver(missing.attemptId).pipe(
    Effect.andThen(Effect.logInfo("a delivery that never arrived is redelivered")),
    Effect.andThen(tell(missing, told)),
    Effect.as(true),
    Effect.catchIf(
      ({ isTransient }) => !isTransient,
      (error) => Effect.as(Effect.logWarning("a delivery that never arrived cannot be redelivered", error), false)
    ),
    Effect.annotateLogs({
      deliveryId: missing.deliveryId,
      attemptId: missing.attemptId,
      time: missing.asked + 1,
      of: waits.length
    })
  )
})

/** GitHub failing at one delivery holds up no other; failing at so many, or asking to wait, ends the sweep. */
const mostFailures = 3

/** What was planned after all is forgotten; what is due is asked for, the oldest first. */
const askForMissing = Effect.fnUntraced(function* (now: number) {
  const memory = yield* Redeliveries
  let failures = 0
  const goOnAfter = (error: GitHubError) => {
    failures++
    return error.reason._tag === "RateLimited" || failures === mostFailures
      ? Effect.fail(error)
      : Effect.as(Effect.logWarning("GitHub fails at a redelivery", error), false)
  }
  const remembered = yield* memory.missing
  const due = remembered
    .filter(({ value }) => isDue(now)(value))
    .sort((a, b) => a.value.failedAt - b.value.failedAt)
    .slice(0, mostAtOnce)
  return yield* Effect.filter(
    due,
    Effect.fnUntraced(function* ({ value, version }) {
      if (!(yield* memory.isPlanned(value.deliveryId))) {
        return yield* Effect.catchTag(askFor(value, version), "GitHubError", goOnAfter)
      }
      yield* memory.forget(value.deliveryId)
      return false
    })
  )
})

/**
 * One sweep: the deliveries that were asked for. Costs one request to GitHub for each 100 attempts since the last sweep, two for each
 * redelivery, and at most two reads for each delivery that failed.
 */
export const sweep = Effect.fn("Sweep.sweep")(function* () {
  const now = yield* Clock.currentTimeMillis
  yield* lookForMissing(now)
  const asked = yield* askForMissing(now)
  return asked.map(({ value }) => value.deliveryId)
})

/** A sweep every 5 minutes, for ever; one that fails is a warning, and the next one catches up. */
export const sweepRegularly = sweep().pipe(
  Effect.catchCause((cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning("the sweep for lost deliveries failed", cause)
  ),
  Effect.andThen(Effect.sleep("5 minutes")),
  Effect.forever
)
