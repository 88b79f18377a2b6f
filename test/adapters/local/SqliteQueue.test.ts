import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, References, Result, Schema } from "effect"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { makeStore } from "../../../src/adapters/local/SqliteQueue.ts"
import { done } from "../../../src/ports/WorkQueue.ts"
import { fromStore } from "../../../src/ports/WorkQueueFromStore.ts"
import { queueStoreContract, StoreUnderTest } from "../../../src/testing/contracts/QueueStore.ts"
import { eventually, testTime } from "../../../src/testing/contracts/Time.ts"

const sqlite = Layer.fresh(Sqlite.layer(":memory:"))
queueStoreContract("SQLite", Layer.provide(Layer.effect(StoreUnderTest, makeStore("contract")), sqlite))

const Numbered = Schema.Struct({ n: Schema.Int })
const numbered = Effect.map(makeStore("numbered"), (store) => fromStore("numbered", Numbered, store))

describe("a queue on SQLite", () => {
  it.effect("gives up a message that is no JSON, keeps its text, and lets the others pass", () =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      const queue = yield* numbered
      yield* write((sql) =>
        Result.succeed(sql.run("INSERT INTO messages (queue, body, visible_at) VALUES ('numbered', '{\"n\": ', 0)"))
      )
      yield* queue.offer([{ body: { n: 1 } }])
      const seen: Array<number> = []
      yield* Effect.forkScoped(
        queue.consume(
          (messages) => {
            seen.push(...messages.map(({ body }) => body.n))
            return Effect.succeed(messages.map(() => done))
          },
          { concurrency: 1, batchSize: 1 }
        )
      )
      yield* eventually(
        testTime,
        "the other passes",
        Effect.sync(() => seen.length === 1)
      )
      const [letter] = yield* queue.deadLetters(1)
      assert.strictEqual(letter?.body, '{"n": ')
      assert.include(letter?.reason, "JSON")
    }).pipe(Effect.provide(sqlite), Effect.provideService(References.MinimumLogLevel, "None"))
  )
  it.effect("keeps queues apart", () =>
    Effect.gen(function* () {
      const [plan, order] = [yield* makeStore("plan"), yield* makeStore("order")]
      yield* plan.add([{ body: "1", traceparent: "a trace", wait: 0, group: undefined, deduplication: undefined }], 0)
      const look = { limit: 1, now: 1, lease: 1, alone: false }
      assert.deepStrictEqual(yield* order.take(look), { messages: [], next: undefined, suspects: false })
      assert.deepStrictEqual((yield* plan.take(look)).messages, [
        { id: "1", body: "1", traceparent: "a trace", attempt: 1, handout: 1, unanswered: 0, offeredAt: 0 }
      ])
    }).pipe(Effect.provide(sqlite))
  )
  it.live("hands out first what a process had in hand that died, before what waited behind it", () =>
    Effect.gen(function* () {
      const before = yield* makeStore("plan")
      const messages = ["first", "second"].map((body) => ({
        body,
        traceparent: undefined,
        wait: 0,
        group: undefined,
        deduplication: undefined
      }))
      yield* before.add(messages, 0)
      yield* before.take({ limit: 1, now: 1, lease: 60_000, alone: false })
      const after = yield* makeStore("plan")
      const now = yield* Clock.currentTimeMillis
      const { messages: again } = yield* after.take({ limit: 2, now, lease: 60_000, alone: false })
      assert.deepStrictEqual(
        again.map(({ body }) => body),
        ["first", "second"]
      )
    }).pipe(Effect.provide(sqlite))
  )
  it.live("is not slower when it is deep", () =>
    Effect.gen(function* () {
      const queue = yield* numbered
      const cycles = (count: number) =>
        Effect.gen(function* () {
          let finished = 0
          const consume = queue.consume(
            (messages) => {
              finished += messages.length
              return Effect.succeed(messages.map(() => done))
            },
            { concurrency: 1, batchSize: 1 }
          )
          const consumer = yield* Effect.forkChild(consume)
          for (let n = 0; n < count; n++) yield* queue.offer([{ body: { n } }])
          while (finished < count) yield* Effect.yieldNow
          yield* Fiber.interrupt(consumer)
        })
      yield* cycles(100)
      const [shallow] = yield* Effect.timed(cycles(300))
      yield* queue.offer(Array.from({ length: 100_000 }, (_, n) => ({ body: { n } })))
      const [deep] = yield* Effect.timed(cycles(300))
      assert.isBelow(Duration.toMillis(deep), Duration.toMillis(shallow) * 5 + 1500)
    }).pipe(Effect.provide(sqlite))
  )
})
