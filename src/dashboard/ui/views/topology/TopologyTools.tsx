/** What all connections are narrowed by: a part of a name, an owner, how the latest run went; denied ones alone with one click. */
import { useRef, useState } from "preact/hooks"
import { Icon } from "../../components/Icon.tsx"
import { chainState } from "../../format/Words.ts"
import { useSlash } from "../../hooks/Document.ts"
import { useView } from "../../hooks/Page.ts"
import { connectionStates, type TopologyInput } from "../../state/TopologyInput.ts"
import { topologyOf } from "../../state/View.ts"
import { ownersIn, repositoryTyped, type SentConnection } from "./Connections.ts"

/** "Refused" has more in it than a denial. */
const stateLabel = (state: string): string => {
  if (state === "denied") return "Denied"
  return state === "refused" ? "Denied or withdrawn" : chainState(state).label
}

interface ChoiceProps {
  readonly label: string
  readonly any: string
  readonly options: ReadonlyArray<readonly [value: string, text: string]>
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

const Choice = ({ label, any, options, value, onChange }: ChoiceProps) => (
  <label class={`select${value === undefined ? "" : " is-set"}`}>
    <span class="hidden">{label}</span>
    <select value={value ?? ""} onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}>
      <option value="">{any}</option>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
    <Icon name="down" />
  </label>
)

export const TopologyTools = ({ connections }: { readonly connections: ReadonlyArray<SentConnection> }) => {
  const [view, go] = useView()
  const { topology } = view
  const field = useRef<HTMLInputElement>(null)
  const [slash] = useState(() => () => field.current?.focus())
  useSlash(slash)
  const narrow = (part: Partial<TopologyInput>, how: "push" | "replace" = "push") =>
    go({ ...view, topology: { ...topology, ...part } }, how)
  const owners = ownersIn(connections)
  return (
    <search class="topology-tools" aria-label="Narrow the topology">
      <input
        ref={field}
        type="search"
        class="find-text"
        aria-label="Find a repository"
        placeholder="Find a repository ( / )"
        autocomplete="off"
        spellcheck={false}
        value={topology.named ?? ""}
        onInput={({ currentTarget }) => narrow({ named: currentTarget.value || undefined }, "replace")}
        onKeyDown={({ key, currentTarget: { value } }) => {
          const found = key === "Enter" ? repositoryTyped(connections, value) : undefined
          if (found !== undefined) go(topologyOf(view, found))
        }}
      />
      <Choice
        label="Owner"
        any="Any owner"
        options={owners.map((owner) => [owner, owner])}
        value={owners.find((owner) => owner.toLowerCase() === topology.owner?.toLowerCase()) ?? topology.owner}
        onChange={(owner) => narrow({ owner })}
      />
      <Choice
        label="State"
        any="Any state"
        options={connectionStates.map((state) => [state, stateLabel(state)])}
        value={topology.state}
        onChange={(state) => narrow({ state })}
      />
      <button
        type="button"
        class={`button${topology.state === "denied" ? " is-on" : ""}`}
        aria-pressed={topology.state === "denied"}
        onClick={() => narrow({ state: topology.state === "denied" ? undefined : "denied" })}
      >
        <Icon name="denied" />
        Denied only
      </button>
    </search>
  )
}
