/** How uPlot is to draw a chart: scales, axes, and each line's or bar's look. */
import uPlot from "uplot"
import { bucketMillis, type Granularity } from "../../../domain/Bucket.ts"
import { axisLabel } from "../format/Times.ts"
import { stacked } from "./Series.ts"
import { type AxisUnit, vertical } from "./Vertical.ts"

/** The colour that a custom property has for an element, as `rgb(…)`, in the theme of this moment: canvases cannot read such properties. */
const colorOf = (host: HTMLElement, property: string): string => {
  const probe = document.createElement("i")
  probe.style.color = `var(${property})`
  host.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** A colour made fainter. */
const faint = (color: string, opacity: number): string =>
  color.replace(/^rgba?\(([^)]*)\)$/, (_, parts: string) => {
    const [red, green, blue] = parts.split(/[ ,/]+/)
    return `rgba(${red}, ${green}, ${blue}, ${opacity})`
  })

interface ChartLine {
  readonly key: string
  readonly label: string
  /** A custom property of the style sheet. */
  readonly color: string
  /** Null where there is none: lines then have a gap. */
  readonly values: ReadonlyArray<number | null>
  /** Drawn faintly, because the viewer looks at something else. */
  readonly faded?: boolean
}
export interface ChartModel {
  /** Bars are stacked in the order of the lines. */
  readonly look: "bars" | "lines"
  readonly granularity: Granularity
  readonly unit: AxisUnit
  /** Milliseconds since 1970. */
  readonly times: ReadonlyArray<number>
  readonly lines: ReadonlyArray<ChartLine>
}

const zeroForNone = (values: ReadonlyArray<number | null>) => values.map((value) => value ?? 0)

/** The columns that uPlot draws: seconds, then one for each line. The highest bar comes first, so that the lower ones cover it. */
export const plotData = ({ look, times, lines }: ChartModel): uPlot.AlignedData => {
  const values = lines.map((line) => line.values)
  const drawn = look === "bars" ? stacked(values.map(zeroForNone)).toReversed() : values
  return [times.map((time) => time / 1_000), ...drawn.map((column) => [...column])]
}

const font = `11px -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`
/** Share of its place that a bar takes, and the most pixels. */
const barSize: [number, number] = [0.72, 30]

/** The values between two gaps: they are no line, so they are drawn as points. */
const lonely: uPlot.Series.Points.Filter = (plot, line) => {
  const values = plot.data[line] ?? []
  const isThere = (index: number) => values[index] !== null && values[index] !== undefined
  return [...values.keys()].filter((index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1))
}

const series = ({ look, lines, unit }: ChartModel, host: HTMLElement): Array<uPlot.Series> => {
  // A curve would overshoot on a logarithmic scale.
  const lined = unit === "duration" ? uPlot.paths.linear?.() : uPlot.paths.spline?.()
  const paths = look === "bars" ? uPlot.paths.bars?.({ size: barSize }) : lined
  const drawn = lines.map(({ label, color, faded }): uPlot.Series => {
    const full = colorOf(host, color)
    const stroke = faded ? faint(full, 0.25) : full
    return {
      label,
      stroke,
      ...(paths === undefined ? {} : { paths }),
      // A fainter bar must still cover the one behind it, so it is mixed with the surface instead of being transparent.
      ...(look === "bars" ? { fill: faded ? colorOf(host, `${color}-faint`) : full, width: 0 } : { width: 2 }),
      points: unit === "duration" ? { size: 5, fill: stroke, width: 0, filter: lonely } : { show: false }
    }
  })
  return look === "bars" ? drawn.toReversed() : drawn
}

const axes = ({ times, granularity, unit }: ChartModel, host: HTMLElement): Array<uPlot.Axis> => {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  const common = { stroke: colorOf(host, "--muted"), font, ticks: { show: false } }
  const { axis, write } = vertical[unit]
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
      ...axis,
      values: (_, splits) => splits.map(write)
    }
  ]
}

/** Everything but the size. */
export const plotOptions = (
  model: ChartModel,
  host: HTMLElement,
  onHover: (plot: uPlot) => void
): Omit<uPlot.Options, "width" | "height"> => {
  const half = bucketMillis(model.granularity) / 2_000
  return {
    // Days are days in UTC, so their axis is too.
    ...(model.granularity === "day" ? { tzDate: (second) => uPlot.tzDate(new Date(second * 1_000), "UTC") } : {}),
    scales: {
      x: { range: (_, min, max) => (model.look === "bars" ? [min - half, max + half] : [min, max]) },
      y: vertical[model.unit].scale
    },
    axes: axes(model, host),
    series: [{}, ...series(model, host)],
    legend: { show: false },
    cursor: { y: false, points: { show: model.look === "lines" }, drag: { x: false, y: false } },
    padding: [10, 8, 0, 0],
    hooks: { setCursor: [onHover] }
  }
}
