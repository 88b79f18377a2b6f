/**
 * The way of work through the stages. It changes its unit half way: a delivery is accepted and planned, and each plan decides about
 * any number of targets. So there are two funnels, each with its own whole.
 */
import type { Counts, Kpi } from "../../../../domain/Views.ts"
import { Body, Card } from "../../components/Card.tsx"
import { Icon } from "../../components/Icon.tsx"
import { Empty } from "../../components/Notices.tsx"
import { openTargets } from "../../components/Outcomes.tsx"
import { count, share } from "../../format/Numbers.ts"
import { type Status, statusHints, statusLabels, windowLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { toggled, windowOf } from "../../state/View.ts"

interface StageProps {
  readonly status: Status
  readonly value: number
  readonly whole: number
}

const Stage = ({ status, value, whole }: StageProps) => {
  const [view, go] = useView()
  const part = whole === 0 ? 0 : Math.min(1, value / whole)
  const chosen = view.status === status
  return (
    <li>
      <button
        type="button"
        class={`stage${chosen ? " is-chosen" : ""}`}
        aria-pressed={chosen}
        title={statusHints[status]}
        onClick={() => go(toggled(view, "status", status))}
      >
        <span class="label">
          <Icon name={status} />
          {statusLabels[status]}
        </span>
        <span class="track">
          <i class={`fill-${status}`} style={{ width: `${part * 100}%` }} />
        </span>
        <b>{count(value)}</b>
        <span class="part">{whole === 0 ? "" : share(part)}</span>
      </button>
    </li>
  )
}

/** Accepted deliveries that were neither planned nor found to need nothing, as far as the window's counts tell. */
const unplanned = ({ accepted, planned, ignored }: Counts): number => Math.max(0, accepted - planned - ignored)

const Waiting = ({ number, text }: { readonly number: number; readonly text: string }) =>
  number === 0 ? null : (
    <p class="waiting">
      {count(number)} {text}
    </p>
  )

const Stages = ({ counts }: { readonly counts: Counts }) => {
  const decided = counts.queued + counts.denied
  return (
    <div class="funnel">
      <h3>Deliveries</h3>
      <ol>
        {(["accepted", "planned", "ignored"] as const).map((status) => (
          <Stage key={status} status={status} value={counts[status]} whole={counts.accepted} />
        ))}
      </ol>
      <Waiting number={unplanned(counts)} text="waiting for a plan" />
      <h3>
        Targets <span>{count(decided)} decided</span>
      </h3>
      <ol>
        {(["queued", "dispatched", "failed", "withdrawn", "unknown", "denied"] as const).map((status) => (
          <Stage key={status} status={status} value={counts[status]} whole={decided} />
        ))}
      </ol>
      <Waiting number={openTargets(counts)} text="waiting for an outcome" />
    </div>
  )
}

const stages = [
  "accepted",
  "planned",
  "ignored",
  "queued",
  "denied",
  "dispatched",
  "failed",
  "withdrawn",
  "unknown"
] as const

export const FunnelCard = ({ kpi }: { readonly kpi: Shown<Kpi> }) => {
  const [view] = useView()
  const counts = kpi.value?.counts
  useExported(
    counts && { name: "Funnel", columns: ["stage", "count"], rows: stages.map((stage) => [stage, counts[stage]]) }
  )
  return (
    <Card area="funnel" title="Funnel" note={`last ${windowLabels[windowOf(view.period)]}`}>
      <Body remote={kpi}>
        {({ counts: all }) =>
          stages.every((stage) => all[stage] === 0) ? (
            <Empty icon="accepted" title="No deliveries in this time">
              Each completed workflow run that GitHub tells of will pass through here.
            </Empty>
          ) : (
            <Stages counts={all} />
          )
        }
      </Body>
    </Card>
  )
}
