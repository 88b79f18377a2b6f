/** Bars and trends beside figures: lengths and shapes, made from figures that stand beside them as text. */
import type { Status } from "../format/Words.ts"
import { isFlat, polyline } from "./Series.ts"

interface TrackProps {
  readonly value: number
  /** What a full bar stands for. */
  readonly whole: number
  /** A class of the style sheet. */
  readonly fill: string
}

const percent = (value: number, whole: number): string =>
  `${whole === 0 ? 0 : Math.max(0, Math.min(1, value / whole)) * 100}%`

/** A bar as long as its part of a whole. */
export const Track = ({ value, whole, fill }: TrackProps) => (
  <span class="track">
    <i class={fill} style={{ width: percent(value, whole) }} />
  </span>
)

/** A share from 0 to 1, as a thin bar under the figure. */
export const Gauge = ({ share }: { readonly share: number }) => (
  <span class="gauge" aria-hidden="true">
    <i style={{ width: percent(share, 1) }} />
  </span>
)

interface WingProps {
  readonly value: number | null
  /** The figure on the other side: the greater of both has the full length. */
  readonly other: number | null
  readonly letter: "a" | "b"
}

/** One side of a comparison. */
export const Wing = ({ value, other, letter }: WingProps) => (
  <span class={`wing is-${letter}`} aria-hidden="true">
    <i style={{ width: percent(value ?? 0, Math.max(value ?? 0, other ?? 0)) }} />
  </span>
)

interface SharesProps {
  /** The parts, in the order of drawing; one of 0 is not drawn. */
  readonly parts: ReadonlyArray<readonly [fill: string, value: number]>
  /** What the bar says, in words. */
  readonly label: string
}

/** One bar of several parts. */
export const Shares = ({ parts, label }: SharesProps) => (
  <span class="shares" role="img" aria-label={label || "nothing happened"} title={label}>
    {parts.map(([fill, value]) => (value > 0 ? <i key={fill} class={fill} style={{ flexGrow: value }} /> : null))}
  </span>
)

interface SparklineProps {
  readonly values: ReadonlyArray<number>
  readonly status: Status
}

/** A trend without axes, the size of a word: it shows a shape, the figure above it is what is read. */
export const Sparkline = ({ values, status }: SparklineProps) => {
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
