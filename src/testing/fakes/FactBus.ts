/** A fact bus in memory. */
import { Context, Effect, Layer } from "effect"
import type { Fact } from "../../domain/Fact.ts"
import { FactBus } from "../../ports/FactBus.ts"

/** What was published on {@link layerMemory}'s bus, in order. */
export class PublishedFacts extends Context.Service<
  PublishedFacts,
  { readonly all: Effect.Effect<ReadonlyArray<Fact>> }
>()("dispatcher/testing/fakes/PublishedFacts") {}

/** A bus without a listener: it keeps what was published, for tests to read. */
export const layerMemory: Layer.Layer<FactBus | PublishedFacts> = Layer.effectContext(
  Effect.sync(() => {
    const published: Array<Fact> = []
    return Context.make(FactBus, {
      publish: (facts) => Effect.sync(() => void published.push(...facts))
    }).pipe(Context.add(PublishedFacts, { all: Effect.sync(() => [...published]) }))
  })
)
