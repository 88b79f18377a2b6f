/**
 * What a tick does for the counts of connections: with the tick where few have changed, otherwise with the turn of ten minutes, so that each of
 * many is counted once in ten minutes and not with each minute.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connections/marks` | `<ten minutes>/<minute>` | that connections of the minute have changed; their turn comes with the ten minutes after those |
 */
import { Effect, Schema } from "effect"
import { type Bucket, bucketBefore, bucketOf } from "../../domain/Bucket.ts"
import { type ConnectionSum, connectionSums } from "../../domain/TopologyFold.ts"
import { type Item, Table } from "../../ports/Table.ts"
import { readContributions } from "../Contributions.ts"
import { itemDecoder } from "../Items.ts"
import { freshMarks, removeMark } from "../Marks.ts"
import { countConnection, firstDay, takeDepartures } from "./ConnectionCounts.ts"

/** Most connections that are counted with the tick in which they changed. */
const mostAtOnce = 50
/** Most marked minutes that a tick deals with. */
const mostMinutes = 10
const concurrency = 16
const place = { table: "projections", partition: "connections/marks" } as const
/** The ten minutes of a moment, as the first part of its minute; versions before had hours, which come before them. */
const tenMinutes = (now: number): Bucket => bucketBefore("minute", now, 0).slice(0, -1)
const decodeToken = itemDecoder(Schema.Struct({ token: Schema.String }))

const countAll = (sums: ReadonlyMap<string, ConnectionSum>, now: number) =>
  Effect.forEach(sums.values(), (sum) => countConnection(sum, now), { concurrency, discard: true })

/** Counts what was marked in earlier ten minutes, the oldest first: of which minutes, and whether there is more. */
const countMarked = Effect.fnUntraced(function* (now: number) {
  const table = yield* Table
  const { items, cursor } = yield* table.query({ ...place, to: tenMinutes(now), limit: mostMinutes })
  const minuteOf = ({ key }: Item): Bucket => key.sort.slice(key.sort.indexOf("/") + 1)
  const minutes = [...new Set(items.map(minuteOf))]
  const contributions = yield* Effect.forEach(minutes, (minute) => readContributions(table, minute), { concurrency: 4 })
  yield* countAll(connectionSums(contributions.flat()), now)
  yield* Effect.forEach(
    items,
    Effect.fnUntraced(function* (item) {
      yield* removeMark(item.key, (yield* decodeToken(item)).token)
    }),
    { concurrency, discard: true }
  )
  return { minutes, isMore: cursor !== undefined }
})

/**
 * Brings the counts of connections up to date with what minutes have of them now. Two reads; for each connection as `countConnection`, for each
 * marked minute of earlier ten minutes two reads and a write, for each departed day as `takeDepartures`. What it counted of these, and
 * whether there is more to do at once.
 */
export const updateConnections = Effect.fnUntraced(function* (sums: ReadonlyMap<string, ConnectionSum>, now: number) {
  const table = yield* Table
  const first = firstDay(now)
  const minutes = new Set([...sums.values()].flatMap((sum) => [...sum.minutes.keys()]))
  const counting = [...minutes].filter((minute) => bucketOf("day", minute) >= first)
  if (sums.size <= mostAtOnce) yield* countAll(sums, now)
  else {
    const ten = tenMinutes(now)
    yield* table.append(yield* freshMarks(counting.map((minute) => ({ ...place, sort: `${ten}/${minute}` }))))
  }
  const marked = yield* countMarked(now)
  const isMoreDeparting = yield* takeDepartures(now)
  return { minutes: marked.minutes, isMore: marked.isMore || isMoreDeparting }
})
