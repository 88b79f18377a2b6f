/** Where stages publish what happened. Facts are durable when `publish` returns; the recorder gets each at least once. */
import { Context, type Effect, Schema } from "effect"
import type { Fact } from "../domain/Fact.ts"

/** Facts could not be published; some of them may have been. */
export class FactBusError extends Schema.TaggedError<FactBusError>()("FactBusError", { message: Schema.String }) {}

/** Publishes facts; publishing the same fact again is harmless: its id is the same. */
export class FactBus extends Context.Service<
  FactBus,
  {
    /**
     * Stores all facts, or fails; some of those that a failure is about may have been stored. The facts of a call travel and are recorded together, which costs
     * little more than one of them: what is known at one time is best published in one call.
     */
    readonly publish: (facts: ReadonlyArray<Fact>) => Effect.Effect<void, FactBusError>
  }
>()("dispatcher/ports/FactBus") {}
