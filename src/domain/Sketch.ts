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

/**
 * The time within which a share (more than 0, at most 1) of all were done: that of nearest rank, in whole milliseconds, at most 1 % off
 * before it is rounded (2 % after) and never above the longest. Null of no times.
 */
export const quantile = (sketch: Sketch | undefined, share: number): number | null => {
  if (sketch === undefined) return null
  const bins = Object.entries(sketch.bins)
    .map(([bin, count]) => [Number(bin), count] as const)
    .toSorted(([a], [b]) => a - b)
  const total = bins.reduce((sum, [, count]) => sum + count, 0)
  let rank = Math.ceil(share * total)
  for (const [bin, count] of bins) {
    rank -= count
    if (rank <= 0) return Math.min(Math.round(middleOf(bin)), sketch.max)
  }
  return sketch.max
}
