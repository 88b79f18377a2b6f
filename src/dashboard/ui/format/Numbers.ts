/** Numbers for people: counts, shares, durations, changes. Every function takes the locale, so that tests do not depend on the machine's. */
import { durationText } from "../../../domain/Sentence.ts"

type Locale = string | undefined

/** `12,345`; from a million on short, `1.2M`. */
export const count = (value: number, locale?: Locale): string =>
  Math.abs(value) < 1_000_000
    ? new Intl.NumberFormat(locale).format(value)
    : new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }).format(value)

/** `98.4%` of a share from 0 to 1. Never rounds up to 100% or down to 0%: one failure in ten thousand is not "100%". */
export const share = (value: number | null, locale?: Locale): string => {
  if (value === null) return "–"
  const bounded = value > 0.999 && value < 1 ? 0.999 : value < 0.001 && value > 0 ? 0.001 : value
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(bounded)
}

const fixed = (value: number, digits: number, locale: Locale): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)

/** A duration in milliseconds, with more digits where it is short: `840 ms`, `1.2 s`, `2 min 5 s`; `–` for none. 0 is of GitHub's times, which have whole seconds. */
export const duration = (milliseconds: number | null, locale?: Locale): string => {
  if (milliseconds === null) return "–"
  if (milliseconds === 0 || milliseconds >= 10_000) return durationText(milliseconds)
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${fixed(milliseconds / 1_000, 1, locale)} s`
}

/** How many more or fewer: `+12`, `−3`, `±0`. */
export const moved = (value: number, locale?: Locale): string => {
  if (value === 0) return "±0"
  return value > 0 ? `+${count(value, locale)}` : `−${count(-value, locale)}`
}

/** How a figure changed against the one before it. */
export interface ChangeText {
  readonly direction: "up" | "down" | "same"
  readonly label: string
}

/** `+12%`, `−3%`, `×4.2` for what more than tripled, `new` where there was nothing before. */
export const change = (now: number, before: number, locale?: Locale): ChangeText => {
  if (now === before) return { direction: "same", label: "±0%" }
  const direction = now > before ? "up" : "down"
  if (before === 0) return { direction, label: "new" }
  const ratio = now / before
  if (ratio > 3) return { direction, label: `×${fixed(ratio, 1, locale)}` }
  const percent = Math.abs(ratio - 1) * 100
  const label = percent < 1 ? "<1" : fixed(percent, 0, locale)
  return { direction, label: `${now > before ? "+" : "−"}${label}%` }
}
