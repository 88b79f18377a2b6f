/** The vertical axis of a chart: counts from zero on, durations on a logarithmic scale, so that a slow few do not flatten all others. */
import type uPlot from "uplot"
import { count, duration } from "../format/Numbers.ts"

/** What the numbers are: how often, or milliseconds. */
export type AxisUnit = "count" | "duration"

interface Vertical {
  readonly scale: uPlot.Scale
  readonly axis: uPlot.Axis
  readonly write: (value: number) => string
}

/** Counts are whole: a half would be a line that means nothing. */
const wholeSteps = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap((power) => [1, 2, 5].map((digit) => digit * power))
/** Fewer than this would leave the chart without a scale. */
const leastTop = 4

const second = 1_000
const minute = 60 * second
/** Durations that people count in, each two or three times the one before. */
const landmarks = [
  ...[10, 25, 50, 100, 250, 500],
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * second),
  ...[1, 2, 5, 15, 30, 60].map((minutes) => minutes * minute)
]
/** More lines than this are read as hatching. */
const mostLines = 6

/** The landmarks within a scale; of many every second one, or third. */
export const landmarksWithin = (least: number, most: number): Array<number> => {
  const within = landmarks.filter((one) => one >= least && one <= most)
  const every = Math.ceil(within.length / mostLines)
  return within.filter((_, index) => index % every === 0)
}

export const vertical: Readonly<Record<AxisUnit, Vertical>> = {
  count: {
    scale: { range: (_, __, most) => [0, Math.max(leastTop, most * 1.08)] },
    axis: { incrs: wholeSteps },
    write: (value) => count(value)
  },
  duration: {
    scale: { distr: 3, range: (_, least, most) => [Math.max(1, least * 0.6), Math.max(10, most * 1.4)] },
    axis: { splits: (_, __, least, most) => landmarksWithin(least, most), filter: (_, splits) => splits },
    write: (value) => duration(value)
  }
}
