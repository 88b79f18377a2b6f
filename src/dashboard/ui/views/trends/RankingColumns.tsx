/** The columns of a ranking: how dispatching went, or how what was dispatched ended; never both, so that their figures are not mixed. */
import type { ComponentChildren } from "preact"
import type { Counts, RankedScope, Ranking } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { OutcomeBar, ResultBar, results } from "../../components/Outcomes.tsx"
import { count, duration, moved, share } from "../../format/Numbers.ts"
import { reasonLabel, type Status, statusLabels } from "../../format/Words.ts"

type Row = Sent<RankedScope>

interface Column {
  readonly label: string
  /** In the head, where that is longer. */
  readonly title?: string
  readonly hint?: string
  readonly look: "number" | "bar" | "reason"
  /** The colour of a number that is not 0. */
  readonly tone?: (row: Row) => Status | "zero" | undefined
  readonly show: (row: Row) => ComponentChildren
}

const counter = (name: keyof Counts, label: string, status: Status): Column => ({
  label,
  look: "number",
  tone: ({ counts }) => (counts[name] === 0 ? "zero" : status),
  show: ({ counts }) => count(counts[name])
})

/** What a scope did: deliveries, or, where those are not its own, decisions about targets. */
const activity = (ranking: Ranking): Column => {
  const ofTargets = ranking === "targets" || ranking === "results"
  return {
    label: ofTargets ? "Targets" : "Runs",
    look: "number",
    show: ({ counts }) => count(ofTargets ? counts.targets : counts.accepted)
  }
}

const change: Column = {
  label: "Targets ±",
  hint: "How many targets more or fewer ended than in the time before",
  look: "number",
  tone: ({ change }) => (change === 0 ? "zero" : undefined),
  show: ({ change }) => moved(change)
}

const reason: Column = {
  label: "Mostly",
  title: "Mostly refused for",
  look: "reason",
  show: ({ topReason }) =>
    topReason === null ? <span class="muted">–</span> : <span title={topReason}>{reasonLabel(topReason)}</span>
}

const ofDispatching = (ranking: Ranking): ReadonlyArray<Column> => [
  activity(ranking),
  change,
  { label: "Outcomes", look: "bar", show: ({ counts }) => <OutcomeBar counts={counts} /> },
  ...(["dispatched", "denied", "failed", "unknown"] as const).map((status) =>
    counter(status, statusLabels[status], status)
  ),
  {
    label: "Success",
    hint: "Dispatched, of all targets that were tried",
    look: "number",
    show: ({ successRate }) => share(successRate)
  },
  { label: "p95", hint: "From acceptance to dispatch", look: "number", show: ({ p95 }) => duration(p95) },
  reason
]

const toTheEnd = "From acceptance to the end of the started run"

const ofResults: ReadonlyArray<Column> = [
  { label: "Started", look: "number", show: ({ counts }) => count(counts.dispatched) },
  { label: "Results", look: "bar", show: ({ counts }) => <ResultBar counts={counts} /> },
  ...results.map(({ name, label, icon }) => counter(name, label, icon)),
  {
    label: "Results",
    title: "Good",
    hint: "Succeeded, of the started runs that have ended",
    look: "number",
    show: ({ resultRate }) => share(resultRate)
  },
  ...(["p50", "p95"] as const).map(
    (quantile): Column => ({
      label: `To the end, ${quantile}`,
      title: quantile,
      hint: toTheEnd,
      look: "number",
      show: ({ completion }) => duration(completion[quantile])
    })
  )
]

/** What the columns are about. */
export const columnSets = [
  ["dispatching", "Dispatching"],
  ["results", "Started runs"]
] as const
export type ColumnSet = (typeof columnSets)[number][0]

/** The columns between the name and the button. */
export const rankingColumns = (set: ColumnSet, ranking: Ranking): ReadonlyArray<Column> =>
  set === "results" ? ofResults : ofDispatching(ranking)

const classOf = ({ look, tone }: Column, row: Row): string => {
  const toned = tone?.(row)
  return `is-${look}${toned === undefined ? "" : ` is-${toned}`}`
}

/** The head of a column. */
export const RankingHead = ({ column: { label, title = label, hint, look } }: { readonly column: Column }) => (
  <th scope="col" class={look === "number" ? "is-number" : ""} title={hint}>
    {title}
  </th>
)

/** What a row has in a column. */
export const RankingCell = ({ column, row }: { readonly column: Column; readonly row: Row }) => (
  <td class={classOf(column, row)} data-label={column.look === "bar" ? undefined : column.label}>
    {column.show(row)}
  </td>
)
