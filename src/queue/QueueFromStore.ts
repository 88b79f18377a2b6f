/**
 * A WorkQueue over a QueueStore. Messages are plain data, so they become JSON text as they are; on the way back their schema checks
 * them, since another version may have written them. Also the layer of all four queues.
 */
import { Duration, Effect, Layer, type Schema } from "effect"
import { Fact, isNewerFact } from "../domain/Fact.ts"
import {
  DispatchMessage,
  deduplicationOfDispatch,
  FactQueue,
  groupOfDispatch,
  type Offer,
  OrderQueue,
  PlanMessage,
  PlanQueue,
  ReportMessage,
  ReportQueue,
  type WorkQueue
} from "../ports/WorkQueue.ts"
import { consumer } from "./Consumer.ts"
import { Gate } from "./HandlingGate.ts"
import { decoder } from "./MessageDecoder.ts"
import { type Added, defaultOptions, millis, type QueueOptions, type QueueStore } from "./QueueStore.ts"
import { steadyMillis } from "./SteadyTime.ts"
import { currentTraceparent } from "./TraceContext.ts"

/** A queue of what `schema` describes; `name` tells it apart in errors, logs and traces. Queues of one process share a gate. */
export const fromStore = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  store: QueueStore,
  options: QueueOptions<A> = defaultOptions,
  gate = new Gate()
): WorkQueue<A> => {
  const added =
    (traceparent: string | undefined) =>
    ({ body, delay }: Offer<A>): Added => ({
      body: JSON.stringify(body),
      traceparent,
      wait: delay === undefined ? 0 : millis(Duration.fromInputUnsafe(delay)),
      group: options.groupOf?.(body),
      deduplication: options.deduplicationOf?.(body)
    })
  return {
    offer: Effect.fnUntraced(function* (messages) {
      if (messages.length === 0) return
      yield* store.add(messages.map(added(yield* currentTraceparent)), yield* steadyMillis)
    }),
    consume: consumer(name, store, options, decoder(schema, options.isNewer), gate),
    deadLetters: store.deadLetters,
    deadLetter: store.deadLetter,
    redrive: (id) => Effect.flatMap(steadyMillis, (now) => store.redrive(id, now)),
    depth: Effect.flatMap(steadyMillis, store.depth)
  }
}

/** The order queue delivers in groups by target workflow. */
export const orderOptions: QueueOptions<DispatchMessage> = {
  ...defaultOptions,
  groupOf: groupOfDispatch,
  deduplicationOf: deduplicationOfDispatch
}

/** The four queues, each over a store of its own, and all with one gate. */
export const layerFromStores = <E, R>(
  makeStore: (name: string) => Effect.Effect<QueueStore, E, R>
): Layer.Layer<PlanQueue | OrderQueue | ReportQueue | FactQueue, E, R> =>
  Layer.unwrap(
    Effect.sync(() => {
      const gate = new Gate()
      const make = <A>(name: string, schema: Schema.Codec<A, unknown>, options: QueueOptions<A> = defaultOptions) =>
        Effect.map(makeStore(name), (store) => fromStore(name, schema, store, options, gate))
      return Layer.mergeAll(
        Layer.effect(PlanQueue, make("plan", PlanMessage)),
        Layer.effect(OrderQueue, make("order", DispatchMessage, orderOptions)),
        Layer.effect(ReportQueue, make("report", ReportMessage)),
        Layer.effect(FactQueue, make("fact", Fact, { ...defaultOptions, isNewer: isNewerFact }))
      )
    })
  )
