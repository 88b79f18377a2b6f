/** How the runs that were started ended, by the time in which their source run was accepted. The legend has the totals of the same answer. */
import { useMemo } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Plot } from "../../charts/Plot.tsx"
import type { ChartModel } from "../../charts/PlotOptions.ts"
import { columnsOf } from "../../charts/Series.ts"
import { TimeTable } from "../../charts/TimeTable.tsx"
import type { ChartLook } from "../../components/OutcomeChart.tsx"
import { results, resultsSaid } from "../../components/Outcomes.tsx"
import { count } from "../../format/Numbers.ts"
import { rfc3339 } from "../../format/Times.ts"
import { useExported } from "../../hooks/Page.ts"

interface Props {
  readonly trend: Sent<Trend>
  readonly look: ChartLook
}

export const ResultsChart = ({ trend, look }: Props) => {
  const columns = useMemo(() => columnsOf(trend), [trend])
  const plotted: ChartModel["look"] = look === "lines" ? "lines" : "bars"
  const model = useMemo<ChartModel>(
    () => ({
      look: plotted,
      granularity: columns.granularity,
      unit: "count",
      times: columns.times,
      lines: results.map(({ name, label, icon }) => ({
        key: name,
        label,
        color: `--fill-${icon}`,
        values: columns.counts(name)
      }))
    }),
    [columns, plotted]
  )
  useExported({
    name: "Results over time",
    columns: ["time", ...results.map(({ name }) => name)],
    rows: columns.times.map((at, index) => [
      rfc3339(at),
      ...results.map(({ name }) => columns.counts(name)[index] ?? 0)
    ])
  })
  const { counts } = trend.total
  const values = results.map(({ name, label }) => ({
    label,
    texts: columns.counts(name).map((number) => count(number))
  }))
  return (
    <>
      {look === "table" ? (
        <TimeTable columns={columns} values={values} />
      ) : (
        <Plot model={model} height={280} label={`Results over time: ${resultsSaid(counts)}`} />
      )}
      <ul class="legend">
        {results.map(({ name, label, icon }) => (
          <li key={name}>
            <i class={`fill-${icon}`} />
            {label} <b>{count(counts[name])}</b>
          </li>
        ))}
      </ul>
    </>
  )
}
