/** Puts the WorkQueue over any QueueStore under the contract: what a test may do to it goes through the store. */
import { Clock, Duration, Effect, Layer, Schema } from "effect"
import { fromStore } from "../../src/ports/WorkQueueFromStore.ts"
import { after, type QueueStore } from "../../src/ports/WorkQueueStore.ts"
import { Job, QueueUnderTest } from "./WorkQueueSupport.ts"

const options = { maxAttempts: 3, lease: Duration.seconds(60) }

/** A queue over an empty store, to be tested in virtual time. */
export const queueOverStore = <E, R>(makeStore: Effect.Effect<QueueStore, E, R>): Layer.Layer<QueueUnderTest, E, R> =>
  Layer.effect(
    QueueUnderTest,
    Effect.map(makeStore, (store) => ({
      ...options,
      queue: fromStore("contract", Job, store, options),
      offerForeign: (body) => fromStore("contract", Schema.Json, store).offer([{ body }]),
      loseOne: Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.asVoid(store.take({ limit: 1, now, leaseEnd: after(now, options.lease) }))
      )
    }))
  )
