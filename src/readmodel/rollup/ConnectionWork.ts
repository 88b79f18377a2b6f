/**
 * What a tick does for connections that have changed: where they are few, it brings all of them up to date; otherwise they have their turn when two
 * minutes are over, so that each of many is written once in two minutes and not with every tick, of which one machine has one in ten seconds.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connections/marks` | `<two minutes>/<minute>` | that connections of the minute have changed; their turn comes when those two minutes are over |
 */
import { Effect, Schema } from "effect"
import { type Bucket, bucketBefore } from "../../domain/Bucket.ts"
import { type ConnectionSums, connectionSums, joinConnectionSums } from "../../domain/TopologyFold.ts"
import { type Item, Table } from "../../ports/Table.ts"
import { readContributions } from "../Contributions.ts"
import { itemDecoder } from "../Items.ts"
import { freshMarks, removeMark } from "../Marks.ts"
import { applySums, takeDepartures } from "./ConnectionUpdates.ts"
import { type Turn, withinTurn } from "./TickItem.ts"

/** Most connections that are brought up to date with the tick in which they changed. */
const mostAtOnce = 100
/** Most marked minutes that a tick deals with. */
const mostMinutes = 60
const concurrency = 16
const place = { table: "projections", partition: "connections/marks" } as const
/** The two minutes of a moment, as the first of them; what versions before put for ten minutes or an hour comes before them. */
const twoMinutes = (now: number): Bucket => bucketBefore("minute", now, Math.floor(now / 60_000) % 2)
const decodeToken = itemDecoder(Schema.Struct({ token: Schema.String }))

/** Deals with what was marked before these two minutes, the oldest first: of which minutes, and whether there is more. */
const updateMarked = Effect.fnUntraced(function* (counting: Table["Service"], now: number) {
  const table = yield* Table
  const { items, cursor } = yield* table.query({ ...place, to: twoMinutes(now), limit: mostMinutes })
  const minuteOf = ({ key }: Item): Bucket => key.sort.slice(key.sort.indexOf("/") + 1)
  const minutes = [...new Set(items.map(minuteOf))]
  const sums = yield* Effect.forEach(
    minutes,
    (minute) => Effect.map(readContributions(table, minute), connectionSums),
    { concurrency: 4 }
  )
  yield* applySums(joinConnectionSums(sums).values(), now).pipe(Effect.provideService(Table, counting))
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
 * Brings connections up to date with what minutes have of them now. Two reads; for each connection as `applySums`, for each marked minute of
 * earlier turns a read, one more for 1000 contributions, and two writes; for each departed day as `takeDepartures`. Gives the marked minutes that it
 * dealt with, and whether there is more to do at once.
 */
export const updateConnections = Effect.fnUntraced(function* (sums: ConnectionSums, turn: Turn, now: number) {
  const table = yield* Table
  const counting = withinTurn(table, turn)
  if (sums.size <= mostAtOnce) yield* applySums(sums.values(), now).pipe(Effect.provideService(Table, counting))
  else {
    const minutes = new Set([...sums.values()].flatMap((sum) => [...sum.minutes.keys()]))
    const two = twoMinutes(now)
    yield* table.append(yield* freshMarks([...minutes].map((minute) => ({ ...place, sort: `${two}/${minute}` }))))
  }
  const marked = yield* updateMarked(counting, now)
  const isMoreDeparting = yield* takeDepartures(now).pipe(Effect.provideService(Table, counting))
  return { minutes: marked.minutes, isMore: marked.isMore || isMoreDeparting }
})
