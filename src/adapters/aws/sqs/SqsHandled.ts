/**
 * Which messages a process may have died of. SQS counts only how often it handed a message out, so for messages that it handed out as often as a
 * process may die, and for no others, the ledger table counts the hand-outs that ended without a verdict. The count is written before the message
 * is handled: a process that is killed, runs out of memory or out of time leaves it behind.
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `handled/<queue>/<message id>` | `handled` | `unanswered`: hand-outs without a verdict since the last verdict |
 */
import { Clock, Duration, Effect, Option, Result, Schema } from "effect"
import type { Key, Table } from "../../../ports/Table.ts"
import { mostUnanswered } from "../../../queue/QueueStore.ts"
import type { SqsQueueName } from "../AwsResources.ts"
import type { SqsMessage } from "./SqsStore.ts"

/** Longer than SQS keeps a message. */
const kept = Duration.days(15)

const HandledItem = Schema.Struct({ unanswered: Schema.Int })
const decode = Schema.decodeUnknownOption(HandledItem)

/** What is to be done with the messages of a batch. */
interface Triage {
  /** To handle now; one alone where the process may have died of it. */
  readonly now: ReadonlyArray<SqsMessage>
  /** To give back at once: something else is handled alone. */
  readonly back: ReadonlyArray<SqsMessage>
  /** To come again when their time in hand is over: whether they kill cannot be counted. */
  readonly uncounted: ReadonlyArray<SqsMessage>
}

/** The counts of a queue. */
interface SqsHandled {
  /** Sorts out the messages of a batch, and counts those that are to be handled. */
  readonly triage: (messages: ReadonlyArray<SqsMessage>) => Effect.Effect<Triage>
  /** There is a verdict on these: they are counted anew. */
  readonly answered: (messages: ReadonlyArray<SqsMessage>) => Effect.Effect<void>
}

/** The counts of a queue. Messages that were handed out less than {@link mostUnanswered} times cost nothing; others a read and two writes. */
export const makeHandled = (queue: SqsQueueName, table: Table["Service"]): SqsHandled => {
  const keyOf = ({ id }: SqsMessage): Key => ({ table: "ledger", partition: `handled/${queue}/${id}`, sort: "handled" })
  const isCounted = ({ handout }: SqsMessage): boolean => handout >= mostUnanswered

  const write = (message: SqsMessage, unanswered: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      table.write({
        _tag: "Put",
        key: keyOf(message),
        attributes: { unanswered } satisfies typeof HandledItem.Type,
        expiresAt: Math.ceil((now + Duration.toMillis(kept)) / 1000)
      })
    )

  /** Hand-outs before counting began may all have ended with the process, or none. */
  const counted = (message: SqsMessage) =>
    Effect.map(table.get(keyOf(message)), (item) => ({
      ...message,
      unanswered: Option.match(
        Option.flatMap(item, ({ attributes }) => decode(attributes)),
        { onNone: () => mostUnanswered - 1, onSome: ({ unanswered }) => unanswered }
      )
    }))

  /** Does it for each message; gives what came of it, and the messages for which the table did not answer. */
  const forEach = <A, E>(messages: ReadonlyArray<SqsMessage>, each: (message: SqsMessage) => Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      const results = yield* Effect.forEach(messages, (message) => Effect.result(each(message)), {
        concurrency: "unbounded"
      })
      const failures = results.filter(Result.isFailure)
      for (const { failure } of failures) yield* Effect.logError("hand-outs of a message cannot be counted", failure)
      return {
        done: results.filter(Result.isSuccess).map(({ success }) => success),
        failed: messages.filter((_, index) => results[index]?._tag === "Failure")
      }
    })

  return {
    triage: Effect.fnUntraced(function* (messages: ReadonlyArray<SqsMessage>) {
      const read = yield* forEach(messages, (message) =>
        isCounted(message) ? counted(message) : Effect.succeed(message)
      )
      const chosen = alone(read.done)
      const { done: now, failed } = yield* forEach(chosen, (message) =>
        isCounted(message) ? Effect.as(write(message, message.unanswered + 1), message) : Effect.succeed(message)
      )
      return {
        now,
        back: read.done.filter((message) => !chosen.includes(message)),
        uncounted: [...read.failed, ...failed]
      }
    }),
    answered: (messages) => Effect.asVoid(forEach(messages.filter(isCounted), (message) => write(message, 0)))
  }
}

/** All messages; or, where there is a suspect, it alone, or what comes before it in its group. */
const alone = (messages: ReadonlyArray<SqsMessage>): ReadonlyArray<SqsMessage> => {
  const suspect = messages.find(({ unanswered }) => unanswered >= mostUnanswered)
  if (suspect === undefined) return messages
  const head = messages.find(({ group }) => group !== undefined && group === suspect.group)
  return [head ?? suspect]
}
