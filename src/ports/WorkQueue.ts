/**
 * Work between stages: messages that are stored before `offer` returns, given to one consumer at a time, and given again until a
 * consumer gives a verdict that ends them. At least once; consumers must be idempotent.
 *
 * A queue may have groups (`QueueOptions`): of a group one message is in hand at a time, in the order of the offers, and a head that waits
 * keeps its group waiting. Groups are independent of each other, and messages without a group come in no promised order.
 */
import { type Duration, type Effect, type Option, Schema } from "effect"

/** A message to offer. */
export interface Offer<A> {
  readonly body: A
  /** How long it stays invisible first; default: not at all. */
  readonly delay?: Duration.Input
}

/** A message as a consumer gets it. */
export interface Received<A> {
  readonly id: string
  readonly body: A
  /** 1, and one more with every `Retry`; what ends without a verdict does not count. */
  readonly attempt: number
  /** Whether the message was older than the queue's maximum age when it was handed out: a `Retry` now makes it a dead letter. */
  readonly lastAttempt: boolean
  /** When it was offered, milliseconds since the epoch. */
  readonly offeredAt: number
  /** The trace that the handler goes on with, if it is known. */
  readonly traceparent?: string | undefined
}

/** What became of a message: done, to be given again after a while, or never to be given again (kept as a dead letter). */
export type Verdict =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Retry"; readonly after: Duration.Duration; readonly reason: string }
  | { readonly _tag: "Dead"; readonly reason: string }

/** The message was dealt with. */
export const done: Verdict = { _tag: "Done" }
/** Give the message again, not before `after`. */
export const retry = (after: Duration.Duration, reason: string): Verdict => ({ _tag: "Retry", after, reason })
/** Keep the message aside, with the reason, for people. */
export const dead = (reason: string): Verdict => ({ _tag: "Dead", reason })

/** The queue did not do what was asked; nothing is known to be stored. */
export class QueueError extends Schema.TaggedError<QueueError>()("QueueError", {
  queue: Schema.String,
  operation: Schema.String,
  message: Schema.String
}) {}

/** A message that was given up. */
export interface DeadLetter {
  readonly id: string
  /** As it was stored; it may be what no schema understands. */
  readonly body: unknown
  readonly reason: string
  /** How often it was tried. */
  readonly attempts: number
  /** When it was given up, milliseconds since the epoch. */
  readonly diedAt: number
}

/** How many messages a queue holds, and for how long. */
export interface Depth {
  readonly waiting: number
  readonly inFlight: number
  readonly dead: number
  /**
   * Since how many seconds the oldest message that is not done (waiting or in flight) is in the queue; null where there is none, and
   * always null on SQS: no attribute of a queue has the figure, only CloudWatch does (`ApproximateAgeOfOldestMessage`).
   */
  readonly oldest: number | null
}

/** A batch of messages in, a verdict for each of them out, in the same order. */
export type BatchHandler<A, R> = (
  messages: ReadonlyArray<Received<A>>
) => Effect.Effect<ReadonlyArray<Verdict>, never, R>

/** How a consumer takes messages: so many batches at a time, of at most so many messages. */
export interface ConsumeOptions {
  readonly concurrency: number
  readonly batchSize: number
  /**
   * For work that others go before: as long as consumers of the same process that linger less, or not at all, have messages in hand, messages
   * gather until one of them has waited for so long. Default: not at all. On SQS, the batching window of the mapping does it.
   */
  readonly linger?: Duration.Duration
}

/** A durable queue of `A`. */
export interface WorkQueue<A> {
  /** Stores all messages, or fails; some of a failed batch may have been stored. */
  readonly offer: (messages: ReadonlyArray<Offer<A>>) => Effect.Effect<void, QueueError>
  /**
   * Hands messages to `handle` until it is interrupted; then the batches in hand are finished first. A defect in `handle` counts
   * as a retry of the whole batch. A message becomes a dead letter if it does not decode, if it is put off although it is older than the
   * queue's patience, or if the process died again and again while nothing but this message was in hand.
   */
  readonly consume: <R>(handle: BatchHandler<A, R>, options: ConsumeOptions) => Effect.Effect<never, never, R>
  /** The newest dead letters, at most `limit`. */
  readonly deadLetters: (limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, QueueError>
  /** The dead letter with this id. */
  readonly deadLetter: (id: string) => Effect.Effect<Option.Option<DeadLetter>, QueueError>
  /**
   * Puts a dead letter back as a new message: offered now, its first attempt to come, the last of its group. False where there is no dead
   * letter with this id.
   */
  readonly redrive: (id: string) => Effect.Effect<boolean, QueueError>
  readonly depth: Effect.Effect<Depth, QueueError>
}
