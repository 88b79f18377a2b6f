/** Runs that only Rollup folds, pages after the first, and what is answered after a tick that died. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { isoTime } from "../../src/domain/Bucket.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { runOf } from "../../src/domain/RunFold.ts"
import { globalScope, scopeKey } from "../../src/domain/Scope.ts"
import { Table } from "../../src/ports/Table.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import * as Recorder from "../../src/readmodel/Recorder.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { freeTurn, takeTurn } from "../../src/readmodel/rollup/TickItem.ts"
import { diesBefore, nth } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { TableWatch, tableWrites, watched } from "../ledger/WatchedTable.ts"
import { contribute, range, settle } from "./Contributing.ts"
import { contributionsOf, expectedTrend, scopesWith } from "./ExpectedFigures.ts"
import { journeys } from "./Recording.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000

/** A run with so many dispatched targets that Record does not fold it with each of its facts. */
const largeRun = (targets: number): ReadonlyArray<Fact> => {
  const all = range(1, 50).map((seed) => journeys(new Chance(seed), 1, start, 1))
  const small = all.find((facts) => facts.some(({ type }) => type === "dispatch.trigger.succeeded")) ?? []
  return small.flatMap(
    (fact): ReadonlyArray<Fact> =>
      fact.type !== "dispatch.trigger.succeeded"
        ? [fact]
        : range(0, targets).map((index) => ({
            ...fact,
            id: `${fact.id}/${index}`,
            data: { ...fact.data, target: { ...fact.data.target, workflow: WorkflowFile.make(`cd-${index}.yml`) } }
          }))
  )
}

describe("the turn of a rollup that died", () => {
  it.effect("lasts, unless a process that is the only one frees it", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* freeTurn
      assert.isTrue(Option.isSome(yield* takeTurn(start)))
      assert.strictEqual(yield* tick([], () => Effect.void), "busy")
      yield* freeTurn
      assert.strictEqual(yield* tick([], () => Effect.void), "done")
    }).pipe(Effect.provide(layerMemory))
  )
})

describe("a minute with an item that cannot be read", () => {
  it.effect("stays marked, and holds up no other; when it can be read, it counts", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const table = yield* Table
      const { figures } = makeFigureQueries(table)
      const accepted = Effect.map(figures(globalScope, "1h"), ({ counts }) => counts.accepted)
      yield* contribute([1], start - 5 * minute)
      yield* contribute([2], start - 3 * minute)
      const key = { table: "projections", partition: "contributions/2026-11-23T10:15", sort: "1-1-1" } as const
      yield* table.append([{ key, attributes: { run: "of another form" } }])
      yield* settle
      assert.strictEqual(yield* accepted, 1)
      const { items } = yield* table.query({ table: "projections", partition: "marks", limit: 10 })
      assert.deepStrictEqual(
        items.map(({ key: { sort } }) => sort),
        ["2026-11-23T10:15"]
      )
      yield* contribute([1], start - 5 * minute)
      yield* settle
      assert.strictEqual(yield* accepted, 2)
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

describe("answers while not all marked minutes are folded", () => {
  it.effect("show what is folded, and are of the moment at which all was", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* contribute([1], start - minute)
      yield* settle
      // More minutes than a tick folds.
      yield* TestClock.adjust("10 hours")
      const now = start + 600 * minute
      for (const index of range(1, 300)) yield* contribute([1], start + index * minute)
      const { figures, trend, leaderboard, health } = makeFigureQueries(yield* Table)
      const moments = Effect.gen(function* () {
        const whole = yield* figures(globalScope, "24h")
        const month = yield* figures(globalScope, "30d")
        const { asOf, to, points, total } = yield* trend(globalScope, "24h")
        assert.deepStrictEqual(total, whole)
        const sum = points.reduce((all, { counts }) => all + counts.accepted, 0)
        assert.strictEqual(sum, total.counts.accepted)
        const others = [month, yield* leaderboard("sources", "24h", 0), yield* health].map((one) => one.asOf)
        return { accepted: sum, to, asOf: [...new Set([asOf, ...others])] }
      })
      assert.strictEqual(yield* tick([]), "more")
      assert.deepStrictEqual(yield* moments, { accepted: 241, to: isoTime(now), asOf: [isoTime(start)] })
      assert.strictEqual(yield* tick([]), "done")
      assert.deepStrictEqual(yield* moments, { accepted: 301, to: isoTime(now), asOf: [isoTime(now)] })
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

describe("long windows of many scopes", () => {
  const midnight = Date.parse("2026-11-24T00:00:00.000Z")
  const month = (index: number) =>
    Effect.gen(function* () {
      const { figures } = makeFigureQueries(yield* Table)
      const scope = { _tag: "Source", repository: RepositoryName.make(`acme/source-${index}`) } as const
      const { asOf, counts } = yield* figures(scope, "30d")
      return [asOf, counts.accepted]
    })

  it.effect(
    "are of the moment before what waits for the turn of the hour, also where another day of theirs has changed since",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(midnight - 10 * minute)
        yield* settle
        // Many change on one day, and one of them again on the next day, before the first change had its turn.
        yield* TestClock.setTime(midnight + minute)
        yield* settle
        const turned = isoTime(midnight + minute)
        assert.deepStrictEqual(yield* month(1), [turned, 0])
        yield* TestClock.adjust("1 minute")
        yield* contribute(range(0, 30), midnight - 5 * minute)
        yield* settle
        assert.deepStrictEqual(yield* month(1), [turned, 0])
        yield* TestClock.adjust("1 minute")
        yield* contribute([1], midnight + 2 * minute)
        yield* settle
        assert.deepStrictEqual(yield* month(1), [turned, 1])
        yield* TestClock.adjust("1 hour")
        yield* settle
        assert.deepStrictEqual(yield* month(1), [isoTime(midnight + 63 * minute), 2])
      }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect("are computed once with the turn of the hour, however many ticks have listed a scope", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      for (const time of range(1, 5)) {
        yield* TestClock.setTime(start + time * minute)
        yield* contribute(range(0, 30), start + time * minute - minute)
        yield* settle
      }
      const table = yield* Table
      let written = 0
      const counting = Table.of({
        ...table,
        append: (items) => {
          written += items.filter(({ key }) => /^days\//.test(key.partition)).length
          return table.append(items)
        }
      })
      yield* TestClock.setTime(start + 40 * minute)
      yield* Effect.provideService(settle, Table, counting)
      // A day and its figures of each of 30 sources, workflows, targets and pairs, of all, and of the version.
      assert.strictEqual(written, 2 * 122)
      assert.deepStrictEqual(yield* month(1), [isoTime(start + 40 * minute), 5])
    }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect("go on hour by hour where many change with every tick", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* settle
      for (const time of range(1, 6)) {
        yield* TestClock.setTime(start + time * 20 * minute)
        yield* contribute(range(0, 30), start + time * 20 * minute - minute)
        yield* settle
      }
      // At 12:00:30 had its turn what was found until 11:40:30.
      assert.deepStrictEqual(yield* month(500), ["2026-11-23T11:40:30.000Z", 0])
      assert.deepStrictEqual(yield* month(1), ["2026-11-23T11:40:30.000Z", 5])
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

describe("days that an earlier version stored without the quantiles of what ended", () => {
  it.effect("are written anew with the next fold of one of their minutes, although nothing in them has changed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const table = yield* Table
      const { trend } = makeFigureQueries(table)
      const ended = {
        counts: { targets: 1, completed: 1, succeeded: 1 },
        completion: { bins: { 500: 1 }, max: 22_000 }
      }
      yield* contribute([1], start - minute, ended)
      yield* settle
      const { points } = yield* trend(globalScope, "30d")
      assert.deepStrictEqual(
        points.map(({ completion }) => completion.max),
        [22_000]
      )
      const { dump } = yield* TableWatch
      for (const { key, attributes } of (yield* dump).values()) {
        const { completion: _, ...day } = attributes
        if (/^days\//.test(key.partition)) yield* table.append([{ key, attributes: day }])
      }
      assert.isNull((yield* trend(globalScope, "30d")).points[0]?.completion.max)
      yield* contribute([1], start - minute, ended)
      yield* settle
      assert.strictEqual((yield* trend(globalScope, "30d")).points[0]?.completion.max, 22_000)
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

describe("a run with more than 100 facts", () => {
  it.effect("is marked by Record, and folded once by the next tick", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const facts = largeRun(120)
      const [first] = facts
      if (first === undefined) throw new Error("a journey has facts")
      const { dump, counts } = yield* TableWatch
      const { record } = yield* Recorder.Recorder
      const problems = yield* record(facts)
      assert.isTrue(problems.every((problem) => problem === undefined))
      const stored = [...(yield* dump).keys()]
      assert.include(stored, `projections unfolded ${runOf(first)}`)
      assert.isFalse(stored.some((address) => address.startsWith("projections contributions/")))
      yield* settle
      const after = [...(yield* dump).keys()]
      assert.isFalse(after.some((address) => /^projections (unfolded|marks) /.test(address)))
      assert.isTrue(after.some((address) => address.startsWith("projections contributions/")))
      const { figures, trend } = makeFigureQueries(yield* Table)
      for (const about of scopesWith(contributionsOf(facts))) {
        const { total } = expectedTrend(about, "1h", start)
        const { scope: _, ...rest } = yield* figures(about.scope, "1h")
        const { scope, ...expected } = total
        assert.deepStrictEqual(rest, expected, scopeKey(scope))
      }
      assert.isAtLeast((yield* trend(globalScope, "1h")).total.counts.dispatched, 120)
      // Another fact of the run: it is marked again, and nothing else of it is written by Record.
      const late = { ...first, id: `${first.id}/again` }
      const before = counts.reads
      yield* record([late])
      assert.strictEqual(counts.reads - before, 1)
      assert.include([...(yield* dump).keys()], `projections unfolded ${runOf(first)}`)
    }).pipe(Effect.provide(Layer.provideMerge(Recorder.layer, watched(layerMemory))))
  )
})

describe("a ranking of more than a page", () => {
  it.effect("goes on where its first page ended, and is empty beyond its last", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      // Some have more runs than others, so that the order is not that of names alone.
      for (const index of range(0, 3))
        yield* contribute(range(index * 30, 120 - index * 30), start - (index + 1) * minute)
      yield* settle
      const { leaderboard } = makeFigureQueries(yield* Table)
      const pages = yield* Effect.forEach(range(0, 4), (page) => leaderboard("sources", "1h", page))
      assert.deepStrictEqual(
        pages.map(({ page, rows }) => [page, rows.length]),
        [
          [0, 50],
          [1, 50],
          [2, 20],
          [3, 0]
        ]
      )
      assert.deepStrictEqual(
        pages.slice(0, 3).map(({ pages: all, total, asOf }) => [all, total, asOf]),
        range(0, 3).map(() => [3, 120, isoTime(start)])
      )
      const rows = pages.flatMap((one) => one.rows)
      assert.strictEqual(new Set(rows.map(({ scope }) => scopeKey(scope))).size, 120)
      const dispatched = rows.map(({ counts }) => counts.dispatched)
      assert.deepStrictEqual(
        dispatched,
        dispatched.toSorted((a, b) => b - a)
      )
      // A page that the ranking has no more is gone.
      yield* TestClock.adjust("62 minutes")
      yield* contribute(range(0, 60), start + 61 * minute)
      yield* settle
      const now = yield* Effect.forEach(range(0, 3), (page) => leaderboard("sources", "1h", page))
      assert.deepStrictEqual(
        now.map((one) => one.rows.length),
        [50, 10, 0]
      )
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

describe("a trend after a tick that died", () => {
  it.effect("is answered after three readings at most, wherever the tick died, and is right after the next tick", () =>
    Effect.gen(function* () {
      const { counts } = yield* TableWatch
      const faults = yield* Faults
      const { trend } = makeFigureQueries(yield* Table)
      let now = start
      yield* TestClock.setTime(now)
      yield* contribute([1], now - minute)
      yield* settle
      const readings = new Set<number>()
      for (let died = true, write = 1; died; write++) {
        now += 5 * minute
        yield* TestClock.setTime(now)
        yield* contribute([1], now - minute)
        yield* faults.on(tableWrites, nth(write, diesBefore))
        died = (yield* Effect.exit(tick([])))._tag === "Failure"
        yield* faults.clear
        const before = counts.reads
        const { total, points } = yield* trend(globalScope, "1h")
        readings.add((counts.reads - before) / 3)
        assert.isAtMost(total.counts.dispatched, 12)
        assert.isAtLeast(points.length, 1)
        now += 3 * minute
        yield* TestClock.setTime(now)
        yield* settle
        const again = yield* trend(globalScope, "1h")
        const sum = again.points.reduce((all, { counts }) => all + counts.dispatched, 0)
        assert.strictEqual(again.total.counts.dispatched, sum, `died at write ${write}`)
        assert.strictEqual(again.asOf, isoTime(now))
      }
      assert.sameMembers([...readings], [1, 3])
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})
