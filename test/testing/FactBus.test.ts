import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerQueue } from "../../src/adapters/local/QueueFactBus.ts"
import { FactQueue } from "../../src/flow/Queues.ts"
import { FactBus, FactBusError } from "../../src/ports/FactBus.ts"
import { QueueError } from "../../src/ports/WorkQueue.ts"
import { ArrivalRecorder, factBusContract, layerQueueRecorder } from "../../src/testing/contracts/FactBus.ts"
import { testTime } from "../../src/testing/contracts/Time.ts"
import { layerMemory, PublishedFacts } from "../../src/testing/fakes/FactBus.ts"
import { layerMemory as layerMemoryQueues } from "../../src/testing/fakes/Queues.ts"

const layerPublished = Layer.effect(
  ArrivalRecorder,
  Effect.map(PublishedFacts, ({ all }) => ({ arrived: all }))
)
factBusContract("in memory", Layer.provideMerge(layerPublished, layerMemory), testTime)

const throughQueue = Layer.merge(layerQueue, layerQueueRecorder).pipe(Layer.provide(layerMemoryQueues))
factBusContract("through a queue in memory", throughQueue, testTime)

describe("FactBus through a queue", () => {
  it.effect("fails when the queue does", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.flatMap(FactBus, (bus) => bus.publish([])))
      assert.instanceOf(error, FactBusError)
      assert.include(error.message, "disk is full")
    }).pipe(
      Effect.provide(
        Layer.provide(
          layerQueue,
          Layer.mock(FactQueue, {
            offer: () => Effect.fail(new QueueError({ queue: "fact", operation: "offer", message: "disk is full" }))
          })
        )
      )
    )
  )
})
