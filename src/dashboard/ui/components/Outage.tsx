/** Says across the page that the server does not answer: what is shown stays, with its age, and asking again is one click away. */
import { exactly } from "../format/Times.ts"
import { usePage } from "../hooks/Page.ts"
import { Icon } from "./Icon.tsx"
import { useFreshness } from "./RefreshControl.tsx"

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
