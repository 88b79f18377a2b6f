/** How uPlot is to draw a chart: scales, axes, and each line's or bar's look. */
import uPlot from "uplot"
import { count } from "../format/Numbers.ts"
import { axisLabel, type Granularity, stepOf } from "../format/Times.ts"
import { colorOf, faint } from "./Colors.ts"
import { stacked } from "./Series.ts"

export interface ChartLine {
  readonly key: string
  readonly label: string
  /** A custom property of the style sheet. */
  readonly color: string
  readonly values: ReadonlyArray<number>
  /** Drawn faintly, because the viewer looks at something else. */
  readonly faded?: boolean
}
export interface ChartModel {
  /** Bars are stacked in the order of the lines. */
  readonly look: "bars" | "lines"
  readonly granularity: Granularity
  /** Milliseconds since 1970. */
  readonly times: ReadonlyArray<number>
  readonly lines: ReadonlyArray<ChartLine>
}

/** The columns that uPlot draws: seconds, then one for each line. The highest bar comes first, so that the lower ones cover it. */
export const plotData = ({ look, times, lines }: ChartModel): uPlot.AlignedData => {
  const values = lines.map((line) => line.values)
  const drawn = look === "bars" ? stacked(values).toReversed() : values
  return [times.map((time) => time / 1_000), ...drawn.map((column) => [...column])]
}

const font = `11px -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`
/** Share of its place that a bar takes, and the most pixels. */
const barSize: [number, number] = [0.72, 30]

const series = ({ look, lines }: ChartModel, host: HTMLElement): Array<uPlot.Series> => {
  const paths = look === "bars" ? uPlot.paths.bars?.({ size: barSize }) : uPlot.paths.spline?.()
  const drawn = lines.map(({ label, color, faded }): uPlot.Series => {
    const full = colorOf(host, color)
    const stroke = faded ? faint(full, 0.25) : full
    return {
      label,
      stroke,
      ...(paths === undefined ? {} : { paths }),
      // A fainter bar must still cover the one behind it, so it is mixed with the surface instead of being transparent.
      ...(look === "bars" ? { fill: faded ? colorOf(host, `${color}-faint`) : full, width: 0 } : { width: 2 }),
      points: { show: false }
    }
  })
  return look === "bars" ? drawn.toReversed() : drawn
}

const axes = ({ times, granularity }: ChartModel, host: HTMLElement): Array<uPlot.Axis> => {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  const common = { stroke: colorOf(host, "--muted"), font, ticks: { show: false } }
  const grid = { stroke: colorOf(host, "--border"), width: 1 }
  return [
    {
      ...common,
      grid: { show: false },
      size: 26,
      gap: 6,
      space: 72,
      values: (_, splits) => splits.map((second) => axisLabel(second * 1_000, granularity, span))
    },
    {
      ...common,
      grid,
      gap: 6,
      space: 36,
      size: (_, values) => 14 + 7 * Math.max(1, ...(values ?? []).map(({ length }) => length)),
      // Counts are whole: a half would be a line that means nothing.
      incrs: [1, 2, 5]
        .flatMap((digit) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].map((power) => digit * power))
        .toSorted((a, b) => a - b),
      values: (_, splits) => splits.map((value) => count(value))
    }
  ]
}

/** Everything but the size. */
export const plotOptions = (
  model: ChartModel,
  host: HTMLElement,
  onHover: (plot: uPlot) => void
): Omit<uPlot.Options, "width" | "height"> => {
  const half = stepOf[model.granularity] / 2_000
  return {
    // Days are days in UTC, so their axis is too.
    ...(model.granularity === "day" ? { tzDate: (second) => uPlot.tzDate(new Date(second * 1_000), "UTC") } : {}),
    scales: {
      x: { range: (_, min, max) => (model.look === "bars" ? [min - half, max + half] : [min, max]) },
      y: { range: (_, __, max) => [0, Math.max(4, max * 1.08)] }
    },
    axes: axes(model, host),
    series: [{}, ...series(model, host)],
    legend: { show: false },
    cursor: { y: false, points: { show: model.look === "lines" }, drag: { x: false, y: false } },
    padding: [10, 8, 0, 0],
    hooks: { setCursor: [onHover] }
  }
}
