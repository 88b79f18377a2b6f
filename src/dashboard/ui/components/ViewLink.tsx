/** A link to another view of this page: a plain one, so that it can be opened in a new tab, and without loading the page again else. */
import type { ComponentChildren } from "preact"
import { usePage } from "../hooks/Page.ts"
import { formatView, type ViewState } from "../state/View.ts"

interface Props {
  readonly to: ViewState
  readonly isCurrent?: boolean
  /** Looks like a button. */
  readonly isButton?: boolean
  readonly children: ComponentChildren
}

export const ViewLink = ({ to, isCurrent = false, isButton = false, children }: Props) => {
  const { go } = usePage()
  return (
    <a
      class={isButton ? "button" : undefined}
      href={formatView(to) || "?"}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
