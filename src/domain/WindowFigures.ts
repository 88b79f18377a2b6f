/** From sums to what is shown of them: rates, quantiles, reasons in their order. What is zero or null is not stored. Pure. */
import { Schema } from "effect"
import { type Figures, Quantiles, RankedReason, type TrendPoint, type Window } from "./Answers.ts"
import { isoTime } from "./Bucket.ts"
import type { Scope } from "./Scope.ts"
import { quantilesIn, type Sketch } from "./Sketch.ts"
import { startOfWindow } from "./Stretch.ts"
import { type Tally, wholeCounts } from "./Tally.ts"

const Numbers = Schema.Record(Schema.String, Schema.Int)

/** The figures of a window as they are stored. */
export const WindowFigures = Schema.Struct({
  counts: Numbers,
  previous: Numbers,
  successRate: Schema.optionalKey(Schema.Finite),
  previousSuccessRate: Schema.optionalKey(Schema.Finite),
  elapsed: Schema.optionalKey(Quantiles),
  resultRate: Schema.optionalKey(Schema.Finite),
  previousResultRate: Schema.optionalKey(Schema.Finite),
  completion: Schema.optionalKey(Quantiles),
  reasons: Schema.optionalKey(Schema.Array(RankedReason)),
  /** How many more or fewer targets ended than in the window before. */
  change: Schema.Int
})
export interface WindowFigures extends Schema.Schema.Type<typeof WindowFigures> {}

/** What a point of a trend shows, as it is stored. */
export const PointFigures = Schema.Struct({
  counts: Numbers,
  elapsed: Schema.optionalKey(Quantiles),
  completion: Schema.optionalKey(Quantiles)
})
export interface PointFigures extends Schema.Schema.Type<typeof PointFigures> {}

/** The quantiles of no times. */
export const noQuantiles: Quantiles = { p50: null, p95: null, p99: null, max: null }

const quantilesOf = (sketch: Sketch | undefined): Quantiles | undefined => {
  if (sketch === undefined) return undefined
  const quantile = quantilesIn(sketch)
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: sketch.max }
}

/** The quantiles of the times from acceptance to dispatch; undefined where nothing was dispatched. */
const quantilesOfTally = ({ elapsed }: Tally): Quantiles | undefined => quantilesOf(elapsed)

/** The quantiles of the times from acceptance to the end of the started runs; undefined where none has ended. */
const completionOfTally = ({ completion }: Tally): Quantiles | undefined => quantilesOf(completion)

/** Parts of one in which rates are whole numbers. */
export const ratePrecision = 1_000_000
/** Rounded down, so that it is 1 only where all are meant; undefined where there is nothing. */
const share = (some: number, all: number): number | undefined =>
  all === 0 ? undefined : Math.floor((some * ratePrecision) / all) / ratePrecision

/** dispatched / tried, 0 to 1; undefined where nothing was tried. */
const rateOf = ({ counts: { dispatched = 0, tried = 0 } }: Tally): number | undefined => share(dispatched, tried)

/** succeeded / completed, 0 to 1; undefined where nothing is known to have ended. */
const resultRateOf = ({ counts: { succeeded = 0, completed = 0 } }: Tally): number | undefined =>
  share(succeeded, completed)

/** Most frequent first, those of one frequency by their codes. */
const reasonsInOrder = ({ reasons = {} }: Tally): ReadonlyArray<typeof RankedReason.Type> =>
  Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .map(([code, count]) => ({ code, count }))
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))

/** How many targets came to an end, whichever. */
export const ended = ({
  dispatched = 0,
  denied = 0,
  failed = 0,
  withdrawn = 0,
  unknown = 0
}: Tally["counts"]): number => dispatched + denied + failed + withdrawn + unknown

/** Leaves out what is undefined. */
export const defined = <A extends object>(value: A): { [Name in keyof A]: Exclude<A[Name], undefined> } => {
  const rest: Partial<A> = {}
  for (const name in value) if (value[name] !== undefined) rest[name] = value[name]
  return rest as never
}

/** The figures of a window, from what was added in it and in the window before. */
export const windowFigures = (tally: Tally, before: Tally): WindowFigures => {
  const reasons = reasonsInOrder(tally)
  return defined({
    counts: tally.counts,
    previous: before.counts,
    successRate: rateOf(tally),
    previousSuccessRate: rateOf(before),
    elapsed: quantilesOfTally(tally),
    resultRate: resultRateOf(tally),
    previousResultRate: resultRateOf(before),
    completion: completionOfTally(tally),
    reasons: reasons.length === 0 ? undefined : reasons,
    change: ended(tally.counts) - ended(before.counts)
  }) as WindowFigures
}

const noFigures: WindowFigures = { counts: {}, previous: {}, change: 0 }

/**
 * Stored figures as they are answered of a window that ends at a moment; where none are stored, nothing happened. `asOf` is the moment up to which
 * all is in them.
 */
export const toFigures = (
  scope: Scope,
  window: Window,
  to: number,
  stored: WindowFigures = noFigures,
  asOf = to
): Figures => ({
  scope,
  window,
  asOf: isoTime(asOf),
  from: startOfWindow(window, to),
  to: isoTime(to),
  counts: wholeCounts(stored),
  previous: wholeCounts({ counts: stored.previous }),
  successRate: stored.successRate ?? null,
  previousSuccessRate: stored.previousSuccessRate ?? null,
  elapsed: stored.elapsed ?? noQuantiles,
  resultRate: stored.resultRate ?? null,
  previousResultRate: stored.previousResultRate ?? null,
  completion: stored.completion ?? noQuantiles,
  reasons: stored.reasons ?? []
})

/** What a point shows. */
export const pointFigures = (tally: Tally): PointFigures =>
  defined({
    counts: tally.counts,
    elapsed: quantilesOfTally(tally),
    completion: completionOfTally(tally)
  }) as PointFigures

/** A stored point as it is answered. */
export const toPoint = (
  at: string,
  { counts, elapsed = noQuantiles, completion = noQuantiles }: PointFigures
): TrendPoint => ({
  at,
  counts: wholeCounts({ counts }),
  elapsed,
  completion
})
