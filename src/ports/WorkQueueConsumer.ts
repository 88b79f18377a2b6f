/**
 * Hands out the messages of a QueueStore: takes a batch as soon as there is one and a hand is free, keeps its leases alive while the
 * handler works, and settles every message by its verdict. Interrupted, it takes nothing more and finishes what it has in hand.
 */
import { Cause, Clock, Duration, Effect, Latch, type Result } from "effect"
import { type BatchHandler, type ConsumeOptions, dead, type Received, retry, type Verdict } from "./WorkQueue.ts"
import { after, type Lease, type QueueOptions, type QueueStore, type Settlement, type Taken } from "./WorkQueueStore.ts"

/** Reads a message's JSON text, or says why nobody can. */
type Decode<A> = (body: string) => Result.Result<A, string>

/** How long a consumer waits when its store fails, and at most before it looks again (wall clocks can be set). */
const patience = { failure: Duration.seconds(1), idle: Duration.seconds(60) }

/** How long a message whose handler died stays invisible: a second, doubled with every attempt, at most five minutes. */
export const delayAfterDefect = (attempt: number): Duration.Duration =>
  Duration.millis(Math.min(1000 * 2 ** (attempt - 1), 300_000))

/** The `consume` of a queue. */
export const consumer =
  <A>(name: string, store: QueueStore, options: QueueOptions, decode: Decode<A>) =>
  <R>(handle: BatchHandler<A, R>, { concurrency, batchSize }: ConsumeOptions): Effect.Effect<never, never, R> =>
    Effect.suspend(() => {
      const inHand = new Set<ReadonlyArray<Lease>>()
      // Open as soon as another look may find something: a message, or a free hand.
      const change = Latch.makeUnsafe()

      const deal = (batch: ReadonlyArray<Taken>) =>
        verdictsOn(batch, decode, options.maxAttempts, handle).pipe(
          Effect.flatMap((verdicts) => settle(batch, verdicts)),
          Effect.catchCause((cause) => Effect.logError("verdicts were lost; the messages will come again", cause)),
          Effect.ensuring(
            Effect.sync(() => {
              inHand.delete(batch)
              change.openUnsafe()
            })
          )
        )
      const settle = Effect.fnUntraced(function* (batch: ReadonlyArray<Taken>, verdicts: ReadonlyArray<Verdict>) {
        const now = yield* Clock.currentTimeMillis
        const settlements = batch.map((taken, index) =>
          settlement(taken, verdicts[index] ?? noVerdict(taken), now, options.maxAttempts)
        )
        for (const { _tag, ...letter } of settlements) {
          if (_tag === "Dead") yield* Effect.logError("a message became a dead letter", { queue: name, ...letter })
        }
        yield* store.settle(settlements)
      })

      const renewLeases = Effect.gen(function* () {
        yield* Effect.sleep(Duration.times(options.lease, 1 / 3))
        if (inHand.size === 0) return
        const now = yield* Clock.currentTimeMillis
        yield* store.renew([...inHand].flat(), after(now, options.lease))
      }).pipe(
        Effect.catch((error) => Effect.logError("leases could not be renewed", error)),
        Effect.forever
      )

      const take = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const { messages, next } = yield* store.take({ limit: batchSize, now, leaseEnd: after(now, options.lease) })
        if (messages.length === 0) return next === undefined ? patience.idle : Duration.millis(Math.max(next - now, 0))
        inHand.add(messages)
        yield* Effect.forkChild(deal(messages))
        return Duration.zero
      }).pipe(
        Effect.catch((error) => Effect.as(Effect.logError("no messages could be taken", error), patience.failure))
      )

      /** Takes one batch, or waits until another look is worth it. A batch is never lost to an interruption between the two. */
      const takeOrWait = Effect.uninterruptibleMask(
        Effect.fnUntraced(function* (restore) {
          change.closeUnsafe()
          if (inHand.size >= concurrency) return yield* restore(change.await)
          const wait = Duration.min(yield* take, patience.idle)
          if (Duration.isZero(wait)) return
          yield* restore(Effect.raceFirst(change.await, Effect.sleep(wait)))
        })
      )
      const finish: Effect.Effect<void> = Effect.suspend(() => {
        if (inHand.size === 0) return Effect.void
        change.closeUnsafe()
        return Effect.andThen(change.await, finish)
      })

      const run = Effect.gen(function* () {
        // A child ends after its parent, so leases stay alive while `finish` waits.
        yield* Effect.forkChild(renewLeases)
        return yield* Effect.ensuring(Effect.forever(takeOrWait), finish)
      })
      const listen = Effect.sync(() => store.doorbell.listen(() => change.openUnsafe()))
      return Effect.acquireUseRelease(
        listen,
        () => run,
        (stop) => Effect.sync(stop)
      )
    })

const noVerdict = ({ attempt }: Lease): Verdict => retry(delayAfterDefect(attempt), "the handler gave no verdict")

/** A verdict on every message; the handler sees those that are readable and have attempts left. */
const verdictsOn = Effect.fnUntraced(function* <A, R>(
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
  return batch.map((taken) => verdicts.get(taken) ?? noVerdict(taken))
})

const afterDefect = (messages: ReadonlyArray<{ readonly attempt: number }>, cause: Cause.Cause<never>) => {
  const reason = `the handler died: ${Cause.squash(cause)}`
  return messages.map(({ attempt }) => retry(delayAfterDefect(attempt), reason))
}

const settlement = (taken: Taken, verdict: Verdict, now: number, maxAttempts: number): Settlement => {
  const { id, attempt } = taken
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
