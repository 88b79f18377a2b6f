/** The fact bus of one machine: the recorder's own queue. */
import { Effect, Layer } from "effect"
import type { Fact } from "../../domain/Fact.ts"
import { factMessages } from "../../flow/FactMessages.ts"
import { FactQueue } from "../../flow/Queues.ts"
import { FactBus, FactBusError } from "../../ports/FactBus.ts"

/** The bus where there is only one recorder and nothing between: facts go straight into its queue, those of a call in one message. */
export const layerQueue: Layer.Layer<FactBus, never, FactQueue> = Layer.effect(
  FactBus,
  Effect.map(FactQueue, (queue) => ({
    publish: (facts: ReadonlyArray<Fact>) =>
      Effect.mapError(
        queue.offer(factMessages(facts).map((body) => ({ body }))),
        ({ message }) => new FactBusError({ message: `the fact queue took no facts: ${message}` })
      )
  }))
)
