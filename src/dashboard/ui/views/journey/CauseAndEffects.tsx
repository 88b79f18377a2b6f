/** What a run of a chain was caused by, and what it started. */
import type { ChainNode } from "../../../../domain/Chain.ts"
import type { Sent } from "../../api/Sent.ts"
import { Link } from "../../components/Link.tsx"
import { StatusPill } from "../../components/StatusPill.tsx"
import { ViewLink } from "../../components/ViewLink.tsx"
import { count } from "../../format/Numbers.ts"
import { chainState } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import { saidOfEdge } from "../chain/Words.ts"

export const CauseAndEffects = ({ node: { cause, edges, moreEdges } }: { readonly node: Sent<ChainNode> }) => {
  const [view] = useView()
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
      {started.length > 0 && (
        <details open={started.length < 6}>
          <summary>What it started</summary>
          <ul>
            {started.map((edge) => (
              <li key={edge.orderId}>
                <StatusPill status={chainState(edge.state).status} text={saidOfEdge(edge).word} />
                <Link to={edge.started?.url}>
                  {edge.target.repository} {edge.target.workflow}
                </Link>
              </li>
            ))}
            {moreEdges > 0 && <li class="muted">and {count(moreEdges)} more targets</li>}
          </ul>
        </details>
      )}
    </div>
  )
}
