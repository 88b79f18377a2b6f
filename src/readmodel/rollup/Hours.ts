/**
 * What was added in a scope, hour by hour.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `hours/<scope key>` | hour | the sums of its minutes, and their total |
 *
 * Hours are kept at least as long as facts, so no late fact finds that the other minutes of its hour are gone.
 */
import { Duration, Effect, Schema } from "effect"
import { Quantiles } from "../../domain/Answers.ts"
import { type Bucket, bucketOf, bucketStart, isoTime } from "../../domain/Bucket.ts"
import { type HourSum, hourOf, type Minutes, withMinutes } from "../../domain/HourSums.ts"
import { isSameData } from "../../domain/SameData.ts"
import { type Scope, scopeKey } from "../../domain/Scope.ts"
import { Tally } from "../../domain/Tally.ts"
import { completionOfTally, type PointFigures, quantilesOfTally } from "../../domain/WindowFigures.ts"
import type { Appended, Item, TableReader } from "../../ports/Table.ts"
import { readAll } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { expiryOf, type Retention } from "../Retention.ts"

/** A tally, and what a point of a trend shows of it. */
const Sum = Schema.Struct({
  ...Tally.fields,
  quantiles: Schema.optionalKey(Quantiles),
  /** Of `completion`; versions that only knew its sketch did not store them. */
  completionQuantiles: Schema.optionalKey(Quantiles)
})
const Totals = Schema.Struct({ asOf: Schema.String, total: Sum })
const MinuteSums = Schema.Struct({ minutes: Schema.Record(Schema.String, Sum) })

const decodeTotals = itemDecoder(Totals)
const decodeMinutes = Schema.decodeUnknownSync(MinuteSums)

const partition = (scope: Scope): string => `hours/${scopeKey(scope)}`

const toSum = (tally: Tally): typeof Sum.Type => {
  const quantiles = quantilesOfTally(tally)
  const completionQuantiles = completionOfTally(tally)
  return {
    ...tally,
    ...(quantiles === undefined ? {} : { quantiles }),
    ...(completionQuantiles === undefined ? {} : { completionQuantiles })
  }
}
const toTally = ({ quantiles: _, completionQuantiles: __, ...tally }: typeof Sum.Type): Tally => tally
const toPointFigures = ({ counts, quantiles, completionQuantiles }: typeof Sum.Type): PointFigures => ({
  counts,
  ...(quantiles === undefined ? {} : { elapsed: quantiles }),
  ...(completionQuantiles === undefined ? {} : { completion: completionQuantiles })
})

/** An hour, and whether an earlier version stored it, so that it is written anew although nothing in it has changed. */
export interface StoredHour extends HourSum {
  readonly isOlder?: boolean
}

/** A stored hour. The minutes of most hours are not needed, so they are decoded when they are. */
const toHour = (item: Item): Effect.Effect<StoredHour> =>
  Effect.map(decodeTotals(item), ({ total }) => ({
    hour: item.key.sort,
    total: toTally(total),
    isOlder: total.completion !== undefined && total.completionQuantiles === undefined,
    minutes: (): Minutes => {
      const { minutes } = decodeMinutes(item.attributes)
      return new Map(Object.entries(minutes).map(([minute, sum]) => [`${item.key.sort}:${minute}`, toTally(sum)]))
    }
  }))

/** Hours by name. */
export type Hours = ReadonlyMap<Bucket, StoredHour>

/** The hours of a scope, both ends included. One read for 1000. */
export const readHours = Effect.fnUntraced(function* (reader: TableReader, scope: Scope, from: Bucket, to: Bucket) {
  const items = yield* readAll(reader, { table: "projections", partition: partition(scope), from, to })
  const hours = yield* Effect.forEach(items, toHour)
  return new Map(hours.map((hour) => [hour.hour, hour])) satisfies Hours
})

/** These hours with some minutes replaced: the hours that are another now, or that an earlier version stored. */
export const changedHours = (hours: Hours, changed: Minutes): ReadonlyArray<HourSum> =>
  [...Map.groupBy(changed, ([minute]) => bucketOf("hour", `${minute}:00.000Z`))].flatMap(([hour, minutes]) => {
    const before: StoredHour = hours.get(hour) ?? hourOf(hour, new Map())
    const after = withMinutes(before, new Map(minutes))
    const isSame = isSameData(Object.fromEntries(after.minutes()), Object.fromEntries(before.minutes()))
    return isSame && !before.isOlder ? [] : [after]
  })

/** The item of an hour at a moment, milliseconds since the epoch. An hour in which nothing is left stays, with nothing. */
export const hourItem = (scope: Scope, { hour, total, minutes }: HourSum, now: number, kept: Retention): Appended => {
  const sums = [...minutes()].map(([minute, tally]) => [minute.slice(14), toSum(tally)])
  const start = Date.parse(bucketStart("hour", hour))
  const longest = Duration.max(kept.hours, kept.events)
  return {
    key: { table: "projections", partition: partition(scope), sort: hour },
    attributes: asAttributes({ asOf: isoTime(now), total: toSum(total), minutes: Object.fromEntries(sums) }),
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
      decodeTotals(item),
      ({ asOf, total }): StoredPoint => ({ bucket: item.key.sort, asOf, figures: toPointFigures(total) })
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
    Effect.map(decodeTotals(item), ({ asOf }) =>
      Object.entries(decodeMinutes(item.attributes).minutes)
        .map(
          ([minute, sum]): StoredPoint => ({ bucket: `${item.key.sort}:${minute}`, asOf, figures: toPointFigures(sum) })
        )
        .toSorted((a, b) => (a.bucket < b.bucket ? -1 : 1))
    )
  )
  return points.flat()
})
