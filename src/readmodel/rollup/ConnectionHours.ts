/**
 * The hours of connections that are over.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connection-hours/<source> <target>` | hour | what was counted in its minutes; for as long as it counts, and not of the running hour |
 */
import { Duration, Effect, Schema } from "effect"
import { type Bucket, bucketOf } from "../../domain/Bucket.ts"
import { isSameData } from "../../domain/SameData.ts"
import { connectionKey, type Ends } from "../../domain/Topology.ts"
import { type ConnectionSum, sparseConnectionCounts } from "../../domain/TopologyFold.ts"
import type { Appended, Key, TableReader } from "../../ports/Table.ts"
import { HourCounts } from "../Connections.ts"
import { itemDecoder } from "../Items.ts"
import { dayExpiry } from "../Retention.ts"

/** The minutes of hours. */
export type CountedHours = ReadonlyMap<Bucket, HourCounts>
const decodeHour = itemDecoder(Schema.Struct({ minutes: HourCounts }))

/** Days before today that count. */
export const daysBefore = 6

const hourKey = (ends: Ends, hour: Bucket): Key => ({
  table: "projections",
  partition: `connection-hours/${connectionKey(ends, "source")}`,
  sort: hour
})
const hourItem = (ends: Ends, hour: Bucket, minutes: HourCounts): Appended => ({
  key: hourKey(ends, hour),
  attributes: { minutes },
  expiresAt: dayExpiry(bucketOf("day", hour), Duration.days(daysBefore + 3))
})
const readHours = Effect.fnUntraced(function* (reader: TableReader, ends: Ends, day: Bucket) {
  const { table, partition } = hourKey(ends, "")
  const { items } = yield* reader.query({ table, partition, from: `${day}T00`, to: `${day}T23`, limit: 100 })
  const hours = yield* Effect.forEach(items, (item) =>
    Effect.map(decodeHour(item), ({ minutes }) => [item.key.sort, minutes] as const)
  )
  return new Map(hours)
})

/** Minutes by the hours that they are in, of days that count. */
export const minutesByHour = (minutes: ConnectionSum["minutes"], first: Bucket): CountedHours => {
  const counting = [...minutes].filter(([minute]) => bucketOf("day", minute) >= first)
  const hours = Map.groupBy(counting, ([minute]) => bucketOf("hour", minute))
  return new Map(
    [...hours].map(([hour, some]) => [
      hour,
      Object.fromEntries(some.map(([minute, counts]) => [minute.slice(14), counts]))
    ])
  )
}

/** Takes hours of a day that are over into its sum, which is without the running hour: the sum, and the items of the hours that have changed. One read. */
export const closeHours = Effect.fnUntraced(function* (
  reader: TableReader,
  ends: Ends,
  day: Bucket,
  changed: CountedHours,
  running: Bucket
) {
  const stored = yield* readHours(reader, ends, day)
  const hours = new Map(stored)
  for (const [hour, minutes] of changed) hours.set(hour, { ...hours.get(hour), ...minutes })
  hours.delete(running)
  const items = [...hours].flatMap(([hour, minutes]) =>
    isSameData(minutes, stored.get(hour)) ? [] : [hourItem(ends, hour, minutes)]
  )
  return { day, sum: sparseConnectionCounts([...hours.values()].flatMap((minutes) => Object.values(minutes))), items }
})
