/** One figure of two repositories over time, a line each. */
import { useMemo } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Plot } from "../../charts/Plot.tsx"
import type { ChartModel } from "../../charts/PlotOptions.ts"
import { columnsOf } from "../../charts/Series.ts"
import { count } from "../../format/Numbers.ts"
import { rfc3339 } from "../../format/Times.ts"
import { type Status, statusLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"
import type { Compared } from "../../state/View.ts"

export const comparedStatuses = ["dispatched", "denied", "failed"] as const satisfies ReadonlyArray<Status>
export type ComparedStatus = (typeof comparedStatuses)[number]

interface Props {
  readonly sides: readonly [Compared, Compared]
  readonly trends: readonly [Sent<Trend>, Sent<Trend>]
  readonly status: ComparedStatus
}

export const CompareChart = ({ sides: [a, b], trends: [before, after], status }: Props) => {
  const model = useMemo<ChartModel>(() => {
    const [left, right] = [columnsOf(before), columnsOf(after)]
    return {
      look: "lines",
      granularity: left.granularity,
      unit: "count",
      times: left.times,
      lines: [
        { key: "a", label: a.repository, color: "--side-a", values: left.counts(status) },
        { key: "b", label: b.repository, color: "--side-b", values: right.counts(status) }
      ]
    }
  }, [a.repository, b.repository, before, after, status])
  useExported({
    name: `Side by side: ${status}`,
    columns: ["time", ...model.lines.map(({ label }) => label)],
    rows: model.times.map((at, index) => [rfc3339(at), ...model.lines.map(({ values }) => values[index] ?? 0)])
  })
  const said = [
    `${a.repository} ${count(before.total.counts[status])}`,
    `${b.repository} ${count(after.total.counts[status])}`
  ]
  return <Plot model={model} height={220} label={`${statusLabels[status]} over time: ${said.join(", ")}`} />
}
