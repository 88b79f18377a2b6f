import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerQueue } from "../../src/adapters/local/QueueFactBus.ts"
import { requestAccepted } from "../../src/domain/Fact.ts"
import { FactQueue } from "../../src/flow/Queues.ts"
import { FactBus, FactBusError } from "../../src/ports/FactBus.ts"
import { QueueError } from "../../src/ports/WorkQueue.ts"
import { ArrivalRecorder, factBusContract, layerQueueRecorder } from "../../src/testing/contracts/FactBus.ts"
import { testTime } from "../../src/testing/contracts/Time.ts"
import { layerMemory, PublishedFacts } from "../../src/testing/fakes/FactBus.ts"
import { layerMemory as layerMemoryQueues } from "../../src/testing/fakes/Queues.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"

const layerPublished = Layer.effect(
  ArrivalRecorder,
  Effect.map(PublishedFacts, ({ all }) => ({ arrived: all }))
)
factBusContract("in memory", Layer.provideMerge(layerPublished, layerMemory), testTime)

const throughQueue = Layer.merge(layerQueue, layerQueueRecorder).pipe(Layer.provide(layerMemoryQueues))
factBusContract("through a queue in memory", throughQueue, testTime)

describe("FactBus through a queue", () => {
  it.effect("offers one message for a call, more only where its facts are many", () =>
    Effect.gen(function* () {
      const { publish } = yield* FactBus
      const { depth } = yield* FactQueue
      const facts = Array.from({ length: 100 }, (_, index) =>
        requestAccepted(acceptance(sourceRun({ runId: index + 1 })), { appVersion: "1.2.3" })
      )
      yield* publish(facts.slice(0, 3))
      yield* publish(facts.slice(0, 1))
      yield* publish([])
      assert.strictEqual((yield* depth).waiting, 2)
      yield* publish(facts)
      assert.strictEqual((yield* depth).waiting, 4)
    }).pipe(Effect.provide(Layer.provideMerge(layerQueue, layerMemoryQueues)))
  )

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
