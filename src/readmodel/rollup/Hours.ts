/**
 * What was added in a scope, hour by hour.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `hours/<scope key>` | hour | the sums of its minutes, and their total |
 *
 * Hours are kept at least as long as facts, so no late fact finds that the other minutes of its hour are gone.
 */
import { Duration, Effect } from "effect"
import { type Bucket, bucketOf, bucketStart, isoTime } from "../../domain/Bucket.ts"
import { type HourSum, hourOf, type Minutes, withMinutes } from "../../domain/HourSums.ts"
import { isSameData } from "../../domain/SameData.ts"
import { type Scope, scopeKey } from "../../domain/Scope.ts"
import type { PointFigures } from "../../domain/WindowFigures.ts"
import type { Appended, Item, TableReader } from "../../ports/Table.ts"
import { readAll } from "../../ports/Table.ts"
import { expiryOf, type Retention } from "../Retention.ts"
import { decodeHour, packHour } from "./HourItem.ts"
import type { Remembered } from "./HourMemory.ts"

const partition = (scope: Scope): string => `hours/${scopeKey(scope)}`

/** An hour as it is stored, or as it was remembered, with the text as which it was (`HourMemory.ts`). */
export interface StoredHour extends HourSum, Pick<Remembered, "isDay" | "kept"> {
  /** An earlier version stored it, so it is written anew although nothing in it has changed. */
  readonly isOlder?: boolean
}

/** A stored hour. The minutes of most hours are not needed, so they are decoded when they are. */
const toHour = (item: Item): Effect.Effect<StoredHour> =>
  Effect.map(decodeHour(item), ({ total, minutes, isOlder }) => ({
    hour: item.key.sort,
    total: total.tally(),
    isOlder,
    minutes: (): Minutes => new Map([...minutes()].map(([minute, sum]) => [minute, sum.tally()]))
  }))

/** Hours by name. */
export type Hours = ReadonlyMap<Bucket, StoredHour>

/** The hours of a scope, both ends included. One read for 1000. */
export const readHours = Effect.fnUntraced(function* (reader: TableReader, scope: Scope, from: Bucket, to: Bucket) {
  const items = yield* readAll(reader, { table: "projections", partition: partition(scope), from, to })
  const hours = yield* Effect.forEach(items, toHour)
  return new Map(hours.map((hour) => [hour.hour, hour])) satisfies Hours
})

/** These hours with some minutes replaced: those that have changed, that an earlier version stored, or that have minutes to be written again. */
export const changedHours = (hours: Hours, changed: Minutes, again: ReadonlySet<Bucket>): ReadonlyArray<HourSum> =>
  [...Map.groupBy(changed, ([minute]) => bucketOf("hour", `${minute}:00.000Z`))].flatMap(([hour, minutes]) => {
    const before: StoredHour = hours.get(hour) ?? hourOf(hour, new Map())
    const after = withMinutes(before, new Map(minutes))
    const isSame = isSameData(Object.fromEntries(after.minutes()), Object.fromEntries(before.minutes()))
    return isSame && !before.isOlder && !minutes.some(([minute]) => again.has(minute)) ? [] : [after]
  })

/** The item of an hour at a moment, milliseconds since the epoch. An hour in which nothing is left stays, with nothing. */
export const hourItem = (scope: Scope, { hour, total, minutes }: HourSum, now: number, kept: Retention): Appended => {
  const start = Date.parse(bucketStart("hour", hour))
  const longest = Duration.max(kept.hours, kept.events)
  return {
    key: { table: "projections", partition: partition(scope), sort: hour },
    attributes: packHour(total, minutes(), isoTime(now)),
    expiresAt: expiryOf(start, Duration.sum(longest, Duration.days(1)))
  }
}

/** A point of a trend as it is stored, and the moment at which it was. */
export interface StoredPoint {
  readonly bucket: Bucket
  readonly asOf: string
  readonly figures: PointFigures
}

/** The stored hours of a scope, both ends included, at most 1000. One read. */
const queryHours = (reader: TableReader, scope: Scope, from: Bucket, to: Bucket) =>
  reader.query({ table: "projections", partition: partition(scope), from, to, limit: 1000 })

/** The hours of a scope as points. One read. */
export const readHourPoints = Effect.fnUntraced(function* (
  reader: TableReader,
  scope: Scope,
  from: Bucket,
  to: Bucket
) {
  const { items } = yield* queryHours(reader, scope, from, to)
  return yield* Effect.forEach(items, (item) =>
    Effect.map(
      decodeHour(item),
      ({ asOf, total }): StoredPoint => ({ bucket: item.key.sort, asOf, figures: total.figures() })
    )
  )
})

/** The minutes of a scope as points, in the order of time, of at most three hours. One read. */
export const readMinutePoints = Effect.fnUntraced(function* (
  reader: TableReader,
  scope: Scope,
  from: Bucket,
  to: Bucket
) {
  const { items } = yield* queryHours(reader, scope, from.slice(0, 13), to.slice(0, 13))
  const points = yield* Effect.forEach(items, (item) =>
    Effect.map(decodeHour(item), ({ asOf, minutes }) =>
      [...minutes()].map(([bucket, sum]): StoredPoint => ({ bucket, asOf, figures: sum.figures() }))
    )
  )
  return points.flat()
})
