/** Comes to a verdict on every message of a batch: by the handler, or without it where that is hopeless. */
import { Cause, Clock, Duration, Effect, Predicate } from "effect"
import { inTraceOf, spanOf } from "./TraceContext.ts"
import { type BatchHandler, dead, type Received, retry, type Verdict } from "./WorkQueue.ts"
import { type Decode, delayOfNewer, type Unreadable } from "./WorkQueueReading.ts"
import { after, type Lease, type Settlement, type Taken } from "./WorkQueueStore.ts"

/** How long a message whose handler died stays invisible: a second, doubled with every attempt, at most five minutes. */
export const delayAfterDefect = (attempt: number): Duration.Duration =>
  Duration.millis(Math.min(1000 * 2 ** (attempt - 1), 300_000))

const noVerdict = ({ attempt }: Lease): Verdict => retry(delayAfterDefect(attempt), "the handler gave no verdict")

/** A handler that works in the traces of its messages; `queue` names its spans. */
export const traced =
  <A, R>(queue: string, handle: BatchHandler<A, R>): BatchHandler<A, R> =>
  (messages) =>
    inTraceOf(
      `${queue} queue`,
      messages.map(({ traceparent }) => traceparent),
      Effect.suspend(() => handle(messages))
    )

/** A fact tells itself of which trace it is, by whatever way it came. */
const traceOf = (body: unknown, { traceparent }: Taken): string | undefined =>
  Predicate.hasProperty(body, "traceparent") && Predicate.isString(body.traceparent) ? body.traceparent : traceparent

/** Puts what is logged about a message into its trace. */
const about =
  ({ traceparent }: Taken) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const span = spanOf(traceparent)
    return span === undefined ? effect : Effect.withParentSpan(effect, span)
  }

const onUnreadable = Effect.fnUntraced(function* (taken: Taken, { reason, isNewer }: Unreadable) {
  if (!isNewer) return dead(`does not decode: ${reason}`)
  const { id, attempt } = taken
  yield* Effect.logWarning("a message waits for a newer version").pipe(
    Effect.annotateLogs({ id, attempt, reason }),
    about(taken)
  )
  return retry(delayOfNewer(attempt), `only a newer version reads it: ${reason}`)
})

/** A verdict on every message; the handler sees those that are readable and have attempts left. */
export const verdictsOn = Effect.fnUntraced(function* <A, R>(
  batch: ReadonlyArray<Taken>,
  decode: Decode<A>,
  maxAttempts: number,
  handle: BatchHandler<A, R>
) {
  const verdicts = new Map<Taken, Verdict>()
  const readable: Array<readonly [Taken, Received<A>]> = []
  for (const taken of batch) {
    const { id, attempt } = taken
    const read = decode(taken.body)
    if (attempt > maxAttempts) verdicts.set(taken, dead(`no verdict after ${maxAttempts} attempts`))
    else if (read._tag === "Failure") verdicts.set(taken, yield* onUnreadable(taken, read.failure))
    else {
      const { success: body } = read
      const lastAttempt = attempt === maxAttempts
      readable.push([taken, { id, body, attempt, lastAttempt, traceparent: traceOf(body, taken) }])
    }
  }
  if (readable.length > 0) {
    const received = readable.map(([, message]) => message)
    const given = yield* Effect.catchCause(
      Effect.suspend(() => handle(received)),
      (cause) =>
        Effect.as(Effect.logError("a handler died; its messages will come again", cause), afterDefect(received, cause))
    )
    for (const [index, [taken]] of readable.entries()) verdicts.set(taken, given[index] ?? noVerdict(taken))
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
  verdicts: ReadonlyArray<readonly [Taken, Verdict]>,
  maxAttempts: number
) {
  const now = yield* Clock.currentTimeMillis
  const settlements = verdicts.map(([taken, verdict]) => [taken, settlement(taken, verdict, now, maxAttempts)] as const)
  for (const [taken, { _tag, ...letter }] of settlements) {
    if (_tag === "Dead")
      yield* Effect.logError("a message became a dead letter", { queue, ...letter }).pipe(about(taken))
  }
  return settlements.map(([, each]) => each)
})

/** A retry of the last attempt is the end. */
const settlement = ({ id, attempt }: Lease, verdict: Verdict, now: number, maxAttempts: number): Settlement => {
  const buried = (reason: string): Settlement => ({
    _tag: "Dead",
    id,
    attempt,
    reason,
    attempts: Math.min(attempt, maxAttempts)
  })
  switch (verdict._tag) {
    case "Done":
      return { _tag: "Done", id, attempt }
    case "Dead":
      return buried(verdict.reason)
    case "Retry":
      return attempt >= maxAttempts
        ? buried(`gave up after ${maxAttempts} attempts: ${verdict.reason}`)
        : { _tag: "Retry", id, attempt, visibleAt: after(now, verdict.after) }
  }
}
