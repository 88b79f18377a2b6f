/** Rankings, cut into pages that are read by their number. */
import { Effect } from "effect"
import type { Figures } from "../../domain/Figures.ts"
import { rank } from "../../domain/Ranking.ts"
import { type Ranking, rankings, type Window } from "../../domain/Views.ts"
import type { TableReader } from "../../ports/Table.ts"
import { LeaderboardItem } from "./Items.ts"
import { leaderboardRange, pageKey } from "./Keys.ts"
import { changesTo, readSnapshot } from "./Snapshot.ts"

/** Rows of a page, and most pages of a ranking: what comes after is not worth a look. */
const pageSize = 50
const mostPages = 20

const pagesOf = (ranking: Ranking, window: Window, all: Iterable<Figures>): ReadonlyArray<LeaderboardItem> => {
  const rows = rank(ranking, all).slice(0, pageSize * mostPages)
  const pages = Math.ceil(rows.length / pageSize)
  return Array.from({ length: pages }, (_, page) => ({
    ranking,
    window,
    page,
    pages,
    rows: rows.slice(page * pageSize, (page + 1) * pageSize)
  }))
}

/** The writes that bring the rankings of a window up to date with the figures. One read. */
export const leaderboardChanges = Effect.fnUntraced(function* (
  reader: TableReader,
  window: Window,
  figures: ReadonlyArray<Figures>,
  now: number
) {
  const stored = yield* readSnapshot(reader, leaderboardRange(window), LeaderboardItem)
  const pages = rankings.flatMap((ranking) => pagesOf(ranking, window, figures))
  const wanted = new Map(pages.map((page) => [pageKey(window, page.ranking, page.page).sort, page]))
  return changesTo(stored, wanted, window, now)
})
