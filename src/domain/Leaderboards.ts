/** The order of rankings: what needs attention comes first, then what happens most; results have an order of their own. Pure. */
import type { RankedScope, RankedWindow, Ranking } from "./Answers.ts"
import { type Scope, type ScopeKind, scopeKey } from "./Scope.ts"
import { wholeCounts } from "./Tally.ts"
import { ended, noQuantiles, type WindowFigures } from "./WindowFigures.ts"

/**
 * What each ranking ranks. Movers are sources too, by how much more or less of them ended than in the window before. Results are of targets,
 * where the started runs are.
 */
export const rankedKind = {
  sources: "Source",
  targets: "Target",
  workflows: "Workflow",
  versions: "Version",
  movers: "Source",
  results: "Target"
} as const satisfies Record<Ranking, ScopeKind>

/** A scope and its figures of one window. */
export interface Ranked {
  readonly scope: Scope
  readonly figures: WindowFigures
}

/** Success of dispatching has no part in this. */
const resultWeights = ({ unsuccessful = 0, lost = 0, completed = 0, running = 0 }: WindowFigures["counts"]) => [
  unsuccessful,
  lost,
  completed + running
]

/** By what a scope is ranked, the weightiest first; higher comes first. */
const weightsOf = (ranking: Ranking, { counts, change }: WindowFigures): ReadonlyArray<number> => {
  const { failed = 0, unknown = 0, invalid = 0, unreachable = 0, denied = 0, withdrawn = 0, accepted = 0 } = counts
  if (ranking === "results") return resultWeights(counts)
  const attention = [failed + unknown + invalid + unreachable, denied + withdrawn, ended(counts), accepted]
  return ranking === "movers" ? [Math.abs(change), ...attention] : attention
}

/** Nothing that stood still is a mover, nothing has results that started nothing, and nothing else is ranked in which nothing happened in the window. */
const isRanked = (ranking: Ranking, { counts, change }: WindowFigures): boolean => {
  if (ranking === "movers") return change !== 0
  const counted = ranking === "results" ? resultWeights(counts) : Object.values(counts)
  return counted.some((count) => count > 0)
}

const compareWeights = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const index = a.findIndex((weight, at) => weight !== b[at])
  return index === -1 ? 0 : (b[index] ?? 0) - (a[index] ?? 0)
}

const toRow = ({ scope, figures }: Ranked): RankedScope => ({
  scope,
  counts: wholeCounts(figures),
  previous: wholeCounts({ counts: figures.previous }),
  successRate: figures.successRate ?? null,
  p95: figures.elapsed?.p95 ?? null,
  resultRate: figures.resultRate ?? null,
  completion: figures.completion ?? noQuantiles,
  topReason: figures.reasons?.[0]?.code ?? null,
  change: figures.change
})

/** The rows of a ranking, from the scopes of its kind. */
export const rankScopes = (ranking: Ranking, all: ReadonlyArray<Ranked>): ReadonlyArray<RankedScope> =>
  all
    .filter(({ figures }) => isRanked(ranking, figures))
    .map((one) => ({ one, weights: weightsOf(ranking, one.figures), key: scopeKey(one.scope) }))
    .toSorted((a, b) => compareWeights(a.weights, b.weights) || (a.key < b.key ? -1 : 1))
    .map(({ one }) => toRow(one))

/** Rows of a page, and most pages of a ranking: what comes after is not worth a look. */
const pageSize = 50
const mostPages = 20

/** A page of a ranking as it is stored. */
export interface RankingPage {
  readonly ranking: Ranking
  readonly window: RankedWindow
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly rows: ReadonlyArray<RankedScope>
}

/** The pages of a ranking. */
export const rankingPages = (
  ranking: Ranking,
  window: RankedWindow,
  rows: ReadonlyArray<RankedScope>
): ReadonlyArray<RankingPage> => {
  const pages = Math.min(Math.ceil(rows.length / pageSize), mostPages)
  return Array.from({ length: pages }, (_, page) => ({
    ...{ ranking, window, page, pages, total: rows.length },
    rows: rows.slice(page * pageSize, (page + 1) * pageSize)
  }))
}
