/**
 * The figures of windows, of points, and of rows of a ranking as lists of numbers (`PackedNumbers.ts`), in the order in which the functions below
 * have them. Pure.
 */
import type { RankedScope } from "./Answers.ts"
import { type Names, Numbers, packCounts, packQuantiles } from "./PackedNumbers.ts"
import type { Scope } from "./Scope.ts"
import { packTime, unpackTime } from "./Sketch.ts"
import { wholeCounts } from "./Tally.ts"
import { defined, noQuantiles, type PointFigures, ratePrecision, type WindowFigures } from "./WindowFigures.ts"

/** A rate as a whole number, one more than it is; 0 where there is none. */
const packRate = (rate: number | undefined): number => (rate === undefined ? 0 : Math.round(rate * ratePrecision) + 1)
const unpackRate = (packed: number): number | undefined => (packed === 0 ? undefined : (packed - 1) / ratePrecision)

/** What a window has, as a list. */
export const packWindow = (names: Names, figures: WindowFigures): ReadonlyArray<number> => [
  ...packCounts(names, figures.counts),
  ...packCounts(names, figures.previous),
  ...[figures.successRate, figures.previousSuccessRate, figures.resultRate, figures.previousResultRate].map(packRate),
  ...packQuantiles(figures.elapsed),
  ...packQuantiles(figures.completion),
  figures.change,
  ...(figures.reasons ?? []).flatMap(({ code, count }) => [names.placeOf(code), count])
]

/** What {@link packWindow} made, with the names of the item. */
export const unpackWindow = (list: ReadonlyArray<number>, names: string): WindowFigures => {
  const numbers = new Numbers(list, names)
  const [counts, previous] = [numbers.counts(), numbers.counts()]
  const [successRate, previousSuccessRate, resultRate, previousResultRate] = numbers.take(4).map(unpackRate)
  const [elapsed, completion] = [numbers.quantiles(), numbers.quantiles()]
  const change = numbers.next()
  const reasons: Array<{ readonly code: string; readonly count: number }> = []
  while (!numbers.isAtEnd) reasons.push({ code: numbers.name(), count: numbers.next() })
  return defined({
    ...{ counts, previous, successRate, previousSuccessRate, elapsed, resultRate, previousResultRate, completion },
    ...{ reasons: reasons.length === 0 ? undefined : reasons, change }
  }) as WindowFigures
}

/** What a point shows, as a list. */
export const packPoint = (names: Names, { counts, elapsed, completion }: PointFigures): ReadonlyArray<number> => [
  ...packCounts(names, counts),
  ...packQuantiles(elapsed),
  ...packQuantiles(completion)
]

/** What {@link packPoint} made, with the names of the item. */
export const unpackPoint = (list: ReadonlyArray<number>, names: string): PointFigures => {
  const numbers = new Numbers(list, names)
  return defined({
    counts: numbers.counts(),
    elapsed: numbers.quantiles(),
    completion: numbers.quantiles()
  }) as PointFigures
}

/** What a row of a ranking says of its scope, as a list. */
export const packRow = (names: Names, row: RankedScope): ReadonlyArray<number> => [
  ...packCounts(names, row.counts),
  ...packCounts(names, row.previous),
  ...[row.successRate ?? undefined, row.resultRate ?? undefined].map(packRate),
  row.p95 === null ? 0 : packTime(row.p95),
  ...packQuantiles(row.completion.max === null ? undefined : row.completion),
  row.change,
  ...(row.topReason === null ? [] : [names.placeOf(row.topReason)])
]

/** What {@link packRow} made, with the names of the item. */
export const unpackRow = (scope: Scope, list: ReadonlyArray<number>, names: string): RankedScope => {
  const numbers = new Numbers(list, names)
  const [counts, previous] = [numbers.counts(), numbers.counts()]
  const [successRate, resultRate] = numbers.take(2).map(unpackRate)
  const p95 = numbers.next()
  const completion = numbers.quantiles()
  const change = numbers.next()
  return {
    ...{ scope, counts: wholeCounts({ counts }), previous: wholeCounts({ counts: previous }) },
    ...{ successRate: successRate ?? null, p95: p95 === 0 ? null : unpackTime(p95), resultRate: resultRate ?? null },
    ...{ completion: completion ?? noQuantiles, topReason: numbers.isAtEnd ? null : numbers.name(), change }
  }
}
