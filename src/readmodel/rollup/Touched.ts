/**
 * Scopes whose long windows are to be computed again, where that was too much for one tick.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `touched` | `<time>/<n>` | scopes with their days that have changed, at most 500 an item; their turn comes with the hour after that time |
 */
import { Effect, Schema } from "effect"
import { bucketBefore } from "../../domain/Bucket.ts"
import { Scope, scopeKey } from "../../domain/Scope.ts"
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
/** Most lists that a tick reads, and scopes of them that it deals with. */
const mostLists = 64
const mostScopes = 1000

/** The items of these scopes, touched at a time (RFC 3339), in whose long windows all is up to a moment. */
export const touchedItems = (at: string, scopes: ReadonlyArray<TouchedScope>, right: number): ReadonlyArray<Appended> =>
  Array.from({ length: Math.ceil(scopes.length / perItem) }, (_, index) => ({
    key: { ...place, sort: `${at}/${String(index).padStart(4, "0")}` },
    attributes: asAttributes({ right, scopes: scopes.slice(index * perItem, (index + 1) * perItem) })
  }))

type Lists = ReadonlyArray<{ readonly key: Key; readonly list: typeof Touched.Type }>

/** The first of these lists, as far as they have no more scopes than a tick deals with; at least one. Each scope comes once, with its days of all lists. */
const takeLists = (lists: Lists) => {
  const scopes = new Map<string, TouchedScope>()
  const keys: Array<Key> = []
  for (const { key, list } of lists) {
    const fresh = list.scopes.filter(({ scope }) => !scopes.has(scopeKey(scope)))
    if (keys.length > 0 && scopes.size + fresh.length > mostScopes) break
    keys.push(key)
    for (const { scope, days } of list.scopes) {
      const before = scopes.get(scopeKey(scope))?.days ?? []
      scopes.set(scopeKey(scope), { scope, days: [...new Set([...before, ...days])] })
    }
  }
  return { scopes: [...scopes.values()], keys }
}

/**
 * The scopes whose turn it is, each once though many lists have it; up to when all is in long windows once these are done, where others wait; and
 * whether it is the turn of any of those. Two reads.
 */
export const readTouched = Effect.fnUntraced(function* (reader: TableReader, now: number) {
  const due = yield* reader.query({ ...place, to: bucketBefore("hour", now, 0), limit: mostLists })
  const lists = yield* Effect.forEach(due.items, (item) =>
    Effect.map(decode(item), (list) => ({ key: item.key, list }))
  )
  const { scopes, keys } = takeLists(lists)
  const isMoreDue = keys.length < lists.length || due.cursor !== undefined
  const last = keys.at(-1)?.sort
  const { items } = yield* reader.query({ ...place, limit: 1, ...(last === undefined ? {} : { from: `${last}/` }) })
  const [next] = yield* Effect.forEach(items, decode)
  return { scopes, keys, rest: next === undefined ? undefined : { right: next.right ?? 0 }, isMoreDue }
})
