/**
 * A batch of messages that SQS hands to a Lambda function, dealt with by the same verdicts as everywhere. Lambda removes every message
 * that is not reported as failed, so exactly those are reported that are to come again, after SQS was asked to wait.
 *
 * One message never repeats another: each is handled on its own, or, where batches pay, together, and one by one after a defect. Messages
 * of one group of a FIFO queue are handled one after the other; when one is to come again, those behind it are, too. The answer always comes,
 * and before the function's time is over.
 */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda"
import { Cause, type Config, Context, Duration, Effect, Layer, Option, type Schema } from "effect"
import { Table } from "../../../ports/Table.ts"
import { type BatchHandler, type Received, retry, type Verdict } from "../../../ports/WorkQueue.ts"
import { messageDecoder } from "../../../queue/MessageDecoder.ts"
import { defaultOptions, millis, type QueueOptions, type Settlement } from "../../../queue/QueueStore.ts"
import { steadyMillis } from "../../../queue/SteadyTime.ts"
import {
  type AgedMessage,
  delayAfterDefect,
  settlementsOf,
  traced,
  verdictsOn,
  withAge
} from "../../../queue/Verdicts.ts"
import { queueAddress, type SqsQueueName } from "../AwsResources.ts"
import { SqsClient } from "./SqsClient.ts"
import { makeHandled } from "./SqsHandled.ts"
import { makeSqsStore, type SqsMessage, type SqsStore } from "./SqsStore.ts"
import { traceparentOfXray } from "./XRayHeader.ts"

/** How messages are handed to the handler: each on its own, side by side; or all of an event at once, where the queue has no groups. */
export type BatchMode = "singly" | "together"
/** How a queue's events are dealt with; default: singly. */
export interface BatchOptions extends Pick<QueueOptions, "isNewer"> {
  readonly mode?: BatchMode | undefined
}

/** Deals with an event within the time that the invocation has left (`context.getRemainingTimeInMillis()`). */
export type HandleEvent = (event: SQSEvent, remaining: Duration.Input) => Effect.Effect<SQSBatchResponse>

/** What deals with the events of one queue. */
export interface Consumer {
  /** The queue's name on AWS, with which its ARN ends, as does its address. */
  readonly queueName: string
  readonly handle: HandleEvent
}

/** A message and the verdict on it. */
type Judged = readonly [AgedMessage, Verdict]

/**
 * Makes what deals with the events of a queue. A message that does not decode, or that is put off although it is too old, goes to the dead-letter
 * queue with the reason, which is logged, too. So does one that the function dies of again and again while it handles nothing else (`SqsHandled.ts`).
 */
export const batchConsumer = <A, R>(
  name: SqsQueueName,
  schema: Schema.Codec<A, unknown>,
  handler: BatchHandler<A, R>,
  { mode = "singly", isNewer }: BatchOptions = {}
): Effect.Effect<Consumer, Config.ConfigError, SqsClient | Table | R> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<R>()
    const address = yield* queueAddress(name)
    const store = makeSqsStore(name, yield* SqsClient, address)
    const handled = makeHandled(name, yield* Table)
    const handle = oneByOneAfterDefect(traced(name, handler))
    const decode = messageDecoder(schema, isNewer)

    const judge = Effect.fnUntraced(function* (messages: ReadonlyArray<SqsMessage & AgedMessage>, until: number) {
      const time = Duration.millis(Math.max(0, until - (yield* steadyMillis)))
      const verdicts = yield* Effect.timeoutOption(verdictsOn(messages, decode, handle), time)
      return Option.getOrElse(verdicts, () => messages.map((message): Judged => [message, outOfTime(message)]))
    })

    /** One after the other, until one is to come again. */
    const judgeInOrder = Effect.fnUntraced(function* (group: ReadonlyArray<SqsMessage & AgedMessage>, until: number) {
      const judged: Array<Judged> = []
      for (const message of group) {
        judged.push(...(yield* judge([message], until)))
        if (judged.some(([, { _tag }]) => _tag === "Retry")) break
      }
      return judged
    })

    const judgeAll = (messages: ReadonlyArray<SqsMessage & AgedMessage>, until: number) =>
      mode === "together"
        ? judge(messages, until)
        : Effect.map(
            Effect.forEach(groupsOf(messages), (group) => judgeInOrder(group, until), { concurrency: "unbounded" }),
            (groups) => groups.flat()
          )

    const settleAll = (settlements: ReadonlyArray<Settlement>, time: Duration.Duration) =>
      Effect.map(
        Effect.forEach(settlements, (each) => settle(store, each, time), { concurrency: "unbounded" }),
        (again) => again.flat()
      )

    const deal = Effect.fnUntraced(function* (received: ReadonlyArray<SqsMessage>, remaining: Duration.Duration) {
      const times = timesOf(remaining)
      const started = yield* steadyMillis
      const { now, back, uncounted } = yield* handled.triage(received)
      yield* settleAll(back.map(givenBack), times.settling)
      const messages = withAge(now, yield* steadyMillis, defaultOptions)
      const judged = messages.length === 0 ? [] : yield* judgeAll(messages, started + millis(times.handling))
      const settlements = yield* settlementsOf(name, judged)
      const ids = new Set(judged.map(([{ id }]) => id))
      const untried = messages.filter(({ id }) => !ids.has(id))
      const open = [...settlements.filter(({ _tag }) => _tag !== "Done"), ...untried.map(givenBack)]
      // Before a message is shown again, and counted again.
      yield* Effect.timeoutOption(handled.answered(messages.filter(({ id }) => ids.has(id))), times.counting)
      const again = yield* settleAll(open, times.settling)
      return [...again, ...back, ...uncounted]
    })

    return {
      queueName: address.url.split("/").at(-1) ?? "",
      handle: (event, remaining) => {
        const messages = event.Records.map(messageOf)
        const forget = store.hold(messages)
        return deal(messages, Duration.fromInputUnsafe(remaining)).pipe(
          Effect.catchCause((cause) => Effect.as(Effect.logError("a whole event will come again", cause), messages)),
          Effect.map(report),
          Effect.ensuring(Effect.sync(forget)),
          Effect.provide(context)
        )
      }
    }
  })

/** What deals with the events of a function's queues. */
export class SqsBatch extends Context.Service<SqsBatch, { readonly handle: HandleEvent }>()(
  "dispatcher/adapters/aws/sqs/SqsBatch"
) {}

/** {@link batchConsumer}s as a service, so that a function's runtime makes them once. An event is about one queue, which its ARN names. */
export const layer = <E, R>(consumers: Effect.Effect<ReadonlyArray<Consumer>, E, R>): Layer.Layer<SqsBatch, E, R> =>
  Layer.effect(
    SqsBatch,
    Effect.map(consumers, (all) => ({
      handle: (event, remaining) => {
        // SQS sends no such event; a deployment does, to see whether a function starts.
        if (event.Records.length === 0) return Effect.succeed(report([]))
        const name = event.Records[0]?.eventSourceARN.split(":").at(-1)
        const found = all.find(({ queueName }) => queueName === name)
        if (found !== undefined) return found.handle(event, remaining)
        const messages = event.Records.map(messageOf)
        return Effect.as(Effect.logError("nothing consumes this queue", { name }), report(messages))
      }
    }))
  )

/** Messages of a group together and in order; each that has none for itself. */
const groupsOf = <T extends SqsMessage>(messages: ReadonlyArray<T>): ReadonlyArray<ReadonlyArray<T>> => [
  ...Map.groupBy(messages, ({ group, id }) => (group === undefined ? `message ${id}` : `group ${group}`)).values()
]

/** Whatever its age, it comes again: it was not tried. */
const givenBack = ({ id, handout }: SqsMessage): Settlement => ({ _tag: "Retry", id, handout, wait: 0 })

/** The end of an invocation belongs to the counts, to SQS, where the messages are settled, and to the answer. */
const timesOf = (remaining: Duration.Duration) => {
  const handling = Duration.max(Duration.subtract(remaining, Duration.seconds(5)), Duration.times(remaining, 1 / 2))
  const end = Duration.subtract(remaining, handling)
  return { handling, counting: Duration.times(end, 1 / 5), settling: Duration.times(end, 3 / 5) }
}

const outOfTime = ({ attempt }: AgedMessage): Verdict =>
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

/** Settles at SQS; gives the message if it is to come again. Where SQS does not answer, it comes when its time in hand is over. */
const settle = Effect.fnUntraced(function* (store: SqsStore, each: Settlement, time: Duration.Duration) {
  const settled = Effect.flatMap(steadyMillis, (now) => store.settle([each], now)).pipe(
    Effect.timeout(time),
    Effect.as(true),
    Effect.catch((error) => Effect.as(Effect.logError("a message could not be settled at SQS", error), false))
  )
  return (yield* settled) && each._tag === "Dead" ? [] : [each]
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
