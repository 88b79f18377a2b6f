/** The numbers of charts, without drawing: points of a trend with its gaps filled, and sums for stacking. */
import type { Range, Trend } from "../../../domain/Views.ts"
import { stepOf } from "../format/Times.ts"
import type { Status } from "../format/Words.ts"

/** How many points each range has. */
const pointsOf: Readonly<Record<Range, number>> = { "1h": 60, "24h": 24, "7d": 168, "30d": 30, "90d": 90 }

export const quantiles = ["p50", "p95", "p99"] as const satisfies ReadonlyArray<
  keyof Trend["points"][number]["elapsed"]
>
export type Quantile = (typeof quantiles)[number]

/** A trend as columns: `times` in milliseconds, and for each status its counts. */
export interface Columns {
  readonly granularity: Trend["granularity"]
  readonly times: ReadonlyArray<number>
  readonly counts: (status: Status) => ReadonlyArray<number>
  /** Milliseconds from acceptance to dispatch; null where nothing was dispatched. */
  readonly elapsed: (quantile: Quantile) => ReadonlyArray<number | null>
}

/**
 * The columns of a trend up to now. The service keeps points only for times in which something happened; a chart that left the others
 * out would show a quiet night as a steep line, so they are zero here.
 */
export const columnsOf = (trend: Trend, now: number): Columns => {
  const step = stepOf[trend.granularity]
  const last = Math.floor(now / step) * step
  const times = Array.from(
    { length: pointsOf[trend.range] },
    (_, index, all = pointsOf[trend.range]) => last - (all - 1 - index) * step
  )
  const points = new Map(trend.points.map((point) => [Date.parse(point.at), point]))
  return {
    granularity: trend.granularity,
    times,
    counts: (status) => times.map((at) => points.get(at)?.counts[status] ?? 0),
    elapsed: (quantile) => times.map((at) => points.get(at)?.elapsed[quantile] ?? null)
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

/** The sum of what there is. */
export const sum = (values: ReadonlyArray<number | null>): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0)

/** A small line chart as the points of an SVG polyline in a box of `width` × `height`. */
export const polyline = (values: ReadonlyArray<number>, width: number, height: number): string => {
  const highest = Math.max(...values, 1)
  const step = values.length < 2 ? 0 : width / (values.length - 1)
  const round = (value: number) => Math.round(value * 10) / 10
  return values.map((value, index) => `${round(index * step)},${round(height - (value / highest) * height)}`).join(" ")
}
