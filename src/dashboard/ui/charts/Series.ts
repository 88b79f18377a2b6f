/** The numbers of charts, without drawing: the points of a trend with its gaps filled, and heights for stacking. */
import type { Counts, Trend } from "../../../domain/Answers.ts"
import { bucketMillis } from "../../../domain/Bucket.ts"
import type { Sent } from "../api/Sent.ts"

export const quantiles = ["p50", "p95", "p99"] as const satisfies ReadonlyArray<
  keyof Sent<Trend>["points"][number]["elapsed"]
>
export type Quantile = (typeof quantiles)[number]
/** What takes time: from acceptance to dispatch, or to the end of the started run. */
export type Timed = "elapsed" | "completion"

/** A trend as columns: `times` in milliseconds, and for each counter its counts. */
export interface Columns {
  readonly granularity: Sent<Trend>["granularity"]
  readonly times: ReadonlyArray<number>
  readonly counts: (name: keyof Counts) => ReadonlyArray<number>
  /** In milliseconds; null where nothing was dispatched, or where no started run has ended. */
  readonly durations: (of: Timed, quantile: Quantile) => ReadonlyArray<number | null>
}

/**
 * The columns of a trend, of its whole window. The service stores points only for times in which
 * something happened; a chart that left the others out would show a quiet night as a steep line, so they are zero here.
 */
export const columnsOf = ({ granularity, from, to, points }: Sent<Trend>): Columns => {
  const step = bucketMillis(granularity)
  const [first, last] = [from, to].map((time) => Math.floor(Date.parse(time) / step)) as [number, number]
  const times = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  const at = new Map(points.map((point) => [Date.parse(point.at), point]))
  return {
    granularity,
    times,
    counts: (name) => times.map((time) => at.get(time)?.counts[name] ?? 0),
    durations: (of, quantile) => times.map((time) => at.get(time)?.[of][quantile] ?? null)
  }
}

/** Running sums: the first line, the first and second together, and so on; the last is the height of the stack. */
export const stacked = (lines: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<ReadonlyArray<number>> => {
  let below: ReadonlyArray<number> = []
  return lines.map((line) => {
    const sums = line.map((value, index) => value + (below[index] ?? 0))
    below = sums
    return sums
  })
}

/** Whether there is nothing to draw. */
export const isFlat = (values: ReadonlyArray<number | null>): boolean => values.every((value) => !value)

/** A small line chart as the points of an SVG polyline in a box of `width` × `height`. */
export const polyline = (values: ReadonlyArray<number>, width: number, height: number): string => {
  const highest = Math.max(...values, 1)
  const step = values.length < 2 ? 0 : width / (values.length - 1)
  const round = (value: number) => Math.round(value * 10) / 10
  return values.map((value, index) => `${round(index * step)},${round(height - (value / highest) * height)}`).join(" ")
}
