/** What became of things: of one thing as a pill, of the targets of a delivery or a repository, and of the runs that were started. */

import type { Counts, DeliveryRow } from "../../../domain/Answers.ts"
import type { Sent } from "../api/Sent.ts"
import { Shares } from "../charts/Bars.tsx"
import { count } from "../format/Numbers.ts"
import {
  chainIcon,
  chainState,
  deliveryStatus,
  type Status,
  statusHints,
  statusIcons,
  statusLabels
} from "../format/Words.ts"
import { Icon } from "./Icon.tsx"

interface StatusPillProps {
  readonly status: Status
  /** Shown instead of the word, such as a count. */
  readonly text?: string
}

/** How a target of a chain does, in a word that is given. */
export const ChainPill = ({ state, word }: { readonly state: string; readonly word: string }) => (
  <span class={`pill is-${chainState(state).status}`}>
    <Icon name={chainIcon(state)} />
    {word}
  </span>
)

/** What became of something: colour, icon and word together, so that none of them alone carries it. */
export const StatusPill = ({ status, text }: StatusPillProps) => (
  <span class={`pill is-${status}`} title={statusHints[status]}>
    <Icon name={statusIcons[status]} />
    {text ?? statusLabels[status]}
  </span>
)

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

/** How a started run stands, which is no success or failure of dispatching, drawn like the statuses that are as good or as bad: the order of every stack and legend. */
export const results = [
  { name: "succeeded", label: "Succeeded", icon: "dispatched" },
  { name: "unsuccessful", label: "Unsuccessful", icon: "failed" },
  { name: "running", label: "Running", icon: "queued" },
  { name: "lost", label: "Lost", icon: "unknown" }
] as const satisfies ReadonlyArray<{ readonly name: keyof Counts; readonly label: string; readonly icon: Status }>

/** `3 succeeded, 1 unsuccessful`: those that there are. */
export const resultsSaid = (counts: Counts): string =>
  results
    .filter(({ name }) => counts[name] > 0)
    .map(({ name, label }) => `${count(counts[name])} ${label.toLowerCase()}`)
    .join(", ")

/** The shares of the results. */
export const ResultBar = ({ counts }: { readonly counts: Counts }) => (
  <Shares
    parts={results.map(({ name, icon }) => [`fill-${icon}`, counts[name]] as const)}
    label={resultsSaid(counts) || "nothing was started"}
  />
)
