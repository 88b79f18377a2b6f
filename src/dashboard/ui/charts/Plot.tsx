/**
 * A chart over time with uPlot: stacked bars or lines, a tooltip that follows the pointer, and a click that picks a point.
 *
 * The picture is for the eye; every card that shows one offers the same numbers as a table, which is what keys and screen readers use.
 * uPlot sets styles through the DOM's own interface, which the Content-Security-Policy allows.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import uPlot from "uplot"
import { spanLabel } from "../format/Times.ts"
import { useScheme } from "../hooks/Appearance.ts"
import { type ChartModel, plotData, plotOptions } from "./PlotOptions.ts"
import { isFlat } from "./Series.ts"
import { type AxisUnit, vertical } from "./Vertical.ts"

interface Props {
  readonly model: ChartModel
  /** Its least height, in pixels; it fills what its card has room for. */
  readonly height: number
  /** What the chart says, in a sentence. */
  readonly label: string
  /** The point that was clicked, by its index. */
  readonly onPick?: (index: number) => void
}

interface Hover {
  readonly index: number
  readonly left: number
}

const isNone = (value: number | null): boolean => value === null
const written = (unit: AxisUnit, value: number | null): string => (value === null ? "–" : vertical[unit].write(value))

const Tip = ({
  model,
  hover,
  width
}: {
  readonly model: ChartModel
  readonly hover: Hover
  readonly width: number
}) => {
  const at = model.times[hover.index]
  if (at === undefined) return null
  const values = model.lines.map(({ values }) => values[hover.index] ?? null)
  const nothing = model.look === "bars" ? isFlat(values) : values.every(isNone)
  const onRight = hover.left > width / 2
  const style = onRight ? { right: `${width - hover.left + 12}px` } : { left: `${hover.left + 12}px` }
  return (
    <div class="tip" style={style}>
      <strong>{spanLabel(at, model.granularity)}</strong>
      {model.lines.map(({ key, label, color }, index) => (
        <span key={key}>
          <i style={{ background: `var(${color})` }} />
          {label}
          <b>{written(model.unit, values[index] ?? null)}</b>
        </span>
      ))}
      {nothing && <em>nothing happened</em>}
    </div>
  )
}

export const Plot = ({ model, height, label, onPick }: Props) => {
  const host = useRef<HTMLDivElement>(null)
  const scheme = useScheme()
  const [hover, setHover] = useState<Hover | undefined>(undefined)
  const pick = useRef(onPick)
  pick.current = onPick

  // Colours are read from the page when the plot is made, so another scheme makes another plot.
  useLayoutEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const onHover = (plot: uPlot) => {
      const { idx, left } = plot.cursor
      const inside = typeof idx === "number" && left !== undefined && left >= 0
      setHover(inside ? { index: idx, left: left + plot.over.offsetLeft } : undefined)
    }
    const size = () => ({ width: element.clientWidth, height: element.clientHeight })
    const plot = new uPlot({ ...plotOptions(model, element, onHover), ...size() }, plotData(model), element)
    plot.over.addEventListener("click", () => {
      if (typeof plot.cursor.idx === "number") pick.current?.(plot.cursor.idx)
    })
    const resized = new ResizeObserver(() => plot.setSize(size()))
    resized.observe(element)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [model, scheme])

  return (
    <div class={`plot${onPick === undefined ? "" : " is-pickable"}`} style={{ minHeight: `${height}px` }}>
      <div ref={host} role="img" aria-label={label} />
      {hover !== undefined && <Tip model={model} hover={hover} width={host.current?.clientWidth ?? 0} />}
    </div>
  )
}
