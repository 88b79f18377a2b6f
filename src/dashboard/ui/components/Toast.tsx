/** A sentence about what just happened, for the eye and for screen readers. It leaves by itself. */
import { useEffect } from "preact/hooks"
import { usePage, useValue } from "../hooks/Page.ts"
import { Icon } from "./Icon.tsx"

/** Milliseconds for which it stays. */
const stays = 6_000

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
