/**
 * Dead letters: a queue of their own holds them as they came, with what is known about their end in message attributes. That of a FIFO queue is
 * one, too; there each letter is a group of its own, since SQS shows only the first few of a group, and an attribute keeps the group that it was in.
 *
 * SQS shows a message only by handing it out. So letters are hidden while we look, at most {@link hide}, and another reader at the same
 * time does not see them.
 */
import type { Message } from "@aws-sdk/client-sqs"
import { Duration, Effect, Option, Result } from "effect"
import type { DeadLetter } from "../../../ports/WorkQueue.ts"
import type { LeasedMessage } from "../../../queue/QueueStore.ts"
import type { FailedEntry } from "../Batches.ts"
import { type FifoPlace, type Outgoing, plainText, type SqsRequests } from "./SqsRequests.ts"

/** A message that was given up. */
export interface Given {
  readonly message: LeasedMessage & {
    /** The group that SQS has it in, where the queue has groups. */
    readonly group: string | undefined
  }
  readonly reason: string
  readonly attempts: number
}

/** Characters of a reason that are kept beside a dead letter; the log has all of it. */
const longestReason = 1000

/** A dead letter to send. The same message that is buried twice within 5 minutes is one letter of a FIFO queue. */
export const outgoing = ({ message, reason, attempts }: Given): Outgoing => {
  const { id, body, traceparent, group } = message
  const about = { reason: plainText(reason, longestReason), id, attempts: String(attempts) }
  return {
    body,
    delay: Duration.zero,
    traceparent,
    attributes: group === undefined ? about : { ...about, group },
    place: group === undefined ? undefined : { group: id, deduplication: id }
  }
}

/** How many letters are looked at, for a list and for one by its id; how long others do not see them meanwhile. */
const most = { listed: 100, searched: 1000 }
const hide = Duration.seconds(30)
const wait = Duration.seconds(1)

interface Search {
  readonly most: number
  readonly isEnough: (messages: ReadonlyArray<Message>) => boolean
}

/** Uses letters as SQS hands them out, `most` at most, and shows those again that `use` leaves. */
const looking = <A, E, R>(
  queue: SqsRequests,
  { most, isEnough }: Search,
  use: (found: ReadonlyArray<Message>) => Effect.Effect<A, E, R>
) => {
  const found: Array<Message> = []
  const collect = Effect.gen(function* () {
    const { waiting } = yield* queue.counts
    while (found.length < Math.min(waiting, most)) {
      const more = yield* queue.receive({ limit: most - found.length, wait, hide })
      found.push(...more)
      if (more.length === 0 || isEnough(more)) return
    }
  })
  // What was removed meanwhile, SQS refuses to show again, and that is all.
  const showAgain = Effect.suspend(() =>
    queue.hide(found.map(({ ReceiptHandle = "" }) => ({ receipt: ReceiptHandle, duration: Duration.zero })))
  )
  return Effect.onExit(
    Effect.flatMap(collect, () => use(found)),
    () => Effect.ignore(showAgain)
  )
}

/** The newest of the hundred that SQS gave; it promises no order. */
export const newest = (queue: SqsRequests, limit: number) =>
  looking(queue, { most: most.listed, isEnough: () => false }, (found) =>
    Effect.succeed(
      found
        .toSorted((a, b) => sentAt(b) - sentAt(a))
        .slice(0, limit)
        .map(deadLetter)
    )
  )

const searching = <A, E, R>(
  queue: SqsRequests,
  id: string,
  use: (found: Option.Option<Message>) => Effect.Effect<A, E, R>
) => {
  const isIt = (message: Message) => idOf(message) === id
  return looking(queue, { most: most.searched, isEnough: (messages) => messages.some(isIt) }, (found) =>
    use(Option.fromNullishOr(found.find(isIt)))
  )
}

/** The letter with this id, if it is among the thousand that SQS gave. */
export const find = (queue: SqsRequests, id: string) =>
  searching(queue, id, (found) => Effect.succeed(Option.map(found, deadLetter)))

/** A queue and its letters. */
interface Both {
  readonly letters: SqsRequests
  readonly queue: SqsRequests
  readonly fifo: boolean
}
/** What became of a letter that was to be put back. */
type RedriveAnswer =
  | { readonly _tag: "Redriven" }
  | { readonly _tag: "NoSuchLetter" }
  | { readonly _tag: "Refused"; readonly entry: FailedEntry<unknown> }

/** Sends a letter to its queue as a new message, in the group that it was in, and then removes it; a crash between the two leaves both. */
export const redrive = ({ letters, queue, fifo }: Both, id: string) =>
  searching(
    letters,
    id,
    Effect.fnUntraced(function* (found) {
      if (Option.isNone(found)) return { _tag: "NoSuchLetter" } satisfies RedriveAnswer
      const { Body = "", ReceiptHandle = "", MessageAttributes = {} } = found.value
      const [entry] = yield* queue.send([
        {
          body: Body,
          delay: Duration.zero,
          traceparent: MessageAttributes.traceparent?.StringValue,
          attributes: {},
          place: fifo ? placeOf(found.value) : undefined
        }
      ])
      if (entry !== undefined) return { _tag: "Refused", entry } satisfies RedriveAnswer
      yield* letters.remove([ReceiptHandle])
      return { _tag: "Redriven" } satisfies RedriveAnswer
    })
  )

/** Letters that SQS itself moved are in the group that they were in. A letter that is put back twice within 5 minutes is one message. */
const placeOf = ({ MessageId = "", Attributes, MessageAttributes = {} }: Message): FifoPlace => ({
  group: MessageAttributes.group?.StringValue ?? Attributes?.MessageGroupId ?? MessageId,
  deduplication: `redriven-${MessageId}`
})

const sentAt = ({ Attributes }: Message): number => Number(Attributes?.SentTimestamp ?? 0)
const idOf = ({ MessageId = "", MessageAttributes = {} }: Message): string =>
  MessageAttributes.id?.StringValue ?? MessageId

/** Letters without a reason were moved by SQS itself. */
const deadLetter = (message: Message): DeadLetter => {
  const { Body = "", Attributes, MessageAttributes = {} } = message
  return {
    id: idOf(message),
    body: Result.getOrElse(
      Result.try((): unknown => JSON.parse(Body)),
      () => Body
    ),
    reason: MessageAttributes.reason?.StringValue ?? "SQS gave it up: it was received too often and never settled",
    attempts: Number(MessageAttributes.attempts?.StringValue ?? Attributes?.ApproximateReceiveCount ?? 0),
    diedAt: sentAt(message)
  }
}
