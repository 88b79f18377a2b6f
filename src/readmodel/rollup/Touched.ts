/**
 * Scopes whose long windows are to be computed again, where that was too much for one tick.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `touched` | `<time>/<n>` | scopes with their days that have changed, at most 500 an item; their turn comes with the hour after that time |
 */
import { Effect, Schema } from "effect"
import { bucketBefore } from "../../domain/Bucket.ts"
import { Scope } from "../../domain/Scope.ts"
import type { Appended, Key, TableReader } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"

const Touched = Schema.Struct({
  /** Up to when all is in the long windows of these scopes; earlier versions did not say. Milliseconds since the epoch. */
  right: Schema.optionalKey(Schema.Int),
  scopes: Schema.Array(Schema.Struct({ scope: Scope, days: Schema.Array(Schema.String) }))
})
/** A scope, and the days of it that have changed. */
export type TouchedScope = (typeof Touched.Type)["scopes"][number]
const decode = itemDecoder(Touched)

const place = { table: "projections", partition: "touched" } as const
const perItem = 500
/** Most lists that a tick deals with. */
const listsPerTick = 2

/** The items of these scopes, touched at a time (RFC 3339), in whose long windows all is up to a moment. */
export const touchedItems = (at: string, scopes: ReadonlyArray<TouchedScope>, right: number): ReadonlyArray<Appended> =>
  Array.from({ length: Math.ceil(scopes.length / perItem) }, (_, index) => ({
    key: { ...place, sort: `${at}/${String(index).padStart(4, "0")}` },
    attributes: asAttributes({ right, scopes: scopes.slice(index * perItem, (index + 1) * perItem) })
  }))

/**
 * The scopes whose turn it is; up to when all is in long windows once these are done, where others wait; and whether it is the turn of any of those.
 * One read.
 */
export const readTouched = Effect.fnUntraced(function* (reader: TableReader, now: number) {
  const { items } = yield* reader.query({ ...place, limit: listsPerTick + 1 })
  const due = items.slice(0, listsPerTick).filter(({ key }) => key.sort < bucketBefore("hour", now, 0))
  const lists = yield* Effect.forEach(due, decode)
  const [next] = yield* Effect.forEach(items.slice(due.length, due.length + 1), decode)
  return {
    scopes: lists.flatMap(({ scopes }) => scopes),
    keys: due.map(({ key }): Key => key),
    rest: next === undefined ? undefined : { right: next.right ?? 0 },
    isMoreDue: due.length === listsPerTick && items.length > due.length
  }
})
