/**
 * SQS as the storage of a WorkQueue. SQS hides a message while a consumer has it, counts how often it was received, and shows it again when
 * it is not settled; a lease is the receipt that SQS gave. Dead letters go to a queue of their own.
 */
import { createHash, randomUUID } from "node:crypto"
import type { Message, SQSClient } from "@aws-sdk/client-sqs"
import { Duration, Effect, Option, Result } from "effect"
import { QueueError } from "../../../ports/WorkQueue.ts"
import {
  ArrivalSignal,
  type MessageLease,
  type NewMessage,
  type QueueStore,
  type Settlement
} from "../../../queue/QueueStore.ts"
import type { AwsError } from "../AwsCall.ts"
import type { QueueAddress } from "../AwsResources.ts"
import type { FailedEntry } from "../Batches.ts"
import { find, type Given, newest, outgoing, redrive } from "./SqsDeadLetters.ts"
import {
  type FifoPlace,
  isFifo,
  makeRequests,
  maxMessageBytes,
  messageText,
  type Outgoing,
  type SqsRequests
} from "./SqsRequests.ts"
import { traceparentOfXray } from "./XRayHeader.ts"

/** A message in hand. */
export type SqsMessage = Given["message"] & { readonly receipt: string }

/** What SQS takes as the id of a group, or of what is the same message: 128 characters at most, so a digest of 64. */
const digest = (text: string): string => createHash("sha256").update(text).digest("hex")

/** A message without a group has one to itself, and one that nothing is the same as is the only one. */
const placeOf = ({ group, deduplication }: Pick<NewMessage, "group" | "deduplication">): FifoPlace => ({
  group: group === undefined ? randomUUID() : digest(group),
  deduplication: deduplication === undefined ? randomUUID() : digest(deduplication)
})

/** A store that also takes in messages that were received for it elsewhere. */
export interface SqsStore extends QueueStore {
  /** Takes in messages, which can then be settled; returns what forgets those that were not. */
  readonly hold: (messages: ReadonlyArray<SqsMessage>) => () => void
}

/** How long SQS waits for a message before it says that there is none. A consumer that is to stop waits for that answer. */
const defaultWait = Duration.seconds(5)

/** The store of the queue called `queue`, which is at `address`. */
export const makeSqsStore = (
  queue: string,
  client: SQSClient,
  address: QueueAddress,
  { wait = defaultWait }: { readonly wait?: Duration.Duration } = {}
): SqsStore => {
  const requests = makeRequests(client, address.url)
  const letters = address.deadLetterUrl === undefined ? undefined : makeRequests(client, address.deadLetterUrl)
  const inHand = new InHand()
  const fifo = isFifo(address.url)

  const queueError = (operation: string, message: string) => new QueueError({ queue, operation, message })
  const attempt = <A, R>(operation: string, effect: Effect.Effect<A, AwsError, R>) =>
    Effect.mapError(effect, ({ message }) => queueError(operation, message))

  const send = Effect.fnUntraced(function* (operation: string, to: SqsRequests, messages: ReadonlyArray<Outgoing>) {
    const [refused] = yield* attempt(operation, to.send(messages))
    if (refused !== undefined) yield* queueError(operation, describe(refused))
  })
  /** What SQS does not let us do with a message any more, another consumer does: it was shown again before we were done. */
  const tolerate = <A>(operation: string, effect: Effect.Effect<ReadonlyArray<FailedEntry<A>>, AwsError>) =>
    Effect.flatMap(attempt(operation, effect), (refused) =>
      Effect.forEach(refused, (entry) => Effect.logWarning(`${operation}: ${describe(entry)}`), { discard: true })
    )
  const remove = (messages: ReadonlyArray<SqsMessage>) =>
    tolerate("settle", requests.remove(messages.map(({ receipt }) => receipt)))
  const bury = Effect.fnUntraced(function* (given: ReadonlyArray<Given & { readonly message: SqsMessage }>) {
    if (given.length === 0) return
    if (letters === undefined) return yield* queueError("settle", "there is no dead-letter queue")
    yield* send("settle", letters, given.map(outgoing))
    yield* remove(given.map(({ message }) => message))
  })
  const settle = Effect.fnUntraced(function* (settlements: ReadonlyArray<Settlement>) {
    const { done, retries, given } = sorted(settlements, inHand)
    const all = [remove(done), tolerate("settle", requests.hide(retries)), bury(given)]
    const results = yield* Effect.all(all, { concurrency: "unbounded", mode: "result" })
    yield* Effect.fromResult(Result.all(results))
  })

  return {
    arrivals: new ArrivalSignal(),
    hold: (messages) => {
      inHand.add(messages)
      return () => {
        for (const message of messages) inHand.takeOut(message)
      }
    },
    add: Effect.fnUntraced(function* (messages) {
      if (fifo && messages.some(({ wait }) => wait > 0)) {
        yield* queueError("offer", "a FIFO queue delays no single message")
      }
      const entries = messages.map(({ body, traceparent, wait, ...message }) => ({
        body: messageText(body),
        delay: Duration.millis(wait),
        traceparent,
        attributes: {},
        place: fifo ? placeOf(message) : undefined
      }))
      const tooLarge = entries.find(({ body }) => Buffer.byteLength(body) > maxMessageBytes)
      if (tooLarge !== undefined) yield* queueError("offer", `a message is larger than ${maxMessageBytes} bytes`)
      yield* send("offer", requests, entries)
    }),
    take: Effect.fnUntraced(function* ({ limit, now, lease, alone }) {
      if (alone) return { messages: [], next: now, suspects: false }
      const hide = Duration.millis(lease)
      const messages = (yield* attempt("take", requests.receive({ limit, wait, hide }))).map(received)
      inHand.add(messages)
      // SQS has waited for us already, so the next look is worth it at once.
      return { messages, next: now, suspects: false }
    }),
    settle,
    renew: Effect.fnUntraced(function* (leases, _now, lease) {
      const duration = Duration.millis(lease)
      const held = leases.flatMap((lease) => inHand.get(lease) ?? [])
      yield* tolerate("renew", requests.hide(held.map(({ receipt }) => ({ receipt, duration }))))
    }),
    deadLetters: (limit) =>
      letters === undefined ? Effect.succeed([]) : attempt("deadLetters", newest(letters, limit)),
    deadLetter: (id) =>
      letters === undefined ? Effect.succeed(Option.none()) : attempt("deadLetter", find(letters, id)),
    redrive: (id) =>
      letters === undefined
        ? Effect.succeed(false)
        : Effect.flatMap(attempt("redrive", redrive({ letters, queue: requests, fifo }, id)), (refused) =>
            refused._tag === "Refused"
              ? Effect.fail(queueError("redrive", describe(refused.entry)))
              : Effect.succeed(refused._tag === "Redriven")
          ),
    depth: Effect.fnUntraced(function* () {
      const { waiting, hidden } = yield* attempt("depth", requests.counts)
      const dead = letters === undefined ? undefined : yield* attempt("depth", letters.counts)
      return { waiting, inFlight: hidden, dead: dead === undefined ? 0 : dead.waiting + dead.hidden, oldest: null }
    })
  }
}

const describe = ({ code, detail }: FailedEntry<unknown>): string => `SQS refuses it: ${code}: ${detail}`

/** The messages in hand. */
class InHand {
  readonly #messages = new Map<string, SqsMessage>()
  add(messages: ReadonlyArray<SqsMessage>): void {
    for (const message of messages) this.#messages.set(keyOf(message), message)
  }
  get(lease: MessageLease): SqsMessage | undefined {
    return this.#messages.get(keyOf(lease))
  }
  /** The caller that takes a message out settles it. */
  takeOut(lease: MessageLease): SqsMessage | undefined {
    const message = this.get(lease)
    this.#messages.delete(keyOf(lease))
    return message
  }
}
const keyOf = ({ id, handout }: MessageLease): string => `${id} ${handout}`

/** What is to be done about each message that is still held. */
const sorted = (settlements: ReadonlyArray<Settlement>, inHand: InHand) => {
  const done: Array<SqsMessage> = []
  const retries: Array<{ readonly receipt: string; readonly duration: Duration.Duration }> = []
  const given: Array<Given & { readonly message: SqsMessage }> = []
  for (const settlement of settlements) {
    const message = inHand.takeOut(settlement)
    if (message === undefined) continue
    if (settlement._tag === "Done") done.push(message)
    else if (settlement._tag === "Dead") given.push({ ...settlement, message })
    else retries.push({ receipt: message.receipt, duration: Duration.millis(settlement.wait) })
  }
  return { done, retries, given }
}

const received = ({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message): SqsMessage => ({
  id: MessageId ?? "",
  receipt: ReceiptHandle ?? "",
  body: Body ?? "",
  attempt: Number(Attributes?.ApproximateReceiveCount ?? 1),
  handout: Number(Attributes?.ApproximateReceiveCount ?? 1),
  unanswered: 0,
  offeredAt: Number(Attributes?.SentTimestamp ?? 0),
  group: Attributes?.MessageGroupId,
  traceparent: MessageAttributes?.traceparent?.StringValue ?? traceparentOfXray(Attributes?.AWSTraceHeader)
})
