/** Times for people, in their own zone: relative to now, exact for hovering, and short for axes. */
import { bucketMillis, type Granularity } from "../../../domain/Bucket.ts"
import { duration } from "./Numbers.ts"

type Locale = string | undefined

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. What lies a little ahead (clocks differ) is `just now`. */
export const ago = (time: number, now: number): string => {
  const elapsed = now - time
  if (elapsed < 5_000) return "just now"
  if (elapsed < minute) return `${Math.floor(elapsed / 1_000)} s ago`
  if (elapsed < hour) return `${Math.floor(elapsed / minute)} min ago`
  if (elapsed < 2 * day) return `${Math.floor(elapsed / hour)} h ago`
  return `${Math.floor(elapsed / day)} d ago`
}

/** Date and time to the second, with the zone. */
export const exactly = (time: number, locale?: Locale, timeZone?: string): string =>
  new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "long",
    ...(timeZone === undefined ? {} : { timeZone })
  }).format(time)

/** The time of day to the second, for entries of one journey. */
export const timeOfDay = (time: number, locale?: Locale): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(time)

/** By how much our clock and GitHub's, whose answers have whole seconds, may differ (`ports/GitHubApp.ts`). */
const clockMargin = 2_000

/**
 * The time of a step of a journey: how long after the beginning it was. A start that is before it by no more than two clocks differ was at
 * once; what is further back, as is the beginning itself, has its time of day.
 */
export const stepTime = (time: number, since: number, locale?: Locale): string => {
  const elapsed = time - since
  if (elapsed > 0) return `+${duration(elapsed, locale)}`
  return elapsed < 0 && elapsed >= -clockMargin ? "+0 s" : timeOfDay(time, locale)
}

/** Days of a trend are days in UTC, whatever the viewer's zone. */
const daysAreUtc = { timeZone: "UTC" } as const

const shortly = (time: number, options: Intl.DateTimeFormatOptions, locale: Locale): string =>
  new Intl.DateTimeFormat(locale, options).format(time)

/** The time that one point of a trend covers. */
export const spanLabel = (from: number, granularity: Granularity, locale?: Locale): string => {
  const format = new Intl.DateTimeFormat(
    locale,
    granularity === "day"
      ? { weekday: "short", month: "short", day: "numeric", ...daysAreUtc }
      : { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
  )
  return granularity === "day"
    ? `${format.format(from)} (UTC)`
    : format.formatRange(from, from + bucketMillis(granularity))
}

/** A time as RFC 3339 to the second, the form that the API takes. */
export const rfc3339 = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z")

/** A time as `<input type="datetime-local">` takes it: in the viewer's zone, to the minute. */
export const localInput = (time: number): string => {
  const local = new Date(time - new Date(time).getTimezoneOffset() * minute)
  return local.toISOString().slice(0, 16)
}

/** A label on the axis of a chart: the time within an hour, the hour within a day, else the day. */
export const axisLabel = (time: number, granularity: Granularity, span: number, locale?: Locale): string => {
  if (granularity === "minute") return shortly(time, { hour: "numeric", minute: "2-digit" }, locale)
  if (span <= 2 * day) return shortly(time, { hour: "numeric" }, locale)
  return shortly(time, { month: "short", day: "numeric", ...(granularity === "day" ? daysAreUtc : {}) }, locale)
}
