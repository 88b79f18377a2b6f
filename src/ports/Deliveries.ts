/**
 * GitHub's own log of what it delivered to the App's webhook, and asking it to deliver something again.
 *
 * GitHub never redelivers by itself, and lets the App ask for it for 3 days. A redelivery is another attempt of the same delivery: same
 * GUID, same bytes. The log lists attempts, not their content, which is read one by one.
 */
import { Context, type Effect, type Stream } from "effect"
import type { DeliveryId, GitHubId } from "../domain/SourceRun.ts"
import type { Reading } from "../domain/WorkflowRunEvent.ts"
import type { GitHubError } from "./GitHubError.ts"

/** One request that GitHub made to the webhook. */
export interface DeliveryAttempt {
  /** GitHub's number of the attempt, by which it can be made again. */
  readonly id: GitHubId
  readonly deliveryId: DeliveryId
  /** Milliseconds since the epoch. */
  readonly at: number
  /** `X-GitHub-Event` */
  readonly event: string
  readonly action: string | null
  /** What was answered; 0 if nothing was. */
  readonly statusCode: number
}

/** A part of the log, newest first, and the cursor of what is older; `next` is undefined where nothing older is wanted, or there is none. */
export interface LogPage {
  readonly attempts: ReadonlyArray<DeliveryAttempt>
  /** GitHub's numbers of the entries that cannot be read, or their places on the page. */
  readonly unreadable: ReadonlyArray<string>
  readonly next: string | undefined
}

/** GitHub's log of the App's deliveries. */
export class Deliveries extends Context.Service<
  Deliveries,
  {
    /**
     * All attempts since a time (milliseconds since the epoch), newest first, page by page: from the cursor of an earlier page on, if there
     * is one. An entry that cannot be read is only named.
     */
    readonly pages: (since: number, from?: string) => Stream.Stream<LogPage, GitHubError>
    /** Has the delivery of an attempt sent again. GitHub does so a moment later; it shows up as another attempt. */
    readonly redeliver: (attemptId: GitHubId) => Effect.Effect<void, GitHubError>
    /** What was sent in an attempt of a `workflow_run`. */
    readonly content: (attemptId: GitHubId) => Effect.Effect<Reading, GitHubError>
  }
>()("dispatcher/ports/Deliveries") {}

/** Whether GitHub's request was answered with 2xx. */
export const succeeded = ({ statusCode }: DeliveryAttempt): boolean => statusCode >= 200 && statusCode < 300
