/** Reading figures: each answer is an item, or a range of items one by one. Nothing is added up. */
import { Clock, Effect, Option } from "effect"
import { bucketBefore, bucketStart, isoTime, rangeSpans } from "../../domain/Bucket.ts"
import { countsOf, figuresOf, quantilesOf } from "../../domain/Figures.ts"
import { unattended } from "../../domain/Healthiness.ts"
import { counterOf, counters } from "../../domain/Measure.ts"
import type { Scope } from "../../domain/Scope.ts"
import {
  type Choices,
  Health,
  type Kpi,
  type Leaderboard,
  type Range,
  type Ranking,
  ranges,
  type Trend,
  type Window,
  windows
} from "../../domain/Views.ts"
import type { TableReader } from "../../ports/Table.ts"
import { indexes } from "../events/Searches.ts"
import { readBuckets } from "../projections/Buckets.ts"
import { decoder, FiguresItem, KnownItem, LeaderboardItem } from "../projections/Items.ts"
import { figuresKey, healthKey, knownRange, pageKey } from "../projections/Keys.ts"
import { readTick } from "../projections/Rollups.ts"

const decodeHealth = decoder(Health)
const decodeFigures = decoder(FiguresItem)
const decodePage = decoder(LeaderboardItem)
const decodeKnown = decoder(KnownItem)

/** Most repositories of each kind that can be chosen from. */
const mostChoices = 1000

export const makeFigures = (reader: TableReader) => {
  const updatedAt = Effect.map(readTick(reader), isoTime)

  /** One read. */
  const health = Effect.gen(function* () {
    const item = yield* reader.get(healthKey)
    return Option.isNone(item) ? unattended : yield* decodeHealth(item.value)
  })

  /** Two reads. */
  const kpi = Effect.fn("Readings.kpi")(function* (scope: Scope, window: Window) {
    const item = yield* reader.get(figuresKey(window, scope))
    const figures = Option.isNone(item) ? figuresOf(scope, window, {}, {}) : yield* decodeFigures(item.value)
    return { ...figures, updatedAt: yield* updatedAt } satisfies Kpi
  })

  /** One read. */
  const trend = Effect.fn("Readings.trend")(function* (scope: Scope, range: Range) {
    const { granularity, buckets } = rangeSpans[range]
    const now = yield* Clock.currentTimeMillis
    const from = bucketBefore(granularity, now, buckets)
    const found = yield* readBuckets(reader, granularity, scope, from, bucketBefore(granularity, now, 0))
    const points = found.map(({ bucket, sums }) => ({
      at: bucketStart(granularity, bucket),
      counts: countsOf(sums),
      elapsed: quantilesOf(sums)
    }))
    return { scope, range, granularity, points } satisfies Trend
  })

  /** Two reads. */
  const leaderboard = Effect.fn("Readings.leaderboard")(function* (ranking: Ranking, window: Window, page: number) {
    const item = yield* reader.get(pageKey(window, ranking, page))
    const none = { ranking, window, page, pages: 0, rows: [] }
    const found = Option.isNone(item) ? none : yield* decodePage(item.value)
    return { ...found, updatedAt: yield* updatedAt } satisfies Leaderboard
  })

  const known = Effect.fnUntraced(function* (side: "sources" | "targets") {
    const { items } = yield* reader.query({ ...knownRange(side), limit: mostChoices })
    return yield* Effect.forEach(items, (item) => Effect.map(decodeKnown(item), ({ name }) => name))
  })

  /** Two reads. */
  const choices = Effect.gen(function* () {
    return {
      sources: yield* known("sources"),
      targets: yield* known("targets"),
      statuses: counters,
      types: Object.keys(counterOf),
      windows,
      ranges,
      searches: indexes
    } satisfies Choices
  })

  return { health, kpi, trend, leaderboard, choices }
}
