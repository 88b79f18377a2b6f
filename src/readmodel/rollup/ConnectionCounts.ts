/**
 * What happened on each connection today and on the six days before (UTC).
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connection-days/<source> <target>` | day | what was counted in its minutes; for as long as it counts |
 * | `connection-counts/<side>` | key of the connection | the sum of seven days, by source and by target |
 * | `connections/departures` | `<day>/<source> <target>` | that the day has to be taken out of the sum when it is over by a week |
 */
import { Effect, Option, Schema } from "effect"
import { type Bucket, bucketBefore, bucketOf, bucketStart } from "../../domain/Bucket.ts"
import { isSameData } from "../../domain/SameData.ts"
import { connectionKey, Ends } from "../../domain/Topology.ts"
import { addConnectionCounts, type ConnectionSum, sparseConnectionCounts } from "../../domain/TopologyFold.ts"
import { type Appended, type Key, Table, type TableReader } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { type Overwrite, overwrite } from "./Overwrite.ts"

const Sparse = Schema.Record(Schema.String, Schema.Int)
const Minutes = Schema.Record(Schema.String, Sparse)
type Minutes = typeof Minutes.Type
const decodeDay = itemDecoder(Schema.Struct({ minutes: Minutes }))
const decodeCounts = itemDecoder(Schema.Struct({ counts: Sparse }))
const decodeDeparture = itemDecoder(Ends)

const table = "projections"
/** Days before today that count. */
const daysBefore = 6
/** Days that what is not renewed is kept longer. */
const spareSeconds = 2 * 86_400

/** The first day that counts at a moment, milliseconds since the epoch. */
export const firstDay = (now: number): Bucket => bucketBefore("day", now, daysBefore)

const dayKey = (ends: Ends, day: Bucket): Key => ({
  table,
  partition: `connection-days/${connectionKey(ends, "source")}`,
  sort: day
})
const countsKey = (ends: Ends, side: "source" | "target"): Key => ({
  table,
  partition: `connection-counts/${side}`,
  sort: connectionKey(ends, side)
})
const departures = { table, partition: "connections/departures" } as const

/** When a day does not count any more, in whole seconds since the epoch, and a while later. */
const expiryOf = (day: Bucket): number =>
  Date.parse(bucketStart("day", day)) / 1000 + (daysBefore + 1) * 86_400 + spareSeconds

const dayItem = (ends: Ends, day: Bucket, minutes: Minutes): Appended => ({
  key: dayKey(ends, day),
  attributes: { minutes },
  expiresAt: expiryOf(day)
})
/** Kept far longer than its turn takes to come, so that a rollup that rested finds it. */
const departure = ({ source, target }: Ends, day: Bucket): Appended => ({
  key: { ...departures, sort: `${day}/${connectionKey({ source, target }, "source")}` },
  attributes: asAttributes({ source, target }),
  expiresAt: expiryOf(day) + 30 * 86_400
})

/** The writes of a connection's sum at a moment; it expires where no rollup renews it, when all that it sums up does not count any more. */
const countsWrites = (ends: Ends, days: ReadonlyMap<Bucket, Minutes>): ReadonlyArray<Overwrite> => {
  const counts = sparseConnectionCounts([...days.values()].flatMap((minutes) => Object.values(minutes)))
  const last = [...days.keys()].reduce((latest, day) => (day > latest ? day : latest), "")
  return (["source", "target"] as const).map((side): Overwrite => {
    const key = countsKey(ends, side)
    if (Object.keys(counts).length === 0) return { _tag: "Delete", key }
    return { _tag: "Put", key, attributes: asAttributes({ counts }), expiresAt: expiryOf(last) }
  })
}

const readDays = Effect.fnUntraced(function* (reader: TableReader, ends: Ends, now: number) {
  const { table, partition } = dayKey(ends, "")
  const range = { from: firstDay(now), to: bucketBefore("day", now, 0) }
  const { items } = yield* reader.query({ table, partition, ...range, limit: 100 })
  const days = yield* Effect.forEach(items, (item) =>
    Effect.map(decodeDay(item), ({ minutes }) => [item.key.sort, minutes] as const)
  )
  return new Map<Bucket, Minutes>(days)
})

const writeCounts = (ends: Ends, days: ReadonlyMap<Bucket, Minutes>) => overwrite(countsWrites(ends, days))

/**
 * Counts what some minutes have of a connection now. One read; nothing is written where they had the same before, else two writes, one for
 * each changed day, and one for each day that is new. The days come last: where they are written, so is what follows from them.
 */
export const countConnection = Effect.fnUntraced(function* ({ ends, minutes }: ConnectionSum, now: number) {
  const store = yield* Table
  const counting = [...minutes].filter(([minute]) => bucketOf("day", minute) >= firstDay(now))
  if (counting.length === 0) return
  const before = yield* readDays(store, ends, now)
  const days = new Map(before)
  for (const [minute, counts] of counting) {
    const day = bucketOf("day", minute)
    days.set(day, { ...days.get(day), [minute.slice(11)]: counts })
  }
  const changed = [...days].filter(([day, after]) => !isSameData(after, before.get(day)))
  if (changed.length === 0) return
  const fresh = changed.filter(([day]) => !before.has(day))
  if (fresh.length > 0) yield* store.append(fresh.map(([day]) => departure(ends, day)))
  yield* writeCounts(ends, days)
  yield* store.append(changed.map(([day, after]) => dayItem(ends, day, after)))
})

/** Most connections from which a tick takes a day. */
const mostDepartures = 200

/** Takes from sums the days that do not count any more; true where there are more of these. One read; one more and three writes for each. */
export const takeDepartures = Effect.fnUntraced(function* (now: number) {
  const store = yield* Table
  const { items, cursor } = yield* store.query({ ...departures, to: firstDay(now), limit: mostDepartures })
  yield* Effect.forEach(
    items,
    Effect.fnUntraced(function* (item) {
      const ends = yield* decodeDeparture(item)
      yield* writeCounts(ends, yield* readDays(store, ends, now))
      yield* overwrite([{ _tag: "Delete", key: item.key }])
    }),
    { concurrency: 16, discard: true }
  )
  return cursor !== undefined
})

/** What happened on the connections with these keys and those between them. One read. */
export const readConnectionCounts = Effect.fnUntraced(function* (
  reader: TableReader,
  side: "source" | "target",
  from: string,
  to: string
) {
  const { items } = yield* reader.query({ table, partition: `connection-counts/${side}`, from, to, limit: 1000 })
  const found = yield* Effect.forEach(items, (item) =>
    Effect.map(decodeCounts(item), ({ counts }) => [item.key.sort, addConnectionCounts([counts])] as const)
  )
  const counts = new Map(found)
  return (key: string) => Option.getOrElse(Option.fromNullishOr(counts.get(key)), () => addConnectionCounts([]))
})
