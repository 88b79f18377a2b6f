/** What we ask of one SQS queue. Entries that SQS refuses are reported; whatever may pass is asked again (`AwsCall.ts`). */
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient
} from "@aws-sdk/client-sqs"
import { Duration, Effect } from "effect"
import { packed } from "../../../domain/Packing.ts"
import { type AwsError, asOneCall, call, failureOfEntry, performAwsCall, repeated } from "../AwsCall.ts"
import { callWithEntries, type FailedEntry } from "../Batches.ts"
import { xrayHeader } from "./XRayHeader.ts"

/**
 * 10 entries per request: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html. Messages and
 * batches may have 1 MiB, where the queue is set so; 256 KiB is what every queue takes.
 */
const limits = { entries: 10, bytes: 256 * 1024 }
/** Largest body that is sent; the rest is for what becomes known of a message later, such as why it was given up. */
export const maxMessageBytes = limits.bytes - 8 * 1024

/** SQS's limits; a message can be hidden for 12 hours, and that includes how long it was hidden before. */
const longest = { delay: Duration.minutes(15), hiding: Duration.hours(11), wait: Duration.seconds(20) }
const wholeSeconds = (duration: Duration.Duration, most: Duration.Duration): number =>
  Math.max(0, Math.ceil(Duration.toSeconds(Duration.min(duration, most))))

/**
 * Text as SQS takes it has the characters of XML 1.0 only:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html. Here are those that XML has no place for, and both halves of what lies beyond 16 bits: SQS takes those, but not everything that speaks SQS does.
 */
const outside = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g

/** The same JSON with escapes where SQS takes no character as it is; JSON text has such characters only within its strings. */
export const messageText = (json: string): string =>
  json.replace(outside, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Text for people, at most so long, never empty. */
export const plainText = (text: string, most: number): string => {
  const clean = text.replace(outside, "\ufffd")
  if (clean === "") return "-"
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean
}

/** A message to send. */
export interface Outgoing {
  readonly body: string
  /** SQS keeps a message back for 15 minutes at most; a longer delay ends then. */
  readonly delay: Duration.Duration
  readonly traceparent: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  /** Its place in a FIFO queue. */
  readonly place?: FifoPlace | undefined
}
/** Where a message queues up, and by what SQS recognises another copy of it within 5 minutes. At most 128 characters each. */
export interface FifoPlace {
  readonly group: string
  readonly deduplication: string
}
/** For how long a received message is to be hidden from now on; 11 hours at most. */
interface Hiding {
  readonly receipt: string
  readonly duration: Duration.Duration
}
/** A look into the queue: for how many messages, how long to wait for the first, and for how long to hide them from others. */
interface ReceiveOptions {
  readonly limit: number
  readonly wait: Duration.Duration
  readonly hide: Duration.Duration
}
/** How many messages SQS says there are. */
interface QueueCounts {
  readonly waiting: number
  readonly hidden: number
}

type Contents = Pick<SendMessageBatchRequestEntry, "MessageBody" | "MessageAttributes">

const bytesOf = ({ MessageBody = "", MessageAttributes = {} }: Contents): number =>
  Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = "", StringValue = "" }]) => sum + Buffer.byteLength(name + DataType + StringValue),
    Buffer.byteLength(MessageBody)
  )

const text = (StringValue: string): MessageAttributeValue => ({ DataType: "String", StringValue })
const texts = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]))

/** Entries are known by their position. */
const failed = <A>(entries: ReadonlyArray<A>, errors: ReadonlyArray<BatchResultErrorEntry> = []) =>
  errors.flatMap(({ Id, Code = "", Message = "", SenderFault = false }): ReadonlyArray<FailedEntry<A>> => {
    const entry = entries[Number(Id)]
    return entry === undefined
      ? []
      : [{ entry, code: Code, detail: Message, failure: failureOfEntry(Code, SenderFault) }]
  })
const numbered = <A extends object>(entries: ReadonlyArray<A>) =>
  entries.map((entry, n) => ({ ...entry, Id: String(n) }))

/** Entries that SQS refused. */
type Refused<A> = ReadonlyArray<FailedEntry<A>>

/** Requests about one queue. */
export interface SqsRequests {
  /** Sends messages, with their traces; gives those that SQS refused. */
  readonly send: (messages: ReadonlyArray<Outgoing>) => Effect.Effect<Refused<Contents>, AwsError>
  /** Receives at most 10 messages, waiting for the first, and hides them for a while. Most looks find nothing, so they leave no trace. */
  readonly receive: (options: ReceiveOptions) => Effect.Effect<ReadonlyArray<Message>, AwsError>
  /** Removes received messages; gives those that SQS would not remove. */
  readonly remove: (receipts: ReadonlyArray<string>) => Effect.Effect<Refused<Handle>, AwsError>
  /** Hides received messages from now on for so long; gives those that SQS would not hide. */
  readonly hide: (hidings: ReadonlyArray<Hiding>) => Effect.Effect<Refused<Handle>, AwsError>
  /** What SQS counts; approximately, as it says. */
  readonly counts: Effect.Effect<QueueCounts, AwsError>
}
interface Handle {
  readonly ReceiptHandle: string
}

/** The names of FIFO queues end like this, and no others. */
export const isFifo = (QueueUrl: string): boolean => QueueUrl.endsWith(".fifo")

/** A FIFO queue takes places, and no delays of single messages. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const placing = ({ delay, place }: Pick<Outgoing, "delay" | "place">) =>
  place === undefined
    ? { DelaySeconds: wholeSeconds(delay, longest.delay) }
    : { MessageGroupId: place.group, MessageDeduplicationId: place.deduplication }

/** The requests about the queue at `QueueUrl`. */
export const makeRequests = (client: SQSClient, QueueUrl: string): SqsRequests => {
  // Batches of a FIFO queue go one after the other, so that they arrive in order.
  const concurrency = isFifo(QueueUrl) ? 1 : 4
  const inBatches = <A>(
    operation: string,
    entries: ReadonlyArray<A>,
    sizeOf: (entry: A) => number,
    send: (
      batch: ReadonlyArray<A>,
      abortSignal: AbortSignal
    ) => Promise<{ Failed?: ReadonlyArray<BatchResultErrorEntry> | undefined }>
  ): Effect.Effect<ReadonlyArray<FailedEntry<A>>, AwsError> => {
    const request = {
      operation,
      send: async (batch: ReadonlyArray<A>, signal: AbortSignal) => failed(batch, (await send(batch, signal)).Failed)
    }
    const each = (batch: ReadonlyArray<A>) => callWithEntries(request, batch)
    const all = Effect.forEach(packed(entries, sizeOf, limits), each, { concurrency })
    return asOneCall(Effect.map(all, (failures) => failures.flat()))
  }

  const send = Effect.fnUntraced(function* (messages: ReadonlyArray<Outgoing>) {
    const entries = messages.map(({ body, traceparent, attributes, ...message }) => ({
      MessageBody: body,
      ...placing(message),
      MessageAttributes: texts(traceparent === undefined ? attributes : { traceparent, ...attributes }),
      ...(traceparent === undefined
        ? {}
        : { MessageSystemAttributes: { AWSTraceHeader: text(xrayHeader(traceparent)) } })
    }))
    return yield* inBatches("SQS.SendMessageBatch", entries, bytesOf, (batch, abortSignal) =>
      client.send(new SendMessageBatchCommand({ QueueUrl, Entries: numbered(batch) }), { abortSignal })
    )
  })

  const receive = ({ limit, wait, hide }: ReceiveOptions) => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(limit, limits.entries),
      WaitTimeSeconds: wholeSeconds(wait, longest.wait),
      VisibilityTimeout: wholeSeconds(hide, longest.hiding),
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp", "AWSTraceHeader", "MessageGroupId"]
    })
    const request = {
      operation: "SQS.ReceiveMessage",
      extra: wait,
      send: (abortSignal: AbortSignal) => client.send(command, { abortSignal })
    }
    return Effect.map(repeated(performAwsCall(request)), ({ Messages = [] }) => Messages)
  }

  const remove = (receipts: ReadonlyArray<string>) =>
    inBatches(
      "SQS.DeleteMessageBatch",
      receipts.map((ReceiptHandle) => ({ ReceiptHandle })),
      () => 0,
      (batch, abortSignal) =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: numbered(batch) }), { abortSignal })
    )

  const hide = (hidings: ReadonlyArray<Hiding>) =>
    inBatches(
      "SQS.ChangeMessageVisibilityBatch",
      hidings.map(({ receipt, duration }) => ({
        ReceiptHandle: receipt,
        VisibilityTimeout: wholeSeconds(duration, longest.hiding)
      })),
      () => 0,
      (batch, abortSignal) =>
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: numbered(batch) }), { abortSignal })
    )

  const counts = call({
    operation: "SQS.GetQueueAttributes",
    send: (abortSignal) =>
      client.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible"
          ]
        }),
        { abortSignal }
      )
  }).pipe(
    Effect.map(({ Attributes = {} }): QueueCounts => {
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed } = Attributes
      return {
        waiting: Number(ApproximateNumberOfMessages ?? 0) + Number(ApproximateNumberOfMessagesDelayed ?? 0),
        hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0)
      }
    })
  )

  return { send, receive, remove, hide, counts }
}
