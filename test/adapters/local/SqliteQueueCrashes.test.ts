/** What becomes of messages when processes die and clocks are set. A process is a database that is opened, and closed without a verdict. */
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, References, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { makeSqliteStore } from "../../../src/adapters/local/SqliteQueue.ts"
import { migrations } from "../../../src/adapters/local/SqliteSchema.ts"
import { DispatchMessage, orderOptions, ReportMessage } from "../../../src/flow/Queues.ts"
import { type BatchHandler, done } from "../../../src/ports/WorkQueue.ts"
import { HandlingGate } from "../../../src/queue/HandlingGate.ts"
import { fromStore } from "../../../src/queue/QueueFromStore.ts"
import { steadyMillis } from "../../../src/queue/SteadyTime.ts"
import { eventually, testTime } from "../../../src/testing/contracts/Time.ts"
import { databasePath } from "./support.ts"

const Name = Schema.String
const fourAtOnce = { concurrency: 4, batchSize: 1 }

/** Two queues on the database at `path`, of a process that lives as long as the effect. */
const inProcess = <A, E>(path: string, work: (queues: Queues) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const gate = new HandlingGate()
    const make = (name: string) =>
      Effect.map(makeSqliteStore(name), (store) => fromStore(name, Name, store, undefined, gate))
    return yield* work({ one: yield* make("one"), other: yield* make("other") })
  }).pipe(Effect.provide(Layer.fresh(Sqlite.layer(path))))
type Queue = ReturnType<typeof fromStore<string>>
interface Queues {
  readonly one: Queue
  readonly other: Queue
}

/** Lives until `culprit` has been in hand for a moment, and dies then, whatever else is in hand; returns what was in hand. */
const dieOf = (path: string, culprit: string) =>
  inProcess(path, ({ one, other }) =>
    Effect.gen(function* () {
      const inHand = new Set<string>()
      const finished = new Set<string>()
      const handle: BatchHandler<string, never> = (messages) =>
        Effect.gen(function* () {
          for (const { body } of messages) inHand.add(body)
          // Others are slower than the death of the process, unless they are alone.
          yield* Effect.repeat(Effect.yieldNow, { times: 50 })
          if (messages.some(({ body }) => body === culprit)) return yield* Effect.never
          if (inHand.size > messages.length) return yield* Effect.never
          for (const { body } of messages) {
            inHand.delete(body)
            finished.add(body)
          }
          return messages.map(() => done)
        })
      const life = Effect.all([one.consume(handle, fourAtOnce), other.consume(handle, fourAtOnce)], {
        concurrency: "unbounded"
      })
      // A process that dies finishes nothing: the fiber is left alone, and its database is closed.
      yield* Effect.forkDetach(life)
      yield* eventually(
        testTime,
        `${culprit} is in hand, or gone`,
        Effect.gen(function* () {
          const depths = yield* Effect.orDie(Effect.all([one.depth, other.depth]))
          return inHand.has(culprit) || depths.every(({ waiting, inFlight }) => waiting + inFlight === 0)
        })
      )
      yield* Effect.repeat(testTime.breathe, { times: 3 })
      const depths = yield* Effect.all([one.depth, other.depth])
      return { inHand: [...inHand].sort(), finished: [...finished], dead: depths.map(({ dead }) => dead) }
    })
  )

describe("a process that dies of a message", () => {
  it.effect(
    "buries that message, and none of those that were in hand beside it, however often it dies",
    () =>
      Effect.gen(function* () {
        const path = yield* databasePath
        yield* inProcess(path, ({ one, other }) =>
          Effect.andThen(one.offer([{ body: "culprit" }]), other.offer([{ body: "bystander" }]))
        )
        const deaths: Array<Effect.Success<ReturnType<typeof dieOf>>> = []
        while (deaths.length < 17 && (deaths.at(-1)?.dead[0] ?? 0) === 0) deaths.push(yield* dieOf(path, "culprit"))
        const together = deaths.filter(({ inHand }) => inHand.length === 2)
        const alone = deaths.filter(({ inHand }) => inHand.join() === "culprit")
        assert.deepStrictEqual([together.length, alone.length], [5, 5])
        assert.include(
          deaths.flatMap(({ finished }) => finished),
          "bystander"
        )
        yield* inProcess(path, ({ one, other }) =>
          Effect.gen(function* () {
            const [letter] = yield* one.deadLetters(1)
            assert.strictEqual(letter?.reason, "the process died 5 times while this message alone was in hand")
            assert.deepStrictEqual(yield* other.depth, { waiting: 0, inFlight: 0, dead: 0, oldest: null })
          })
        )
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    60_000
  )
  it.effect("buries no message of 17 deaths for which another one is to blame each time", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const sqlite = Layer.fresh(Sqlite.layer(path))
      const look = { limit: 10, now: 0, lease: 60_000, alone: false }
      const once = <A, E>(work: Effect.Effect<A, E, Sqlite.Sqlite>) => Effect.provide(work, sqlite)
      const message = { body: '"a"', traceparent: undefined, wait: 0, group: undefined, deduplication: undefined }
      yield* once(Effect.flatMap(makeSqliteStore("one"), (store) => store.add([message], 0)))
      let inCompany = 0
      for (let death = 1; death <= 17; death++) {
        const { messages } = yield* once(Effect.flatMap(makeSqliteStore("one"), (store) => store.take(look)))
        inCompany += messages.length
      }
      assert.strictEqual(inCompany, 5, "after that it is handed out alone only")
      yield* once(
        Effect.gen(function* () {
          const store = yield* makeSqliteStore("one")
          const { messages } = yield* store.take({ ...look, alone: true })
          assert.deepStrictEqual(
            messages.map(({ attempt, unanswered }) => [attempt, unanswered]),
            [[1, 5]]
          )
          assert.strictEqual((yield* store.depth(0)).dead, 0)
        })
      )
    })
  )
})

describe("a clock that is set", () => {
  const hour = Duration.toMillis(Duration.hours(1))
  /** The clock of the test, whose wall clock is `shift` milliseconds off. */
  const shifted = (clock: Clock.Clock, shift: () => number): Clock.Clock => ({
    ...clock,
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + shift(),
    currentTimeMillis: Effect.sync(() => clock.currentTimeMillisUnsafe() + shift())
  })

  for (const [how, by] of [
    ["back", -hour],
    ["forward", hour]
  ] as const) {
    it.effect(`${how} within a process changes no wait`, () =>
      Effect.gen(function* () {
        yield* TestClock.adjust("2 hours")
        let shift = 0
        const clock = shifted(yield* Clock.Clock, () => shift)
        yield* inProcess(":memory:", ({ one }) =>
          Effect.gen(function* () {
            const seen: Array<string> = []
            const handle: BatchHandler<string, never> = (messages) => {
              seen.push(...messages.map(({ body }) => body))
              return Effect.succeed(messages.map(() => done))
            }
            yield* Effect.forkChild(one.consume(handle, fourAtOnce))
            yield* one.offer([{ body: "later", delay: "10 minutes" }])
            shift = by
            yield* one.offer([{ body: "now" }])
            yield* eventually(
              testTime,
              "what was offered is handed out",
              Effect.sync(() => seen.length === 1)
            )
            yield* testTime.pass("9 minutes")
            assert.deepStrictEqual(seen, ["now"])
            yield* testTime.pass("1 minute")
            yield* eventually(
              testTime,
              "what was put off is handed out",
              Effect.sync(() => seen.length === 2)
            )
          })
        ).pipe(Effect.provideService(Clock.Clock, clock))
      })
    )
  }
  it.effect("back before a start has no message wait longer than it was put off for", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const tenMinutes = 600_000
      yield* TestClock.adjust("2 hours")
      const clock = yield* Clock.Clock
      yield* inProcess(path, ({ one }) => one.offer([{ body: "later", delay: tenMinutes }, { body: "now" }]))
      yield* Effect.gen(function* () {
        const store = yield* makeSqliteStore("one")
        const now = yield* steadyMillis
        const look = { limit: 10, now, lease: 1, alone: false }
        assert.deepStrictEqual(
          (yield* store.take(look)).messages.map(({ body }) => body),
          ['"now"']
        )
        const later = yield* store.take({ ...look, now: now + tenMinutes, limit: 2 })
        assert.include(
          later.messages.map(({ body }) => body),
          '"later"'
        )
      }).pipe(
        Effect.provide(Layer.fresh(Sqlite.layer(path))),
        Effect.provideService(
          Clock.Clock,
          shifted(clock, () => -hour)
        )
      )
    })
  )
})

describe("the database of a queue", () => {
  it.effect("finds what to hand out by its index, and no other way", () =>
    Effect.gen(function* () {
      const { read } = yield* Sqlite.Sqlite
      const plans = [
        `SELECT id FROM messages WHERE queue = 'a' AND head = 1 AND alone = 0 AND visible_at <= 1
         ORDER BY visible_at, leased, id LIMIT 1`,
        "SELECT min(visible_at) AS at FROM messages WHERE queue = 'a' AND head = 1 AND alone = 1",
        "SELECT min(id) FROM messages WHERE queue = 'a' AND grp = 'g'",
        "SELECT 1 FROM messages WHERE queue = 'a' AND grp = 'g' LIMIT 1"
      ]
      for (const query of plans) {
        const steps = (yield* read((sql) => sql.all(`EXPLAIN QUERY PLAN ${query}`))).map(({ detail }) => String(detail))
        for (const step of steps) assert.match(step, /^SEARCH messages USING (COVERING )?INDEX messages_by_/, query)
      }
    }).pipe(Effect.provide(Layer.fresh(Sqlite.layer(":memory:"))))
  )
  it.effect("of an earlier version gives orders in groups, and reports in a queue of their own", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      mkdirSync(dirname(path))
      const before = new DatabaseSync(path)
      for (const step of migrations.slice(0, 2)) before.exec(step)
      before.exec("PRAGMA user_version = 2")
      const insert = before.prepare("INSERT INTO messages (queue, body, visible_at) VALUES ('order', ?, 0)")
      const order = (run: string, target: string) => ({
        _tag: "DispatchOrder",
        version: 1,
        run,
        order: `${run}/${target}`
      })
      for (const body of [
        order("1/1/1", "acme/app/cd.yml"),
        { _tag: "PublishReport", version: 1, run: "1/1/1" },
        order("1/2/1", "acme/app/cd.yml"),
        order("1/2/1", "acme/site/cd.yml")
      ])
        insert.run(JSON.stringify(body))
      before.close()

      yield* Effect.gen(function* () {
        const orders = yield* makeSqliteStore("order")
        const now = yield* steadyMillis
        const look = { limit: 10, now, lease: 1, alone: false }
        const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(DispatchMessage))
        const first = (yield* orders.take(look)).messages
        const bodies = yield* Effect.forEach(first, ({ body }) => decode(body))
        assert.deepStrictEqual(
          bodies.map((body) => [body.run, orderOptions.groupOf?.(body), body.generation]),
          [
            ["1/1/1", "acme/app/cd.yml", 0],
            ["1/2/1", "acme/site/cd.yml", 0]
          ]
        )
        yield* orders.settle(
          first.map((message) => ({ _tag: "Done", ...message })),
          now
        )
        const [next] = (yield* orders.take(look)).messages
        assert.strictEqual((yield* decode(next?.body ?? "")).order, "1/2/1/acme/app/cd.yml")
        const [report] = (yield* (yield* makeSqliteStore("report")).take(look)).messages
        const read = Schema.decodeUnknownEffect(Schema.fromJsonString(ReportMessage))
        assert.strictEqual((yield* read(report?.body ?? "")).run, "1/1/1")
      }).pipe(Effect.provide(Layer.fresh(Sqlite.layer(path))))
    })
  )
})
