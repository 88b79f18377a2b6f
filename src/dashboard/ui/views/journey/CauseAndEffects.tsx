/** What a run of a chain was caused by, and what it started: each with its own journey where it has one. */
import type { ChainEdge, ChainNode } from "../../../../domain/Chain.ts"
import { chainQuestion } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Link, ViewLink } from "../../components/Links.tsx"
import { ChainPill } from "../../components/Outcomes.tsx"
import { count } from "../../format/Numbers.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { saidOfEdge } from "../chain/Words.ts"

interface EffectsProps {
  /** The run that the chain began with. */
  readonly root: string
  readonly started: ReadonlyArray<Sent<ChainEdge>>
  readonly more: number
}

/** A started run has a journey of its own once it has completed and was received: the chain has it then. One request. */
const Effects = ({ root, started, more }: EffectsProps) => {
  const [view] = useView()
  const chain = useRemote(chainQuestion(root)).value
  return (
    <details open={started.length < 6}>
      <summary>What it started</summary>
      <ul>
        {started.map((edge) => {
          const effect = chain?.nodes.find(({ runId }) => runId === edge.started?.id)
          return (
            <li key={edge.orderId}>
              <ChainPill state={edge.state} word={saidOfEdge(edge).word} />
              <Link to={edge.started?.url}>
                {edge.target.repository} {edge.target.workflow}
              </Link>
              {effect !== undefined && (
                <ViewLink to={{ ...view, journey: effect.run }}>
                  journey<span class="hidden"> of {edge.target.repository}</span>
                </ViewLink>
              )}
            </li>
          )
        })}
        {more > 0 && <li class="muted">and {count(more)} more targets</li>}
      </ul>
    </details>
  )
}

export const CauseAndEffects = ({ node }: { readonly node: Sent<ChainNode> }) => {
  const [view] = useView()
  const { root, cause, edges, moreEdges } = node
  const started = edges.filter((edge) => edge.started !== null)
  if (cause === null && started.length === 0) return null
  return (
    <div class="journey-chain">
      {cause !== null && (
        <p>
          The dispatcher started it because of another run:{" "}
          <ViewLink to={{ ...view, journey: cause }}>its journey</ViewLink>
        </p>
      )}
      {started.length > 0 && <Effects root={root} started={started} more={moreEdges} />}
    </div>
  )
}
