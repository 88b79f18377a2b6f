/** Comes to a verdict on every message of a batch: by the handler, or without it where that is hopeless. */
import { Cause, Duration, Effect, type Result } from "effect"
import { type BatchHandler, dead, type Received, retry, type Verdict } from "./WorkQueue.ts"
import { after, type Lease, type Settlement, type Taken } from "./WorkQueueStore.ts"

/** Reads a message's JSON text, or says why nobody can. */
export type Decode<A> = (body: string) => Result.Result<A, string>

/** How long a message whose handler died stays invisible: a second, doubled with every attempt, at most five minutes. */
export const delayAfterDefect = (attempt: number): Duration.Duration =>
  Duration.millis(Math.min(1000 * 2 ** (attempt - 1), 300_000))

const noVerdict = ({ attempt }: Lease): Verdict => retry(delayAfterDefect(attempt), "the handler gave no verdict")

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
    const body = decode(taken.body)
    if (attempt > maxAttempts) verdicts.set(taken, dead(`no verdict after ${maxAttempts} attempts`))
    else if (body._tag === "Failure") verdicts.set(taken, dead(`does not decode: ${body.failure}`))
    else readable.push([taken, { id, body: body.success, attempt, lastAttempt: attempt === maxAttempts }])
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
