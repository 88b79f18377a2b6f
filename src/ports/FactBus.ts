/** Where stages tell what happened. Facts are durable when `publish` returns; the recorder gets each at least once. */
import { Context, Effect, Layer, Schema } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { FactQueue } from "./WorkQueue.ts"

/** Facts could not be published; some of them may have been. */
export class FactBusError extends Schema.TaggedError<FactBusError>()("FactBusError", { message: Schema.String }) {}

/** Publishes facts; publishing the same fact again is harmless, its id tells. */
export class FactBus extends Context.Service<
  FactBus,
  {
    /** Stores all facts, or fails; some of those that a failure is about may have been stored. */
    readonly publish: (facts: ReadonlyArray<Fact>) => Effect.Effect<void, FactBusError>
  }
>()("dispatcher/ports/FactBus") {}

/** The bus where there is only one recorder and nothing between: facts go straight into its queue. */
export const layerQueue: Layer.Layer<FactBus, never, FactQueue> = Layer.effect(
  FactBus,
  Effect.map(FactQueue, (queue) => ({
    publish: (facts: ReadonlyArray<Fact>) =>
      Effect.mapError(
        queue.offer(facts.map((body) => ({ body }))),
        ({ message }) => new FactBusError({ message: `the fact queue took no facts: ${message}` })
      )
  }))
)

/** What was published on {@link layerMemory}'s bus, in order. */
export class PublishedFacts extends Context.Service<
  PublishedFacts,
  { readonly all: Effect.Effect<ReadonlyArray<Fact>> }
>()("dispatcher/ports/FactBus/PublishedFacts") {}

/** A bus that nobody listens to: it keeps what was published, for tests to read. */
export const layerMemory: Layer.Layer<FactBus | PublishedFacts> = Layer.effectContext(
  Effect.sync(() => {
    const published: Array<Fact> = []
    return Context.make(FactBus, {
      publish: (facts) => Effect.sync(() => void published.push(...facts))
    }).pipe(Context.add(PublishedFacts, { all: Effect.sync(() => [...published]) }))
  })
)
