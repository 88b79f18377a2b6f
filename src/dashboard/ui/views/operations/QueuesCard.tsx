/** What the queues hold: how much waits and since when, what is in hand, and what was given up. */
import type { Health, QueueSample } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import { TimeText } from "../../components/Time.tsx"
import { count, duration } from "../../format/Numbers.ts"
import { queueLabel } from "../../format/Words.ts"
import { useExported } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"

const tone = (value: number, name: string): string => (value === 0 ? "is-number is-zero" : `is-number ${name}`)

const Row = ({ queue: { name, waiting, inFlight, oldest, dead } }: { readonly queue: Sent<QueueSample> }) => (
  <tr>
    <th scope="row">{queueLabel(name)}</th>
    <td class={tone(waiting, "")} data-label="Waiting">
      {count(waiting)}
    </td>
    <td class={oldest === null ? "is-number is-zero" : "is-number"} data-label="Oldest">
      {duration(oldest === null ? null : oldest * 1_000)}
    </td>
    <td class={tone(inFlight, "")} data-label="In hand">
      {count(inFlight)}
    </td>
    <td class={tone(dead, "is-failed")} data-label="Given up">
      {count(dead)}
    </td>
  </tr>
)

const Table = ({ queues }: Pick<Sent<Health>, "queues">) => (
  <table class="list queues">
    <thead>
      <tr>
        <th scope="col">Queue</th>
        <th scope="col" class="is-number">
          Waiting
        </th>
        <th scope="col" class="is-number" title="How long the oldest message that waits has been there">
          Oldest
        </th>
        <th scope="col" class="is-number">
          In hand
        </th>
        <th scope="col" class="is-number" title="Dead letters: dispatcher dead-letters lists them and puts them back">
          Given up
        </th>
      </tr>
    </thead>
    <tbody>
      {queues.map((queue) => (
        <Row key={queue.name} queue={queue} />
      ))}
    </tbody>
  </table>
)

export const QueuesCard = ({ health }: { readonly health: Shown<Sent<Health>> }) => {
  const asOf = health.value?.asOf ?? null
  useExported(
    health.value && {
      name: "Queues",
      columns: ["queue", "waiting", "oldest s", "in hand", "given up"],
      rows: health.value.queues.map(({ name, waiting, oldest, inFlight, dead }) => [
        name,
        waiting,
        oldest,
        inFlight,
        dead
      ])
    }
  )
  return (
    <Card
      area="queues"
      title="Queues"
      note={
        asOf !== null && (
          <>
            as of <TimeText at={asOf} />
          </>
        )
      }
    >
      <CardBody remote={health}>
        {({ queues }) =>
          queues.length === 0 ? (
            <FreshClaim asOf={null} icon="unknown" title="Not known">
              No queue has been looked into yet.
            </FreshClaim>
          ) : (
            <Table queues={queues} />
          )
        }
      </CardBody>
    </Card>
  )
}
