/**
 * The way of work through the stages, as it is counted. It changes its unit half way: a run is accepted and planned, and each plan decides
 * about any number of targets. So there are two funnels, each with its own whole, and a third for how the started runs ended, which is no
 * success or failure of dispatching.
 */
import type { Counts, Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Track } from "../../charts/Bars.tsx"
import { Card, CardBody } from "../../components/Card.tsx"
import { Icon } from "../../components/Icon.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import { results } from "../../components/Outcomes.tsx"
import { count } from "../../format/Numbers.ts"
import {
  type Status,
  searchedStatuses,
  statusHints,
  statusIcons,
  statusLabels,
  windowLabels
} from "../../format/Words.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { toggled } from "../../state/View.ts"

interface StageProps {
  readonly status: Status
  readonly value: number
  readonly whole: number
}

interface PartsProps {
  readonly label: string
  readonly icon: Status
  readonly value: number
  readonly whole: number
}

const Parts = ({ label, icon, value, whole }: PartsProps) => (
  <>
    <span class="label">
      <Icon name={statusIcons[icon]} />
      {label}
    </span>
    <Track value={value} whole={whole} fill={`fill-${icon}`} />
    <b>{count(value)}</b>
  </>
)

/** A stage whose events can be searched for is the filter for them. */
const Stage = (stage: StageProps) => {
  const [view, go] = useView()
  const { status, ...amounts } = stage
  const parts = { label: statusLabels[status], icon: status, ...amounts }
  const chosen = view.status === status
  return (
    <li>
      {searchedStatuses.includes(status) ? (
        <button
          type="button"
          class={`stage${chosen ? " is-chosen" : ""}`}
          aria-pressed={chosen}
          title={statusHints[status]}
          onClick={() => go(toggled(view, "status", status))}
        >
          <Parts {...parts} />
        </button>
      ) : (
        <span class="stage" title={statusHints[status]}>
          <Parts {...parts} />
        </span>
      )}
    </li>
  )
}

const Waiting = ({ number, text }: { readonly number: number; readonly text: string }) =>
  number === 0 ? null : (
    <p class="waiting">
      {count(number)} {text}
    </p>
  )

const ofRuns = ["accepted", "planned", "ignored"] as const
/** Only where there are any: a source's own file that is wrong. */
const ofFiles = ["invalid", "unreachable"] as const
const ofTargets = ["queued", "dispatched", "failed", "withdrawn", "unknown", "denied"] as const

const Ends = ({ counts }: { readonly counts: Counts }) => (
  <>
    <h3>
      Started runs <span>{count(counts.completed)} completed</span>
    </h3>
    <ol>
      {results.map(({ name, ...look }) => (
        <li key={name}>
          <span class="stage">
            <Parts {...look} value={counts[name]} whole={counts.dispatched} />
          </span>
        </li>
      ))}
    </ol>
  </>
)

const Stages = ({ counts }: { readonly counts: Counts }) => (
  <div class="funnel">
    <h3>Runs</h3>
    <ol>
      {[...ofRuns, ...ofFiles.filter((status) => counts[status] > 0)].map((status) => (
        <Stage key={status} status={status} value={counts[status]} whole={counts.accepted} />
      ))}
    </ol>
    <Waiting number={counts.unplanned} text="waiting for a plan" />
    <h3>
      Targets <span>{count(counts.targets)} decided</span>
    </h3>
    <ol>
      {ofTargets.map((status) => (
        <Stage key={status} status={status} value={counts[status]} whole={counts.targets} />
      ))}
    </ol>
    <Waiting number={counts.open} text="waiting for an outcome" />
    {counts.dispatched > 0 && <Ends counts={counts} />}
  </div>
)

const exported = [
  ...([...ofRuns, ...ofFiles, "unplanned", "targets", ...ofTargets, "open", "tried", "completed"] as const),
  ...results.map(({ name }) => name)
]

export const FunnelCard = ({ trend }: { readonly trend: Shown<Sent<Trend>> }) => {
  const [view] = useView()
  const counts = trend.value?.total.counts
  useExported(
    counts && { name: "Funnel", columns: ["stage", "count"], rows: exported.map((stage) => [stage, counts[stage]]) }
  )
  return (
    <Card area="funnel" title="Funnel" note={`last ${windowLabels[view.period]}`}>
      <CardBody remote={trend}>
        {({ asOf, total }) =>
          exported.every((stage) => total.counts[stage] === 0) ? (
            <FreshClaim asOf={asOf} icon="accepted" title="No runs in this time">
              Each completed workflow run that GitHub reports passes through here.
            </FreshClaim>
          ) : (
            <Stages counts={total.counts} />
          )
        }
      </CardBody>
    </Card>
  )
}
