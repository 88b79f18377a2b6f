/**
 * From sums of what facts added (`Measure.ts`) to the figures of a window. Pure; the rollup feeds it with the sums of buckets, tests with
 * a plain fold over facts.
 */
import { type Counter, counters, elapsedAttribute, elapsedBounds, reasonAttribute } from "./Measure.ts"
import type { Scope } from "./Scope.ts"
import type { Counts, Kpi, Quantiles, Window } from "./Views.ts"

/** How much was added, by attribute name. */
export type Sums = Readonly<Record<string, number>>

/** A {@link Kpi} apart from when it was made sure of. */
export type Figures = Omit<Kpi, "updatedAt">

/** Adds up, attribute by attribute. */
export const addUp = (parts: Iterable<Sums>): Sums => {
  const total: Record<string, number> = {}
  for (const part of parts) {
    for (const name in part) total[name] = (total[name] ?? 0) + (part[name] ?? 0)
  }
  return total
}

/** The counters of sums; what was never added to is 0. */
export const countsOf = (sums: Sums): Counts =>
  Object.fromEntries(counters.map((counter) => [counter, sums[counter] ?? 0])) as Record<Counter, number>

/** dispatched / (dispatched + failed + unknown), 0 to 1; null where nothing was tried. */
export const successRateOf = ({ dispatched, failed, unknown }: Counts): number | null => {
  const tried = dispatched + failed + unknown
  return tried === 0 ? null : dispatched / tried
}

const histogramOf = (sums: Sums): ReadonlyArray<number> =>
  Array.from({ length: elapsedBounds.length + 1 }, (_, index) => sums[elapsedAttribute(index)] ?? 0)

/**
 * The time that a share of all stayed within, milliseconds: interpolated within its bucket as if the times in it were spread evenly.
 * What is beyond the last bound counts as the last bound: no more is known of it.
 */
const percentile = (histogram: ReadonlyArray<number>, share: number): number | null => {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = share * total
  let before = 0
  for (const [index, bound] of elapsedBounds.entries()) {
    const count = histogram[index] ?? 0
    const low = elapsedBounds[index - 1] ?? 0
    if (count > 0 && before + count >= rank) return low + ((bound - low) * (rank - before)) / count
    before += count
  }
  return elapsedBounds[elapsedBounds.length - 1] ?? null
}

const elapsedOf = (sums: Sums): Kpi["elapsed"] => {
  const histogram = histogramOf(sums)
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(histogram, share))
  return { histogram, p50: p50 ?? null, p95: p95 ?? null, p99: p99 ?? null }
}

/** The times that shares of all stayed within. */
export const quantilesOf = (sums: Sums): Quantiles => {
  const { p50, p95, p99 } = elapsedOf(sums)
  return { p50, p95, p99 }
}

const reasonPrefix = reasonAttribute("")

/** Reasons with how often they were given, most frequent first. */
const reasonsOf = (sums: Sums): Kpi["reasons"] =>
  Object.entries(sums)
    .filter(([name, count]) => name.startsWith(reasonPrefix) && count > 0)
    .map(([name, count]) => ({ code: name.slice(reasonPrefix.length), count }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))

/** The figures of a scope for a window, from what was added in it and in the window before. */
export const figuresOf = (scope: Scope, window: Window, sums: Sums, previous: Sums): Figures => {
  const counts = countsOf(sums)
  return {
    scope,
    window,
    counts,
    previous: countsOf(previous),
    successRate: successRateOf(counts),
    elapsed: elapsedOf(sums),
    reasons: reasonsOf(sums)
  }
}

/** Whether nothing was counted. */
export const isZero = (counts: Counts): boolean => counters.every((counter) => counts[counter] === 0)

/** Whether nothing happened in the window, nor in the one before. */
export const isEmpty = ({ counts, previous }: Figures): boolean => isZero(counts) && isZero(previous)
