/**
 * Buckets of time: minutes, hours and days.
 *
 * A bucket is known by the first part of the RFC 3339 time (UTC) in which it starts, so buckets sort by time as text.
 */
export type Granularity = "minute" | "hour" | "day"

/** `2026-11-23T09:31`, `2026-11-23T09` or `2026-11-23`. */
export type Bucket = string

const forms = {
  minute: { length: 16, rest: ":00.000Z", millis: 60_000 },
  hour: { length: 13, rest: ":00:00.000Z", millis: 3_600_000 },
  day: { length: 10, rest: "T00:00:00.000Z", millis: 86_400_000 }
} as const satisfies Record<Granularity, { length: number; rest: string; millis: number }>

/** Milliseconds that a bucket lasts. */
export const bucketMillis = (granularity: Granularity): number => forms[granularity].millis

const spelled = new Map<number, string>()

/** RFC 3339, UTC, with milliseconds: the one spelling of times that sorts as text. */
export const isoTime = (millis: number): string => {
  const before = spelled.get(millis)
  if (before !== undefined) return before
  const text = new Date(millis).toISOString()
  if (spelled.size >= 1000) spelled.clear()
  spelled.set(millis, text)
  return text
}

/** Whether the day exists with which an RFC 3339 time begins: JavaScript reads 31 February as 3 March. */
export const isOnRealDay = (time: string): boolean => {
  const day = time.slice(0, forms.day.length)
  const millis = Date.parse(day)
  return !Number.isNaN(millis) && isoTime(millis).startsWith(day)
}

/** The bucket of a time in the spelling of {@link isoTime}. */
export const bucketOf = (granularity: Granularity, time: string): Bucket => time.slice(0, forms[granularity].length)

/** When a bucket starts, in the spelling of {@link isoTime}. */
export const bucketStart = (granularity: Granularity, bucket: Bucket): string => bucket + forms[granularity].rest

/** The bucket that is `back` buckets before that of `millis`. */
export const bucketBefore = (granularity: Granularity, millis: number, back: number): Bucket =>
  bucketOf(granularity, isoTime(millis - back * forms[granularity].millis))
