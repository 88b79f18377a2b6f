import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import type { Fact } from "../../src/domain/Fact.ts"
import { counterOf } from "../../src/domain/Measure.ts"
import { WorkflowFile } from "../../src/domain/Names.ts"
import { globalScope, type Scope } from "../../src/domain/Scope.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import { rollup } from "../../src/flow/Rollup.ts"
import { maxTransactionWrites } from "../../src/ports/Table.ts"
import { Readings } from "../../src/store/Readings.ts"
import { Retention } from "../../src/store/Retention.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { expectedOpen } from "./Expected.ts"
import { layers } from "./Layers.ts"
import { Spy } from "./SpiedTable.ts"
import { handle, record } from "./Telling.ts"

const { memory } = layers
const now = Date.parse("2026-11-23T12:20:00.000Z")

const journeys = (count: number, seed = 1): ReadonlyArray<Fact> => {
  const chance = new Chance(seed)
  return Array.from({ length: count }, (_, index) => journey({ chance, index, at: now - 60_000, pace: 1000 })).flat()
}

/** What some work writes, transaction by transaction. */
const writesOf = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { tally } = yield* Spy
    const before = { ...tally }
    yield* work
    return { writes: tally.writes - before.writes, transactions: tally.transactions - before.transactions }
  })

describe("Recorder", () => {
  it.effect("writes as much for a fact as is documented, once its marks are known", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const facts = journeys(80)
      yield* record(facts)
      // The same again, as if it were other runs.
      const others = facts.map((fact) => ({
        ...fact,
        id: fact.id.replace(`/${fact.data.runId}/`, `/${fact.data.runId + 1000}/`),
        data: { ...fact.data, runId: fact.data.runId + 1000 }
      }))
      // Itself, its lines in lists, minutes and hours of its scopes, two rows, and open work.
      const ofRun = 1 + 4 + 8 + 2
      const ofTarget = 1 + 7 + 12 + 2
      const expected = {
        accepted: ofRun + 1,
        replayed: ofRun + 1,
        // Without rows, and nothing opens.
        redelivered: ofRun - 2,
        ignored: ofRun + 1,
        invalid: ofRun + 1,
        unreachable: ofRun + 1,
        planned: ofRun + 1,
        reported: ofRun,
        queued: ofTarget + 1,
        dispatched: ofTarget + 1,
        unknown: ofTarget + 1,
        failed: ofTarget + 3,
        withdrawn: ofTarget + 3,
        denied: ofTarget + 2
      }
      const types = new Set<string>()
      const runs = new Set<string>()
      for (const fact of others) {
        // The first fact of a delivery notes of which run it told.
        const pointer = runs.has(fact.data.runId) ? 0 : 1
        const { writes, transactions } = yield* writesOf(record([fact as Fact]))
        const documented = expected[counterOf[fact.type]] + pointer
        assert.deepStrictEqual({ writes, transactions }, { writes: documented, transactions: 1 }, fact.type)
        types.add(fact.type)
        runs.add(fact.data.runId)
      }
      assert.strictEqual(types.size, Object.keys(counterOf).length)
    }).pipe(Effect.provide(memory))
  )

  it.effect("takes a fact that is told again in another trace for the same fact, and keeps the first telling", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      const [fact = assert.fail()] = journeys(1)
      yield* record([{ ...fact, traceparent }])
      const another = { ...fact, traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" }
      const { dump } = yield* Spy
      const before = yield* dump
      yield* record([another, fact])
      assert.deepStrictEqual(yield* dump, before)
      const stored = yield* (yield* Readings).journey(fact.data.deliveryId)
      assert.deepStrictEqual(Option.getOrThrow(stored).facts, [{ ...fact, traceparent }])
    }).pipe(Effect.provide(memory))
  )

  it.effect(
    "shares transactions and counters among the facts of a batch, and writes nothing for what is repeated",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const facts = journeys(30)
        const { writes, transactions } = yield* writesOf(record(facts))
        assert.isBelow(writes / facts.length, 15)
        assert.isAtMost(transactions, Math.ceil(writes / (maxTransactionWrites * 0.75)))
        const before = yield* (yield* Spy).dump
        yield* record(facts)
        assert.deepStrictEqual(yield* (yield* Spy).dump, before)
      }).pipe(Effect.provide(memory))
  )

  it.effect("leaves no work open that ends in the batch in which it begins, in whatever order", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const facts = journeys(40).filter(({ data }) => data.generation === 0)
      const opened = new Set(expectedOpen(facts))
      for (const run of Map.groupBy(facts, ({ data }) => data.runId).values()) yield* record(run.toReversed())
      const addresses = [...(yield* (yield* Spy).dump).keys()]
      assert.sameMembers(
        addresses.filter((address) => address.startsWith("projections open/")),
        [...opened]
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect("keeps a fact aside that can never be recorded, and records the others", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const facts = journeys(8, 4)
      const spoilt = facts.map((fact, index): Fact => {
        if (index === 3) return { ...fact, time: "some time ago" }
        const huge = fact.type === "dispatch.trigger.succeeded" && index > 8
        return huge
          ? { ...fact, data: { ...fact.data, started: { id: GitHubId.make("1"), url: "x".repeat(400_000) } } }
          : fact
      })
      const verdicts = yield* handle(spoilt)
      const dead = spoilt.filter((_, index) => verdicts[index]?._tag === "Dead")
      const bad = spoilt.filter((fact, index) => index === 3 || JSON.stringify(fact).length > 400_000)
      assert.deepStrictEqual(dead, bad)
      assert.isAbove(bad.length, 1)
      const done = verdicts.filter(({ _tag }) => _tag === "Done").length
      assert.strictEqual(done, facts.length - bad.length)
      const { points } = yield* (yield* Readings).trend(globalScope, "1h")
      const counted = points.flatMap(({ counts }) => Object.values(counts)).reduce((sum, count) => sum + count, 0)
      assert.strictEqual(counted, done)
    }).pipe(Effect.provide(memory))
  )

  it.effect("gives facts back while the table does not answer, and records them later", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const { plot } = yield* Spy
      const facts = journeys(5)
      plot(() => "unavailable")
      const verdicts = yield* handle(facts)
      assert.deepStrictEqual(new Set(verdicts.map(({ _tag }) => _tag)), new Set(["Retry"]))
      plot(() => undefined)
      yield* record(facts)
    }).pipe(Effect.provide(memory))
  )

  it.effect("stands names of any length and kind", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const names = ["w".repeat(1024), "\u{1F680}".repeat(500), "\ufffd.yml", "a b\nc", "w".repeat(1023)]
      const facts = names.map((name, index): Fact => {
        const [accepted] = journey({ chance: new Chance(1), index, at: now - 60_000 })
        if (accepted === undefined) return assert.fail("a journey begins")
        return {
          ...accepted,
          appversion: name,
          data: { ...accepted.data, sourceWorkflow: WorkflowFile.make(name) }
        } as Fact
      })
      yield* record(facts)
      yield* rollup
      const readings = yield* Readings
      for (const { data } of facts) {
        const scope: Scope = { _tag: "Workflow", repository: data.sourceRepository, workflow: data.sourceWorkflow }
        assert.strictEqual((yield* readings.kpi(scope, "1h")).counts.accepted, 1)
      }
    }).pipe(Effect.provide(memory))
  )
})

describe("Retention", () => {
  const counted = Effect.gen(function* () {
    const { trend, events, deliveries, journey } = yield* Readings
    const [first] = journeys(1)
    if (first === undefined) return assert.fail("a journey begins")
    const minutes = yield* trend(globalScope, "1h")
    const hours = yield* trend(globalScope, "7d")
    const days = yield* trend(globalScope, "90d")
    return {
      minutes: minutes.points.length > 0,
      hours: hours.points.length > 0,
      days: days.points.length > 0,
      events: (yield* events({}, { limit: 1 })).rows.length > 0,
      deliveries: (yield* deliveries(undefined, { limit: 1 })).rows.length > 0,
      journey: Option.isSome(yield* journey(first.data.deliveryId))
    }
  })
  /** Whether the item is still there, whatever the ranges of trends show. */
  const livingBuckets = Effect.gen(function* () {
    const dump = yield* (yield* Spy).dump
    const has = (prefix: string) => [...dump.keys()].some((address) => address.startsWith(`projections ${prefix}/`))
    return { minutes: has("minute"), hours: has("hour"), days: has("day") }
  })

  it.effect("forgets minutes after 2 days, hours and events after 90, days later", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* record(journeys(10))
      yield* rollup
      const all = { minutes: true, hours: true, days: true, events: true, deliveries: true, journey: true }
      assert.deepStrictEqual(yield* counted, all)
      yield* TestClock.adjust("47 hours")
      assert.deepStrictEqual(yield* livingBuckets, { minutes: true, hours: true, days: true })
      yield* TestClock.adjust("2 hours")
      assert.deepStrictEqual(yield* livingBuckets, { minutes: false, hours: true, days: true })
      yield* TestClock.adjust("87 days")
      assert.deepStrictEqual(yield* livingBuckets, { minutes: false, hours: true, days: true })
      const { events, deliveries, journey } = yield* counted
      assert.deepStrictEqual([events, deliveries, journey], [true, true, true])
      yield* TestClock.adjust("25 hours")
      assert.deepStrictEqual(yield* livingBuckets, { minutes: false, hours: false, days: true })
      const later = yield* counted
      assert.deepStrictEqual([later.events, later.deliveries, later.journey], [false, false, false])
      yield* TestClock.adjust("311 days")
      assert.deepStrictEqual(yield* livingBuckets, { minutes: false, hours: false, days: false })
    }).pipe(Effect.provide(memory))
  )

  it.effect("keeps things as long as it is told to", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* record(journeys(10))
      yield* TestClock.adjust("8 days")
      assert.deepStrictEqual(yield* livingBuckets, { minutes: false, hours: true, days: false })
      const { events, deliveries, journey } = yield* counted
      assert.deepStrictEqual([events, deliveries, journey], [false, false, false])
    }).pipe(
      Effect.provide(
        memory.pipe(
          Layer.provide(
            Layer.succeed(Retention, {
              events: Duration.days(7),
              minutes: Duration.hours(3),
              hours: Duration.days(15),
              days: Duration.days(30)
            })
          )
        )
      )
    )
  )
})
