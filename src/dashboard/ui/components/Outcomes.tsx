/** How the targets of a delivery, or of a repository, ended: as pills with counts, and as one bar of shares. */
import type { Counts, DeliveryRow } from "../../../domain/Answers.ts"
import type { Sent } from "../api/Sent.ts"
import { count } from "../format/Numbers.ts"
import { deliveryStatus, type Status, statusLabels } from "../format/Words.ts"
import { Shares } from "./Bars.tsx"
import { StatusPill } from "./StatusPill.tsx"

/** How a target can end, from good to bad: the order of every stack and legend. */
export const outcomes = [
  "dispatched",
  "denied",
  "withdrawn",
  "unknown",
  "failed"
] as const satisfies ReadonlyArray<Status>

const worstFirst = outcomes.toReversed()

/** `2 failed · 3 dispatched`, the worst first; what a delivery without targets came to otherwise. */
export const OutcomePills = ({ row: { counts, status, message } }: { readonly row: Sent<DeliveryRow> }) => {
  const ended = worstFirst.filter((outcome) => counts[outcome] > 0)
  if (ended.length === 0 && counts.open === 0) {
    const shown = deliveryStatus(status)
    return (
      <span class="pills">
        <StatusPill status={shown.status} text={shown.label} />
        {message !== null && <span class="message">{message}</span>}
      </span>
    )
  }
  return (
    <span class="pills">
      {ended.map((outcome) => (
        <StatusPill
          key={outcome}
          status={outcome}
          text={`${count(counts[outcome])} ${statusLabels[outcome].toLowerCase()}`}
        />
      ))}
      {counts.open > 0 && <StatusPill status="queued" text={`${count(counts.open)} waiting`} />}
    </span>
  )
}

/** The shares of the outcomes. */
export const OutcomeBar = ({ counts }: { readonly counts: Counts }) => (
  <Shares
    parts={outcomes.map((status) => [`fill-${status}`, counts[status]] as const)}
    label={outcomes
      .filter((status) => counts[status] > 0)
      .map((status) => `${count(counts[status])} ${statusLabels[status].toLowerCase()}`)
      .join(", ")}
  />
)
