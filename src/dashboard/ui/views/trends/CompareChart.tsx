/** One figure of two repositories over time, a line each. */
import { useMemo } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Plot } from "../../charts/Plot.tsx"
import type { ChartModel } from "../../charts/PlotOptions.ts"
import { columnsOf } from "../../charts/Series.ts"
import { count } from "../../format/Numbers.ts"
import { rfc3339 } from "../../format/Times.ts"
import { statusLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Page.ts"
import type { Compared } from "../../state/View.ts"

/** What can be compared over time: outcomes of dispatching, and results of what was dispatched. */
export const comparedNames = ["dispatched", "denied", "failed", "succeeded", "unsuccessful"] as const
export type ComparedName = (typeof comparedNames)[number]
export const comparedLabels: Readonly<Record<ComparedName, string>> = {
  ...statusLabels,
  succeeded: "Succeeded",
  unsuccessful: "Unsuccessful"
}

interface Props {
  readonly sides: readonly [Compared, Compared]
  readonly trends: readonly [Sent<Trend>, Sent<Trend>]
  readonly name: ComparedName
}

export const CompareChart = ({ sides: [a, b], trends: [before, after], name }: Props) => {
  const model = useMemo<ChartModel>(() => {
    const [left, right] = [columnsOf(before), columnsOf(after)]
    return {
      look: "lines",
      granularity: left.granularity,
      unit: "count",
      times: left.times,
      lines: [
        { key: "a", label: a.repository, color: "--side-a", values: left.counts(name) },
        { key: "b", label: b.repository, color: "--side-b", values: right.counts(name) }
      ]
    }
  }, [a.repository, b.repository, before, after, name])
  useExported({
    name: `Side by side: ${name}`,
    columns: ["time", ...model.lines.map(({ label }) => label)],
    rows: model.times.map((at, index) => [rfc3339(at), ...model.lines.map(({ values }) => values[index] ?? 0)])
  })
  const said = [
    `${a.repository} ${count(before.total.counts[name])}`,
    `${b.repository} ${count(after.total.counts[name])}`
  ]
  return <Plot model={model} height={220} label={`${comparedLabels[name]} over time: ${said.join(", ")}`} />
}
