/**
 * The latest of what is filtered for: deliveries, or the events of a target, a status or a reason, which deliveries are not kept by.
 * Opening a row shows its journey.
 */
import { useCallback } from "preact/hooks"
import type { DeliveryRow } from "../../../../domain/Answers.ts"
import { deliveries } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { Empty, More } from "../../components/Notices.tsx"
import { useExported, useView } from "../../hooks/Page.ts"
import { usePaged } from "../../hooks/Paged.ts"
import { EventsList } from "../events/EventsList.tsx"
import { DeliveriesTable } from "./DeliveriesTable.tsx"

const idOf = ({ deliveryId }: Sent<DeliveryRow>): string => deliveryId

const Deliveries = ({ source }: { readonly source: string | undefined }) => {
  const ask = useCallback((cursor: string | undefined) => deliveries(source, cursor), [source])
  const paged = usePaged(ask, idOf)
  useExported({
    name: "Recent deliveries",
    columns: [
      "accepted at",
      "source",
      "workflow",
      "run",
      "number",
      "attempt",
      "branch",
      "conclusion",
      "actor",
      "status",
      "message",
      "queued",
      "dispatched",
      "denied",
      "failed",
      "withdrawn",
      "unknown",
      "delivery",
      "url"
    ],
    rows: paged.rows.map(({ counts, ...row }) => [
      row.acceptedAt,
      row.source,
      row.workflow,
      row.runId,
      row.runNumber,
      row.attempt,
      row.branch,
      row.conclusion,
      row.actor,
      row.status,
      row.message,
      counts.queued,
      counts.dispatched,
      counts.denied,
      counts.failed,
      counts.withdrawn,
      counts.unknown,
      row.deliveryId,
      row.runUrl
    ])
  })
  return (
    <CardBody remote={paged.first}>
      {() =>
        paged.rows.length === 0 ? (
          <Empty icon="accepted" title="No deliveries yet">
            {source === undefined
              ? "Once the App is installed, each completed workflow run arrives here."
              : `None from ${source}.`}
          </Empty>
        ) : (
          <>
            <DeliveriesTable rows={paged.rows} />
            <More paged={paged} />
          </>
        )
      }
    </CardBody>
  )
}

export const RecentCard = () => {
  const [view] = useView()
  const byEvents = view.target !== undefined || view.status !== undefined || view.reason !== undefined
  return (
    <Card area="recent" title={byEvents ? "Recent events" : "Recent deliveries"} note="newest first">
      {byEvents ? (
        <EventsList search={{ ...view, from: undefined, to: undefined }} />
      ) : (
        <Deliveries source={view.source} />
      )}
    </Card>
  )
}
