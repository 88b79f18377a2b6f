/** Work that should have been done by now. The list is the whole service's; filters narrow what is shown of it. */
import type { Health } from "../../../../domain/Views.ts"
import { Body, Card } from "../../components/Card.tsx"
import { Empty } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { Time } from "../../components/Time.tsx"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import type { ViewState } from "../../state/View.ts"

type Stalled = Health["stalled"][number]

const kinds: Readonly<Record<Stalled["kind"], string>> = { unplanned: "No plan yet", unsettled: "No outcome yet" }

const concerns =
  ({ source, target }: ViewState) =>
  (work: Stalled): boolean =>
    (source === undefined || work.source.toLowerCase() === source.toLowerCase()) &&
    (target === undefined || work.target?.toLowerCase().startsWith(`${target.toLowerCase()} `) === true)

const Work = ({ work }: { readonly work: Stalled }) => {
  const [view, go] = useView()
  return (
    <li>
      <button type="button" class="stalled" onClick={() => go({ ...view, journey: work.deliveryId })}>
        <span class="what">
          <RepositoryText name={work.source} /> <span class="muted">{work.workflow}</span>
        </span>
        <span class="when">
          <Time at={work.since} />
        </span>
        <span class="why">
          {kinds[work.kind]}
          {work.target !== null && <> for {work.target}</>}
        </span>
      </button>
    </li>
  )
}

export const StalledCard = ({ health }: { readonly health: Shown<Health> }) => {
  const [view] = useView()
  const all = health.value?.stalled
  const shown = all?.filter(concerns(view))
  useExported(
    shown && {
      name: "Stalled work",
      columns: ["kind", "since", "source", "workflow", "target", "delivery"],
      rows: shown.map(({ kind, since, source, workflow, target, deliveryId }) => [
        kind,
        since,
        source,
        workflow,
        target,
        deliveryId
      ])
    }
  )
  return (
    <Card area="stalled" title="Stalled work" note="now">
      <Body remote={health}>
        {({ stalled }) =>
          shown === undefined || shown.length === 0 ? (
            <Empty icon="dispatched" title="Nothing is stalled">
              {stalled.length === 0
                ? "Every delivery has its plan and every order its outcome."
                : `Nothing of what is filtered for; ${stalled.length} elsewhere.`}
            </Empty>
          ) : (
            <ul class="rows">
              {shown.map((work) => (
                <Work key={`${work.deliveryId} ${work.target}`} work={work} />
              ))}
            </ul>
          )
        }
      </Body>
    </Card>
  )
}
