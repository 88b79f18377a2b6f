/** A neighbour as a card: its name, and each connection with it. */
import { Icon } from "../../components/Icon.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { count } from "../../format/Numbers.ts"
import { chainIcon, chainState } from "../../format/Words.ts"
import type { Branch } from "./Branches.ts"
import { ConnectionLine } from "./ConnectionLine.tsx"
import { keyOfConnection } from "./Connections.ts"

/** So many connections of a card are seen of more. */
const mostSeen = 3

interface Props {
  readonly branch: Branch
  /** Of what describes it. */
  readonly id: string
  /** Whether it is the one that the tabulator comes to. */
  readonly isCurrent: boolean
}

const Lines = ({ branch: { connections }, isCurrent }: Omit<Props, "id">) => {
  const tabIndex = isCurrent ? 0 : -1
  const lines = connections.map((connection) => (
    <ConnectionLine key={keyOfConnection(connection)} connection={connection} tabIndex={tabIndex} />
  ))
  const hidden = lines.slice(mostSeen)
  return (
    <>
      {lines.slice(0, mostSeen)}
      {hidden.length > 0 && (
        <details>
          <summary tabIndex={tabIndex}>and {count(hidden.length)} more connections</summary>
          {hidden}
        </details>
      )}
    </>
  )
}

export const BranchCard = ({ branch, id, isCurrent }: Props) => {
  const { repository, worst, consent } = branch
  const { status } = chainState(worst)
  return (
    <div class={`chain-card is-${status} consent-${consent}`}>
      <div class="chain-text">
        <p class="chain-where" title={repository}>
          <span class="node">
            <Icon name={chainIcon(worst)} />
          </span>
          <RepositoryText name={repository} />
        </p>
        <div id={id}>
          <Lines branch={branch} isCurrent={isCurrent} />
        </div>
      </div>
    </div>
  )
}
