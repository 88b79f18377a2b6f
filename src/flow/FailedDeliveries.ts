/** The deliveries that GitHub's log shows as failed: read page by page, as far as GitHub answers. */
import { Effect, Result, Stream } from "effect"
import type { DeliveryId, GitHubId } from "../domain/SourceRun.ts"
import { Deliveries, type DeliveryAttempt, type LogPage, succeeded } from "../ports/Deliveries.ts"
import type { GitHubError } from "../ports/GitHubError.ts"

/** A delivery of which every attempt failed. */
export interface DeliveryFailure {
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

const failureOf = (attempts: ReadonlyArray<DeliveryAttempt>): ReadonlyArray<DeliveryFailure> => {
  const latest = attempts[0]
  const first = attempts.at(-1)
  if (latest === undefined || first === undefined || attempts.some(succeeded)) return []
  const { deliveryId, id: attemptId, statusCode } = latest
  return [{ deliveryId, attemptId, statusCode, failedAt: first.at, attempts: attempts.length }]
}

/** What was read of the log, and what was not. */
interface ReadLog {
  readonly attempts: ReadonlyArray<DeliveryAttempt>
  readonly pages: number
  /** What is left, by the cursor of its first page, undefined for the newest one; and the error, if that is why. */
  readonly left: { readonly error: GitHubError | undefined; readonly cursor: string | undefined } | undefined
}

/** Reads the log since a time, from a cursor or from its newest page, as far as GitHub answers, and at most so many pages. */
export const readLog = Effect.fn("Sweep.readLog")(function* (
  since: number,
  { from, mostPages = Number.POSITIVE_INFINITY }: { readonly from?: string; readonly mostPages?: number } = {}
) {
  const deliveries = yield* Deliveries
  const attempts: Array<DeliveryAttempt> = []
  let cursor = from
  let pages = 0
  const take = (page: LogPage) =>
    Effect.sync(() => {
      attempts.push(...page.attempts.filter(matters))
      cursor = page.next
      pages++
    })
  const log = deliveries.pages(since, from)
  const bounded = Number.isFinite(mostPages) ? Stream.take(log, mostPages) : log
  const ended = yield* Effect.result(Stream.runForEach(bounded, take))
  const error = Result.isFailure(ended) ? ended.failure : undefined
  const left = error !== undefined || cursor !== undefined ? { error, cursor } : undefined
  return { attempts, pages, left } satisfies ReadLog
})

/** The deliveries that failed whenever they were tried, oldest first. */
export const failedIn = (attempts: ReadonlyArray<DeliveryAttempt>): ReadonlyArray<DeliveryFailure> =>
  [...Map.groupBy(attempts, ({ deliveryId }) => deliveryId).values()].flatMap(failureOf).toReversed()

/** The deliveries since a time that failed whenever they were tried, oldest first. Fails where the log cannot be read to its end. */
export const failures = Effect.fnUntraced(function* (since: number) {
  const { attempts, left } = yield* readLog(since)
  if (left?.error !== undefined) return yield* left.error
  return failedIn(attempts)
})
