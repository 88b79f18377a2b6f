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
  scopes: Schema.Array(Schema.Struct({ scope: Scope, days: Schema.Array(Schema.String) }))
})
/** A scope, and the days of it that have changed. */
export type TouchedScope = (typeof Touched.Type)["scopes"][number]
const decode = itemDecoder(Touched)

const place = { table: "projections", partition: "touched" } as const
const perItem = 500
/** Most lists that a tick deals with. */
const listsPerTick = 2

/** The items of these scopes, touched at a time (RFC 3339). */
export const touchedItems = (at: string, scopes: ReadonlyArray<TouchedScope>): ReadonlyArray<Appended> =>
  Array.from({ length: Math.ceil(scopes.length / perItem) }, (_, index) => ({
    key: { ...place, sort: `${at}/${String(index).padStart(4, "0")}` },
    attributes: asAttributes({ scopes: scopes.slice(index * perItem, (index + 1) * perItem) })
  }))

/** The scopes whose turn it is, and whether any will be left when they are done, and any whose turn it is. One read. */
export const readTouched = Effect.fnUntraced(function* (reader: TableReader, now: number) {
  const { items } = yield* reader.query({ ...place, limit: listsPerTick + 1 })
  const due = items.slice(0, listsPerTick).filter(({ key }) => key.sort < bucketBefore("hour", now, 0))
  const lists = yield* Effect.forEach(due, decode)
  return {
    scopes: lists.flatMap(({ scopes }) => scopes),
    keys: due.map(({ key }): Key => key),
    isRest: items.length > due.length,
    isMoreDue: due.length === listsPerTick && items.length > due.length
  }
})
