/**
 * The figures of sliding windows, and the points of days: computed from the counters of minutes and hours, always anew and never added
 * to, so that whatever was missed or written twice is right again with the next computation.
 */
import { Effect, Equal } from "effect"
import { bucketBefore, bucketOf, bucketStart, windowSpans } from "../../domain/Bucket.ts"
import { addUp, type Figures, figuresOf } from "../../domain/Figures.ts"
import type { Scope } from "../../domain/Scope.ts"
import type { Window } from "../../domain/Views.ts"
import type { TableReader, Write } from "../../ports/Table.ts"
import { expiryOf, type Retention } from "../Retention.ts"
import { type BucketSums, readBuckets } from "./Buckets.ts"
import { bucketKey } from "./Keys.ts"

/** Windows made of minutes. */
export const minuteWindows = ["15m", "1h"] as const satisfies ReadonlyArray<Window>
/** Windows made of hours. */
export const hourWindows = ["24h", "7d"] as const satisfies ReadonlyArray<Window>
/** How many buckets a window of each and the one before it reach back. */
const reach = { minute: 2 * windowSpans["1h"].buckets, hour: 2 * windowSpans["7d"].buckets } as const

const windowFigures = (scope: Scope, window: Window, buckets: ReadonlyArray<BucketSums>, now: number): Figures => {
  const { granularity, buckets: length } = windowSpans[window]
  const start = bucketBefore(granularity, now, length)
  const startBefore = bucketBefore(granularity, now, 2 * length)
  const within = buckets.filter(({ bucket }) => bucket >= start)
  const before = buckets.filter(({ bucket }) => bucket >= startBefore && bucket < start)
  return figuresOf(scope, window, addUp(within.map(({ sums }) => sums)), addUp(before.map(({ sums }) => sums)))
}

const read = (reader: TableReader, granularity: "minute" | "hour", scope: Scope, now: number) =>
  readBuckets(
    reader,
    granularity,
    scope,
    bucketBefore(granularity, now, reach[granularity]),
    bucketBefore(granularity, now, 0)
  )

/** A scope's figures of the windows made of minutes, and the newest minute in which anything happened. One read. */
export const minuteFigures = Effect.fnUntraced(function* (reader: TableReader, scope: Scope, now: number) {
  const minutes = yield* read(reader, "minute", scope, now)
  return {
    figures: minuteWindows.map((window) => windowFigures(scope, window, minutes, now)),
    newest: minutes.at(-1)?.bucket
  }
})

/** The days that the hours cover whole, each with the sum of its hours. */
const daySums = (hours: ReadonlyArray<BucketSums>, now: number): ReadonlyArray<BucketSums> => {
  const partial = bucketOf("day", bucketBefore("hour", now, reach.hour))
  const byDay = Map.groupBy(hours, ({ bucket }) => bucketOf("day", bucket))
  byDay.delete(partial)
  return Array.from(byDay, ([bucket, parts]) => ({ bucket, sums: addUp(parts.map(({ sums }) => sums)) }))
}

/** A scope's figures of the windows made of hours, and the sums of its days. One read. */
export const hourFigures = Effect.fnUntraced(function* (reader: TableReader, scope: Scope, now: number) {
  const hours = yield* read(reader, "hour", scope, now)
  return {
    figures: hourWindows.map((window) => windowFigures(scope, window, hours, now)),
    days: daySums(hours, now)
  }
})

/** The writes that bring a scope's points of days up to date with the sums of its hours. One read. */
export const dayChanges = Effect.fnUntraced(function* (
  reader: TableReader,
  scope: Scope,
  days: ReadonlyArray<BucketSums>,
  retention: Retention
) {
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return []
  const stored = yield* readBuckets(reader, "day", scope, first.bucket, last.bucket)
  const known = new Map(stored.map(({ bucket, sums }) => [bucket, sums]))
  return days
    .filter(({ bucket, sums }) => !Equal.equals(known.get(bucket), sums))
    .map(({ bucket, sums }): Write => {
      const expiresAt = expiryOf(Date.parse(bucketStart("day", bucket)), retention.days)
      return { _tag: "Put", key: bucketKey("day", scope, bucket), attributes: sums, expiresAt }
    })
})
