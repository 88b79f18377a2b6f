/** Dead letters: a queue of their own holds them as they came, with what is known about their end in message attributes. */
import type { Message } from "@aws-sdk/client-sqs"
import { Duration, Effect, Result } from "effect"
import type { DeadLetter } from "../../ports/WorkQueue.ts"
import type { Taken } from "../../ports/WorkQueueStore.ts"
import type { Outgoing, SqsRequests } from "./SqsRequests.ts"
import { plainText } from "./SqsText.ts"

/** A message that was given up. */
export interface Given {
  readonly message: Taken
  readonly reason: string
  readonly attempts: number
}

/** Characters of a reason that are kept beside a dead letter; the log has all of it. */
const longestReason = 1000

/** A dead letter to send. */
export const outgoing = ({ message, reason, attempts }: Given): Outgoing => ({
  body: message.body,
  delay: Duration.zero,
  traceparent: message.traceparent,
  attributes: { reason: plainText(reason, longestReason), id: message.id, attempts: String(attempts) }
})

/** How many dead letters are looked at, and how long others do not see them meanwhile. */
const look = { most: 100, hide: Duration.seconds(30), wait: Duration.seconds(1) }

/**
 * The newest dead letters. SQS shows a message only by handing it out, so they are hidden while we look, and there is no order, so they
 * are the newest of the hundred that SQS gave.
 */
export const newest = Effect.fnUntraced(function* (queue: SqsRequests, limit: number) {
  const found: Array<Message> = []
  const showAgain = Effect.suspend(() =>
    queue.hide(found.map(({ ReceiptHandle = "" }) => ({ receipt: ReceiptHandle, duration: Duration.zero })))
  )
  const collect = Effect.gen(function* () {
    const { waiting } = yield* queue.counts
    while (found.length < Math.min(waiting, look.most)) {
      const more = yield* queue.receive({ limit: look.most - found.length, wait: look.wait, hide: look.hide })
      if (more.length === 0) return
      found.push(...more)
    }
  })
  yield* Effect.onExit(collect, () => Effect.ignore(showAgain))
  return found
    .toSorted((a, b) => sentAt(b) - sentAt(a))
    .slice(0, limit)
    .map(deadLetter)
})

const sentAt = ({ Attributes }: Message): number => Number(Attributes?.SentTimestamp ?? 0)

/** Letters without a reason were moved by SQS itself. */
const deadLetter = ({ MessageId = "", Body = "", Attributes, MessageAttributes = {} }: Message): DeadLetter => ({
  id: MessageAttributes.id?.StringValue ?? MessageId,
  body: Result.getOrElse(
    Result.try((): unknown => JSON.parse(Body)),
    () => Body
  ),
  reason: MessageAttributes.reason?.StringValue ?? "SQS gave it up: it was received too often and never settled",
  attempts: Number(MessageAttributes.attempts?.StringValue ?? Attributes?.ApproximateReceiveCount ?? 0),
  diedAt: Number(Attributes?.SentTimestamp ?? 0)
})
