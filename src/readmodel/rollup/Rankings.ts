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
import { Effect, Option, Schema } from "effect"
import { Leaderboard, Quantiles, RankedScope, type RankedWindow, type Ranking } from "../../domain/Answers.ts"
import { isoTime } from "../../domain/Bucket.ts"
import { type Ranked, type RankingPage, rankedKind, rankingPages, rankScopes } from "../../domain/Leaderboards.ts"
import { isSameData } from "../../domain/SameData.ts"
import type { ScopeKind } from "../../domain/Scope.ts"
import { sparseCounts, wholeCounts } from "../../domain/Tally.ts"
import { rankedWindows, rankings } from "../../domain/Vocabulary.ts"
import { noQuantiles } from "../../domain/WindowFigures.ts"
import { type Key, readAll, Table, type TableReader } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import type { Moments } from "./Days.ts"
import { type Overwrite, overwrite } from "./Overwrite.ts"
import { readKind, type ScopeFigures } from "./ScopeFigures.ts"
import type { TickItem } from "./TickItem.ts"

const Counts = Schema.Record(Schema.String, Schema.Int)
const Page = Schema.Struct({
  ...Leaderboard.fields,
  rows: Schema.Array(
    Schema.Struct({
      ...RankedScope.fields,
      counts: Counts,
      previous: Counts,
      // Null where no started run has ended, so not stored there; nor by versions that did not rank results.
      resultRate: Schema.optionalKey(Schema.Finite),
      completion: Schema.optionalKey(Quantiles)
    })
  )
})
type Row = Page["rows"][number]
type Page = typeof Page.Type
const decode = itemDecoder(Page)

const partition = (window: RankedWindow): string => `rankings/${window}`
const keyOf = (window: RankedWindow, ranking: Ranking, page: number): Key => ({
  table: "projections",
  partition: partition(window),
  sort: `${ranking}/${String(page).padStart(4, "0")}`
})

const toStoredRow = ({ resultRate, completion, ...row }: RankedScope): Row => ({
  ...row,
  counts: sparseCounts(row.counts),
  previous: sparseCounts(row.previous),
  ...(resultRate === null ? {} : { resultRate }),
  ...(completion.max === null ? {} : { completion })
})
const toStored = ({ rows, ...page }: RankingPage): Omit<Page, "asOf"> => ({ ...page, rows: rows.map(toStoredRow) })

const toRow = (row: Row): RankedScope => ({
  ...row,
  counts: wholeCounts(row),
  previous: wholeCounts({ counts: row.previous }),
  resultRate: row.resultRate ?? null,
  completion: row.completion ?? noQuantiles
})

const withoutTime = ({ asOf: _, ...page }: Page): Omit<Page, "asOf"> => page

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
    const items = yield* readAll(reader, { table: "projections", partition: partition(window), ...range })
    const stored = new Map(
      yield* Effect.forEach(items, (item) => Effect.map(decode(item), (page) => [item.key.sort, page] as const))
    )
    for (const page of rankingPages(ranking, window, rankScopes(ranking, ranked)).map(toStored)) {
      const key = keyOf(window, ranking, page.page)
      const before = stored.get(key.sort)
      stored.delete(key.sort)
      if (before !== undefined && isSameData(withoutTime(before), page)) continue
      writes.push({ _tag: "Put", key, attributes: asAttributes({ ...page, asOf: isoTime(right) }) })
    }
    for (const sort of stored.keys()) {
      writes.push({ _tag: "Delete", key: { table: "projections", partition: partition(window), sort } })
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
  const item = yield* reader.get(keyOf(window, ranking, page))
  if (Option.isNone(item)) return undefined
  const { rows, ...rest } = yield* decode(item.value)
  return { ...rest, rows: rows.map(toRow) } satisfies Leaderboard
})
