/** The runs that were found by number, address, commit, branch or actor, newest first. A row opens its journey. */
import { useCallback } from "preact/hooks"
import type { FoundRun } from "../../../../domain/Answers.ts"
import { found, type RunSearch } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { Icon } from "../../components/Icon.tsx"
import { Link } from "../../components/Links.tsx"
import { Empty, More } from "../../components/Notices.tsx"
import { RepositoryLabel } from "../../components/Repository.tsx"
import { TimeText } from "../../components/Time.tsx"
import { useExported, useView } from "../../hooks/Page.ts"
import { usePaged } from "../../hooks/Paged.ts"
import { findLabels } from "../../state/Find.ts"

const idOf = ({ deliveryId }: Sent<FoundRun>): string => deliveryId

const Row = ({ run }: { readonly run: Sent<FoundRun> }) => {
  const [view, go] = useView()
  return (
    <tr class={view.journey === run.deliveryId ? "is-open" : ""}>
      <td class="opens">
        <button
          type="button"
          class="opener"
          aria-label={`Journey of ${run.workflow} of ${run.source}, run ${run.runId}`}
          onClick={() => go({ ...view, journey: run.deliveryId })}
        >
          <TimeText at={run.acceptedAt} />
        </button>
      </td>
      <td>
        <RepositoryLabel name={run.source} as="source" />
      </td>
      <td>
        <span class="run">
          {run.workflow}{" "}
          <Link to={run.runUrl}>
            <span class="id">#{run.runNumber ?? run.runId}</span>
          </Link>
          {run.attempt > 1 && <span class="muted">, attempt {run.attempt}</span>}
        </span>
      </td>
      <td>
        <span class="branch" title={run.branch ?? undefined}>
          <Icon name="branch" />
          <span>{run.branch ?? "no branch"}</span>
        </span>{" "}
        <code title={run.sha}>{run.sha.slice(0, 7)}</code>
      </td>
      <td>{run.actor ?? "–"}</td>
    </tr>
  )
}

const Table = ({ rows }: { readonly rows: ReadonlyArray<Sent<FoundRun>> }) => (
  <table class="list found">
    <thead>
      <tr>
        <th scope="col">Accepted</th>
        <th scope="col">Source</th>
        <th scope="col">Run</th>
        <th scope="col">Branch, commit</th>
        <th scope="col">Actor</th>
      </tr>
    </thead>
    <tbody>
      {rows.map((run) => (
        <Row key={run.deliveryId} run={run} />
      ))}
    </tbody>
  </table>
)

export const FoundRuns = ({ find: { by, value } }: { readonly find: RunSearch }) => {
  const [view, go] = useView()
  const ask = useCallback((cursor: string | undefined) => found({ by, value }, cursor), [by, value])
  const paged = usePaged(ask, idOf)
  useExported({
    name: "Found runs",
    columns: [
      "accepted at",
      "source",
      "workflow",
      "run",
      "number",
      "attempt",
      "branch",
      "sha",
      "actor",
      "delivery",
      "url"
    ],
    rows: paged.rows.map((run) => [
      run.acceptedAt,
      run.source,
      run.workflow,
      run.runId,
      run.runNumber,
      run.attempt,
      run.branch,
      run.sha,
      run.actor,
      run.deliveryId,
      run.runUrl
    ])
  })
  return (
    <Card
      area="found"
      title="Found runs"
      note={`${findLabels[by].toLowerCase()} ${value}`}
      tools={
        <button type="button" class="button is-quiet" onClick={() => go({ ...view, find: undefined })}>
          Close
        </button>
      }
    >
      <CardBody remote={paged.first}>
        {() =>
          paged.rows.length === 0 && !paged.hasMore ? (
            <Empty icon="filter" title="No run found">
              {by === "commit" ? "Commits are found by all 40 digits. " : ""}
              What is looked for has to be the whole name, as GitHub writes it.
            </Empty>
          ) : (
            <>
              <Table rows={paged.rows} />
              <More paged={paged} />
            </>
          )
        }
      </CardBody>
    </Card>
  )
}
