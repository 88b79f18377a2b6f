/**
 * Work between stages: messages that are stored before `offer` returns, given to one consumer at a time, and given again until a
 * consumer says what became of them. At least once, in no promised order; whoever consumes must be idempotent.
 */
import { Context, type Duration, type Effect, Schema } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { OrderId } from "../domain/Order.ts"
import { Acceptance, RunKey } from "../domain/SourceRun.ts"

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
  /** 1 the first time it is handed out. */
  readonly attempt: number
  /** Whether giving up now is final: a `Retry` of the last attempt goes to the dead-letter queue. */
  readonly lastAttempt: boolean
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
  readonly attempts: number
}

/** How many messages a queue holds. */
export interface Depth {
  readonly waiting: number
  readonly inFlight: number
  readonly dead: number
}

/** A batch of messages in, a verdict for each of them out, in the same order. */
export type BatchHandler<A, R> = (
  messages: ReadonlyArray<Received<A>>
) => Effect.Effect<ReadonlyArray<Verdict>, never, R>

/** How a consumer takes messages: so many batches at a time, of at most so many messages. */
export interface ConsumeOptions {
  readonly concurrency: number
  readonly batchSize: number
}

/** A durable queue of `A`. */
export interface WorkQueue<A> {
  /** Stores all messages, or fails; some of a failed batch may have been stored. */
  readonly offer: (messages: ReadonlyArray<Offer<A>>) => Effect.Effect<void, QueueError>
  /**
   * Hands messages to `handle` until it is interrupted; then the batches in hand are finished first. A defect in `handle` counts
   * as a retry of the whole batch. A message that does not decode, or whose attempts are used up, becomes a dead letter.
   */
  readonly consume: <R>(handle: BatchHandler<A, R>, options: ConsumeOptions) => Effect.Effect<never, never, R>
  /** The newest dead letters, at most `limit`. */
  readonly deadLetters: (limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, QueueError>
  readonly depth: Effect.Effect<Depth, QueueError>
}

/** Version of the messages that are sent, and the only one that is understood. What newer ones are for: `WorkQueueReading.ts`. */
export const messageVersion = 1
const version = Schema.Literal(messageVersion)

/** Work for Plan: a completed run. `version` lets the next deployment understand what this one sent. */
export const PlanMessage = Schema.Struct({
  version,
  ...Acceptance.fields
})
export interface PlanMessage extends Schema.Schema.Type<typeof PlanMessage> {}

/** Work for Dispatch and Report: what to do is in the ledger, the message only names it. */
export const OrderMessage = Schema.Union([
  Schema.TaggedStruct("DispatchOrder", { version, run: RunKey, order: OrderId }),
  Schema.TaggedStruct("PublishReport", { version, run: RunKey })
])
export type OrderMessage = typeof OrderMessage.Type

/** How often a message is handed out before it becomes a dead letter. */
export const maxAttempts = 16

/** Receive → Plan. */
export class PlanQueue extends Context.Service<PlanQueue, WorkQueue<PlanMessage>>()(
  "dispatcher/ports/WorkQueue/PlanQueue"
) {}
/** Plan → Dispatch, Report. */
export class OrderQueue extends Context.Service<OrderQueue, WorkQueue<OrderMessage>>()(
  "dispatcher/ports/WorkQueue/OrderQueue"
) {}
/** Every stage → Record, behind the fact bus. */
export class FactQueue extends Context.Service<FactQueue, WorkQueue<Fact>>()("dispatcher/ports/WorkQueue/FactQueue") {}
