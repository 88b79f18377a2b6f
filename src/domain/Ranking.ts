/** The order of rankings: what needs attention comes first, then what happens most. Pure. */
import { type Figures, isZero } from "./Figures.ts"
import { type ScopeKind, scopeKey } from "./Scope.ts"
import type { Counts, RankedScope, Ranking } from "./Views.ts"

/** What each ranking ranks. Movers are sources too, by how much more or less of them ended than in the window before. */
const rankedKind: Readonly<Record<Ranking, ScopeKind>> = {
  sources: "Source",
  targets: "Target",
  workflows: "Workflow",
  versions: "Version",
  movers: "Source"
}

/** How many targets came to an end, whichever. */
const ended = ({ dispatched, denied, failed, withdrawn, unknown }: Counts): number =>
  dispatched + denied + failed + withdrawn + unknown

const movement = ({ counts, previous }: Figures): number => Math.abs(ended(counts) - ended(previous))

/** By what a row is ranked, the weightiest first; higher comes first. */
const weightsOf = (ranking: Ranking, figures: Figures): ReadonlyArray<number> => {
  const { failed, unknown, denied, withdrawn, accepted } = figures.counts
  const attention = [failed + unknown, denied + withdrawn, ended(figures.counts), accepted]
  return ranking === "movers" ? [movement(figures), ...attention] : attention
}

/** Nothing that stood still is a mover, and nothing else is ranked that did nothing in the window. */
const isRanked = (ranking: Ranking, figures: Figures): boolean =>
  figures.scope._tag === rankedKind[ranking] && (ranking === "movers" ? movement(figures) > 0 : !isZero(figures.counts))

const compareWeights = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const index = a.findIndex((weight, at) => weight !== b[at])
  return index === -1 ? 0 : (b[index] ?? 0) - (a[index] ?? 0)
}

const toRow = ({ scope, counts, previous, successRate, elapsed, reasons }: Figures): RankedScope => ({
  scope,
  counts,
  previous,
  successRate,
  p95: elapsed.p95,
  topReason: reasons[0]?.code ?? null
})

/** The rows of a ranking, from the figures of all scopes for one window. */
export const rank = (ranking: Ranking, all: Iterable<Figures>): ReadonlyArray<RankedScope> =>
  Array.from(all)
    .filter((figures) => isRanked(ranking, figures))
    .map((figures) => ({ figures, weights: weightsOf(ranking, figures), key: scopeKey(figures.scope) }))
    .sort((a, b) => compareWeights(a.weights, b.weights) || (a.key < b.key ? -1 : 1))
    .map(({ figures }) => toRow(figures))
