import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, References, Result, Schema } from "effect"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { layerQueues, makeSqliteStore } from "../../../src/adapters/local/SqliteQueue.ts"
import { runKey } from "../../../src/domain/SourceRun.ts"
import { OrderQueue, PlanQueue, ReportQueue } from "../../../src/flow/Queues.ts"
import type { Durability } from "../../../src/ports/Table.ts"
import { dead, done, retry } from "../../../src/ports/WorkQueue.ts"
import { fromStore } from "../../../src/queue/QueueFromStore.ts"
import { queueStoreContract, StoreUnderTest } from "../../../src/testing/contracts/QueueStore.ts"
import { eventually, testTime } from "../../../src/testing/contracts/Time.ts"
import { acceptance, order } from "../../fixtures/Runs.ts"

const sqlite = Layer.fresh(Sqlite.layer(":memory:"))
queueStoreContract("SQLite", Layer.provide(Layer.effect(StoreUnderTest, makeSqliteStore("contract")), sqlite))

const Numbered = Schema.Struct({ n: Schema.Int })
const numbered = Effect.map(makeSqliteStore("numbered"), (store) => fromStore("numbered", Numbered, store))

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
      const [plan, order] = [yield* makeSqliteStore("plan"), yield* makeSqliteStore("order")]
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
      const before = yield* makeSqliteStore("plan")
      const messages = ["first", "second"].map((body) => ({
        body,
        traceparent: undefined,
        wait: 0,
        group: undefined,
        deduplication: undefined
      }))
      yield* before.add(messages, 0)
      yield* before.take({ limit: 1, now: 1, lease: 60_000, alone: false })
      const after = yield* makeSqliteStore("plan")
      const now = yield* Clock.currentTimeMillis
      const { messages: again } = yield* after.take({ limit: 2, now, lease: 60_000, alone: false })
      assert.deepStrictEqual(
        again.map(({ body }) => body),
        ["first", "second"]
      )
    }).pipe(Effect.provide(sqlite))
  )
  it.effect("finds everything by an index, so that it is not slower when it is deep", () =>
    Effect.gen(function* () {
      const { read } = yield* Sqlite.Sqlite
      const { statements, database } = yield* recorded
      yield* Effect.gen(function* () {
        const store = yield* makeSqliteStore("plan")
        yield* store.add(
          Array.from({ length: 10 }, (_, n) => ({
            body: String(n),
            traceparent: undefined,
            wait: 0,
            group: n % 2 === 0 ? undefined : "group",
            deduplication: undefined
          })),
          0
        )
        const queue = fromStore("plan", Schema.Unknown, store)
        const verdicts = [done, retry(Duration.seconds(1), "later"), dead("no use")]
        let seen = 0
        yield* Effect.forkScoped(
          queue.consume((messages) => Effect.succeed(messages.map(() => verdicts[seen++ % 3] ?? done)), {
            concurrency: 2,
            batchSize: 3
          })
        )
        yield* eventually(
          testTime,
          "all were seen",
          Effect.map(testTime.pass(Duration.seconds(1)), () => seen >= 10)
        )
      }).pipe(Effect.scoped, Effect.provideService(Sqlite.Sqlite, database))
      assert.isAbove(statements.size, 5)
      for (const text of statements) {
        const plan = yield* read((sql) => sql.all(`EXPLAIN QUERY PLAN ${text}`))
        for (const { detail } of plan) assert.notMatch(String(detail), /^SCAN (?!CONSTANT ROW)/, text)
      }
    }).pipe(Effect.provide(sqlite))
  )

  it.effect(
    "wait for the disk with what comes from outside, and with nothing that a message in hand would bring again",
    () =>
      Effect.gen(function* () {
        const database = yield* Sqlite.Sqlite
        const durabilities: Array<Durability | undefined> = []
        const watched = Sqlite.Sqlite.of({
          ...database,
          write: (unit, durability) => {
            durabilities.push(durability)
            return database.write(unit, durability)
          }
        })
        yield* Effect.gen(function* () {
          const { offer } = yield* PlanQueue
          const reports = yield* ReportQueue
          const orders = yield* OrderQueue
          durabilities.length = 0
          yield* offer([{ body: { version: 1, ...acceptance() } }])
          const { id, run } = order()
          yield* reports.offer([{ body: { version: 1, run: runKey(run) } }])
          yield* orders.offer([{ body: { version: 1, run: runKey(run), order: id, generation: 0 } }])
        }).pipe(Effect.provide(layerQueues.pipe(Layer.provide(Layer.succeed(Sqlite.Sqlite, watched)))))
        assert.deepStrictEqual(durabilities, ["synced", "ordered", "ordered"])
      }).pipe(Effect.provide(sqlite))
  )
})

/** The database, and every statement that is run on it. */
const recorded = Effect.map(Sqlite.Sqlite, ({ read, write }) => {
  const statements = new Set<string>()
  const watched = (sql: Sqlite.Sql): Sqlite.Sql =>
    new Proxy(sql, {
      get:
        (_, name: "get" | "all" | "run") =>
        (text: string, ...values: Parameters<Sqlite.Sql["get"]>[1][]) => {
          statements.add(text)
          return sql[name](text, ...values)
        }
    })
  const database: Sqlite.Sqlite["Service"] = {
    read: (query) => read((sql) => query(watched(sql))),
    write: (unit, durability) => write((sql) => unit(watched(sql)), durability)
  }
  return { statements, database }
})
