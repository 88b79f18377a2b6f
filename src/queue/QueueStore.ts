/**
 * What a queue needs from a storage that does not hand out messages by itself: a `Map`, a database. `QueueFromStore.ts` makes the
 * queue, `Consumer.ts` hands out. Bodies are JSON text, moments milliseconds since the epoch (`SteadyTime.ts`), waits and
 * leases milliseconds.
 */
import { Duration, type Effect, type Option } from "effect"
import type { DeadLetter, Depth, QueueError } from "../ports/WorkQueue.ts"

/** A message that was handed out; its consumer owns it until the lease ends or the message is settled. */
export interface MessageLease {
  readonly id: string
  /** Which hand-out of the message it is. A lease of an earlier one counts for nothing. */
  readonly handout: number
}
/** A message as it is stored: JSON text, and the trace that it was offered in (`TraceContext.ts`). */
export interface StoredMessage {
  readonly body: string
  readonly traceparent: string | undefined
}
/** A message to store. */
export interface NewMessage extends StoredMessage {
  /** For how long it stays invisible. */
  readonly wait: number
  /** The group that it queues up in, if any. */
  readonly group: string | undefined
  /** What a storage that drops repeated offers compares; others ignore it. */
  readonly deduplication: string | undefined
}
/** A message in hand. */
export interface LeasedMessage extends MessageLease, StoredMessage {
  /** 1, and one more with every `Retry`. */
  readonly attempt: number
  /** How many hand-outs before this one ended without a verdict, since the last verdict. */
  readonly unanswered: number
  readonly offeredAt: number
}
/** What becomes of a message in hand. */
export type Settlement = MessageLease &
  (
    | { readonly _tag: "Done" }
    | { readonly _tag: "Retry"; readonly wait: number }
    | { readonly _tag: "Dead"; readonly reason: string; readonly attempts: number }
  )

/** Which messages to take. */
export interface TakeOptions {
  readonly limit: number
  readonly now: number
  readonly lease: number
  /** Whether to take only what must be handed out alone ({@link mostUnanswered}), or only all else. */
  readonly alone: boolean
  /** Nothing is taken before one of the messages has been visible for so long; a storage that cannot see that takes them as they come. */
  readonly linger?: number
}
/** What a look gave. */
export interface TakeResult {
  readonly messages: ReadonlyArray<LeasedMessage>
  /** Where there are no messages, when there will be some of any kind; undefined: not before others are offered or settled. */
  readonly next: number | undefined
  /** Whether a message is visible that must be handed out alone. */
  readonly suspects: boolean
  /** Whether messages are visible and were left to gather, until `next`. */
  readonly gathers?: boolean
}

/**
 * Storage of one queue. A message may be taken from when it is visible, unless another of its group was offered before it and is still
 * there. Taking it hides it until the lease ends, and counts a hand-out without a verdict; a `Retry` starts that count anew.
 */
export interface QueueStore {
  /** Stores all messages or none. */
  readonly add: (messages: ReadonlyArray<NewMessage>, now: number) => Effect.Effect<void, QueueError>
  /** Takes visible messages, those that are visible longest first. */
  readonly take: (look: TakeOptions) => Effect.Effect<TakeResult, QueueError>
  /** Settles messages in hand; what is not held any more is left alone. */
  readonly settle: (settlements: ReadonlyArray<Settlement>, now: number) => Effect.Effect<void, QueueError>
  /** Has leases that are still held end `lease` after `now`. */
  readonly renew: (leases: ReadonlyArray<MessageLease>, now: number, lease: number) => Effect.Effect<void, QueueError>
  /** The newest dead letters, at most `limit`. */
  readonly deadLetters: (limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, QueueError>
  /** One dead letter, if there is one of that id. */
  readonly deadLetter: (id: string) => Effect.Effect<Option.Option<DeadLetter>, QueueError>
  /** Adds a dead letter anew, in its group, and removes it from the dead letters; false where there is none with this id. */
  readonly redrive: (id: string, now: number) => Effect.Effect<boolean, QueueError>
  /** How many messages there are, and how old the oldest is; leases that end at `now` or before are over. */
  readonly depth: (now: number) => Effect.Effect<Depth, QueueError>
  /** Rings when a message may have become visible, or visible earlier, than consumers expect. */
  readonly arrivals: ArrivalSignal
}

/** Wakes the consumers of a queue. */
export class ArrivalSignal {
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

/** How a queue of `A` hands out messages. */
export interface QueueOptions<A = never> {
  /** How old a message may become before a `Retry` makes it a dead letter. */
  readonly maxAge: Duration.Duration
  /** How long a message is a consumer's own; renewed while the consumer works, so it only ends for consumers that died. */
  readonly lease: Duration.Duration
  /** Whether a message that does not decode is of a newer version, and waits for that; default: by its `version`. */
  readonly isNewer?: ((message: unknown) => boolean) | undefined
  /** The group of a message, if it has one; default: none has. */
  readonly groupOf?: ((body: A) => string | undefined) | undefined
  /** What makes two offers the same to a storage that drops repeated ones; default: nothing. */
  readonly deduplicationOf?: ((body: A) => string) | undefined
}
/** As the service hands them out. */
export const defaultOptions = {
  maxAge: Duration.days(3),
  lease: Duration.seconds(60)
} as const satisfies QueueOptions

/**
 * Hand-outs without a verdict (the process died, the lease ran out) after which a message is handed out alone: while it is in hand, no
 * other message of any queue of the process is. After as many more, it becomes a dead letter.
 */
export const mostUnanswered = 5

/** The age in whole seconds of what was offered at a moment; null where nothing was, never below 0. */
export const ageSeconds = (offeredAt: number | undefined, now: number): number | null =>
  offeredAt === undefined ? null : Math.max(0, Math.floor((now - offeredAt) / 1000))

/** A duration in whole milliseconds, at most so long that moments stay exact. */
export const millis = (duration: Duration.Duration): number =>
  Math.min(Math.ceil(Duration.toMillis(duration)), Number.MAX_SAFE_INTEGER / 2)
