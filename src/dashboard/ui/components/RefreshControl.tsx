/** How old the page is, and what to do about it: pause or resume automatic refreshing, refresh now. */
import { ago, exactly } from "../format/Times.ts"
import { useNow, usePage, useValue } from "../hooks/Page.ts"
import { type Freshness, freshnessOf } from "../state/Freshness.ts"
import { Icon } from "./Icon.tsx"

const beforeAnAnswer: Readonly<Record<Freshness["state"], string>> = {
  loading: "Loading…",
  failing: "No answer",
  refused: "Nothing to show",
  fresh: "",
  stale: ""
}

const says = ({ state, since }: Freshness, paused: boolean, now: number): string => {
  if (since === undefined) return beforeAnAnswer[state]
  const age = ago(since, now)
  if (state === "failing") return `No answer · shown: ${age}`
  if (paused) return `Paused · ${age}`
  return state === "stale" ? `Out of date · ${age}` : `Updated ${age}`
}

/** The state of what is shown, now. */
export const useFreshness = (): Freshness => {
  const { remotes, changes } = usePage()
  useValue(changes)
  return freshnessOf(remotes.watched(), useNow(1_000))
}

export const RefreshControl = () => {
  const { refresher } = usePage()
  const { paused, busy } = useValue(refresher.state)
  const freshness = useFreshness()
  const now = useNow(1_000)
  const { state, since } = freshness
  const pauseLabel = paused ? "Resume automatic refresh" : "Pause automatic refresh"
  return (
    <div class={`refresh is-${paused && state === "fresh" ? "paused" : state}`}>
      <span
        class="age"
        title={since === undefined ? undefined : `Shown as of ${exactly(since)}; refreshed every 30 seconds`}
      >
        <i class="dot" />
        <span class="says">{says(freshness, paused, now)}</span>
      </span>
      <button
        type="button"
        class="button is-quiet is-icon"
        aria-label={pauseLabel}
        title={pauseLabel}
        onClick={refresher.togglePause}
      >
        <Icon name={paused ? "play" : "pause"} />
      </button>
      <button
        type="button"
        class={`button is-quiet is-icon${busy ? " is-turning" : ""}`}
        aria-label="Refresh now"
        title="Refresh now"
        onClick={() => void refresher.refresh()}
      >
        <Icon name="refresh" />
      </button>
    </div>
  )
}
