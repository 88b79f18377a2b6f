/** Links: to somewhere else, mostly GitHub; to another view of this page; and from a name to its neighbours. */
import type { ComponentChildren } from "preact"
import { safeUrl } from "../format/GitHub.ts"
import { usePage, useView } from "../hooks/Page.ts"
import { formatView, topologyOf, type ViewState } from "../state/View.ts"
import { Icon } from "./Icon.tsx"

interface LinkProps {
  readonly to: string | null | undefined
  /** Whether the tabulator comes here; it does unless something else leads here. */
  readonly tabIndex?: 0 | -1
  readonly children: ComponentChildren
}

/** A link to somewhere else, mostly GitHub. What is no http(s) address stays text. */
export const Link = ({ to, tabIndex = 0, children }: LinkProps) => {
  const url = safeUrl(to)
  if (url === undefined) return <span>{children}</span>
  return (
    <a class="link" href={url} tabIndex={tabIndex} target="_blank" rel="noopener noreferrer">
      {children}
      <Icon name="outside" />
      <span class="hidden"> (opens GitHub in a new tab)</span>
    </a>
  )
}

interface ViewLinkProps {
  readonly to: ViewState
  readonly isCurrent?: boolean
  /** Looks like a button. */
  readonly isButton?: boolean
  /** Whether the tabulator comes here; it does unless something else leads here. */
  readonly tabIndex?: 0 | -1
  readonly children: ComponentChildren
}

/** A link to another view of this page: a plain one, so that it can be opened in a new tab, and without loading the page again else. */
export const ViewLink = ({ to, isCurrent = false, isButton = false, tabIndex = 0, children }: ViewLinkProps) => {
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

/** Leads from a repository's name to its neighbours: what starts it, and what it starts. */
export const TopologyLink = ({ name }: { readonly name: string }) => {
  const [view] = useView()
  return (
    <span class="topology-link" title="What starts it, and what it starts">
      <ViewLink to={topologyOf(view, name)}>
        <Icon name="topology" />
        <span class="hidden">Topology of {name}</span>
      </ViewLink>
    </span>
  )
}
