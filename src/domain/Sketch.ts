/**
 * How long things took, as a DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019): logarithmic bins, which add up in any order and from
 * which any quantile comes within a bounded relative error. Pure.
 */
import { Schema } from "effect"

/** How often each bin was hit, by the bin's number as text; and the longest time, exactly. In milliseconds. */
export const Sketch = Schema.Struct({ bins: Schema.Record(Schema.String, Schema.Int), max: Schema.Finite })
export interface Sketch extends Schema.Schema.Type<typeof Sketch> {}

/** The relative error of a bin's middle. */
const accuracy = 0.01
const gamma = (1 + accuracy) / (1 - accuracy)
const logGamma = Math.log(gamma)
/** The bin of what takes less than a millisecond, which counts as 0. */
const zeroBin = -1

const binOf = (millis: number): number => (millis < 1 ? zeroBin : Math.ceil(Math.log(millis) / logGamma))
const middleOf = (bin: number): number => (bin === zeroBin ? 0 : (2 * gamma ** bin) / (gamma + 1))

/** The sketch of some times in milliseconds; none of none. */
export const sketchOf = (times: ReadonlyArray<number>): Sketch | undefined => {
  if (times.length === 0) return undefined
  const bins: Record<string, number> = {}
  let max = 0
  for (const millis of times) {
    const bin = binOf(millis)
    bins[bin] = (bins[bin] ?? 0) + 1
    max = Math.max(max, millis)
  }
  return { bins, max }
}

/** The sketch of the times of all of these; none of none. A step for each of their bins. */
export const sumSketches = (sketches: ReadonlyArray<Sketch>): Sketch | undefined => {
  const [first, ...others] = sketches
  if (first === undefined || others.length === 0) return first
  const bins: Record<string, number> = { ...first.bins }
  let max = first.max
  for (const sketch of others) {
    for (const bin in sketch.bins) bins[bin] = (bins[bin] ?? 0) + (sketch.bins[bin] ?? 0)
    max = Math.max(max, sketch.max)
  }
  return { bins, max }
}

/** Bins, and how often each was hit; the least first. */
export type Bins = ReadonlyArray<readonly [bin: number, count: number]>

/** The bins of a sketch in order. Numbers from 0 on are a record's names in their order, whatever else has been put first; -1 is none of these. */
export const binsInOrder = ({ bins }: Sketch): Bins => {
  const zero = bins[zeroBin]
  const inOrder: Array<readonly [bin: number, count: number]> = zero === undefined ? [] : [[zeroBin, zero]]
  for (const bin in bins) if (Number(bin) !== zeroBin) inOrder.push([Number(bin), bins[bin] ?? 0])
  return inOrder
}

/** By its place among bins, that in which the time is within which a share (more than 0, at most 1) of all was done: the one of nearest rank. */
export const placesOfShares = (bins: Bins): ((share: number) => number) => {
  const total = bins.reduce((sum, [, count]) => sum + count, 0)
  return (share) => {
    let rank = Math.ceil(share * total)
    return bins.findIndex(([, count]) => {
      rank -= count
      return rank <= 0
    })
  }
}

const timeOf = (bin: number, max: number): number => Math.min(Math.round(middleOf(bin)), max)

/** The time that stands for the bin at a place: in whole milliseconds, at most 1 % off before it is rounded (2 % after) and never above the longest. */
export const timeOfPlace = (bins: Bins, place: number, max: number): number => {
  const bin = bins[place]?.[0]
  return bin === undefined ? max : timeOf(bin, max)
}

/** A time of {@link timeOfPlace} as its bin, less than 0, and any other as one more than it is: 0 stands for none. */
export const packTime = (time: number, max = Number.POSITIVE_INFINITY): number => {
  const bin = binOf(time)
  return bin > 0 && timeOf(bin, max) === time ? -bin : time + 1
}
/** What {@link packTime} made of a time. */
export const unpackTime = (packed: number, max = Number.POSITIVE_INFINITY): number =>
  packed < 0 ? timeOf(-packed, max) : packed - 1

/** The quantiles of a sketch, each of a share of all. The bins are put in order once. */
export const quantilesIn = (sketch: Sketch): ((share: number) => number) => {
  const bins = binsInOrder(sketch)
  const place = placesOfShares(bins)
  return (share) => timeOfPlace(bins, place(share), sketch.max)
}
