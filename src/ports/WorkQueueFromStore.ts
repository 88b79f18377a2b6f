/**
 * A WorkQueue over a QueueStore. Messages are plain data, so they become JSON text as they are; on the way back their schema checks
 * them, since another version may have written them. Also the layer of all three queues.
 */
import { Clock, Duration, Effect, Layer, type Schema } from "effect"
import { Fact, isNewerFact } from "../domain/Fact.ts"
import { currentTraceparent } from "./TraceContext.ts"
import { FactQueue, type Offer, OrderMessage, OrderQueue, PlanMessage, PlanQueue, type WorkQueue } from "./WorkQueue.ts"
import { consumer } from "./WorkQueueConsumer.ts"
import { decoder } from "./WorkQueueReading.ts"
import { after, defaultOptions, type QueueOptions, type QueueStore } from "./WorkQueueStore.ts"

/** A queue of what `schema` describes; `name` tells it apart in errors, logs and traces. */
export const fromStore = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  store: QueueStore,
  options: QueueOptions = defaultOptions
): WorkQueue<A> => {
  const stored =
    (now: number, traceparent: string | undefined) =>
    ({ body, delay }: Offer<A>) => ({
      body: JSON.stringify(body),
      traceparent,
      visibleAt: after(now, delay === undefined ? Duration.zero : Duration.fromInputUnsafe(delay))
    })
  return {
    offer: (messages) =>
      messages.length === 0
        ? Effect.void
        : Effect.flatMap(currentTraceparent, (traceparent) =>
            Clock.clockWith((clock) => store.add(messages.map(stored(clock.currentTimeMillisUnsafe(), traceparent))))
          ),
    consume: consumer(name, store, options, decoder(schema, options.isNewer)),
    deadLetters: store.deadLetters,
    depth: Clock.clockWith((clock) => store.depth(clock.currentTimeMillisUnsafe()))
  }
}

/** The three queues, each over a store of its own. */
export const layerFromStores = <E, R>(
  makeStore: (name: string) => Effect.Effect<QueueStore, E, R>
): Layer.Layer<PlanQueue | OrderQueue | FactQueue, E, R> => {
  const make = <A>(name: string, schema: Schema.Codec<A, unknown>, options?: QueueOptions) =>
    Effect.map(makeStore(name), (store) => fromStore(name, schema, store, options))
  return Layer.mergeAll(
    Layer.effect(PlanQueue, make("plan", PlanMessage)),
    Layer.effect(OrderQueue, make("order", OrderMessage)),
    Layer.effect(FactQueue, make("fact", Fact, { ...defaultOptions, isNewer: isNewerFact }))
  )
}
