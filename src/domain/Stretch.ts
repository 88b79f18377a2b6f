/**
 * Stretches of time that windows are. The short windows end with the minute of a moment and slide minute by minute; the long ones are
 * whole UTC days and end with the day of the moment. The window before one is as long, and ends where it starts. Pure.
 */
import type { RankedWindow, Window } from "./Answers.ts"
import { type Bucket, bucketBefore, bucketMillis, bucketStart, type Granularity } from "./Bucket.ts"
import { rankedWindows, windows } from "./Vocabulary.ts"

/** A window made of minutes. */
export type ShortWindow = RankedWindow
/** Windows made of minutes, and how many each has. */
export const shortWindows = { "15m": 15, "1h": 60, "24h": 1440, "7d": 10_080 } as const satisfies Record<
  ShortWindow,
  number
>
/** A window made of days. */
export type LongWindow = Exclude<Window, ShortWindow>
/** Windows made of days, and how many each has. */
const longWindows = { "30d": 30, "90d": 90 } as const satisfies Record<LongWindow, number>
/** The windows made of days. */
export const longNames: ReadonlyArray<LongWindow> = windows.filter((window) => !isShort(window)) as never

/** Whether a window is made of minutes. */
export function isShort(window: Window): window is ShortWindow {
  return (rankedWindows as ReadonlyArray<Window>).includes(window)
}

/** The buckets of a stretch, both ends included. */
export interface Stretch {
  readonly first: Bucket
  readonly last: Bucket
}

/** `length` buckets, the last of them that of `now` (milliseconds since the epoch), and as many before them. */
const pair = (granularity: Granularity, now: number, length: number): readonly [Stretch, Stretch] => [
  { first: bucketBefore(granularity, now, length - 1), last: bucketBefore(granularity, now, 0) },
  { first: bucketBefore(granularity, now, 2 * length - 1), last: bucketBefore(granularity, now, length) }
]

/** The minutes of a short window at a moment, and those of the window before. */
export const minutesOfWindow = (window: ShortWindow, now: number): readonly [Stretch, Stretch] =>
  pair("minute", now, shortWindows[window])
/** The days of a long window at a moment, and those of the window before. */
export const daysOfWindow = (window: LongWindow, now: number): readonly [Stretch, Stretch] =>
  pair("day", now, longWindows[window])

/** When a window at a moment starts, in the spelling that sorts. */
export const startOfWindow = (window: Window, now: number): string =>
  isShort(window)
    ? bucketStart("minute", bucketBefore("minute", now, shortWindows[window] - 1))
    : bucketStart("day", bucketBefore("day", now, longWindows[window] - 1))

/** What one point of a window's trend stands for. */
export const granularityOf = (window: Window): Granularity =>
  !isShort(window) ? "day" : shortWindows[window] <= 60 ? "minute" : "hour"

const lengths = Object.values(shortWindows)
/** How long after a minute something leaves a window, or the window before one, in minutes. */
const departures = [...new Set(lengths.flatMap((length) => [length, 2 * length]))]

/** The minutes that left a window, or the window before one, from one moment to a later one. */
export const departed = (before: number, now: number): ReadonlyArray<Stretch> =>
  bucketBefore("minute", before, 0) >= bucketBefore("minute", now, 0)
    ? []
    : departures.map((age) => ({
        first: bucketBefore("minute", before, age - 1),
        last: bucketBefore("minute", now, age)
      }))

/** The days that left a long window, or the window before one, from one day to a later one: at most 180 days back each. */
export const departedDays = (before: Bucket, now: number): ReadonlyArray<Bucket> => {
  const today = bucketBefore("day", now, 0)
  const turns = Math.round((Date.parse(today) - Date.parse(before)) / bucketMillis("day"))
  const back = Array.from({ length: Math.max(0, Math.min(turns, 180)) }, (_, index) => index)
  const ages = Object.values(longWindows).flatMap((length) => [length, 2 * length])
  return [...new Set(ages.flatMap((age) => back.map((turn) => bucketBefore("day", now, age + turn))))]
}
