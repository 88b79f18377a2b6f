/**
 * Work between stages: messages that are stored before `offer` returns, given to one consumer at a time, and given again until a
 * consumer gives a verdict that ends them. At least once; consumers must be idempotent.
 *
 * A queue may have groups (`QueueOptions`): of a group one message is in hand at a time, in the order of the offers, and a head that waits
 * keeps its group waiting. Groups are independent of each other, and messages without a group come in no promised order.
 */
import { Context, type Duration, type Effect, type Option, Schema } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { RepositoryName, WorkflowFile } from "../domain/Names.ts"
import { OrderId } from "../domain/Order.ts"
import { Acceptance, DeliveryId, ReplayRequest, RunKey, runKey } from "../domain/SourceRun.ts"

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
  /** Whether the message was older than the queue's patience when it was handed out: a `Retry` now makes it a dead letter. */
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

/** Version of the messages that are sent, and the only one that is understood. What newer ones are for: `WorkQueueReading.ts`. */
export const messageVersion = 1
const version = Schema.Literal(messageVersion)

/** Work for Plan: a completed run. `version` lets the next deployment understand what this one sent. */
export const PlanMessage = Schema.Struct({
  version,
  ...Acceptance.fields,
  /** Present for a replay; in messages of earlier versions, who asked is a fact already. */
  replay: Schema.optionalKey(ReplayRequest)
})
export interface PlanMessage extends Schema.Schema.Type<typeof PlanMessage> {}

/** The run that a message is about. All but its key is for log lines, and absent in messages of earlier versions. */
const aboutFields = {
  run: RunKey,
  deliveryId: Schema.optionalKey(DeliveryId),
  source: Schema.optionalKey(RepositoryName),
  workflow: Schema.optionalKey(WorkflowFile)
}

/** How messages and log lines name a run. */
export const aboutRun = ({ deliveryId, run }: Pick<Acceptance, "deliveryId" | "run">) => ({
  run: runKey(run),
  deliveryId,
  source: run.repository,
  workflow: run.workflow
})

/** Work for Dispatch: what to do is in the ledger, the message only names it. */
export const DispatchMessage = Schema.Struct({
  version,
  ...aboutFields,
  order: OrderId,
  /** The generation of the plan that offers the order. */
  generation: Schema.Int
})
export interface DispatchMessage extends Schema.Schema.Type<typeof DispatchMessage> {}

/** The group of an order: its target workflow, which is what the order's id has after the run's key. */
export const groupOfDispatch = ({ run, order }: DispatchMessage): string => order.slice(run.length + 1)

/** What makes an offer of an order another one than the last: a replay has another generation. */
export const deduplicationOfDispatch = ({ order, generation }: DispatchMessage): string => `${order}@${generation}`

/** Work for Report: what to show is in the ledger. */
export const ReportMessage = Schema.Struct({ version, ...aboutFields })
export interface ReportMessage extends Schema.Schema.Type<typeof ReportMessage> {}

/** Receive → Plan. */
export class PlanQueue extends Context.Service<PlanQueue, WorkQueue<PlanMessage>>()(
  "dispatcher/ports/WorkQueue/PlanQueue"
) {}
/** Plan → Dispatch, in groups by target workflow. */
export class OrderQueue extends Context.Service<OrderQueue, WorkQueue<DispatchMessage>>()(
  "dispatcher/ports/WorkQueue/OrderQueue"
) {}
/** Plan, Dispatch → Report. */
export class ReportQueue extends Context.Service<ReportQueue, WorkQueue<ReportMessage>>()(
  "dispatcher/ports/WorkQueue/ReportQueue"
) {}
/** Every stage → Record, behind the fact bus. */
export class FactQueue extends Context.Service<FactQueue, WorkQueue<Fact>>()("dispatcher/ports/WorkQueue/FactQueue") {}
