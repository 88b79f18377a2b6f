/**
 * What a queue needs from a storage that does not hand out messages by itself: a `Map`, a database. `WorkQueueFromStore.ts` makes the
 * queue, `WorkQueueConsumer.ts` the handing out. Bodies are JSON text, times milliseconds since the epoch.
 */
import { Duration, type Effect } from "effect"
import { type DeadLetter, type Depth, maxAttempts, type QueueError } from "./WorkQueue.ts"

/** A message that was handed out; whoever has it owns it until its lease ends or it is settled. */
export interface Lease {
  readonly id: string
  /** How often the message was handed out, this time included. A lease of an earlier attempt counts for nothing. */
  readonly attempt: number
}
/** A message as it is stored: JSON text, and the trace that it was offered in (`TraceContext.ts`). */
export interface Stored {
  readonly body: string
  readonly traceparent: string | undefined
}
/** A message in hand. */
export interface Taken extends Lease, Stored {}
/** What becomes of a message in hand. */
export type Settlement = Lease &
  (
    | { readonly _tag: "Done" }
    | { readonly _tag: "Retry"; readonly visibleAt: number }
    | { readonly _tag: "Dead"; readonly reason: string; readonly attempts: number }
  )

/** Storage of one queue. A message is visible, and may be taken, from its `visibleAt` on; taking moves that to the end of the lease. */
export interface QueueStore {
  /** Stores all messages or none. */
  readonly add: (messages: ReadonlyArray<Stored & { readonly visibleAt: number }>) => Effect.Effect<void, QueueError>
  /** Takes visible messages, those that are visible longest first; where there are none, says when there will be (undefined: never yet). */
  readonly take: (options: {
    readonly limit: number
    readonly now: number
    readonly leaseEnd: number
  }) => Effect.Effect<{ readonly messages: ReadonlyArray<Taken>; readonly next: number | undefined }, QueueError>
  /** Settles messages in hand; what is not held any more is left alone. */
  readonly settle: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void, QueueError>
  /** Moves the end of leases that are still held. */
  readonly renew: (leases: ReadonlyArray<Lease>, leaseEnd: number) => Effect.Effect<void, QueueError>
  /** The newest dead letters, at most `limit`. */
  readonly deadLetters: (limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, QueueError>
  /** How many messages there are; `now` tells leases that are over. */
  readonly depth: (now: number) => Effect.Effect<Depth, QueueError>
  /** Rings when a message may have become visible, or visible earlier, than consumers know. */
  readonly doorbell: Doorbell
}

/** Wakes the consumers of a queue. */
export class Doorbell {
  readonly #listeners = new Set<() => void>()
  /** Wakes all who listen. */
  ring(): void {
    for (const listener of this.#listeners) listener()
  }
  /** Returns what ends the listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** How a queue hands out messages. */
export interface QueueOptions {
  /** How often a message is handed out before it becomes a dead letter. */
  readonly maxAttempts: number
  /** How long a message is a consumer's own; renewed while the consumer works, so it only ends for consumers that died. */
  readonly lease: Duration.Duration
  /** Whether a message that does not decode is of a newer version, and waits for that; default: by its `version`. */
  readonly isNewer?: ((message: unknown) => boolean) | undefined
}
/** As the service hands them out. */
export const defaultOptions: QueueOptions = { maxAttempts, lease: Duration.seconds(60) }

/** The moment `delay` after `now`, in whole milliseconds. */
export const after = (now: number, delay: Duration.Duration): number =>
  Math.min(Math.ceil(now + Duration.toMillis(delay)), Number.MAX_SAFE_INTEGER)
