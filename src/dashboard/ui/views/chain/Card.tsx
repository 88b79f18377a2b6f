/** A run of a chain in a few lines: where, what, how it does and since when, why, and how its targets do. */
import { Icon } from "../../components/Icon.tsx"
import { Link } from "../../components/Links.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { TimeText } from "../../components/Time.tsx"
import { count, duration } from "../../format/Numbers.ts"
import { chainIcon, chainState, chainStateNames } from "../../format/Words.ts"
import type { ChainItem } from "./Tree.ts"

/** `2 failed, 1 running`, as the server counts them. */
const States = ({ states }: { readonly states: ChainItem["states"] }) => {
  const some = chainStateNames.filter((state) => (states?.[state] ?? 0) > 0)
  if (states === undefined || some.length === 0) return null
  return (
    <p class="states">
      <span class="hidden">Targets: </span>
      {some.map((state) => (
        <span key={state} class={`is-${chainState(state).status}`}>
          {count(states[state])} {chainState(state).counted}
        </span>
      ))}
    </p>
  )
}

interface Props {
  readonly item: ChainItem
  /** Of what describes it: how it does and why. */
  readonly id: string
  /** Whether it is the one that the tabulator comes to. */
  readonly isCurrent: boolean
}

export const ChainCard = ({ item, id, isCurrent }: Props) => {
  const { repository, workflow, branch, state, word, since, took, why, note, states, url } = item
  const { status } = chainState(state)
  return (
    <div class={`chain-card is-${status}${item.isAlive ? " is-alive" : ""}`}>
      <div class="chain-text">
        <p class="chain-where" title={repository}>
          <span class="node">
            <Icon name={chainIcon(state)} />
          </span>
          <RepositoryText name={repository} />
        </p>
        <p class="muted chain-what" title={branch === null ? workflow : `${workflow} ${branch}`}>
          {workflow}
          {branch !== null && ` · ${branch}`}
        </p>
        <div id={id}>
          <p class="chain-how">
            <strong>{word}</strong>
            {took !== null && <span>{duration(took)}</span>}
            <TimeText at={since} />
          </p>
          {why !== null && (
            <p class="chain-why" title={why}>
              {why}
            </p>
          )}
          {note !== null && (
            <p class="chain-why" title={note}>
              {note}
            </p>
          )}
          <States states={states} />
        </div>
      </div>
      {url !== null && (
        <Link to={url} tabIndex={isCurrent ? 0 : -1}>
          <span class="hidden">Run</span>
        </Link>
      )}
    </div>
  )
}
