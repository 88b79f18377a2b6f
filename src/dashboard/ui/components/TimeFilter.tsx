/** From when to when events are looked for; in the viewer's zone, while the URL and the server have UTC. */
import { localInput, rfc3339 } from "../format/Times.ts"
import { useView } from "../hooks/Page.ts"

const shown = (time: string | undefined): string => (time === undefined ? "" : localInput(Date.parse(time)))

const taken = (input: string): string | undefined => {
  const time = Date.parse(input)
  return Number.isNaN(time) ? undefined : rfc3339(time)
}

export const TimeFilter = () => {
  const [view, go] = useView()
  return (
    <span class={`times${view.from === undefined && view.to === undefined ? "" : " is-set"}`}>
      <label>
        <span>From</span>
        <input
          type="datetime-local"
          value={shown(view.from)}
          onChange={({ currentTarget }) => go({ ...view, from: taken(currentTarget.value) })}
        />
      </label>
      <label>
        <span>to</span>
        <input
          type="datetime-local"
          value={shown(view.to)}
          onChange={({ currentTarget }) => go({ ...view, to: taken(currentTarget.value) })}
        />
      </label>
    </span>
  )
}
