/**
 * A WorkQueue over a QueueStore. Messages are plain data, so they become JSON text as they are; on the way back their schema checks
 * them, since another version may have written them. Also the layer of all three queues.
 */
import { Clock, Duration, Effect, Layer, Result, Schema } from "effect"
import { Fact } from "../domain/Fact.ts"
import { FactQueue, type Offer, OrderMessage, OrderQueue, PlanMessage, PlanQueue, type WorkQueue } from "./WorkQueue.ts"
import { consumer } from "./WorkQueueConsumer.ts"
import { after, defaultOptions, type QueueOptions, type QueueStore } from "./WorkQueueStore.ts"

/** A queue of what `schema` describes; `name` tells it apart in errors and logs. */
export const fromStore = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  store: QueueStore,
  options: QueueOptions = defaultOptions
): WorkQueue<A> => {
  const decode = Schema.decodeUnknownResult(schema)
  const stored =
    (now: number) =>
    ({ body, delay }: Offer<A>) => ({
      body: JSON.stringify(body),
      visibleAt: after(now, delay === undefined ? Duration.zero : Duration.fromInputUnsafe(delay))
    })
  return {
    offer: (messages) =>
      messages.length === 0
        ? Effect.void
        : Clock.clockWith((clock) => store.add(messages.map(stored(clock.currentTimeMillisUnsafe())))),
    consume: consumer(name, store, options, (body) =>
      Result.flatMap(
        Result.try({ try: (): unknown => JSON.parse(body), catch: (cause) => `no JSON: ${cause}` }),
        (json) => Result.mapError(decode(json), ({ message }) => message)
      )
    ),
    deadLetters: store.deadLetters,
    depth: Clock.clockWith((clock) => store.depth(clock.currentTimeMillisUnsafe()))
  }
}

/** The three queues, each over a store of its own. */
export const layerFromStores = <E, R>(
  makeStore: (name: string) => Effect.Effect<QueueStore, E, R>
): Layer.Layer<PlanQueue | OrderQueue | FactQueue, E, R> => {
  const make = <A>(name: string, schema: Schema.Codec<A, unknown>) =>
    Effect.map(makeStore(name), (store) => fromStore(name, schema, store))
  return Layer.mergeAll(
    Layer.effect(PlanQueue, make("plan", PlanMessage)),
    Layer.effect(OrderQueue, make("order", OrderMessage)),
    Layer.effect(FactQueue, make("fact", Fact))
  )
}
