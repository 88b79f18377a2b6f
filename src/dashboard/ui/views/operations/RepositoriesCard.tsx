/** Repositories and workflows with those first that need somebody. A row is a filter; the chosen one is marked, the others stay. */
import { useState } from "preact/hooks"
import type { RankedScope } from "../../../../domain/Views.ts"
import { ranking } from "../../api/Questions.ts"
import { Body, Card } from "../../components/Card.tsx"
import { Empty } from "../../components/Notices.tsx"
import { OutcomeBar, outcomes } from "../../components/Outcomes.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { count, share } from "../../format/Numbers.ts"
import { reasonLabel, windowLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { windowOf } from "../../state/View.ts"
import { rankingTable } from "../Rankings.ts"
import { choosing, chosenIn, ScopeName } from "../Scopes.tsx"

const kinds = [
  ["sources", "Sources"],
  ["targets", "Targets"],
  ["workflows", "Workflows"]
] as const
/** More are in the Trends view. */
const mostShown = 8

const Row = ({ row }: { readonly row: RankedScope }) => {
  const [view, go] = useView()
  const chosen = chosenIn(view, row.scope)
  const troubled = row.counts.failed + row.counts.unknown > 0
  const ended = outcomes.some((status) => row.counts[status] > 0)
  return (
    <li>
      <button
        type="button"
        class={`ranked${chosen ? " is-chosen" : ""}`}
        aria-pressed={chosen}
        onClick={() => go(choosing(view, row.scope))}
      >
        <ScopeName scope={row.scope} />
        <OutcomeBar counts={row.counts} />
        <span class={`rate${troubled ? " is-bad" : ""}`} title="Success, of all targets that were tried">
          {share(row.successRate)}
        </span>
        <span class="why">
          {row.topReason === null
            ? ended
              ? "no trouble"
              : `${count(row.counts.accepted)} accepted`
            : reasonLabel(row.topReason)}
        </span>
      </button>
    </li>
  )
}

export const RepositoriesCard = () => {
  const [view] = useView()
  const [kind, setKind] = useState<(typeof kinds)[number][0]>("sources")
  const remote = useRemote(ranking(kind, windowOf(view.period), 0))
  useExported(remote.value && rankingTable(remote.value))
  return (
    <Card
      area="repositories"
      title="Repositories"
      note={`most trouble, last ${windowLabels[windowOf(view.period)]}`}
      tools={<Segmented label="What is ranked" options={kinds} value={kind} onChange={setKind} />}
    >
      <Body remote={remote}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty icon="branch" title="No repositories yet">
              They appear with their first delivery.
            </Empty>
          ) : (
            <ol class="rows">
              {rows.slice(0, mostShown).map((row) => (
                <Row key={JSON.stringify(row.scope)} row={row} />
              ))}
            </ol>
          )
        }
      </Body>
    </Card>
  )
}
