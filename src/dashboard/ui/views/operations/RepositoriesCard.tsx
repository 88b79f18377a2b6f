/** Repositories and workflows with those first that need attention. A row is a filter; the chosen one is marked, the others stay. */
import { useState } from "preact/hooks"
import type { RankedScope } from "../../../../domain/Answers.ts"
import { ranking } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import { OutcomeBar, outcomes } from "../../components/Outcomes.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { count, share } from "../../format/Numbers.ts"
import { reasonLabel, windowLabels } from "../../format/Words.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { rankedWindowOf } from "../../state/View.ts"
import { rankingTable } from "../Rankings.ts"
import { choosing, chosenIn, ScopeName } from "../Scopes.tsx"

const kinds = [
  ["sources", "Sources"],
  ["targets", "Targets"],
  ["workflows", "Workflows"]
] as const
/** What makes a rate red, and a reason. */
const troubles = { rate: ["failed", "unknown"], why: ["invalid", "unreachable"] } as const
/** More are in the Trends view. */
const mostShown = 8

/** What matters most about a row, in a few words. */
const whyOf = ({ counts, topReason }: Sent<RankedScope>): string => {
  if (counts.invalid > 0) return "Own dispatching.yml is invalid"
  if (counts.unreachable > 0) return "Own dispatching.yml cannot be read"
  if (topReason !== null) return reasonLabel(topReason)
  return outcomes.some((status) => counts[status] > 0) ? "no trouble" : `${count(counts.accepted)} accepted`
}

const Row = ({ row }: { readonly row: Sent<RankedScope> }) => {
  const [view, go] = useView()
  const chosen = chosenIn(view, row.scope)
  const tone = (part: keyof typeof troubles) =>
    troubles[part].some((status) => row.counts[status] > 0) ? `${part} is-bad` : part
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
        <span class={tone("rate")} title="Success, of all targets that were tried">
          {share(row.successRate)}
        </span>
        <span class={tone("why")}>{whyOf(row)}</span>
      </button>
    </li>
  )
}

export const RepositoriesCard = () => {
  const [view, go] = useView()
  const [kind, setKind] = useState<(typeof kinds)[number][0]>("sources")
  const remote = useRemote(ranking(kind, rankedWindowOf(view.period), 0))
  useExported(remote.value && rankingTable(remote.value))
  return (
    <Card
      area="repositories"
      title="Repositories"
      note={`needs attention, last ${windowLabels[rankedWindowOf(view.period)]}`}
      tools={<Segmented label="What is ranked" options={kinds} value={kind} onChange={setKind} />}
    >
      <CardBody remote={remote}>
        {({ asOf, rows, total }) =>
          rows.length === 0 ? (
            <FreshClaim asOf={asOf} icon="branch" title="No repositories in this time">
              They appear with their first delivery.
            </FreshClaim>
          ) : (
            <>
              <ol class="rows">
                {rows.slice(0, mostShown).map((row) => (
                  <Row key={JSON.stringify(row.scope)} row={row} />
                ))}
              </ol>
              {total > mostShown && (
                <p class="and-more">
                  <button type="button" class="textual" onClick={() => go({ ...view, tab: "trends", ranking: kind })}>
                    All {count(total)}
                  </button>
                </p>
              )}
            </>
          )
        }
      </CardBody>
    </Card>
  )
}
