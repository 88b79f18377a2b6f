/** Comes to a verdict on every message of a batch: by the handler, or without it where that is hopeless. */
import { Cause, Duration, Effect, Predicate } from "effect"
import { inTraceOf } from "./TraceContext.ts"
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

const onUnreadable = ({ attempt }: Lease, { reason, isNewer }: Unreadable): Verdict =>
  isNewer
    ? retry(delayOfNewer(attempt), `only a newer version reads it: ${reason}`)
    : dead(`does not decode: ${reason}`)

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
    else if (read._tag === "Failure") verdicts.set(taken, onUnreadable(taken, read.failure))
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

/** What a verdict means to the store: a retry of the last attempt is the end. */
export const settlement = ({ id, attempt }: Lease, verdict: Verdict, now: number, maxAttempts: number): Settlement => {
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
