/**
 * The one shape of all stages that handle messages of a queue: Plan, Dispatch, Report, Record. Those that follow a clock are `regularly`.
 *
 * A stage has a name, words for the log, and a handler: a message in, a verdict out (done, retry later, dead). Everything around the handler
 * is here, once: the span, the context of each log line, the counter, what becomes of errors and of bugs. A message that fails for now goes
 * back to its queue and waits there, longer with every attempt; no stage sleeps. How long that goes on is the maximum age of the queue.
 */
import { Cause, Duration, Effect, Random } from "effect"
import type { FactBusError } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import type { TableError } from "../ports/Table.ts"
import { type BatchHandler, type QueueError, type Received, retry, type Verdict } from "../ports/WorkQueue.ts"
import { steadyMillis } from "../queue/SteadyTime.ts"
import { ProcessTraffic } from "../queue/Traffic.ts"
import { countMessage } from "./Metrics.ts"
import type { OrderInFlight } from "./OwnRuns.ts"
import { Timing } from "./Settings.ts"

/** What passes by itself: the message comes again. */
type Passing = FactBusError | GitHubError | OrderInFlight | QueueError | TableError

/** What a message is about, as far as the message has it; these are the annotations of all that a stage logs. */
type About = Readonly<Record<string, string | number | undefined>>

interface Definition<A> {
  /** The name of the span, and the `stage` of log lines and of the counter. */
  readonly name: string
  readonly about: (body: A) => About
}

/** A stage. */
export interface Stage<A, R> {
  /** Handles one message. Never fails: what goes wrong is in the verdict, and in the log. */
  readonly handle: (message: Received<A>) => Effect.Effect<Verdict, never, R>
  /** Handles a batch as a queue hands it out. A message that meets a bug takes no other with it. */
  readonly handleAll: BatchHandler<A, R>
}

/** The wait after the given attempt (from 1): doubling, capped, at least as long as GitHub asked, and up to a fifth longer. */
export const waitAfter = Effect.fnUntraced(function* (attempt: number, asked = Duration.zero) {
  const { backoff, backoffCap } = yield* Timing
  const grown = Duration.toMillis(backoff) * 2 ** Math.min(attempt - 1, 30)
  const least = Math.max(Math.min(grown, Duration.toMillis(backoffCap)), Duration.toMillis(asked))
  return Duration.millis(Math.ceil(least * (1 + 0.2 * (yield* Random.next))))
})

/** Gives a message back to its queue after {@link waitAfter}. */
export const retryLater = (
  message: Pick<Received<unknown>, "attempt">,
  reason: string,
  asked?: Duration.Duration
): Effect.Effect<Verdict> => Effect.map(waitAfter(message.attempt, asked), (after) => retry(after, reason))

/** What is the matter with a message for now; it goes back to its queue. */
const retryAfterError = (message: Received<unknown>) => (error: Passing) =>
  Effect.logWarning("a message is tried again", error).pipe(
    Effect.andThen(retryLater(message, error.message, error._tag === "GitHubError" ? error.retryAfter : undefined))
  )

const afterDefect = (message: Received<unknown>) => (cause: Cause.Cause<never>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.failCause(cause)
    : Effect.logError("a handler died; its message will come again", cause).pipe(
        Effect.andThen(retryLater(message, `the handler died: ${Cause.squash(cause)}`))
      )

const known = (about: About): About =>
  Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined))

/** The work on one message, which ends with a verdict whatever happens. */
const settled =
  <A>({ name, about }: Definition<A>, message: Received<A>) =>
  <R>(work: Effect.Effect<Verdict, Passing, R>): Effect.Effect<Verdict, never, R> =>
    work.pipe(
      Effect.catch(retryAfterError(message)),
      Effect.catchCause(afterDefect(message)),
      Effect.tap((verdict) => countMessage(name, verdict)),
      Effect.annotateLogs({ stage: name, ...known(about(message.body)) })
    )

/** The work on one message, in a span. */
const alone =
  <A>(stage: Definition<A>, message: Received<A>) =>
  <R>(work: Effect.Effect<Verdict, Passing, R>): Effect.Effect<Verdict, never, R> =>
    work.pipe(settled(stage, message), Effect.withSpan(stage.name, { attributes: known(stage.about(message.body)) }))

/** A stage that handles message by message; those of a batch side by side. */
export const make = <A, R>(
  stage: Definition<A> & { readonly handle: (message: Received<A>) => Effect.Effect<Verdict, Passing, R> }
): Stage<A, R> => {
  const handle = (message: Received<A>) => Effect.suspend(() => stage.handle(message)).pipe(alone(stage, message))
  return { handle, handleAll: (messages) => Effect.forEach(messages, handle, { concurrency: "unbounded" }) }
}

const noVerdict: Effect.Effect<Verdict> = Effect.die("it gave no verdict")

/** A stage that handles the messages of a batch together, since that costs less; where that meets a bug, one by one. */
export const makeTogether = <A, R>(
  stage: Definition<A> & {
    /** What comes of each message, in the same order. */
    readonly handleAll: (
      messages: ReadonlyArray<Received<A>>
    ) => Effect.Effect<ReadonlyArray<Effect.Effect<Verdict, Passing>>, never, R>
  }
): Stage<A, R> => {
  const handle = (message: Received<A>) =>
    Effect.suspend(() => stage.handleAll([message])).pipe(
      Effect.flatMap(([verdict = noVerdict]) => verdict),
      alone(stage, message)
    )
  const together = (messages: ReadonlyArray<Received<A>>) =>
    Effect.suspend(() => stage.handleAll(messages)).pipe(
      Effect.matchCauseEffect({
        onSuccess: (verdicts) =>
          Effect.forEach(messages, (message, index) => settled(stage, message)(verdicts[index] ?? noVerdict)),
        onFailure: (cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.failCause(cause)
            : Effect.logError("a handler died; the messages are handled one by one", cause).pipe(
                Effect.andThen(Effect.forEach(messages, handle))
              )
      }),
      Effect.withSpan(stage.name)
    )
  return {
    handle,
    handleAll: (messages) => (messages.length > 1 ? together(messages) : Effect.forEach(messages, handle))
  }
}

/** While deliveries come in floods, answering them goes before a run of a stage, for a minute at most: its work waits, but not for ever. */
const mostHeldUp = 60

const waitForCalm: Effect.Effect<void> = Effect.gen(function* () {
  const traffic = yield* ProcessTraffic
  for (let seconds = 0; seconds < mostHeldUp && traffic.isFlood(yield* steadyMillis); seconds++) {
    yield* Effect.sleep("1 second")
  }
})

/** A stage that follows a clock: it runs, pauses, and so on for ever, without a pause where a run leaves work. What one that fails misses is for the next. */
export const regularly = <E, R>(stage: {
  /** The `stage` of log lines. */
  readonly name: string
  readonly every: Duration.Duration
  /** Whether it leaves work. */
  readonly run: Effect.Effect<boolean, E, R>
  readonly onFailure: (cause: Cause.Cause<E>) => Effect.Effect<void>
}): Effect.Effect<never, never, R> =>
  Effect.andThen(waitForCalm, stage.run).pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.as(stage.onFailure(cause), false)
    ),
    Effect.annotateLogs({ stage: stage.name }),
    Effect.flatMap((leavesWork) => (leavesWork ? Effect.yieldNow : Effect.sleep(stage.every))),
    Effect.forever
  )
