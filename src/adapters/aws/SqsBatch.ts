/**
 * A batch of messages that SQS hands to a Lambda function, dealt with by the same verdicts as everywhere. Lambda removes every message
 * that is not reported as failed, so exactly those are reported that are to come again, after SQS was told when.
 *
 * One message never repeats another: each is handled on its own, or, where batches pay, together, and one by one after a defect. The
 * answer always comes, and before the function's time is over.
 */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda"
import { Cause, type Config, Context, Duration, Effect, Layer, Option, type Schema } from "effect"
import { steadyMillis } from "../../ports/SteadyTime.ts"
import { type BatchHandler, type Received, retry, type Verdict } from "../../ports/WorkQueue.ts"
import { decoder } from "../../ports/WorkQueueReading.ts"
import { defaultOptions, type QueueOptions, type Settlement } from "../../ports/WorkQueueStore.ts"
import {
  delayAfterDefect,
  type Handed,
  handedOut,
  settlementsOf,
  traced,
  verdictsOn
} from "../../ports/WorkQueueVerdicts.ts"
import { SqsClient } from "./SqsClient.ts"
import { type QueueName, queueAddress } from "./SqsQueues.ts"
import { makeStore, type SqsMessage, type SqsStore } from "./SqsStore.ts"
import { traceparentOfXray } from "./XRayHeader.ts"

/** How messages are handed to the handler: each on its own, side by side; or all of an event at once. */
export type Handing = "singly" | "together"
/** How a queue's events are dealt with; default: singly. */
export interface BatchOptions extends Pick<QueueOptions, "isNewer"> {
  readonly handing?: Handing | undefined
}

/** Deals with an event within the time that the invocation has left (`context.getRemainingTimeInMillis()`). */
export type HandleEvent<R> = (event: SQSEvent, remaining: Duration.Input) => Effect.Effect<SQSBatchResponse, never, R>

/**
 * Makes what deals with the events of a queue. A message that does not decode, or that is put off although it is too old, goes to the dead-letter
 * queue with the reason, which is logged, too.
 */
export const handleSqsBatch = <A, R>(
  name: QueueName,
  schema: Schema.Codec<A, unknown>,
  handler: BatchHandler<A, R>,
  { handing = "singly", isNewer }: BatchOptions = {}
): Effect.Effect<HandleEvent<R>, Config.ConfigError, SqsClient> =>
  Effect.gen(function* () {
    const store = makeStore(name, yield* SqsClient, yield* queueAddress(name))
    const handle = oneByOneAfterDefect(traced(name, handler))
    const decode = decoder(schema, isNewer)

    const judge = (messages: ReadonlyArray<Handed>, time: Duration.Duration) =>
      verdictsOn(messages, decode, handle).pipe(
        Effect.timeoutOption(time),
        Effect.map(Option.getOrElse(() => messages.map((message) => [message, outOfTime(message)] as const)))
      )

    const deal = Effect.fnUntraced(function* (received: ReadonlyArray<SqsMessage>, remaining: Duration.Duration) {
      const times = timesOf(remaining)
      const messages = handedOut(received, yield* steadyMillis, defaultOptions)
      const groups = handing === "singly" ? messages.map((message) => [message]) : [messages]
      const verdicts = yield* Effect.forEach(groups, (group) => judge(group, times.handling), {
        concurrency: "unbounded"
      })
      const settlements = yield* settlementsOf(name, verdicts.flat())
      const open = settlements.filter(({ _tag }) => _tag !== "Done")
      const again = yield* Effect.forEach(open, (each) => settle(store, each, times.settling), {
        concurrency: "unbounded"
      })
      return again.flat()
    })

    return (event, remaining) => {
      const messages = event.Records.map(messageOf)
      const forget = store.hold(messages)
      return deal(messages, Duration.fromInputUnsafe(remaining)).pipe(
        Effect.catchCause((cause) => Effect.as(Effect.logError("a whole event will come again", cause), messages)),
        Effect.map(report),
        Effect.ensuring(Effect.sync(forget))
      )
    }
  })

/** What deals with the events of a function's queue. */
export class SqsBatch extends Context.Service<SqsBatch, { readonly handle: HandleEvent<never> }>()(
  "dispatcher/adapters/aws/SqsBatch"
) {}

/** {@link handleSqsBatch} as a service, so that a function's runtime makes it once. */
export const layer = <A, R>(
  name: QueueName,
  schema: Schema.Codec<A, unknown>,
  handler: BatchHandler<A, R>,
  options?: BatchOptions
): Layer.Layer<SqsBatch, Config.ConfigError, SqsClient | R> =>
  Layer.effect(
    SqsBatch,
    Effect.gen(function* () {
      const context = yield* Effect.context<R>()
      const handle = yield* handleSqsBatch(name, schema, handler, options)
      return { handle: (event, remaining) => Effect.provide(handle(event, remaining), context) }
    })
  )

/** The end of an invocation belongs to SQS, which is told what became of the messages, and to the answer. */
const timesOf = (remaining: Duration.Duration) => {
  const handling = Duration.max(Duration.subtract(remaining, Duration.seconds(5)), Duration.times(remaining, 1 / 2))
  return { handling, settling: Duration.times(Duration.subtract(remaining, handling), 4 / 5) }
}

const outOfTime = ({ attempt }: Handed): Verdict =>
  retry(delayAfterDefect(attempt), "the time of the invocation was over before the handler was done")

/** A handler that a message with a defect cannot keep from handling the others. */
const oneByOneAfterDefect =
  <A, R>(handle: BatchHandler<A, R>): BatchHandler<A, R> =>
  (messages) =>
    Effect.catchCause(handle(messages), (cause) =>
      messages.length === 1
        ? Effect.failCause(cause)
        : Effect.logError("a handler died; the messages are handled one by one", cause).pipe(
            Effect.andThen(Effect.forEach(messages, alone(handle))),
            Effect.map((verdicts) => verdicts.flat())
          )
    )
const alone =
  <A, R>(handle: BatchHandler<A, R>) =>
  (message: Received<A>) =>
    Effect.catchCause(handle([message]), (cause) =>
      Effect.as(Effect.logError("a handler died; its message will come again", cause), [
        retry(delayAfterDefect(message.attempt), `the handler died: ${Cause.squash(cause)}`)
      ])
    )

/** Tells SQS; gives the message if it is to come again. Where SQS does not listen, it comes when its time in hand is over. */
const settle = Effect.fnUntraced(function* (store: SqsStore, each: Settlement, time: Duration.Duration) {
  const told = Effect.flatMap(steadyMillis, (now) => store.settle([each], now)).pipe(
    Effect.timeout(time),
    Effect.as(true),
    Effect.catch((error) => Effect.as(Effect.logError("SQS was not told what became of a message", error), false))
  )
  return (yield* told) && each._tag === "Dead" ? [] : [each]
})

const report = (again: ReadonlyArray<{ readonly id: string }>): SQSBatchResponse => ({
  batchItemFailures: again.map(({ id }) => ({ itemIdentifier: id }))
})

const messageOf = ({ messageId, receiptHandle, body, attributes, messageAttributes }: SQSRecord): SqsMessage => ({
  id: messageId,
  receipt: receiptHandle,
  body,
  attempt: Number(attributes.ApproximateReceiveCount),
  handout: Number(attributes.ApproximateReceiveCount),
  unanswered: 0,
  offeredAt: Number(attributes.SentTimestamp),
  group: attributes.MessageGroupId,
  traceparent: messageAttributes.traceparent?.stringValue ?? traceparentOfXray(attributes.AWSTraceHeader)
})
