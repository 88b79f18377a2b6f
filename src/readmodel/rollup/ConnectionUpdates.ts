/**
 * Brings connections up to date: what the latest run says, and what happened today and on the six days before (UTC).
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connections/departures` | `<day>/<source> <target>` | that the day has to be taken out of the counts when it is over by a week |
 *
 * A connection (`Connections.ts`) has the sums of the days and the minutes of the running hour, so most changes read and write nothing
 * else. What changes in another hour is counted by reading all hours of its day: right however often it is repeated.
 */
import { Duration, Effect } from "effect"
import { type Bucket, bucketBefore, bucketOf } from "../../domain/Bucket.ts"
import { isSameData } from "../../domain/SameData.ts"
import { connectionKey, Ends } from "../../domain/Topology.ts"
import { type ConnectionSum, laterWord, sparseConnectionCounts } from "../../domain/TopologyFold.ts"
import { type Appended, Table, type TableReader } from "../../ports/Table.ts"
import { connectionItems, readConnection, type StoredConnection } from "../Connections.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { dayExpiry, Retention } from "../Retention.ts"
import { closeHours, daysBefore, minutesByHour } from "./ConnectionHours.ts"
import { overwrite } from "./Overwrite.ts"

const decodeDeparture = itemDecoder(Ends)

const concurrency = 16
/** The first day that counts at a moment, milliseconds since the epoch. */
const firstDay = (now: number): Bucket => bucketBefore("day", now, daysBefore)

const departures = { table: "projections", partition: "connections/departures" } as const

/** Kept longer than what is counted, so that a rollup that rested finds it. */
const departure = ({ source, target }: Ends, day: Bucket, { events }: Retention): Appended => ({
  key: { ...departures, sort: `${day}/${connectionKey({ source, target }, "source")}` },
  attributes: asAttributes({ source, target }),
  expiresAt: dayExpiry(day, Duration.sum(events, Duration.days(daysBefore + 1)))
})

/** A connection with its counts at a moment, of the days and minutes that count then. */
const withCounts = (
  latest: StoredConnection["latest"],
  { days, hour, minutes }: StoredConnection["parts"],
  first: Bucket
): StoredConnection => {
  const counting = Object.fromEntries(Object.entries(days).filter(([day]) => day >= first))
  const running = bucketOf("day", hour) >= first ? minutes : {}
  const counts = sparseConnectionCounts([...Object.values(counting), ...Object.values(running)])
  return { latest, counts, parts: { days: counting, hour, minutes: running } }
}

/** Puts of a connection: those that come first, and the connection by each side. */
interface Puts {
  readonly before: ReadonlyArray<Appended>
  readonly target: ReadonlyArray<Appended>
  readonly source: ReadonlyArray<Appended>
}
const nothing: Puts = { before: [], target: [], source: [] }

/** What some minutes have of a connection now. One read, and one for each day of which other hours change than the running one. */
const putsOf = Effect.fnUntraced(function* (reader: TableReader, { latest, minutes }: ConnectionSum, now: number) {
  const kept = yield* Retention
  const first = firstDay(now)
  const stored = yield* readConnection(reader, latest)
  const parts = stored?.parts ?? { days: {}, hour: "", minutes: {} }
  const changes = minutesByHour(minutes, first)
  // The latest hour is the running one from now on; all others that change are over, and so is the one that was running before it.
  const hour = [...changes.keys()].reduce((last, one) => (one > last ? one : last), parts.hour)
  const changed = new Map(changes)
  changed.set(parts.hour, { ...parts.minutes, ...changes.get(parts.hour) })
  const running = changed.get(hour) ?? {}
  changed.delete(hour)
  const days = { ...parts.days }
  const items: Array<Appended> = []
  const closing = [...changed].filter(([one]) => bucketOf("day", one) >= first)
  for (const [day, hours] of Map.groupBy(closing, ([one]) => bucketOf("day", one))) {
    const closed = yield* closeHours(reader, latest, day, new Map(hours), hour)
    days[day] = closed.sum
    items.push(...closed.items)
  }
  const after = withCounts(
    stored === undefined ? latest : laterWord(stored.latest, latest),
    { days, hour, minutes: running },
    first
  )
  if (isSameData(after, stored)) return { ...nothing, before: items }
  const isKnown = (day: Bucket) => parts.days[day] !== undefined || bucketOf("day", parts.hour) === day
  const fresh = new Set([...changes.keys()].map((one) => bucketOf("day", one)).filter((day) => !isKnown(day)))
  const { source, target } = connectionItems(after, kept)
  return {
    before: [...items, ...[...fresh].map((day) => departure(latest, day, kept))],
    ...{ target: [target], source: [source] }
  }
})

/** What is stored by source is what the next tick compares with, so it comes last: where it is written, so is all that goes with it. */
const store = Effect.fnUntraced(function* (all: ReadonlyArray<Puts>) {
  const table = yield* Table
  for (const part of ["before", "target", "source"] as const) {
    const puts = all.flatMap((one) => one[part])
    if (puts.length > 0) yield* table.append(puts)
  }
})

/**
 * Brings connections up to date with what some minutes have of them now. One read for each, and two writes where anything has changed; where an hour
 * is over, or changed after it was, a read more for its day and a write for the hour; and a write for each day that is new.
 */
export const updateEach = Effect.fnUntraced(function* (sums: Iterable<ConnectionSum>, now: number) {
  const table = yield* Table
  yield* store(yield* Effect.forEach(sums, (sum) => putsOf(table, sum, now), { concurrency }))
})

/** Most connections from which a tick takes a day. */
const mostDepartures = 200

/** Takes from counts the days that do not count any more; true where there are more of these. One read; one more and three writes for each. */
export const takeDepartures = Effect.fnUntraced(function* (now: number) {
  const table = yield* Table
  const kept = yield* Retention
  const { items, cursor } = yield* table.query({ ...departures, to: firstDay(now), limit: mostDepartures })
  const ends = yield* Effect.forEach(items, decodeDeparture)
  const puts = yield* Effect.forEach(
    new Map(ends.map((one) => [connectionKey(one, "source"), one])).values(),
    Effect.fnUntraced(function* (one) {
      const stored = yield* readConnection(table, one)
      if (stored === undefined) return nothing
      const { source, target } = connectionItems(withCounts(stored.latest, stored.parts, firstDay(now)), kept)
      return { ...nothing, source: [source], target: [target] }
    }),
    { concurrency }
  )
  yield* store(puts)
  yield* overwrite(items.map(({ key }) => ({ _tag: "Delete", key })))
  return cursor !== undefined
})
