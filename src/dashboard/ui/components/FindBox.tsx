/** Looks for a run by what people have at hand: its number or address, a commit, a branch, an actor. What it is is guessed, and can be chosen. */
import { useState } from "preact/hooks"
import type { FindKey } from "../../../domain/Answers.ts"
import { findKeys } from "../../../domain/Vocabulary.ts"
import { useView } from "../hooks/Page.ts"
import { findLabels, guessed, sought } from "../state/Find.ts"
import { Icon } from "./Icon.tsx"

export const FindBox = () => {
  const [view, go] = useView()
  const { find } = view
  /** What is being typed; undefined while nothing is. */
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const [chosen, choose] = useState<FindKey | undefined>(undefined)
  const text = typed ?? find?.value ?? ""
  const by = chosen ?? (typed === undefined && find !== undefined ? find.by : guessed(text))
  const leave = () => {
    setTyped(undefined)
    choose(undefined)
  }
  const ask = (key: FindKey) => {
    const value = sought(key, text)
    if (value === "") return
    leave()
    go({ ...view, tab: "events", find: { by: key, value } })
  }
  return (
    <form
      class={`find${find === undefined ? "" : " is-set"}`}
      onSubmit={(event) => {
        event.preventDefault()
        ask(by)
      }}
    >
      <label class="select">
        <span class="hidden">What the run is looked for by</span>
        <select
          value={by}
          onChange={({ currentTarget }) => {
            const key = findKeys.find((one) => one === currentTarget.value)
            choose(key)
            if (key !== undefined && typed === undefined && find !== undefined) ask(key)
          }}
        >
          {findKeys.map((key) => (
            <option key={key} value={key}>
              {findLabels[key]}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </label>
      <input
        type="search"
        class="find-text"
        aria-label="Find a run"
        placeholder="Run number, URL, commit, branch…"
        title="Find a run by its number, URL, commit, branch or actor"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value)
          if (currentTarget.value === "" && find !== undefined) {
            leave()
            go({ ...view, find: undefined })
          }
        }}
      />
    </form>
  )
}
