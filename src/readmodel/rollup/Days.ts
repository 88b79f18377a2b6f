/**
 * What was added in a scope, day by day, and the figures of windows of whole days.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `days/<scope key>` | day | the sum of its hours |
 * | | `figures` | figures of 30d and 90d |
 * | `scopes/<day>` | scope key | that the scope has something on that day: it must be computed again when the day leaves a window |
 */
import { Effect, Option, Schema } from "effect"
import { type Bucket, bucketBefore, isoTime } from "../../domain/Bucket.ts"
import { type HourSum, isNothing, sumOfDay, sumOfDays } from "../../domain/HourSums.ts"
import { isSameData } from "../../domain/SameData.ts"
import { Scope, scopeKey } from "../../domain/Scope.ts"
import { daysOfWindow, longNames } from "../../domain/Stretch.ts"
import { Tally } from "../../domain/Tally.ts"
import { PointFigures, pointFigures, WindowFigures, windowFigures } from "../../domain/WindowFigures.ts"
import type { Appended, Key, TableError, TableReader } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { dayExpiry, type Retention } from "../Retention.ts"
import { readHours, type StoredPoint } from "./Hours.ts"
import type { Overwrite } from "./Overwrite.ts"

const DaySum = Schema.Struct({
  asOf: Schema.String,
  sum: Tally,
  elapsed: PointFigures.fields.elapsed,
  /** Of the sum's `completion`; versions that only knew its sketch did not store them. */
  completion: PointFigures.fields.completion
})
const LongFigures = Schema.Struct({
  asOf: Schema.String,
  /** Up to when all is in them, where that is less. */
  right: Schema.optionalKey(Schema.String),
  windows: Schema.Record(Schema.String, WindowFigures)
})
const decodeDay = itemDecoder(DaySum)
const decodeLong = itemDecoder(LongFigures)

/** Whether an earlier version stored it, so that it is written anew although nothing in it has changed. */
const isOlder = ({ sum, completion }: typeof DaySum.Type): boolean =>
  sum.completion !== undefined && completion === undefined

const partition = (scope: Scope): string => `days/${scopeKey(scope)}`
const longKey = (scope: Scope): Key => ({ table: "projections", partition: partition(scope), sort: "figures" })
/** Days that the longest window and the one before it reach back. */
const reach = 179

const dayItem = (scope: Scope, day: Bucket, sum: Tally, now: number, kept: Retention): Appended => {
  const { elapsed, completion } = pointFigures(sum)
  const quantiles = {
    ...(elapsed === undefined ? {} : { elapsed }),
    ...(completion === undefined ? {} : { completion })
  }
  return {
    key: { table: "projections", partition: partition(scope), sort: day },
    attributes: asAttributes({ asOf: isoTime(now), sum, ...quantiles }),
    expiresAt: dayExpiry(day, kept.days)
  }
}

const scopeItem = (scope: Scope, day: Bucket, kept: Retention): Appended => ({
  key: { table: "projections", partition: `scopes/${day}`, sort: scopeKey(scope) },
  attributes: asAttributes({ scope }),
  expiresAt: dayExpiry(day, kept.days)
})

/** When figures are made, and up to when all is in them. Milliseconds since the epoch. */
export interface Moments {
  readonly now: number
  readonly right: number
}

const longWrite = (scope: Scope, days: ReadonlyMap<Bucket, Tally>, { now, right }: Moments): Overwrite => {
  const windows = longNames.flatMap((window) => {
    const [within, before] = daysOfWindow(window, now).map((stretch) => sumOfDays(days, stretch))
    if (within === undefined || before === undefined || (isNothing(within) && isNothing(before))) return []
    return [[window, windowFigures(within, before)] as const]
  })
  const key = longKey(scope)
  if (windows.length === 0) return { _tag: "Delete", key }
  const asOf = { asOf: isoTime(now), ...(right === now ? {} : { right: isoTime(right) }) }
  const attributes = asAttributes({ ...asOf, windows: Object.fromEntries(windows) })
  return { _tag: "Put", key, attributes, expiresAt: Math.ceil(now / 1000) + 181 * 86_400 }
}

/** Hours that are at hand, from one on. */
export interface HoursAtHand {
  readonly from: Bucket
  readonly hours: ReadonlyMap<Bucket, Pick<HourSum, "hour" | "total">>
}

/** The hours of a day, of those at hand where they have them all. */
const hoursOfDay = (
  reader: TableReader,
  scope: Scope,
  day: Bucket,
  read: HoursAtHand
): Effect.Effect<HoursAtHand["hours"], TableError> =>
  `${day}T00` >= read.from ? Effect.succeed(read.hours) : readHours(reader, scope, `${day}T00`, `${day}T23`)

/**
 * What brings the long windows of a scope up to date after some of its days have changed. One read; one more for each changed day whose
 * hours were not read. `index` is to be stored before `changes`, and these before `write`.
 */
export const dayChanges = Effect.fnUntraced(function* (
  reader: TableReader,
  scope: Scope,
  changed: ReadonlyArray<Bucket>,
  read: HoursAtHand,
  moments: Moments,
  kept: Retention
) {
  const { now } = moments
  const { items } = yield* reader.query({
    table: "projections",
    partition: partition(scope),
    from: bucketBefore("day", now, reach),
    to: bucketBefore("day", now, 0),
    limit: 1000
  })
  const stored = yield* Effect.forEach(items, (item) =>
    Effect.map(decodeDay(item), (day) => [item.key.sort, day] as const)
  )
  const days = new Map(stored.map(([day, { sum }]) => [day, sum]))
  const older = new Set(stored.flatMap(([day, one]) => (isOlder(one) ? [day] : [])))
  const index: Array<Appended> = []
  const changes: Array<Appended> = []
  for (const day of changed) {
    const before = days.get(day)
    const after = sumOfDay((yield* hoursOfDay(reader, scope, day, read)).values(), day)
    if (before === undefined && isNothing(after)) continue
    if (before === undefined) index.push(scopeItem(scope, day, kept))
    if (before === undefined || older.has(day) || !isSameData(before, after))
      changes.push(dayItem(scope, day, after, now, kept))
    days.set(day, after)
  }
  return { index, changes, write: longWrite(scope, days, moments) }
})

/** A page of the scopes that have something on a day. */
export interface DayScopes {
  readonly scopes: ReadonlyArray<Scope>
  readonly cursor: string | undefined
}

/** The scopes that have something on a day. One read for 1000, page by page. */
export const readScopesOfDay = Effect.fnUntraced(function* (reader: TableReader, day: Bucket, cursor?: string) {
  const page = yield* reader.query({
    table: "projections",
    partition: `scopes/${day}`,
    limit: 1000,
    ...(cursor === undefined ? {} : { cursor })
  })
  const scopes = yield* Effect.forEach(page.items, itemDecoder(Schema.Struct({ scope: Scope })))
  const answer: DayScopes = { scopes: scopes.map(({ scope }) => scope), cursor: page.cursor }
  return answer
})

/** The figures of the long windows of a scope. One read. */
export const readLong = Effect.fnUntraced(function* (reader: TableReader, scope: Scope) {
  const item = yield* reader.get(longKey(scope))
  return Option.isNone(item) ? undefined : yield* decodeLong(item.value)
})

/** The days of a scope as points. One read. */
export const readDayPoints = Effect.fnUntraced(function* (reader: TableReader, scope: Scope, from: Bucket, to: Bucket) {
  const { items } = yield* reader.query({ table: "projections", partition: partition(scope), from, to, limit: 1000 })
  return yield* Effect.forEach(items, (item) =>
    Effect.map(
      decodeDay(item),
      ({ asOf, sum: { counts }, elapsed, completion }): StoredPoint => ({
        bucket: item.key.sort,
        asOf,
        figures: {
          counts,
          ...(elapsed === undefined ? {} : { elapsed }),
          ...(completion === undefined ? {} : { completion })
        }
      })
    )
  )
})
