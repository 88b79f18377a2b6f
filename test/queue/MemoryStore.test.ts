import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { RunKey } from "../../src/domain/SourceRun.ts"
import { FactQueue, OrderQueue, PlanQueue, type ReportMessage, ReportQueue } from "../../src/flow/Queues.ts"
import type { WorkQueue } from "../../src/ports/WorkQueue.ts"
import { makeMemoryStore } from "../../src/queue/MemoryStore.ts"
import { queueStoreContract, StoreUnderTest } from "../../src/testing/contracts/QueueStore.ts"
import { layerMemory } from "../../src/testing/fakes/Queues.ts"

queueStoreContract("in memory", Layer.effect(StoreUnderTest, Effect.sync(makeMemoryStore)))

describe("the queues in memory", () => {
  it.effect("are four", () =>
    Effect.gen(function* () {
      const report: ReportMessage = { version: 1, run: RunKey.make("1/2/3") }
      yield* (yield* ReportQueue).offer([{ body: report }])
      const waiting = <A>(queue: WorkQueue<A>) => Effect.map(queue.depth, (depth) => depth.waiting)
      assert.deepStrictEqual(
        [
          yield* waiting(yield* PlanQueue),
          yield* waiting(yield* OrderQueue),
          yield* waiting(yield* ReportQueue),
          yield* waiting(yield* FactQueue)
        ],
        [0, 0, 1, 0]
      )
    }).pipe(Effect.provide(layerMemory))
  )
})
