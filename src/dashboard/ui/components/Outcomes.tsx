/** How the targets of a delivery, or of a repository, ended: as pills with counts, and as one bar of shares. */
import type { Counts } from "../../../domain/Views.ts"
import { count } from "../format/Numbers.ts"
import { type Status, statusLabels } from "../format/Words.ts"
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

/** Targets that were queued and have no outcome yet. */
export const openTargets = ({ queued, dispatched, failed, withdrawn, unknown }: Counts): number =>
  Math.max(0, queued - dispatched - failed - withdrawn - unknown)

/** `2 failed · 3 dispatched`, the worst first; what a delivery without targets came to otherwise. */
export const OutcomePills = ({ counts }: { readonly counts: Counts }) => {
  const ended = worstFirst.filter((status) => counts[status] > 0)
  const open = openTargets(counts)
  if (ended.length === 0 && open === 0) {
    return <StatusPill status={counts.ignored > 0 ? "ignored" : counts.planned > 0 ? "planned" : "accepted"} />
  }
  return (
    <span class="pills">
      {ended.map((status) => (
        <StatusPill
          key={status}
          status={status}
          text={`${count(counts[status])} ${statusLabels[status].toLowerCase()}`}
        />
      ))}
      {open > 0 && <StatusPill status="queued" text={`${count(open)} waiting`} />}
    </span>
  )
}

/** The shares of the outcomes. */
export const OutcomeBar = ({ counts }: { readonly counts: Counts }) => {
  const label = outcomes
    .filter((status) => counts[status] > 0)
    .map((status) => `${count(counts[status])} ${statusLabels[status].toLowerCase()}`)
    .join(", ")
  return (
    <span class="shares" role="img" aria-label={label || "nothing happened"} title={label}>
      {outcomes.map((status) =>
        counts[status] > 0 ? <i key={status} class={`fill-${status}`} style={{ flexGrow: counts[status] }} /> : null
      )}
    </span>
  )
}
