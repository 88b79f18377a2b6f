/** A connection in a few lines: its workflows, what the latest run came to, what was counted, and the ways to its journeys. */
import { Icon } from "../../components/Icon.tsx"
import { Link, ViewLink } from "../../components/Links.tsx"
import { TimeText } from "../../components/Time.tsx"
import { duration } from "../../format/Numbers.ts"
import { chainIcon, chainState } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import { eventsAbout } from "../../state/View.ts"
import { saidOfEdge } from "../chain/Words.ts"
import { countWords, type SentConnection } from "./Connections.ts"

/** What was counted today and on the six days before; dispatching and the runs that it started are two figures. */
const Counts = ({ connection }: { readonly connection: SentConnection }) => {
  const { dispatching, runs } = countWords(connection)
  return (
    <p class="muted counts" title="Runs that were accepted today and on the six days before (UTC)">
      7 days: {dispatching === "" ? "nothing counted" : dispatching}
      {runs !== "" && `; runs: ${runs}`}
    </p>
  )
}

/** Icon, word, time and reason of what the latest run came to. */
const LatestOutcome = ({ connection }: { readonly connection: SentConnection }) => {
  const { state } = connection
  const { status } = chainState(state)
  const { word, since, took, why } = saidOfEdge(connection)
  return (
    <div class={`latest is-${status}`}>
      <p class="chain-how">
        <strong>
          <Icon name={chainIcon(state)} /> {word}
        </strong>
        {took !== null && <span class="took">{duration(took)}</span>}
        <TimeText at={since} />
      </p>
      {why !== null && (
        <p class="chain-why" title={why}>
          {why}
        </p>
      )}
    </div>
  )
}

interface Props {
  readonly connection: SentConnection
  /** Whether the tabulator comes to its links. */
  readonly tabIndex: 0 | -1
}

/** The ways to the journeys of a connection: of the latest run, and the events of all. */
const ConnectionLinks = ({ connection, tabIndex }: Props) => {
  const [view] = useView()
  const { source, target, run, started } = connection
  const about = (
    <span class="hidden">
      {" "}
      of {source.repository} {source.workflow} to {target.repository} {target.workflow}
    </span>
  )
  return (
    <p class="ways">
      <ViewLink to={{ ...view, journey: run }} tabIndex={tabIndex}>
        Latest journey{about}
      </ViewLink>
      <ViewLink to={eventsAbout(view, { source: source.repository, target: target.repository })} tabIndex={tabIndex}>
        Events{about}
      </ViewLink>
      {started !== null && (
        <Link to={started.url} tabIndex={tabIndex}>
          Run
        </Link>
      )}
    </p>
  )
}

export const ConnectionLine = ({ connection, tabIndex }: Props) => {
  const { source, target, ref } = connection
  return (
    <div class="connection">
      <p class="workflows" title={`${source.workflow} → ${target.workflow}@${ref}`}>
        {source.workflow} → {target.workflow}
        <span class="muted">@{ref}</span>
      </p>
      <LatestOutcome connection={connection} />
      <Counts connection={connection} />
      <ConnectionLinks connection={connection} tabIndex={tabIndex} />
    </div>
  )
}
