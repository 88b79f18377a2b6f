/** Comes to a verdict on every message of a batch: by the handler, or without it where that is hopeless. */
import { Cause, Duration, Effect, Predicate } from "effect"
import { durationText } from "../domain/Sentence.ts"
import { type BatchHandler, dead, type Received, retry, type Verdict } from "../ports/WorkQueue.ts"
import { type Decode, delayOfNewer, type UnreadableMessage } from "./MessageDecoder.ts"
import { type LeasedMessage, millis, mostUnanswered, type QueueOptions, type Settlement } from "./QueueStore.ts"
import { inTraceOf, spanOf } from "./TraceContext.ts"

/** A message at the moment when it is handed out. */
export interface AgedMessage extends LeasedMessage {
  /** Milliseconds since it was offered. */
  readonly age: number
  readonly lastAttempt: boolean
}

/** The messages of a batch that is handed out now. */
export const withAge = <T extends LeasedMessage>(
  batch: ReadonlyArray<T>,
  now: number,
  { maxAge }: Pick<QueueOptions, "maxAge">
): ReadonlyArray<T & AgedMessage> =>
  batch.map((taken) => {
    const age = Math.max(0, now - taken.offeredAt)
    return { ...taken, age, lastAttempt: age > Duration.toMillis(maxAge) }
  })

/** How long a message whose handler died stays invisible: a second, doubled with every attempt, at most five minutes. */
export const delayAfterDefect = (attempt: number): Duration.Duration =>
  Duration.millis(Math.min(1000 * 2 ** (attempt - 1), 300_000))

const noVerdict = ({ attempt }: LeasedMessage): Verdict =>
  retry(delayAfterDefect(attempt), "the handler gave no verdict")

/** A handler that works in the traces of its messages; `queue` names its spans. */
export const traced =
  <A, R>(queue: string, handle: BatchHandler<A, R>): BatchHandler<A, R> =>
  (messages) =>
    inTraceOf(
      `${queue} queue`,
      messages.map(({ traceparent }) => traceparent),
      Effect.suspend(() => handle(messages))
    )

/** Facts name their own trace, however they came. */
const traceOf = (body: unknown, { traceparent }: LeasedMessage): string | undefined =>
  Predicate.hasProperty(body, "traceparent") && Predicate.isString(body.traceparent) ? body.traceparent : traceparent

/** Puts what is logged about a message into its trace. */
const about =
  ({ traceparent }: LeasedMessage) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const span = spanOf(traceparent)
    return span === undefined ? effect : Effect.withParentSpan(effect, span)
  }

const onUnreadable = Effect.fnUntraced(function* (taken: LeasedMessage, { reason, isNewer }: UnreadableMessage) {
  if (!isNewer) return dead(`does not decode: ${reason}`)
  const { id, attempt } = taken
  yield* Effect.logWarning("a message waits for a newer version").pipe(
    Effect.annotateLogs({ id, attempt, reason }),
    about(taken)
  )
  return retry(delayOfNewer(attempt), `only a newer version reads it: ${reason}`)
})

const died = `the process died ${mostUnanswered} times while this message alone was in hand`

/** A verdict on every message; the handler sees those that are readable and did not kill the process again and again. */
export const verdictsOn = Effect.fnUntraced(function* <A, R>(
  batch: ReadonlyArray<AgedMessage>,
  decode: Decode<A>,
  handle: BatchHandler<A, R>
) {
  const verdicts = new Map<AgedMessage, Verdict>()
  const readable: Array<readonly [AgedMessage, Received<A>]> = []
  for (const handed of batch) {
    const { id, attempt, lastAttempt, offeredAt } = handed
    const read = decode(handed.body)
    if (handed.unanswered >= 2 * mostUnanswered) verdicts.set(handed, dead(died))
    else if (read._tag === "Failure") verdicts.set(handed, yield* onUnreadable(handed, read.failure))
    else {
      const { success: body } = read
      readable.push([handed, { id, body, attempt, lastAttempt, offeredAt, traceparent: traceOf(body, handed) }])
    }
  }
  if (readable.length > 0) {
    const received = readable.map(([, message]) => message)
    const given = yield* Effect.catchCause(
      Effect.suspend(() => handle(received)),
      (cause) =>
        Effect.as(Effect.logError("a handler died; its messages will come again", cause), afterDefect(received, cause))
    )
    for (const [index, [handed]] of readable.entries()) verdicts.set(handed, given[index] ?? noVerdict(handed))
  }
  return [...verdicts]
})

const afterDefect = (messages: ReadonlyArray<{ readonly attempt: number }>, cause: Cause.Cause<never>) => {
  const reason = `the handler died: ${Cause.squash(cause)}`
  return messages.map(({ attempt }) => retry(delayAfterDefect(attempt), reason))
}

/** What verdicts mean to the store. What ends as a dead letter is logged, with the reason. */
export const settlementsOf = Effect.fnUntraced(function* (
  queue: string,
  verdicts: ReadonlyArray<readonly [AgedMessage, Verdict]>
) {
  const settlements = verdicts.map(([handed, verdict]) => [handed, settlement(handed, verdict)] as const)
  for (const [handed, { _tag, ...letter }] of settlements) {
    if (_tag === "Dead")
      yield* Effect.logError("a message became a dead letter", { queue, ...letter }).pipe(about(handed))
  }
  return settlements.map(([, each]) => each)
})

/** A retry of the last attempt is the end. */
const settlement = (handed: AgedMessage, verdict: Verdict): Settlement => {
  const { id, handout, attempt, age } = handed
  const buried = (reason: string): Settlement => ({ _tag: "Dead", id, handout, reason, attempts: attempt })
  switch (verdict._tag) {
    case "Done":
      return { _tag: "Done", id, handout }
    case "Dead":
      return buried(verdict.reason)
    case "Retry":
      return handed.lastAttempt
        ? buried(`gave up after ${durationText(age)}, at attempt ${attempt}: ${verdict.reason}`)
        : { _tag: "Retry", id, handout, wait: millis(verdict.after) }
  }
}
