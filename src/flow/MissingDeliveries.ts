/** Reads GitHub's log of deliveries, a part a sweep, and remembers those of which every attempt failed and whose run was not planned. */
import { Duration, Effect } from "effect"
import { isoTime } from "../domain/Bucket.ts"
import { describeObstacle, type Obstacle } from "../domain/Obstacle.ts"
import { mostUnread, Redeliveries, type Unread } from "../ledger/Redeliveries.ts"
import { type DeliveryAttempt, succeeded } from "../ports/Deliveries.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { type DeliveryFailure, failedIn, readLog } from "./FailedDeliveries.ts"
import { forget } from "./RedeliveryFacts.ts"

/** GitHub redelivers what is younger. */
export const redeliverable = Duration.days(3)
/** Attempts may show up in the log late, and in another order than they were made. */
const overlap = Duration.minutes(10)
/** Pages of the log that one sweep reads; the next goes on there. */
export const mostPages = 100
/** Items of the table that are on their way at a time. */
const concurrency = 16

/** Remembers a delivery that is missing; one whose stored items cannot be read is a warning, and holds up no other. */
const rememberFailure = Effect.fnUntraced(function* ({ deliveryId, attemptId, failedAt }: DeliveryFailure) {
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
  yield* Effect.forEach(found, ({ value }) => forget(value), { concurrency, discard: true })
  yield* Effect.forEach(failedIn(attempts), rememberFailure, { concurrency, discard: true })
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

/** Goes on with a part of the log that an earlier sweep did not read; gives what is left of it, and from when on to read anew. */
const resumeReading = Effect.fnUntraced(function* (part: Unread, most: number) {
  const { cursor, since } = part
  if (most <= 0) return { pages: 0, unread: [part], again: undefined }
  const { attempts, pages, left } = yield* readLog(since, { from: cursor, mostPages: most })
  yield* digest(attempts)
  if (left === undefined) return { pages, unread: [], again: undefined }
  if (left.error !== undefined) yield* stopped(left.error)
  // A cursor that GitHub does not take any more is worth nothing: that part is read from the newest page on.
  return left.error === undefined || left.error.isTransient
    ? { pages, unread: [{ cursor: left.cursor ?? cursor, since }], again: undefined }
    : { pages, unread: [], again: since }
})

/**
 * Reads what is new in the log, and what earlier sweeps left unread. What was read counts, even where a later page fails: the rest is
 * noted by its cursor. Gives whether the newest attempt was answered well. Fails only where not even the newest page can be read, or where
 * more was left unread than is kept.
 */
export const lookForMissing = Effect.fnUntraced(function* (now: number) {
  const memory = yield* Redeliveries
  const oldest = now - Duration.toMillis(redeliverable)
  const before = yield* memory.position
  const since = Math.max(oldest, before.readUntil - Duration.toMillis(overlap))
  const { attempts, pages, left } = yield* readLog(since, { mostPages })
  if (left?.error !== undefined && left.cursor === undefined) return yield* left.error
  yield* digest(attempts)
  yield* watchSignatures(attempts, now)
  if (left?.error !== undefined) yield* stopped(left.error)
  let most = mostPages - pages
  const earlier = yield* Effect.forEach(
    before.unread.filter((part) => part.since >= oldest - Duration.toMillis(overlap)),
    (part) =>
      Effect.tap(resumeReading(part, most), (read) =>
        Effect.sync(() => {
          most -= read.pages
        })
      )
  )
  const unread = [
    ...earlier.flatMap((part) => part.unread),
    ...(left?.cursor === undefined ? [] : [{ cursor: left.cursor, since }])
  ]
  const again = earlier.flatMap((part) => (part.again === undefined ? [] : [part.again]))
  // More than are kept: the newest of them is read anew.
  const readUntil = unread.length > mostUnread ? before.readUntil : now
  yield* memory.advance({ readUntil: Math.min(readUntil, ...again), unread: unread.slice(0, mostUnread) })
  const [newest] = attempts
  return newest !== undefined && succeeded(newest)
})
