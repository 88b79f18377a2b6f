/** A link to another view of this page: a plain one, so that it can be opened in a new tab, and without loading the page again else. */
import type { ComponentChildren } from "preact"
import { usePage } from "../hooks/Page.ts"
import { formatView, type ViewState } from "../state/View.ts"

interface Props {
  readonly to: ViewState
  readonly isCurrent?: boolean
  /** Looks like a button. */
  readonly isButton?: boolean
  /** Whether the tabulator comes here; it does unless something else leads here. */
  readonly tabIndex?: 0 | -1
  readonly children: ComponentChildren
}

export const ViewLink = ({ to, isCurrent = false, isButton = false, tabIndex = 0, children }: Props) => {
  const { go } = usePage()
  return (
    <a
      class={isButton ? "button" : undefined}
      href={formatView(to) || "?"}
      tabIndex={tabIndex}
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
