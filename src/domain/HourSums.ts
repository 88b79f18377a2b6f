/** What was added in a scope, hour by hour: its minutes and their total; and stretches of minutes and of days as sums of these. Pure. */
import { type Bucket, bucketOf } from "./Bucket.ts"
import type { Stretch } from "./Stretch.ts"
import { noTally, sumTallies, type Tally } from "./Tally.ts"

/** What was added in the minutes of an hour, by minute; minutes without anything are absent. */
export type Minutes = ReadonlyMap<Bucket, Tally>

/** An hour of a scope. */
export interface HourSum {
  readonly hour: Bucket
  readonly total: Tally
  /** Read only where a stretch cuts the hour. */
  readonly minutes: () => Minutes
}

/** Whether nothing was added. */
export const isNothing = ({ counts }: Tally): boolean => Object.values(counts).every((count) => count === 0)

/** An hour with these minutes. */
export const hourOf = (hour: Bucket, minutes: Minutes): HourSum => ({
  hour,
  total: sumTallies(minutes.values()),
  minutes: () => minutes
})

/** An hour with some of its minutes replaced; those in which nothing is left are removed. */
export const withMinutes = ({ hour, minutes }: HourSum, changed: Minutes): HourSum => {
  const all = [...new Map([...minutes(), ...changed])].filter(([, tally]) => !isNothing(tally))
  return hourOf(hour, new Map(all.toSorted(([a], [b]) => (a < b ? -1 : 1))))
}

/** What an hour adds to a stretch of minutes. Its minutes are read where the stretch cuts it. */
export const partOfHour = ({ hour, total, minutes }: HourSum, { first, last }: Stretch): Tally => {
  const [from, to] = [bucketOf("hour", first), bucketOf("hour", last)]
  if (hour < from || hour > to) return noTally
  const isCut = (hour === from && !first.endsWith(":00")) || (hour === to && !last.endsWith(":59"))
  if (!isCut) return total
  return sumTallies([...minutes()].filter(([minute]) => minute >= first && minute <= last).map(([, tally]) => tally))
}

/** What was added in a stretch of minutes. */
export const sumOfMinutes = (hours: Iterable<HourSum>, stretch: Stretch): Tally => {
  const [from, to] = [bucketOf("hour", stretch.first), bucketOf("hour", stretch.last)]
  const within = [...hours].filter(({ hour }) => hour >= from && hour <= to)
  return sumTallies(within.map((hour) => partOfHour(hour, stretch)))
}

/** What was added on a day, from its hours. */
export const sumOfDay = (hours: Iterable<Pick<HourSum, "hour" | "total">>, day: Bucket): Tally =>
  sumTallies([...hours].filter(({ hour }) => bucketOf("day", hour) === day).map(({ total }) => total))

/** What was added in a stretch of days. */
export const sumOfDays = (days: ReadonlyMap<Bucket, Tally>, { first, last }: Stretch): Tally =>
  sumTallies([...days].filter(([day]) => day >= first && day <= last).map(([, tally]) => tally))
