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
import { connectionKey, Ends, type LatestOnConnection } from "../../domain/Topology.ts"
import { type ConnectionSum, laterWord, sparseConnectionCounts } from "../../domain/TopologyFold.ts"
import { type Appended, Table, type TableReader } from "../../ports/Table.ts"
import { connectionItems, readConnection, type StoredConnection } from "../Connections.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { dayExpiry, Retention } from "../Retention.ts"
import { type CountedHours, closeHours, daysBefore, minutesByHour } from "./ConnectionHours.ts"
import { overwrite } from "./Overwrite.ts"

const concurrency = 16
/** The first day that counts at a moment, milliseconds since the epoch. */
const firstDay = (now: number): Bucket => bucketBefore("day", now, daysBefore)

const departures = { table: "projections", partition: "connections/departures" } as const
const decodeDeparture = itemDecoder(Ends)

/** Kept longer than what is counted, so that a rollup that rested finds it. */
const departure = ({ source, target }: Ends, day: Bucket, { events }: Retention): Appended => ({
  key: { ...departures, sort: `${day}/${connectionKey({ source, target }, "source")}` },
  attributes: asAttributes({ source, target }),
  expiresAt: dayExpiry(day, Duration.sum(events, Duration.days(daysBefore + 1)))
})

type Parts = StoredConnection["parts"]
/** Those of a connection that is not stored yet. */
const noParts: Parts = { days: {}, hour: "", minutes: {} }

/** A connection with its counts, of the days and minutes that count from a first day on. */
const withCounts = (latest: LatestOnConnection, { days, hour, minutes }: Parts, first: Bucket): StoredConnection => {
  const counting = Object.fromEntries(Object.entries(days).filter(([day]) => day >= first))
  const running = bucketOf("day", hour) >= first ? minutes : {}
  const counts = sparseConnectionCounts([...Object.values(counting), ...Object.values(running)])
  return { latest, counts, parts: { days: counting, hour, minutes: running } }
}

/** Puts of a connection: hours and departures, which come first, and then the connection by each side. */
interface Puts {
  readonly before: ReadonlyArray<Appended>
  readonly target: ReadonlyArray<Appended>
  readonly source: ReadonlyArray<Appended>
}
const nothing: Puts = { before: [], target: [], source: [] }

/**
 * The running hour after changes, which is the latest that there is, with its minutes; and by day all others that change, that which was running
 * before among them: these are over.
 */
const hoursAfter = ({ hour, minutes }: Parts, changes: CountedHours, first: Bucket) => {
  const changed = new Map(changes).set(hour, { ...minutes, ...changes.get(hour) })
  const running = [...changed.keys()].reduce((last, one) => (one > last ? one : last))
  const over = [...changed].filter(([one]) => one !== running && bucketOf("day", one) >= first)
  return {
    running: { hour: running, minutes: changed.get(running) ?? {} },
    over: Map.groupBy(over, ([one]) => bucketOf("day", one))
  }
}

/** The days of changes of which a connection had nothing. */
const freshDays = ({ days, hour }: Parts, changes: CountedHours): ReadonlyArray<Bucket> => {
  const known = new Set([...Object.keys(days), bucketOf("day", hour)])
  return [...new Set([...changes.keys()].map((one) => bucketOf("day", one)))].filter((day) => !known.has(day))
}

/** What some minutes make of a connection. One read, and one for each day of which other hours change than the running one. */
const putsOf = Effect.fnUntraced(function* (reader: TableReader, { latest, minutes }: ConnectionSum, now: number) {
  const kept = yield* Retention
  const first = firstDay(now)
  const stored = yield* readConnection(reader, latest)
  const parts = stored?.parts ?? noParts
  const changes = minutesByHour(minutes, first)
  const { running, over } = hoursAfter(parts, changes, first)
  const closed = yield* Effect.forEach(over, ([day, hours]) =>
    closeHours(reader, latest, day, new Map(hours), running.hour)
  )
  const items = closed.flatMap((one) => one.items)
  const days = { ...parts.days, ...Object.fromEntries(closed.map(({ day, sum }) => [day, sum])) }
  const word = stored === undefined ? latest : laterWord(stored.latest, latest)
  const after = withCounts(word, { ...running, days }, first)
  if (isSameData(after, stored)) return { ...nothing, before: items }
  const departing = freshDays(parts, changes).map((day) => departure(latest, day, kept))
  const { source, target } = connectionItems(after, kept)
  return { before: [...items, ...departing], target: [target], source: [source] }
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
export const applySums = Effect.fnUntraced(function* (sums: Iterable<ConnectionSum>, now: number) {
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
