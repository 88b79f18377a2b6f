/** A trend without axes, the size of a word: it shows a shape, the figure above it is what is read. */
import type { Status } from "../format/Words.ts"
import { isFlat, polyline } from "./Series.ts"

interface Props {
  readonly values: ReadonlyArray<number>
  readonly status: Status
}

export const Sparkline = ({ values, status }: Props) => {
  if (isFlat(values)) return null
  const line = polyline(values, 100, 24)
  return (
    <svg
      class={`sparkline is-${status}`}
      viewBox="0 -2 100 28"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <polygon points={`0,26 ${line} 100,26`} />
      <polyline points={line} />
    </svg>
  )
}
