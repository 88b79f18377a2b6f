/** A page of a ranking. */
import type { RankedScope, Ranking } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon } from "../../components/Icon.tsx"
import { OutcomeBar } from "../../components/Outcomes.tsx"
import { count, duration, moved, share } from "../../format/Numbers.ts"
import { reasonLabel, statusLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import { comparing, sameCompared } from "../../state/View.ts"
import { choosing, chosenIn, comparable, ScopeName } from "../Scopes.tsx"

const shown = ["dispatched", "denied", "failed", "unknown"] as const

/** What a scope did: deliveries, or, where those are not its own, decisions about targets. */
const activity: Readonly<Record<Ranking, "accepted" | "targets">> = {
  sources: "accepted",
  targets: "targets",
  workflows: "accepted",
  movers: "accepted",
  versions: "accepted"
}

const activityLabels = { accepted: "Runs", targets: "Targets" } as const

const Change = ({ row: { change } }: { readonly row: Sent<RankedScope> }) => (
  <span
    class={`change is-${change === 0 ? "same" : change > 0 ? "up" : "down"}`}
    title="Targets that ended, more or fewer than in the time before"
  >
    {moved(change)}
  </span>
)

const Name = ({ row }: { readonly row: Sent<RankedScope> }) => {
  const [view, go] = useView()
  if (row.scope._tag === "Version") return <ScopeName scope={row.scope} />
  const chosen = chosenIn(view, row.scope)
  return (
    <button
      type="button"
      class={`chooser${chosen ? " is-chosen" : ""}`}
      aria-pressed={chosen}
      onClick={() => go(choosing(view, row.scope))}
    >
      <ScopeName scope={row.scope} />
    </button>
  )
}

const CompareButton = ({ row }: { readonly row: Sent<RankedScope> }) => {
  const [view, go] = useView()
  const side = comparable(row.scope)
  if (side === undefined) return null
  const on = view.compare.some((one) => sameCompared(one, side))
  return (
    <button
      type="button"
      class={`button is-small compare${on ? " is-on" : ""}`}
      aria-pressed={on}
      aria-label={`Compare ${side.repository}`}
      onClick={() => go(comparing(view, side))}
    >
      <Icon name="compare" />
      <span>Compare</span>
    </button>
  )
}

const Row = ({ row, ranked }: { readonly row: Sent<RankedScope>; readonly ranked: Ranking }) => (
  <tr>
    <th scope="row">
      <Name row={row} />
    </th>
    <td class="is-number" data-label={activityLabels[activity[ranked]]}>
      {count(row.counts[activity[ranked]])} <Change row={row} />
    </td>
    <td class="is-bar">
      <OutcomeBar counts={row.counts} />
    </td>
    {shown.map((status) => (
      <td
        key={status}
        class={`is-number${row.counts[status] === 0 ? " is-zero" : ` is-${status}`}`}
        data-label={statusLabels[status]}
      >
        {count(row.counts[status])}
      </td>
    ))}
    <td class="is-number" data-label="Success">
      {share(row.successRate)}
    </td>
    <td class="is-number" data-label="p95">
      {duration(row.p95)}
    </td>
    <td class="is-reason" data-label="Mostly">
      {row.topReason === null ? (
        <span class="muted">–</span>
      ) : (
        <span title={row.topReason}>{reasonLabel(row.topReason)}</span>
      )}
    </td>
    <td class="is-action">
      <CompareButton row={row} />
    </td>
  </tr>
)

const firstColumn: Readonly<Record<Ranking, string>> = {
  sources: "Source",
  targets: "Target",
  workflows: "Workflow",
  movers: "Source",
  versions: "Version"
}

export const RankingTable = ({
  ranked,
  rows
}: {
  readonly ranked: Ranking
  readonly rows: ReadonlyArray<Sent<RankedScope>>
}) => (
  <table class="list ranking">
    <thead>
      <tr>
        <th scope="col">{firstColumn[ranked]}</th>
        <th scope="col" class="is-number" title="And how many targets more or fewer ended than in the time before">
          {activityLabels[activity[ranked]]}
        </th>
        <th scope="col">Outcomes</th>
        {shown.map((status) => (
          <th key={status} scope="col" class="is-number">
            {statusLabels[status]}
          </th>
        ))}
        <th scope="col" class="is-number">
          Success
        </th>
        <th scope="col" class="is-number" title="From acceptance to dispatch">
          p95
        </th>
        <th scope="col">Mostly refused for</th>
        <th scope="col">
          <span class="hidden">Compare</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <Row key={JSON.stringify(row.scope)} row={row} ranked={ranked} />
      ))}
    </tbody>
  </table>
)
