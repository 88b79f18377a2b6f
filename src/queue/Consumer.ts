/**
 * Hands out the messages of a QueueStore: takes a batch as soon as there is one and a hand is free, keeps its leases alive while the
 * handler works, and settles every message by its verdict. Interrupted, it takes nothing more and finishes what it has in hand.
 *
 * A batch is taken and dealt with inside the gate of the process, so that a message that may have killed the process is in hand alone.
 */
import { Duration, Effect, Latch } from "effect"
import type { BatchHandler, ConsumeOptions } from "../ports/WorkQueue.ts"
import type { HandlingGate } from "./HandlingGate.ts"
import type { Decode } from "./MessageDecoder.ts"
import {
  type LeasedMessage,
  type MessageLease,
  millis,
  type QueueOptions,
  type QueueStore,
  type TakeResult
} from "./QueueStore.ts"
import { steadyMillis } from "./SteadyTime.ts"
import { ProcessTraffic } from "./Traffic.ts"
import { settlementsOf, traced, verdictsOn, withAge } from "./Verdicts.ts"

/** How often a consumer that waits looks whether a flood is over, in milliseconds. */
const floodLook = 20

/** While deliveries come in floods, answering them goes before taking messages. */
const yieldToRequests: Effect.Effect<void> = Effect.gen(function* () {
  const pause = (yield* ProcessTraffic).pause(yield* steadyMillis)
  if (pause === 0) return
  yield* Effect.sleep(Duration.millis(Math.min(pause, floodLook)))
  yield* yieldToRequests
})

/** How long a consumer waits when its store fails, and at most before it looks again. */
const pauses = { failure: Duration.seconds(1), idle: Duration.seconds(60) }

/** The `consume` of a queue. */
export const consumer =
  <A>(name: string, store: QueueStore, options: QueueOptions, decode: Decode<A>, gate: HandlingGate) =>
  <R>(handle: BatchHandler<A, R>, { concurrency, batchSize, linger }: ConsumeOptions): Effect.Effect<never, never, R> =>
    Effect.suspend(() => {
      const lease = millis(options.lease)
      const gathering = linger === undefined ? 0 : millis(linger)
      const inHand = new Set<ReadonlyArray<MessageLease>>()
      // Open as soon as another look may find something: a message, or a free hand.
      const change = Latch.makeUnsafe()
      const tracedHandle = traced(name, handle)

      const deal = Effect.fnUntraced(
        function* (batch: ReadonlyArray<LeasedMessage>) {
          const handed = withAge(batch, yield* steadyMillis, options)
          const settlements = yield* settlementsOf(name, yield* verdictsOn(handed, decode, tracedHandle))
          yield* store.settle(settlements, yield* steadyMillis)
        },
        Effect.catchCause((cause) => Effect.logError("verdicts were lost; the messages will come again", cause)),
        (dealing, batch) =>
          Effect.ensuring(
            dealing,
            Effect.andThen(
              Effect.sync(() => {
                inHand.delete(batch)
                gate.end(gathering)
                change.openUnsafe()
              }),
              gate.leave
            )
          )
      )

      const renewLeases = Effect.gen(function* () {
        yield* Effect.sleep(Duration.times(options.lease, 1 / 3))
        if (inHand.size === 0) return
        yield* store.renew([...inHand].flat(), yield* steadyMillis, lease)
      }).pipe(
        Effect.catch((error) => Effect.logError("leases could not be renewed", error)),
        Effect.forever
      )

      /** How long to wait for what a look did not find. Taking took time, too. */
      const waitFor = ({ messages, next, suspects }: TakeResult) => {
        if (messages.length > 0 || suspects) return Effect.succeed(Duration.zero)
        if (next === undefined) return Effect.succeed(pauses.idle)
        return Effect.map(steadyMillis, (now) => Duration.millis(Math.max(next - now, 0)))
      }

      /** Takes a batch and has it dealt with, which then leaves the gate. */
      const take = Effect.fnUntraced(function* (alone: boolean) {
        const now = yield* steadyMillis
        const traffic = yield* ProcessTraffic
        const limit = alone ? 1 : traffic.batch(now, batchSize)
        const asked = { limit, now, lease, alone, ...(alone || gate.isCalm(gathering) ? {} : { linger: gathering }) }
        const look = yield* Effect.onError(store.take(asked), () => gate.leave)
        traffic.took(now, look.messages.length)
        if (look.messages.length === 0) yield* gate.leave
        else {
          inHand.add(look.messages)
          gate.begin(gathering)
          yield* Effect.forkChild(deal(look.messages))
        }
        const { gathers = false, suspects } = look
        return { suspects, wait: yield* waitFor(look), until: gathers ? gate.calm(gathering) : change.await }
      })

      const failed = (error: { readonly message: string }) =>
        Effect.as(Effect.logError("no messages could be taken", error), {
          suspects: false,
          wait: pauses.failure,
          until: change.await
        })

      /** Takes one batch, or waits until another look is worth it. A batch is never lost to an interruption between the two. */
      const takeOrWait = Effect.uninterruptibleMask(
        Effect.fnUntraced(function* (restore) {
          change.closeUnsafe()
          if (inHand.size >= concurrency) return yield* restore(change.await)
          yield* restore(yieldToRequests)
          yield* restore(gate.enter(false))
          let look = yield* Effect.catch(take(false), failed)
          if (look.suspects) {
            yield* restore(gate.enter(true))
            look = yield* Effect.catch(take(true), failed)
          }
          const pause = Duration.min(look.wait, pauses.idle)
          if (Duration.isZero(pause)) return
          // What arrives where messages gather anyway needs no other look.
          yield* restore(Effect.raceFirst(look.until, Effect.sleep(pause)))
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
      const listen = Effect.sync(() => store.arrivals.listen(() => change.openUnsafe()))
      return Effect.acquireUseRelease(
        listen,
        () => run,
        (stop) => Effect.sync(stop)
      )
    })
