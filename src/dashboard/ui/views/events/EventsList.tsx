/** Events that were searched for, page by page; a search that no index serves is explained, with the nearest ones that work. */
import { useCallback } from "preact/hooks"
import type { EventRow } from "../../../../domain/Answers.ts"
import type { ApiFailure } from "../../api/Failure.ts"
import { type EventFilters, eventsQuestion } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { CardBody } from "../../components/Card.tsx"
import { Empty, More } from "../../components/Notices.tsx"
import { useExported, useView } from "../../hooks/Page.ts"
import { usePaged } from "../../hooks/Paged.ts"
import { activeFilters, keepingFilters } from "../../state/View.ts"
import { EventsTable } from "./EventsTable.tsx"

const idOf = ({ id }: Sent<EventRow>): string => id

/** The supported combinations that keep the most of what is set. */
const nearest = (supported: ReadonlyArray<ReadonlyArray<string>>, set: ReadonlyArray<string>) => {
  const within = supported.filter((names) => names.length > 0 && names.every((name) => set.includes(name)))
  const most = Math.max(0, ...within.map(({ length }) => length))
  return within.filter(({ length }) => length === most)
}

const Unsupported = ({ failure }: { readonly failure: Extract<ApiFailure, { _tag: "Unsupported" }> }) => {
  const [view, go] = useView()
  const set = activeFilters(view).filter((name) => name !== "from" && name !== "to")
  return (
    <Empty icon="filter" title="These filters cannot be combined">
      {failure.message}
      <span class="choices">
        {nearest(failure.supported, set).map((names) => (
          <button key={names.join()} type="button" class="button" onClick={() => go(keepingFilters(view, names))}>
            Only {names.join(" and ")}
          </button>
        ))}
      </span>
    </Empty>
  )
}

/** What is not to be taken for nothing. */
const limitsOf = (days: number): string =>
  `Events are listed for ${days} days; deliveries and their journeys are kept for longer.`

export const EventsList = ({ search }: { readonly search: EventFilters }) => {
  const { source, target, status, reason, from, to } = search
  const ask = useCallback(
    (cursor: string | undefined) => eventsQuestion({ source, target, status, reason, from, to }, cursor),
    [source, target, status, reason, from, to]
  )
  const paged = usePaged(ask, idOf)
  useExported({
    name: "Events",
    columns: ["time", "type", "status", "source", "workflow", "target", "reason", "message", "delivery", "url", "id"],
    rows: paged.rows.map((row) => [
      row.time,
      row.type,
      row.status,
      row.source,
      row.workflow,
      row.target,
      row.reason,
      row.message,
      row.deliveryId,
      row.url,
      row.id
    ])
  })
  const { failure, value } = paged.first
  if (value === undefined && failure?._tag === "Unsupported") return <Unsupported failure={failure} />
  return (
    <CardBody remote={paged.first}>
      {({ days }) =>
        paged.rows.length === 0 && !paged.hasMore ? (
          <Empty icon="filter" title="No events found">
            Nothing of the kind is listed. Fewer filters or a longer time may find more. {limitsOf(days)}
          </Empty>
        ) : (
          <>
            <EventsTable rows={paged.rows} />
            <More paged={paged} limits={limitsOf(days)} />
          </>
        )
      }
    </CardBody>
  )
}
