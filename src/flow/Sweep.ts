/**
 * Sweep: finds deliveries that never arrived, and has GitHub send them again, so that an outage of ours costs nobody a deployment.
 *
 * GitHub's log is read from where the last sweep ended. A delivery is missing if every attempt of it failed and its run was not planned;
 * it is asked for at once, and twice more with growing waits, which outlasts an outage and does not hammer a service that refuses it. What
 * arrives twice is accepted once. Several sweeps at a time ask once: asking begins with a conditional write. Each redelivery is a fact.
 */
import { Cause, Clock, Duration, Effect, Stream } from "effect"
import { isoTime } from "../domain/Bucket.ts"
import { deliveryRedelivered, type Telling } from "../domain/Fact.ts"
import type { DeliveryId, GitHubId } from "../domain/SourceRun.ts"
import { Deliveries, type DeliveryAttempt, succeeded } from "../ports/Deliveries.ts"
import { FactBus } from "../ports/FactBus.ts"
import { type Missing, Redeliveries } from "../store/Redeliveries.ts"
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

/** Reads the log since a time: the deliveries that failed whenever they were tried, oldest first, and those that arrived. */
const readLog = Effect.fn("Sweep.readLog")(function* (since: number) {
  const deliveries = yield* Deliveries
  const attempts = yield* Stream.runCollect(Stream.filter(deliveries.attempts(since), matters))
  const byDelivery = [...Map.groupBy(attempts, ({ deliveryId }) => deliveryId).values()]
  return {
    failed: byDelivery.flatMap(failureOf).toReversed(),
    arrived: new Set(attempts.filter(succeeded).map(({ deliveryId }) => deliveryId))
  }
})

/** The deliveries since a time that failed whenever they were tried, oldest first. */
export const failures = (since: number) => Effect.map(readLog(since), ({ failed }) => failed)

/** Reads what is new in the log: remembers what is missing, and forgets what has arrived. */
const lookForMissing = Effect.fnUntraced(function* (now: number) {
  const memory = yield* Redeliveries
  const since = Math.max(now - Duration.toMillis(redeliverable), (yield* memory.readUntil) - Duration.toMillis(overlap))
  const { failed, arrived } = yield* readLog(since)
  const found = (yield* memory.missing).filter(({ value }) => arrived.has(value.deliveryId))
  yield* Effect.forEach(found, ({ value }) => memory.forget(value.deliveryId))
  const unplanned = yield* Effect.filter(failed, ({ deliveryId }) =>
    Effect.map(memory.isPlanned(deliveryId), (planned) => !planned)
  )
  yield* Effect.forEach(unplanned, ({ deliveryId, attemptId, failedAt }) =>
    memory.remember({ deliveryId, attemptId, failedAt, asked: 0, askedAt: null })
  )
  yield* memory.advance(now)
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

/** What was planned after all is forgotten; what is due is asked for, the oldest first. */
const askForMissing = Effect.fnUntraced(function* (now: number) {
  const memory = yield* Redeliveries
  const remembered = yield* memory.missing
  const due = remembered
    .filter(({ value }) => isDue(now)(value))
    .sort((a, b) => a.value.failedAt - b.value.failedAt)
    .slice(0, mostAtOnce)
  return yield* Effect.filter(
    due,
    Effect.fnUntraced(function* ({ value, version }) {
      if (!(yield* memory.isPlanned(value.deliveryId))) return yield* askFor(value, version)
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
