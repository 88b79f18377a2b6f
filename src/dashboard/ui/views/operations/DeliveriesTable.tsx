/** Deliveries, newest first. The whole row opens the journey; names and links in it lead elsewhere. */
import type { DeliveryRow } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon } from "../../components/Icon.tsx"
import { Link } from "../../components/Links.tsx"
import { OutcomePills } from "../../components/Outcomes.tsx"
import { RepositoryLabel } from "../../components/Repository.tsx"
import { TimeText } from "../../components/Time.tsx"
import { useView } from "../../hooks/Page.ts"

const Row = ({ row }: { readonly row: Sent<DeliveryRow> }) => {
  const [view, go] = useView()
  const attempt = row.attempt > 1 ? `, attempt ${row.attempt}` : ""
  return (
    <tr class={view.journey === row.deliveryId ? "is-open" : ""}>
      <td class="opens">
        <button
          type="button"
          class="opener"
          aria-label={`Journey of ${row.workflow} of ${row.source}, run ${row.runId}${attempt}`}
          onClick={() => go({ ...view, journey: row.deliveryId })}
        >
          <TimeText at={row.acceptedAt} />
        </button>
      </td>
      <td>
        <RepositoryLabel name={row.source} as="source" />
      </td>
      <td>
        <span class="run">
          {row.workflow}{" "}
          <Link to={row.runUrl}>
            <span class="id">#{row.runNumber ?? row.runId}</span>
          </Link>
          {attempt !== "" && <span class="muted">{attempt}</span>}
        </span>
      </td>
      <td>
        <span class="branch" title={row.branch ?? undefined}>
          <Icon name="branch" />
          <span>{row.branch ?? "no branch"}</span>
        </span>
      </td>
      <td>
        <OutcomePills row={row} />
      </td>
    </tr>
  )
}

export const DeliveriesTable = ({ rows }: { readonly rows: ReadonlyArray<Sent<DeliveryRow>> }) => (
  <table class="list deliveries">
    <thead>
      <tr>
        <th scope="col">Accepted</th>
        <th scope="col">Source</th>
        <th scope="col">Run</th>
        <th scope="col">Branch</th>
        <th scope="col">Came to</th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <Row key={row.deliveryId} row={row} />
      ))}
    </tbody>
  </table>
)
