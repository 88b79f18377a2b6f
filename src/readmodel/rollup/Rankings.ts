/**
 * Rankings, page by page.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `rankings/<window>` | `<ranking>/<page>` | a page |
 *
 * Made anew with each tick in which figures of their kind changed while at most 200 scopes have figures, and otherwise every 5 minutes,
 * one kind a tick. Only pages that have changed are written.
 */
import { Effect, Option } from "effect"
import type { Leaderboard, RankedWindow, Ranking } from "../../domain/Answers.ts"
import { isoTime } from "../../domain/Bucket.ts"
import { type Ranked, type RankingPage, rankedKind, rankingPages, rankScopes } from "../../domain/Leaderboards.ts"
import { isSameData } from "../../domain/SameData.ts"
import type { ScopeKind } from "../../domain/Scope.ts"
import { rankedWindows, rankings } from "../../domain/Vocabulary.ts"
import { readAll, Table, type TableReader } from "../../ports/Table.ts"
import type { Moments } from "./Days.ts"
import { type Overwrite, overwrite } from "./Overwrite.ts"
import { decodePage, packPage, pageKey, partitionOf } from "./RankingItem.ts"
import { readKind, type ScopeFigures } from "./ScopeFigures.ts"
import type { TickItem } from "./TickItem.ts"

const withoutTime = ({ asOf: _, ...page }: Leaderboard): RankingPage => page

/** The kinds that are ranked. */
const kinds = [...new Set(Object.values(rankedKind))]
/** Most scopes of a kind that are ranked with each tick: of more, each tick would write dozens of pages. */
const mostRankedAtOnce = 200
/** How often rankings of more are made, in milliseconds. */
const pause = 300_000
const unranked: TickItem["ranks"][string] = { at: 0, stale: true, large: false }

/** All figures of a kind. One read for 1000. */
const readWhole = Effect.fnUntraced(function* (reader: TableReader, kind: ScopeKind) {
  const figures: Array<ScopeFigures> = []
  for (let cursor: string | undefined, more = true; more; ) {
    const page = yield* readKind(reader, kind, cursor)
    figures.push(...page.figures)
    cursor = page.cursor
    more = cursor !== undefined
  }
  return figures
})

/** The writes that bring the rankings of a kind and window up to date. One read. */
const changesOf = Effect.fnUntraced(function* (
  reader: TableReader,
  kind: ScopeKind,
  window: RankedWindow,
  all: ReadonlyArray<ScopeFigures>,
  right: number
) {
  const ranked = all.flatMap(({ scope, windows }): ReadonlyArray<Ranked> => {
    const figures = windows[window]
    return figures === undefined ? [] : [{ scope, figures }]
  })
  const writes: Array<Overwrite> = []
  for (const ranking of rankings.filter((one) => rankedKind[one] === kind)) {
    const range = { from: `${ranking}/`, to: `${ranking}/~` }
    const items = yield* readAll(reader, { table: "projections", partition: partitionOf(window), ...range })
    const stored = new Map(
      yield* Effect.forEach(items, (item) => Effect.map(decodePage(item), (page) => [item.key.sort, page] as const))
    )
    for (const page of rankingPages(ranking, window, rankScopes(ranking, ranked))) {
      const key = pageKey(window, ranking, page.page)
      const before = stored.get(key.sort)
      stored.delete(key.sort)
      if (before !== undefined && isSameData(withoutTime(before), page)) continue
      writes.push({ _tag: "Put", key, attributes: packPage({ ...page, asOf: isoTime(right) }) })
    }
    for (const sort of stored.keys()) {
      writes.push({ _tag: "Delete", key: { table: "projections", partition: partitionOf(window), sort } })
    }
  }
  return writes
})

/** Brings the rankings up to date after figures of some kinds have changed. Nothing is read where none has. */
export const updateRankings = Effect.fnUntraced(function* (
  before: TickItem["ranks"],
  changed: ReadonlySet<ScopeKind>,
  { now, right }: Moments
) {
  const table = yield* Table
  const ranks: Record<string, TickItem["ranks"][string]> = {}
  let isLargeDone = false
  for (const kind of kinds) {
    const known = before[kind] ?? unranked
    const stale = known.stale || changed.has(kind)
    const isDue = stale && (!known.large || (!isLargeDone && now - (known.made ?? known.at) >= pause))
    if (!isDue) {
      ranks[kind] = { ...known, stale, at: stale ? known.at : right }
      continue
    }
    const figures = yield* readWhole(table, kind)
    const large = figures.length > mostRankedAtOnce
    const writes = yield* Effect.forEach(rankedWindows, (window) => changesOf(table, kind, window, figures, right))
    yield* overwrite(writes.flat())
    isLargeDone ||= large
    ranks[kind] = { at: right, made: now, stale: false, large }
  }
  return ranks
})

/** A page of a ranking; undefined beyond the last. One read. */
export const readRankingPage = Effect.fnUntraced(function* (
  reader: TableReader,
  ranking: Ranking,
  window: RankedWindow,
  page: number
) {
  const item = yield* reader.get(pageKey(window, ranking, page))
  if (Option.isNone(item)) return undefined
  return yield* decodePage(item.value)
})
