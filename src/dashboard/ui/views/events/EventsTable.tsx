/** Events, newest first. The whole row opens the journey that the event belongs to. */
import type { EventRow } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Link } from "../../components/Links.tsx"
import { StatusPill } from "../../components/Outcomes.tsx"
import { RepositoryLabel, RepositoryText } from "../../components/Repository.tsx"
import { TimeText } from "../../components/Time.tsx"
import { isStatus, reasonLabel, statusLabel } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import { toggled } from "../../state/View.ts"

/** A target as events name it: `owner/name file@ref`. */
const Target = ({ target }: { readonly target: string }) => {
  const [repository = "", workflow = ""] = target.split(" ")
  return (
    <span class="scope">
      {repository.includes("/") ? <RepositoryLabel name={repository} as="target" /> : <RepositoryText name={target} />}{" "}
      <span class="muted">{workflow}</span>
    </span>
  )
}

const Why = ({ row }: { readonly row: Sent<EventRow> }) => {
  const [view, go] = useView()
  const { reason, message } = row
  return (
    <span class="why">
      {reason !== null && (
        <button
          type="button"
          class="textual"
          title={`Only ${reason}`}
          onClick={() => go(toggled(view, "reason", reason))}
        >
          {reasonLabel(reason)}
        </button>
      )}
      {message !== null && <span class="message">{message}</span>}
      {row.url !== null && <Link to={row.url}>GitHub</Link>}
    </span>
  )
}

const Row = ({ row }: { readonly row: Sent<EventRow> }) => {
  const [view, go] = useView()
  const { status } = row
  return (
    <tr class={view.journey === row.deliveryId ? "is-open" : ""}>
      <td class="opens">
        <button
          type="button"
          class="opener"
          aria-label={`Journey of ${row.workflow} of ${row.source}: ${statusLabel(status).toLowerCase()}`}
          onClick={() => go({ ...view, journey: row.deliveryId })}
        >
          <TimeText at={row.time} />
        </button>
      </td>
      <td>
        {isStatus(status) ? (
          <button
            type="button"
            class="chooser"
            title={`${row.type}: show only these`}
            onClick={() => go(toggled(view, "status", status))}
          >
            <StatusPill status={status} />
          </button>
        ) : (
          status
        )}
      </td>
      <td>
        <span class="scope">
          <RepositoryLabel name={row.source} as="source" /> <span class="muted">{row.workflow}</span>
        </span>
      </td>
      <td>{row.target === null ? <span class="muted">–</span> : <Target target={row.target} />}</td>
      <td>
        <Why row={row} />
      </td>
    </tr>
  )
}

export const EventsTable = ({ rows }: { readonly rows: ReadonlyArray<Sent<EventRow>> }) => (
  <table class="list events">
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">What</th>
        <th scope="col">Source</th>
        <th scope="col">Target</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <Row key={row.id} row={row} />
      ))}
    </tbody>
  </table>
)
