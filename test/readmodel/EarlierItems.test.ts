/** Items that earlier versions stored: they are read as they were, and written anew when they change. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { globalScope } from "../../src/domain/Scope.ts"
import { sparseCounts } from "../../src/domain/Tally.ts"
import { type Item, Table } from "../../src/ports/Table.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import { asAttributes } from "../../src/readmodel/Items.ts"
import { decodeHour } from "../../src/readmodel/rollup/HourItem.ts"
import { decodePage } from "../../src/readmodel/rollup/RankingItem.ts"
import { readFigures } from "../../src/readmodel/rollup/ScopeFigures.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { TableWatch, watched } from "../ledger/WatchedTable.ts"
import { contribute, range, settle } from "./Contributing.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000

/** The attributes as an earlier version had them. */
const earlier = Effect.fnUntraced(function* (item: Item) {
  const { partition } = item.key
  if (partition.startsWith("hours/")) {
    const { asOf, total, minutes } = yield* decodeHour(item)
    const sum = (one: typeof total) => {
      const { elapsed: quantiles, completion: completionQuantiles } = one.figures()
      return { ...one.tally(), quantiles, completionQuantiles }
    }
    const sums = [...minutes()].map(([name, one]) => [name.slice(14), sum(one)])
    return { asOf, total: sum(total), minutes: Object.fromEntries(sums) }
  }
  if (partition.startsWith("rankings/")) {
    const { rows, ...page } = yield* decodePage(item)
    const sparse = rows.map((row) => ({
      ...row,
      counts: sparseCounts(row.counts),
      previous: sparseCounts(row.previous)
    }))
    return { ...page, rows: sparse }
  }
  if (partition === "figures/global") return yield* readFigures(yield* Table, globalScope)
  return undefined
})

const replaceAll = Effect.gen(function* () {
  const table = yield* Table
  const { dump } = yield* TableWatch
  let replaced = 0
  for (const item of (yield* dump).values()) {
    const value = yield* earlier(item)
    if (value === undefined) continue
    const attributes = asAttributes(JSON.parse(JSON.stringify(value)))
    assert.notDeepEqual(attributes, item.attributes)
    yield* table.append([{ key: item.key, attributes }])
    replaced += 1
  }
  return replaced
})

/** All that is answered of these items. */
const answers = Effect.gen(function* () {
  const { figures, trend, leaderboard } = makeFigureQueries(yield* Table)
  return yield* Effect.all([
    figures(globalScope, "24h"),
    trend(globalScope, "1h"),
    trend(globalScope, "24h"),
    leaderboard("sources", "1h", 0),
    leaderboard("results", "7d", 0)
  ])
})

describe("items of earlier versions", () => {
  it.effect("are answered as they were, and go on with what comes", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      for (const back of [1, 2, 90]) yield* contribute(range(0, 5), start - back * minute)
      yield* settle
      const before = yield* answers
      // Six scopes of two hours, four times five rankings, and figures.
      assert.isAtLeast(yield* replaceAll, 30)
      assert.deepStrictEqual(yield* answers, before)
      yield* TestClock.adjust("1 minute")
      yield* contribute(range(0, 3), start)
      yield* settle
      const [figures, hour, day, ranking] = yield* answers
      assert.deepStrictEqual(
        [
          figures.counts.accepted,
          hour.total.counts.accepted,
          day.total.counts.accepted,
          ranking.rows[0]?.counts.accepted
        ],
        [18, 13, 18, 3]
      )
      assert.strictEqual(
        day.points.reduce((sum, { counts }) => sum + counts.accepted, 0),
        18
      )
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})
