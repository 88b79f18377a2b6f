import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { isoTime } from "../../src/domain/Bucket.ts"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { globalScope } from "../../src/domain/Scope.ts"
import { Table, type TableReader } from "../../src/ports/Table.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { watched } from "../ledger/WatchedTable.ts"
import { contribute, costOf, range, settle } from "./Contributing.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000

/** So many repositories, each active once within the last hours, all of it rolled up. */
const manyRepositories = Effect.fnUntraced(function* (count: number) {
  yield* TestClock.setTime(start - 400 * minute)
  for (const batch of range(0, count / 100)) yield* contribute(range(batch * 100, 100), start - (401 + batch) * minute)
  yield* settle
  // Nothing enters or leaves any more at the start, but for what is tried.
  yield* TestClock.setTime(start)
  yield* settle
})

/** What ticks cost with so many repositories: one when nothing changes, and one when 100 of them are active. */
const costsWith = (repositories: number) =>
  Effect.gen(function* () {
    yield* manyRepositories(repositories)
    yield* TestClock.adjust("1 minute")
    const idle = yield* costOf(tick([]))
    // Rankings of so many are made every 5 minutes: this tick has its turn, too.
    yield* TestClock.adjust("10 minutes")
    yield* contribute(range(0, 100), start + 10 * minute)
    const busy = yield* costOf(tick([]))
    const { asOf, counts } = yield* makeFigureQueries(yield* Table).figures(globalScope, "15m")
    assert.deepStrictEqual([asOf, counts.accepted, counts.dispatched], [isoTime(start + 11 * minute), 100, 100])
    return { idle, busy }
  }).pipe(Effect.provide(watched(layerMemory)))

describe("what a tick costs", () => {
  it.effect(
    "at most 20 reads and 5 writes when nothing changes, at most 1,500 of both when 100 repositories are active, however many there are",
    () =>
      Effect.gen(function* () {
        // More than rankings show. `npm run bench rollup` has 10,000.
        const some = yield* costsWith(1100)
        const many = yield* costsWith(1200)
        assert.isAtMost(many.idle.reads, 20)
        assert.isAtMost(many.idle.writes, 5)
        assert.isAtMost(many.busy.reads + many.busy.writes, 1500)
        assert.deepStrictEqual(many.idle, some.idle)
        assert.isAtMost(many.busy.reads + many.busy.writes, some.busy.reads + some.busy.writes + 10)
      })
  )

  it.effect("a rest of ten days takes some ticks, and everything is right afterwards", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* contribute(range(0, 10), start - minute)
      yield* settle
      yield* TestClock.adjust("10 days")
      yield* contribute(range(0, 3), start + 14_400 * minute - 5 * minute)
      let ticks = 1
      while ((yield* tick([])) !== "done") ticks += 1
      assert.isAtMost(ticks, 41)
      const { figures } = makeFigureQueries(yield* Table)
      const seven = yield* figures(globalScope, "7d")
      assert.deepStrictEqual([seven.counts.accepted, seven.previous.accepted], [3, 10])
      const source = { _tag: "Source", repository: RepositoryName.make("acme/source-9") } as const
      const { counts, previous } = yield* figures(source, "7d")
      assert.deepStrictEqual([counts.accepted, previous.accepted], [0, 1])
      assert.strictEqual((yield* figures(source, "30d")).counts.accepted, 1)
      assert.strictEqual(seven.asOf, isoTime(start + 14_400 * minute))
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

describe("readings of figures", () => {
  it.effect("read a trend again when a tick came between, and take at most three reads otherwise", () =>
    Effect.gen(function* () {
      const table = yield* Table
      yield* TestClock.setTime(start)
      yield* contribute([1], start - minute)
      yield* settle
      const workflow = {
        _tag: "Workflow",
        repository: RepositoryName.make("acme/source-1"),
        workflow: WorkflowFile.make("ci.yml")
      } as const
      for (const window of ["15m", "1h", "24h", "7d", "30d", "90d"] as const) {
        let isFirst = true
        /** A reader between whose readings of figures and points a tick passes. */
        const interleaved: TableReader = {
          get: table.get,
          query: (query) =>
            Effect.suspend(() => {
              if (!isFirst) return table.query(query)
              isFirst = false
              const between = Effect.gen(function* () {
                yield* TestClock.adjust("1 second")
                const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
                yield* contribute([1, 2], now - 2 * minute)
                yield* settle
              })
              return between.pipe(
                Effect.provideService(Table, table),
                Effect.catchCause(Effect.die),
                Effect.andThen(table.query(query))
              )
            })
        }
        const { total, points, asOf } = yield* makeFigureQueries(interleaved).trend(workflow, window)
        const sum = points.reduce((all, { counts }) => all + counts.dispatched, 0)
        assert.strictEqual(sum, total.counts.dispatched, window)
        assert.strictEqual(asOf, total.asOf)
        const { trend, figures, leaderboard, health } = makeFigureQueries(table)
        assert.strictEqual((yield* costOf(trend(workflow, window))).reads, 3)
        assert.strictEqual((yield* costOf(figures(workflow, window))).reads, 2)
        assert.strictEqual((yield* costOf(leaderboard("sources", "7d", 0))).reads, 2)
        assert.strictEqual((yield* costOf(health)).reads, 1)
      }
    }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect("of a ranking beyond its last page say how many there are", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* contribute(range(0, 60), start - minute)
      yield* settle
      const { leaderboard } = makeFigureQueries(yield* Table)
      const shape = ({ page, pages, total, rows }: Effect.Success<ReturnType<typeof leaderboard>>) => [
        page,
        pages,
        total,
        rows.length
      ]
      assert.deepStrictEqual(shape(yield* leaderboard("sources", "24h", 1)), [1, 2, 60, 10])
      assert.deepStrictEqual(shape(yield* leaderboard("sources", "24h", 7)), [7, 2, 60, 0])
      assert.deepStrictEqual(shape(yield* leaderboard("targets", "24h", 0)).slice(0, 3), [0, 2, 60])
    }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect("say that figures are unattended where no rollup was made for minutes", () =>
    Effect.gen(function* () {
      const { health } = makeFigureQueries(yield* Table)
      assert.strictEqual((yield* health).reasons[0]?.code, "unattended")
      yield* TestClock.setTime(start)
      yield* settle
      assert.strictEqual((yield* health).asOf, isoTime(start))
      yield* TestClock.adjust("6 minutes")
      assert.deepStrictEqual([(yield* health).status, (yield* health).reasons[0]?.code], ["unknown", "unattended"])
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})
