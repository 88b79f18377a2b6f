/** Work that should have been done by now: the whole service's, the oldest first, whatever the filters are. */
import type { Health, StalledWork } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { TimeText } from "../../components/Time.tsx"
import { count } from "../../format/Numbers.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"

const waitsFor = ({ kind, target, count: orders }: Sent<StalledWork>): string => {
  if (kind === "unplanned") return "No plan yet"
  const about = orders === 1 ? "No outcome yet" : `${count(orders)} targets without outcome`
  return target === null ? about : `${about}, the oldest ${target}`
}

const Work = ({ work }: { readonly work: Sent<StalledWork> }) => {
  const [view, go] = useView()
  return (
    <li>
      <button type="button" class="stalled" onClick={() => go({ ...view, journey: work.deliveryId })}>
        <span class="what">
          <RepositoryText name={work.source} /> <span class="muted">{work.workflow}</span>
        </span>
        <span class="when">
          <TimeText at={work.since} />
        </span>
        <span class="why">{waitsFor(work)}</span>
      </button>
    </li>
  )
}

const List = ({ health: { asOf, stalled, moreStalled } }: { readonly health: Sent<Health> }) =>
  stalled.length === 0 && moreStalled === 0 ? (
    <FreshClaim asOf={asOf} icon="dispatched" title="Nothing is stalled">
      Every run has its plan and every order its outcome, or has not waited for long.
    </FreshClaim>
  ) : (
    <>
      <ul class="rows">
        {stalled.map((work) => (
          <Work key={`${work.deliveryId} ${work.kind}`} work={work} />
        ))}
      </ul>
      {moreStalled > 0 && <p class="and-more">and {count(moreStalled)} more</p>}
    </>
  )

export const StalledCard = ({ health }: { readonly health: Shown<Sent<Health>> }) => {
  const asOf = health.value?.asOf ?? null
  useExported(
    health.value && {
      name: "Stalled work",
      columns: ["kind", "since", "source", "workflow", "orders", "oldest target", "delivery"],
      rows: health.value.stalled.map(({ kind, since, source, workflow, count: orders, target, deliveryId }) => [
        kind,
        since,
        source,
        workflow,
        orders,
        target,
        deliveryId
      ])
    }
  )
  return (
    <Card
      area="stalled"
      title="Stalled work"
      note={
        asOf === null ? (
          "everywhere"
        ) : (
          <>
            everywhere, as of <TimeText at={asOf} />
          </>
        )
      }
    >
      <CardBody remote={health}>{(value) => <List health={value} />}</CardBody>
    </Card>
  )
}
