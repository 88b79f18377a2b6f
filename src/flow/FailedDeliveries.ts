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

/** What was read of the log, and how the reading ended. */
interface ReadLog {
  readonly attempts: ReadonlyArray<DeliveryAttempt>
  /** Where a page could not be read: the error, and the cursor of that page unless it was the newest one. */
  readonly broken: { readonly error: GitHubError; readonly cursor: string | undefined } | undefined
}

/** Reads the log since a time, from a cursor or from its newest page, as far as GitHub answers. */
export const readLog = Effect.fn("Sweep.readLog")(function* (since: number, from?: string) {
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
export const failedIn = (attempts: ReadonlyArray<DeliveryAttempt>): ReadonlyArray<DeliveryFailure> =>
  [...Map.groupBy(attempts, ({ deliveryId }) => deliveryId).values()].flatMap(failureOf).toReversed()

/** The deliveries since a time that failed whenever they were tried, oldest first. Fails where the log cannot be read to its end. */
export const failures = Effect.fnUntraced(function* (since: number) {
  const { attempts, broken } = yield* readLog(since)
  if (broken !== undefined) return yield* broken.error
  return failedIn(attempts)
})
