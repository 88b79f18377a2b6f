/** How long targets, or the runs that they started, took over time: a line for each quantile, or the same numbers as a table. Where there are no times there is a gap. */
import { useMemo } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Plot } from "../../charts/Plot.tsx"
import type { ChartModel } from "../../charts/PlotOptions.ts"
import { columnsOf, type Quantile, quantiles, type Timed } from "../../charts/Series.ts"
import { TimeTable } from "../../charts/TimeTable.tsx"
import { duration } from "../../format/Numbers.ts"
import { rfc3339 } from "../../format/Times.ts"
import { useExported } from "../../hooks/Page.ts"

const colors: Readonly<Record<Quantile, string>> = {
  p50: "--fill-queued",
  p95: "--fill-accepted",
  p99: "--fill-unknown"
}

interface Props {
  readonly of: Timed
  /** What takes so long: the title of the card. */
  readonly title: string
  readonly trend: Sent<Trend>
  readonly look: "lines" | "table"
}

export const DurationChart = ({ of, title, trend, look }: Props) => {
  const columns = useMemo(() => columnsOf(trend), [trend])
  const model = useMemo<ChartModel>(
    () => ({
      look: "lines",
      granularity: columns.granularity,
      unit: "duration",
      times: columns.times,
      // The lowest is drawn last, over the others.
      lines: quantiles.toReversed().map((quantile) => ({
        key: quantile,
        label: quantile,
        color: colors[quantile],
        values: columns.durations(of, quantile)
      }))
    }),
    [columns, of]
  )
  useExported({
    name: `${title} over time`,
    columns: ["time", ...quantiles.map((quantile) => `${quantile} ms`)],
    rows: columns.times.map((at, index) => [
      rfc3339(at),
      ...quantiles.map((quantile) => columns.durations(of, quantile)[index] ?? null)
    ])
  })
  if (look === "table") {
    const values = quantiles.map((label) => ({
      label,
      texts: columns.durations(of, label).map((time) => duration(time))
    }))
    return <TimeTable columns={columns} values={values} />
  }
  return (
    <>
      <Plot model={model} height={220} label={`${title} over time: p50, p95 and p99`} />
      <ul class="legend">
        {quantiles.map((quantile) => (
          <li key={quantile}>
            <i style={{ background: `var(${colors[quantile]})` }} />
            {quantile}
          </li>
        ))}
      </ul>
    </>
  )
}
