/** A link to somewhere else, mostly GitHub. What is no http(s) address stays text. */
import type { ComponentChildren } from "preact"
import { safeUrl } from "../format/Links.ts"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly to: string | null | undefined
  /** Whether the tabulator comes here; it does unless something else leads here. */
  readonly tabIndex?: 0 | -1
  readonly children: ComponentChildren
}

export const Link = ({ to, tabIndex = 0, children }: Props) => {
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
