/** What a rollup remembers of hours from tick to tick. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { RepositoryName } from "../../src/domain/Names.ts"
import { globalScope } from "../../src/domain/Scope.ts"
import { sketchOf } from "../../src/domain/Sketch.ts"
import { Table } from "../../src/ports/Table.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import { HourMemory } from "../../src/readmodel/rollup/HourMemory.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { contribute, range, settle } from "./Contributing.ts"
import { overrun } from "./Overrun.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000

/** A table with the same items for another process, which counts the hours that it reads. */
const processOf = (table: Table["Service"]) => {
  const counts = { hours: 0 }
  const service = Table.of({
    ...table,
    query: (query) =>
      Effect.tap(table.query(query), ({ items }) =>
        Effect.sync(() => {
          if (query.partition.startsWith("hours/")) counts.hours += items.length
        })
      )
  })
  return { counts, ticks: Effect.provideService(settle, Table, service), service }
}

const accepted = Effect.fnUntraced(function* (window: "15m" | "7d") {
  const { counts } = yield* makeFigureQueries(yield* Table).figures(globalScope, window)
  return counts.accepted
})

/** One active repository with something in each of the last twelve hours: six scopes. */
const twelveHours = Effect.gen(function* () {
  yield* TestClock.setTime(start)
  for (const back of range(1, 12)) yield* contribute([1], start - back * 60 * minute)
})

describe("hours that a rollup remembers", () => {
  it.effect("are not read again, those that change neither", () =>
    Effect.gen(function* () {
      yield* twelveHours
      const { counts, ticks } = processOf(yield* Table)
      yield* ticks
      counts.hours = 0
      // The hour that has begun is new, then it is remembered.
      for (const after of [0, 1]) {
        yield* TestClock.adjust("1 minute")
        yield* contribute([1], start + after * minute)
        yield* ticks
      }
      assert.strictEqual(counts.hours, 0)
      assert.deepStrictEqual([yield* accepted("15m"), yield* accepted("7d")], [2, 14])
    }).pipe(Effect.provide(layerMemory))
  )

  it.effect("are read where another process had a turn meanwhile", () =>
    Effect.gen(function* () {
      yield* twelveHours
      const table = yield* Table
      const [here, there] = [processOf(table), processOf(table)]
      yield* here.ticks
      yield* contribute([1, 2], start - 90 * minute)
      yield* there.ticks
      yield* TestClock.adjust("1 minute")
      yield* contribute([1], start)
      yield* here.ticks
      assert.deepStrictEqual([yield* accepted("15m"), yield* accepted("7d")], [1, 15])
    }).pipe(Effect.provide(layerMemory))
  )

  it.effect("are put right where another process wrote them after its turn", () =>
    Effect.gen(function* () {
      yield* twelveHours
      const table = yield* Table
      const here = processOf(table)
      yield* here.ticks
      yield* contribute([1], start - 70 * minute)
      const goOn = yield* overrun((name) => name === "hours/global")
      // The other process has read what was added by now, and its turn ends.
      yield* contribute([1, 2], start - 70 * minute)
      yield* here.ticks
      yield* goOn
      yield* here.ticks
      const points = (yield* makeFigureQueries(table).trend(globalScope, "24h")).points
      assert.strictEqual(yield* accepted("7d"), 14)
      assert.strictEqual(
        points.reduce((sum, { counts }) => sum + counts.accepted, 0),
        14
      )
    }).pipe(Effect.provide(layerMemory), Effect.scoped)
  )

  it.effect(
    "are put right where another process wrote them after its turn, and what they lost is of another minute",
    () =>
      Effect.gen(function* () {
        yield* twelveHours
        const table = yield* Table
        const [here, there] = [processOf(table), processOf(table)]
        yield* here.ticks
        yield* contribute([1], start - 70 * minute)
        const goOn = yield* overrun((name) => name === "hours/global")
        yield* contribute([1], start - 72 * minute)
        yield* here.ticks
        yield* goOn
        // One that remembers nothing.
        yield* there.ticks
        const points = (yield* makeFigureQueries(table).trend(globalScope, "24h")).points
        assert.strictEqual(yield* accepted("7d"), 14)
        assert.strictEqual(
          points.reduce((sum, { counts }) => sum + counts.accepted, 0),
          14
        )
      }).pipe(Effect.provide(layerMemory), Effect.scoped)
  )

  it.effect("are read after a tick that failed", () =>
    Effect.gen(function* () {
      yield* twelveHours
      const { counts, ticks, service } = processOf(yield* Table)
      yield* ticks
      yield* TestClock.adjust("1 minute")
      const failing = Table.of({ ...service, append: () => Effect.die("gone") })
      yield* contribute([1], start)
      yield* Effect.exit(Effect.provideService(tick([]), Table, failing))
      counts.hours = 0
      yield* ticks
      assert.isAbove(counts.hours, 60)
      assert.strictEqual(yield* accepted("15m"), 1)
    }).pipe(Effect.provide(layerMemory))
  )

  it.effect("are one sum for a day that no window cuts, which is read when one of its hours changes", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      // Hours of the fifth day before, and of today.
      for (const back of [116, 117, 118, 1, 2]) yield* contribute([1], start - back * 60 * minute)
      const { counts, ticks } = processOf(yield* Table)
      yield* ticks
      counts.hours = 0
      yield* contribute([1, 2], start - 117 * 60 * minute)
      yield* ticks
      // Of each of six scopes the three hours of that day; of four new ones there is nothing to read.
      assert.strictEqual(counts.hours, 18)
      assert.strictEqual(yield* accepted("7d"), 6)
      yield* TestClock.adjust("1 minute")
      counts.hours = 0
      yield* contribute([1], start)
      yield* ticks
      assert.deepStrictEqual([counts.hours, yield* accepted("7d"), yield* accepted("15m")], [0, 7, 1])
      const { points } = yield* makeFigureQueries(yield* Table).trend(globalScope, "7d")
      assert.strictEqual(
        points.reduce((sum, { counts: { accepted } }) => sum + accepted, 0),
        7
      )
      // The day that the seven days cut is read hour by hour.
      yield* TestClock.setTime(Date.parse("2026-11-25T13:00:30.000Z"))
      yield* ticks
      assert.strictEqual(yield* accepted("7d"), 6)
    }).pipe(Effect.provide(layerMemory))
  )

  it("are forgotten beyond some bytes, those first that were used first", () => {
    const memory = new HourMemory(200_000)
    const needs = { from: "2026-11-01T00", isCut: () => true, isCutDay: () => true }
    const scopeOf = (index: number) =>
      ({ _tag: "Source", repository: RepositoryName.make(`acme/source-${index}`) }) as const
    const times = range(0, 50).map((index) => 40 * index)
    const total = { counts: { accepted: 50 }, elapsed: sketchOf(times) ?? { bins: {}, max: 0 } }
    const hours = new Map(
      range(0, 24).map((hour) => {
        const name = `2026-11-23T${String(hour).padStart(2, "0")}`
        const minutes = new Map(range(10, 20).map((one) => [`${name}:${one}`, total]))
        return [name, { hour: name, total, minutes: () => minutes }] as const
      })
    )
    for (const index of range(0, 30)) memory.set(scopeOf(index), hours, needs)
    const known = range(0, 30).filter((index) => memory.get(scopeOf(index)) !== undefined)
    assert.isAtLeast(known.length, 2)
    assert.isBelow(known.length, 30)
    assert.deepStrictEqual(known, range(30 - known.length, known.length))
    const last = memory.get(scopeOf(29))?.hours.get("2026-11-23T07")
    assert.deepStrictEqual(last?.total, total)
    assert.deepStrictEqual(last?.minutes?.().get("2026-11-23T07:13"), total)
  })
})
