/**
 * What targets came to over time. The legend has the totals of the same answer, so it and the points are of one moment. A click on a point, or on its time in the table, leads to its events.
 */
import { useMemo } from "preact/hooks"
import type { Trend } from "../../../domain/Answers.ts"
import { bucketMillis } from "../../../domain/Bucket.ts"
import type { Sent } from "../api/Sent.ts"
import { Legend } from "../charts/Legend.tsx"
import { Plot } from "../charts/Plot.tsx"
import type { ChartModel } from "../charts/PlotOptions.ts"
import { columnsOf } from "../charts/Series.ts"
import { TimeTable } from "../charts/TimeTable.tsx"
import { count } from "../format/Numbers.ts"
import { rfc3339 } from "../format/Times.ts"
import { type CountedStatus, isCounted, type Status, statusLabels } from "../format/Words.ts"
import { useExported, useView } from "../hooks/Page.ts"
import { FreshClaim } from "./Notices.tsx"
import { outcomes } from "./Outcomes.tsx"

export type ChartLook = ChartModel["look"] | "table"

interface Props {
  readonly trend: Sent<Trend>
  readonly look: ChartLook
  readonly height: number
}

/** Outcomes, and what is filtered for if it is none of them. */
const shownStatuses = (status: Status | undefined): ReadonlyArray<CountedStatus> =>
  status === undefined || !isCounted(status) || outcomes.some((outcome) => outcome === status) ? outcomes : [status]

export const OutcomeChart = ({ trend, look, height }: Props) => {
  const [view, go] = useView()
  const plotted: ChartModel["look"] = look === "lines" ? "lines" : "bars"
  const columns = useMemo(() => columnsOf(trend), [trend])
  const statuses = shownStatuses(view.status)
  const model = useMemo<ChartModel>(
    () => ({
      look: plotted,
      granularity: columns.granularity,
      unit: "count",
      times: columns.times,
      lines: shownStatuses(view.status).map((status) => ({
        key: status,
        label: statusLabels[status],
        color: `--fill-${status}`,
        values: columns.counts(status),
        faded: view.status !== undefined && view.status !== status
      }))
    }),
    [columns, plotted, view.status]
  )
  useExported({
    name: "Outcomes over time",
    columns: ["time", ...statuses],
    rows: columns.times.map((at, index) => [
      rfc3339(at),
      ...statuses.map((status) => columns.counts(status)[index] ?? 0)
    ])
  })

  const { counts } = trend.total
  const totals = statuses.map((status) => [status, counts[status]] as const)
  if (totals.every(([, total]) => total === 0)) {
    return (
      <FreshClaim asOf={trend.asOf} icon="chart" title="Nothing in this time">
        As soon as a target is dispatched or refused it shows up here.
      </FreshClaim>
    )
  }
  const pick = (index: number) => {
    const from = columns.times[index]
    if (from === undefined) return
    go({ ...view, tab: "events", from: rfc3339(from), to: rfc3339(from + bucketMillis(columns.granularity) - 1_000) })
  }
  const cellsOf = (status: CountedStatus) => ({
    label: statusLabels[status],
    texts: columns.counts(status).map((number) => count(number))
  })
  const said = totals.map(([status, total]) => `${count(total)} ${statusLabels[status].toLowerCase()}`).join(", ")
  return (
    <>
      {look === "table" ? (
        <TimeTable columns={columns} values={statuses.map(cellsOf)} onPick={pick} />
      ) : (
        <Plot model={model} height={height} label={`Outcomes over time: ${said}`} onPick={pick} />
      )}
      <Legend entries={totals} />
    </>
  )
}
