/**
 * The figures of the dashboard, as Rollup stored them. Every tick says up to which moment everything was right, so figures in which nothing
 * has changed since are those of that moment. The points of a trend are written before the figures that they make: points that are newer
 * than the figures show that a tick came between, and then both are read again.
 */
import { Effect } from "effect"
import type { Figures, Leaderboard, RankedWindow, Ranking, Trend, Window } from "../domain/Answers.ts"
import { bucketOf, bucketStart, isoTime } from "../domain/Bucket.ts"
import { rankedKind } from "../domain/Leaderboards.ts"
import type { Scope } from "../domain/Scope.ts"
import { granularityOf, isShort, startOfWindow } from "../domain/Stretch.ts"
import { toFigures, toPoint, type WindowFigures } from "../domain/WindowFigures.ts"
import type { TableError, TableReader } from "../ports/Table.ts"
import type { FigureQueries } from "./DashboardQueries.ts"
import { readDayPoints, readLong } from "./rollup/Days.ts"
import { readHealth } from "./rollup/HealthItem.ts"
import { readHourPoints, readMinutePoints, type StoredPoint } from "./rollup/Hours.ts"
import { readRankingPage } from "./rollup/Rankings.ts"
import { type FirstPoint, readFigures } from "./rollup/ScopeFigures.ts"
import { readTick } from "./rollup/TickItem.ts"

/** Most readings of a trend while ticks come between; a tick that died between points and figures is repaired by the next one. */
const mostReadings = 3

/** Figures of a window as stored, the end of the window, and the moment up to which all is in them. */
interface Stored {
  readonly to: number
  readonly asOf: number
  readonly storedAt: string
  readonly figures: WindowFigures | undefined
  readonly first: FirstPoint | undefined
}

/** Two reads. The tick is read first: figures that are read later are at least as new. */
const readStored = Effect.fnUntraced(function* (reader: TableReader, scope: Scope, window: Window) {
  const tick = yield* readTick(reader)
  const short = isShort(window) ? yield* readFigures(reader, scope) : undefined
  const item = isShort(window) ? short : yield* readLong(reader, scope)
  const right = isShort(window) ? tick.at : tick.long
  const stored: Stored = {
    to: item === undefined ? right : Math.max(right, Date.parse(item.asOf)),
    asOf: item === undefined ? right : Math.max(right, Date.parse(item.right ?? item.asOf)),
    storedAt: item?.asOf ?? "",
    figures: item?.windows[window],
    first: short?.firsts?.[window]
  }
  return stored
})

const readFiguresOf = (reader: TableReader, scope: Scope, window: Window): Effect.Effect<Figures, TableError> =>
  Effect.map(readStored(reader, scope, window), ({ to, asOf, figures }) => toFigures(scope, window, to, figures, asOf))

/** The points of a window. One read. */
const readPoints = (reader: TableReader, scope: Scope, window: Window, end: number) => {
  const granularity = granularityOf(window)
  const from = bucketOf(granularity, startOfWindow(window, end))
  const to = bucketOf(granularity, isoTime(end))
  switch (granularity) {
    case "minute":
      return Effect.map(readMinutePoints(reader, scope, from, to), (points) =>
        points.filter(({ bucket }) => bucket >= from && bucket <= to)
      )
    case "hour":
      return readHourPoints(reader, scope, from, to)
    case "day":
      return readDayPoints(reader, scope, from, to)
  }
}

const hasAny = ({ figures }: Pick<StoredPoint, "figures">): boolean =>
  Object.values(figures.counts).some((count) => count > 0)

/** Of the hour that the start of the window cuts, only what is within. */
const cut = (point: StoredPoint, first: FirstPoint | undefined): StoredPoint =>
  first?.hour === point.bucket ? { ...point, figures: first.point } : point

const readTrend = Effect.fnUntraced(function* (
  reader: TableReader,
  scope: Scope,
  window: Window,
  reading: number
): Effect.fn.Return<Trend, TableError> {
  const stored = yield* readStored(reader, scope, window)
  const points = yield* readPoints(reader, scope, window, stored.to)
  const isBetween = points.some(({ asOf }) => asOf > stored.storedAt)
  if (isBetween && reading < mostReadings) return yield* readTrend(reader, scope, window, reading + 1)
  const total = toFigures(scope, window, stored.to, stored.figures, stored.asOf)
  const granularity = granularityOf(window)
  return {
    ...{ scope, window, asOf: total.asOf, from: total.from, to: total.to, granularity, total },
    points: points
      .map((point) => cut(point, stored.first))
      .filter(hasAny)
      .map(({ bucket, figures }) => toPoint(bucketStart(granularity, bucket), figures))
  }
})

const readLeaderboard = Effect.fnUntraced(function* (
  reader: TableReader,
  ranking: Ranking,
  window: RankedWindow,
  page: number
) {
  const tick = yield* readTick(reader)
  const stored = yield* readRankingPage(reader, ranking, window, page)
  const right = isoTime(tick.ranks[rankedKind[ranking]]?.at ?? 0)
  // Beyond the last page, how many there are stands on the first.
  const found = stored ?? (page > 0 ? yield* readRankingPage(reader, ranking, window, 0) : undefined)
  if (found === undefined)
    return { ranking, window, asOf: right, page, pages: 0, total: 0, rows: [] } satisfies Leaderboard
  const rows = stored?.rows ?? []
  return { ...found, page, rows, asOf: found.asOf > right ? found.asOf : right } satisfies Leaderboard
})

/** The figures, of a table of which they get no more than its reading half. */
export const makeFigureQueries = (reader: TableReader): FigureQueries => ({
  health: readHealth(reader),
  figures: (scope, window) => readFiguresOf(reader, scope, window),
  trend: (scope, window) => readTrend(reader, scope, window, 1),
  leaderboard: (ranking, window, page) => readLeaderboard(reader, ranking, window, page)
})
