/** What the page says across all views: that the server does not answer, and what just happened. */

import { useEffect } from "preact/hooks"
import { exactly } from "../format/Times.ts"
import { usePage, useValue } from "../hooks/Page.ts"
import { Icon } from "./Icon.tsx"
import { useFreshness } from "./RefreshControl.tsx"

/** Says across the page that the server does not answer: what is shown stays, with its age, and asking again is one click away. */
export const Outage = () => {
  const { refresher } = usePage()
  const { state, since } = useFreshness()
  if (state !== "failing") return null
  return (
    <p class="outage" role="alert">
      <Icon name="warning" />
      <span>
        The server does not answer.{" "}
        {since === undefined ? "It is asked again by itself." : `You see what it last said, as of ${exactly(since)}.`}
      </span>
      <button type="button" class="button" onClick={() => void refresher.refresh()}>
        Try again
      </button>
    </p>
  )
}

/** Milliseconds for which it stays. */
const stays = 6_000

/** A sentence about what just happened, for the eye and for screen readers. It leaves by itself. */
export const Toast = () => {
  const { notice } = usePage()
  const now = useValue(notice)
  useEffect(() => {
    if (now === undefined) return undefined
    const timer = setTimeout(() => notice.set(undefined), stays)
    return () => clearTimeout(timer)
  }, [notice, now])
  return (
    <div class="toasts" role="status">
      {now !== undefined && (
        <p class={`toast is-${now.tone}`}>
          <Icon name={now.tone === "good" ? "dispatched" : "warning"} />
          {now.text}
        </p>
      )}
    </div>
  )
}
