/** What the figures of a view are about, in words. */
import type { ViewState } from "../state/View.ts"

/** `acme/shop → acme/deploy`; nothing if they are about everything. */
export const aboutLabel = ({ source, target }: Pick<ViewState, "source" | "target">): string => {
  if (source !== undefined && target !== undefined) return `${source} → ${target}`
  if (source !== undefined) return `from ${source}`
  return target === undefined ? "" : `to ${target}`
}
