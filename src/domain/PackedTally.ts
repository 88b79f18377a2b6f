/**
 * Tallies, and what is shown of them, as lists of numbers (`PackedNumbers.ts`). Pure.
 *
 * | part of a list | holds |
 * | --- | --- |
 * | counters | as `packCounts` |
 * | times to dispatch, times to the end | as `packSketch`; 0 where there are none |
 * | reasons | of each the place among the names, and how often it was given |
 */
import type { Quantiles } from "./Answers.ts"
import { type Names, Numbers, packCounts } from "./PackedNumbers.ts"
import { type Bins, binsInOrder, placesOfShares, type Sketch, timeOfPlace } from "./Sketch.ts"
import type { Tally } from "./Tally.ts"
import type { PointFigures } from "./WindowFigures.ts"

/** The shares of which quantiles are shown. */
const shares = [0.5, 0.95, 0.99] as const

/**
 * How many numbers the bins take; the bins, each as its distance from the one before (a negative number is how often that was hit, if more
 * than once); the longest time; and where there are more bins than one, the places of those of p50, p95 and p99.
 */
const packSketch = (sketch: Sketch | undefined): ReadonlyArray<number> => {
  if (sketch === undefined) return [0]
  const bins = binsInOrder(sketch)
  const packed = bins.flatMap(([bin, count], place) => {
    // No bin is less than -1.
    const distance = bin - (bins[place - 1]?.[0] ?? -1)
    return count === 1 ? [distance] : [distance, -count]
  })
  return [packed.length, ...packed, sketch.max, ...(bins.length === 1 ? [] : shares.map(placesOfShares(bins)))]
}

interface Times {
  readonly bins: Bins
  readonly max: number
  readonly places: ReadonlyArray<number>
}

const unpackTimes = (numbers: Numbers): Times | undefined => {
  const packed = numbers.take(numbers.next())
  if (packed.length === 0) return undefined
  const bins: Array<[bin: number, count: number]> = []
  for (const number of packed) {
    const last = bins.at(-1)
    if (last !== undefined && number < 0) last[1] = -number
    else bins.push([(last?.[0] ?? -1) + number, 1])
  }
  return { bins, max: numbers.next(), places: bins.length === 1 ? [0, 0, 0] : numbers.take(shares.length) }
}

const sketchOfTimes = ({ bins, max }: Times): Sketch => ({ bins: Object.fromEntries(bins), max })
const quantilesOfTimes = ({ bins, max, places }: Times): Quantiles => {
  const [p50 = max, p95 = max, p99 = max] = places.map((place) => timeOfPlace(bins, place, max))
  return { p50, p95, p99, max }
}

/** A tally as a list. */
export const packTally = (
  names: Names,
  { counts, elapsed, completion, reasons = {} }: Tally
): ReadonlyArray<number> => [
  ...packCounts(names, counts),
  ...packSketch(elapsed),
  ...packSketch(completion),
  ...Object.entries(reasons).flatMap(([name, count]) => [names.placeOf(name), count])
]

/** A tally, and what is shown of it. */
export interface Unpacked {
  readonly tally: () => Tally
  readonly figures: () => PointFigures
}

const given = (numbers: Numbers): Tally["reasons"] => {
  const reasons: Record<string, number> = {}
  while (!numbers.isAtEnd) reasons[numbers.name()] = numbers.next()
  return Object.keys(reasons).length === 0 ? undefined : reasons
}

/** What {@link packTally} made, with the names of the item. */
export const unpackTally = (list: ReadonlyArray<number>, names: string): Unpacked => {
  const numbers = new Numbers(list, names)
  const counts = numbers.counts()
  const [elapsed, completion] = [unpackTimes(numbers), unpackTimes(numbers)]
  const reasons = given(numbers)
  return {
    tally: () => ({
      counts,
      ...(reasons === undefined ? {} : { reasons }),
      ...(elapsed === undefined ? {} : { elapsed: sketchOfTimes(elapsed) }),
      ...(completion === undefined ? {} : { completion: sketchOfTimes(completion) })
    }),
    figures: () => ({
      counts,
      ...(elapsed === undefined ? {} : { elapsed: quantilesOfTimes(elapsed) }),
      ...(completion === undefined ? {} : { completion: quantilesOfTimes(completion) })
    })
  }
}
