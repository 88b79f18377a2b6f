/**
 * Hands out the messages of a QueueStore: takes a batch as soon as there is one and a hand is free, keeps its leases alive while the
 * handler works, and settles every message by its verdict. Interrupted, it takes nothing more and finishes what it has in hand.
 */
import { Clock, Duration, Effect, Latch } from "effect"
import type { BatchHandler, ConsumeOptions } from "./WorkQueue.ts"
import type { Decode } from "./WorkQueueReading.ts"
import { after, type Lease, type QueueOptions, type QueueStore, type Taken } from "./WorkQueueStore.ts"
import { settlementsOf, traced, verdictsOn } from "./WorkQueueVerdicts.ts"

/** How long a consumer waits when its store fails, and at most before it looks again (wall clocks can be set). */
const patience = { failure: Duration.seconds(1), idle: Duration.seconds(60) }

/** The `consume` of a queue. */
export const consumer =
  <A>(name: string, store: QueueStore, options: QueueOptions, decode: Decode<A>) =>
  <R>(handle: BatchHandler<A, R>, { concurrency, batchSize }: ConsumeOptions): Effect.Effect<never, never, R> =>
    Effect.suspend(() => {
      const inHand = new Set<ReadonlyArray<Lease>>()
      // Open as soon as another look may find something: a message, or a free hand.
      const change = Latch.makeUnsafe()

      const deal = (batch: ReadonlyArray<Taken>) =>
        verdictsOn(batch, decode, options.maxAttempts, traced(name, handle)).pipe(
          Effect.flatMap((verdicts) => settlementsOf(name, verdicts, options.maxAttempts)),
          Effect.flatMap(store.settle),
          Effect.catchCause((cause) => Effect.logError("verdicts were lost; the messages will come again", cause)),
          Effect.ensuring(
            Effect.sync(() => {
              inHand.delete(batch)
              change.openUnsafe()
            })
          )
        )

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
        if (messages.length === 0) {
          // Taking took time, too.
          const later = yield* Clock.currentTimeMillis
          return next === undefined ? patience.idle : Duration.millis(Math.max(next - later, 0))
        }
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
