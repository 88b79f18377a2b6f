/** An ArrivalRecorder for buses that end in the FactQueue: it consumes the queue for as long as the tests run. */
import { Effect, Layer } from "effect"
import type { Fact } from "../../domain/Fact.ts"
import { FactQueue } from "../../flow/Queues.ts"
import { done } from "../../ports/WorkQueue.ts"
import { ArrivalRecorder } from "./FactBus.ts"

/** The recorder of a bus that ends in the FactQueue. */
export const layerQueueRecorder: Layer.Layer<ArrivalRecorder, never, FactQueue> = Layer.effect(
  ArrivalRecorder,
  Effect.gen(function* () {
    const queue = yield* FactQueue
    const arrived: Array<Fact> = []
    const record = queue.consume(
      (messages) => {
        arrived.push(...messages.map(({ body }) => body))
        return Effect.succeed(messages.map(() => done))
      },
      { concurrency: 1, batchSize: 10 }
    )
    yield* Effect.forkScoped(record)
    return { arrived: Effect.sync(() => [...arrived]) }
  })
)
