import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { rangeSpans } from "../../src/domain/Bucket.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { counters } from "../../src/domain/Measure.ts"
import { globalScope, type Scope } from "../../src/domain/Scope.ts"
import { DeliveryId } from "../../src/domain/SourceRun.ts"
import { ranges, rankings, windows } from "../../src/domain/Views.ts"
import { rollup } from "../../src/flow/Rollup.ts"
import { Readings, type Search } from "../../src/store/Readings.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { repository } from "../fixtures/Runs.ts"
import { runOf } from "./Expected.ts"
import { layers } from "./Layers.ts"
import { Spy } from "./SpiedTable.ts"
import { record } from "./Telling.ts"

const now = Date.parse("2026-11-23T12:20:00.000Z")
const source = repository("acme/source-1")
const target = repository("acme/target-1")
const scopes: ReadonlyArray<Scope> = [
  globalScope,
  { _tag: "Source", repository: source },
  { _tag: "Target", repository: target },
  { _tag: "Pair", source, target },
  { _tag: "Version", version: "1.0.0" }
]

/** Journeys of the same hours and the same repositories, as many as one likes. */
const journeys = (from: number, to: number): ReadonlyArray<Fact> => {
  const chance = new Chance(from)
  return Array.from({ length: to - from }, (_, n) =>
    journey({ chance, index: from + n, at: now - 90_000_000 + chance.below(89_000_000), pace: 1000 })
  ).flat()
}

/** A question, and how many reads its answer is said to take and how many items it may look at, whatever was recorded. */
const question = <A, E>(name: string, reads: number, items: number, ask: Effect.Effect<A, E>) => ({
  name,
  reads,
  items,
  ask: Effect.orDie(ask)
})

/** Every question that can be asked. */
const questions = Effect.gen(function* () {
  const { health, choices, kpi, trend, leaderboard, deliveries, events, journey, runJourney } = yield* Readings
  const limit = 5
  const paging = { limit }
  const page = limit + 4
  const searches: ReadonlyArray<Search> = [
    {},
    { source },
    { target },
    { source, target },
    { status: "dispatched" },
    { source, status: "dispatched" },
    { target, status: "queued" },
    { reason: "not_found" },
    { from: "2026-11-22T00:00:00Z", to: "2026-11-23T12:00:00Z" }
  ]
  const facts = journeys(0, 1)
  const run = runOf(facts[0] ?? assert.fail("a journey has facts"))
  return [
    question("health", 1, 1, health),
    question("choices", 2, 6, choices),
    ...scopes.flatMap((scope) => [
      ...windows.map((window) => question("kpi", 2, 2, kpi(scope, window))),
      ...ranges.map((range) => question(`trend ${range}`, 1, rangeSpans[range].buckets + 1, trend(scope, range)))
    ]),
    ...rankings.flatMap((ranking) =>
      windows.map((window) => question("leaderboard", 2, 2, leaderboard(ranking, window, 0)))
    ),
    question("deliveries", 4, page, deliveries(undefined, paging)),
    question("deliveries of a source", 4, page, deliveries(source, paging)),
    question("journey", 2, 1 + facts.length, journey(DeliveryId.make("delivery-0"))),
    question("runJourney", 1, facts.length, runJourney(run)),
    ...searches.map((search) => question(`events ${Object.keys(search)}`, 4, page, events(search, paging)))
  ]
})

/** Asks every question and checks what it took. */
const check = Effect.gen(function* () {
  const { tally } = yield* Spy
  return yield* Effect.forEach(yield* questions, ({ name, reads, items, ask }) =>
    Effect.gen(function* () {
      const before = { ...tally }
      yield* ask
      assert.isAtMost(tally.reads - before.reads, reads, `reads of ${name}`)
      assert.isAtMost(tally.items - before.items, items, `items of ${name}`)
      return { name, reads: tally.reads - before.reads }
    })
  )
})

for (const [name, layer] of Object.entries(layers)) {
  describe(`Readings on ${name}`, () => {
    it.effect(
      "takes the stated reads, and no more of them however many facts there are",
      () =>
        Effect.gen(function* () {
          yield* TestClock.setTime(now)
          yield* record(journeys(0, 200))
          yield* rollup
          const few = yield* check
          yield* record(journeys(200, 1200))
          yield* rollup
          const many = yield* check
          for (const [index, { name, reads }] of many.entries()) assert.isAtMost(reads, few[index]?.reads ?? 0, name)
        }).pipe(Effect.provide(layer)),
      120_000
    )
  })
}

describe("Readings", () => {
  const { memory } = layers

  it.effect("has zeros for what never happened, and nothing for what is not known", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const readings = yield* Readings
      const { counts, previous, successRate, elapsed, reasons } = yield* readings.kpi(globalScope, "24h")
      assert.deepStrictEqual(new Set([...Object.values(counts), ...Object.values(previous)]), new Set([0]))
      assert.deepStrictEqual([successRate, elapsed.p50, reasons.length], [null, null, 0])
      assert.deepStrictEqual((yield* readings.trend(globalScope, "1h")).points, [])
      assert.deepStrictEqual((yield* readings.leaderboard("sources", "1h", 3)).rows, [])
      assert.deepStrictEqual(yield* readings.deliveries(undefined, { limit: 10 }), { rows: [], cursor: null })
      assert.deepStrictEqual(yield* readings.events({}, { limit: 10 }), { rows: [], cursor: null })
      assert.isTrue(Option.isNone(yield* readings.journey(DeliveryId.make("never-heard-of"))))
      assert.strictEqual((yield* readings.health).status, "unknown")
      const { sources, targets, statuses } = yield* readings.choices
      assert.deepStrictEqual([sources, targets, statuses], [[], [], counters])
    }).pipe(Effect.provide(memory))
  )

  it.effect("tells a journey in the order of the stages, by delivery and by run, whatever came first", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const readings = yield* Readings
      const chance = new Chance(11)
      const stages = [
        "accepted",
        "requested",
        "ignored|invalid|unreachable|created",
        "denied|queued",
        "succeeded|failed|withdrawn|unknown",
        "published"
      ]
      const stageOf = ({ type }: Fact) => stages.findIndex((stage) => new RegExp(`\\.(${stage})$`).test(type))
      for (let index = 0; index < 40; index++) {
        const facts = journey({ chance, index, at: now - 3_600_000 })
        yield* record(chance.shuffled(facts))
        const [first] = facts
        if (first === undefined) continue
        const told = Option.getOrThrow(yield* readings.journey(first.data.deliveryId)).facts
        assert.deepStrictEqual(Option.getOrThrow(yield* readings.runJourney(runOf(first))).facts, told)
        assert.sameDeepMembers([...told], [...facts])
        const order = told.map((fact) => fact.data.generation * 10 + stageOf(fact))
        assert.deepStrictEqual(
          order,
          order.toSorted((a, b) => a - b)
        )
      }
    }).pipe(Effect.provide(memory))
  )
})
