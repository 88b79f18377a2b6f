/** Who starts whom: of one repository, two steps both ways; or of all, as a graph and one by one. */
import { useMemo } from "preact/hooks"
import type { Neighbours } from "../../../../domain/Topology.ts"
import { neighboursQuestion } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { Icon } from "../../components/Icon.tsx"
import { ViewLink } from "../../components/Links.tsx"
import { Empty } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { count } from "../../format/Numbers.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { topologyOf } from "../../state/View.ts"
import { type SomeConnections, useAllConnections } from "./AllConnections.ts"
import { ConnectionList } from "./ConnectionList.tsx"
import { isNotLetIn, narrowed, pairsOf, type SentConnection, spelledIn } from "./Connections.ts"
import { Graph } from "./Graph.tsx"
import { RepositoryTree } from "./RepositoryTree.tsx"
import { TopologyTools } from "./TopologyTools.tsx"

const topologyTable = (connections: ReadonlyArray<SentConnection>) => ({
  name: "Topology",
  columns: [
    ...["source", "source_workflow", "target", "target_workflow", "ref", "decision", "state", "status", "reason"],
    ...["since", "run", "url", "allowed", "denied", "dispatched", "failed", "withdrawn", "unknown"],
    ...["succeeded", "unsuccessful", "running"]
  ],
  rows: connections.map(({ source, target, ref, decision, state, status, reason, since, run, started, counts }) => [
    ...[source.repository, source.workflow, target.repository, target.workflow, ref, decision, state, status, reason],
    ...[since, run, started?.url ?? null, counts.allowed, counts.denied, counts.dispatched, counts.failed],
    ...[counts.withdrawn, counts.unknown, counts.succeeded, counts.unsuccessful, counts.running]
  ])
})

/** What the owners of a source that is let in nowhere need to hear. */
const NotLetInAnywhere = ({ starts, moreStarts }: Sent<Neighbours>) =>
  starts.length > 0 && !moreStarts && starts.every(isNotLetIn) ? (
    <p class="topology-notice is-denied">
      <Icon name="denied" />
      No target lets it in: it is in none of their inbound rules, which the targets' owners write.
    </p>
  ) : null

/** Why there is nothing to draw of a repository. */
const NoConnection = ({ known }: Pick<Neighbours, "known">) =>
  known ? (
    <Empty title="No connection of this repository is stored">
      It started no workflow and wanted to start none, and no other repository wanted to start one of its workflows, as
      far as the stored events go back.
    </Empty>
  ) : (
    <Empty title="Nothing is known of this repository">
      No run of it was delivered and no rule named it as a target, or that is forgotten. Is its name spelled like that
      on GitHub?
    </Empty>
  )

const Around = ({ repository }: { readonly repository: string }) => {
  const [view] = useView()
  const remote = useRemote(neighboursQuestion(repository))
  const { value } = remote
  const all = value && [...value.startedBy, ...value.starts]
  const name = spelledIn(repository, all ?? [])
  useExported(all && topologyTable(all))
  return (
    <Card
      title="Topology"
      area="topology"
      note={
        <span class="scope">
          of <RepositoryText name={name} />
          <ViewLink to={topologyOf(view)}>All repositories</ViewLink>
        </span>
      }
    >
      <CardBody remote={remote}>
        {(neighbours) =>
          neighbours.starts.length + neighbours.startedBy.length === 0 ? (
            <NoConnection known={neighbours.known} />
          ) : (
            <>
              <NotLetInAnywhere {...neighbours} />
              <RepositoryTree repository={name} neighbours={neighbours} />
              {(neighbours.moreStarts || neighbours.moreStartedBy) && (
                <p class="and-more">There are more connections than the 500 a side that are listed.</p>
              )}
            </>
          )
        }
      </CardBody>
    </Card>
  )
}

const Everything = ({ all: { connections, more } }: { readonly all: SomeConnections }) => {
  const [{ topology }] = useView()
  const shown = useMemo(() => narrowed(connections, topology), [connections, topology])
  const pairs = useMemo(() => pairsOf(shown), [shown])
  useExported(topologyTable(shown))
  if (connections.length === 0) {
    return (
      <Empty title="No connection is stored">
        One appears here when a run of a repository with a dispatching.yml was planned, whether its target lets it in or
        not.
      </Empty>
    )
  }
  return (
    <>
      <TopologyTools connections={connections} />
      {more && (
        <p class="and-more">
          There are more connections than the first {count(connections.length)}, by source, that are shown and searched
          here. Each repository can be opened: type its full name, owner/name, and press Enter.
        </p>
      )}
      {shown.length === 0 ? (
        <Empty icon="filter" title="No connection is like that">
          None of the {count(connections.length)} connections fits what is asked for above.
        </Empty>
      ) : (
        <>
          <div class="wide-graph">
            <Graph pairs={pairs} />
          </div>
          <h3 class="list-head">
            {topology.state === "denied" ? "These want in and are not let in" : "Connections by source"},{" "}
            {count(shown.length)}
          </h3>
          <ConnectionList connections={shown} />
        </>
      )}
    </>
  )
}

const All = () => {
  const remote = useAllConnections()
  return (
    <Card title="Topology" area="topology" note="which workflow starts which">
      <CardBody remote={remote}>{(all) => <Everything all={all} />}</CardBody>
    </Card>
  )
}

export const Topology = () => {
  const [{ topology }] = useView()
  return topology.around === undefined ? <All /> : <Around key={topology.around} repository={topology.around} />
}
