/**
 * A partition that the rollup rewrites: read as a whole, compared with what should be in it, and only the difference written.
 *
 * Items expire when the window and the one before it are over, so that what nobody keeps up to date any more is not taken for news.
 */
import { Effect, Equal, type Schema } from "effect"
import { bucketMillis, windowSpans } from "../../domain/Bucket.ts"
import type { Window } from "../../domain/Views.ts"
import type { TableName, TableReader, Write } from "../../ports/Table.ts"
import { readAll } from "../ReadAll.ts"
import { asAttributes, decoder } from "./Items.ts"

interface Kept<A> {
  readonly value: A
  readonly expiresAt: number | undefined
}
/** What a partition holds, by sort key. */
export interface Snapshot<A> {
  readonly table: TableName
  readonly partition: string
  readonly items: ReadonlyMap<string, Kept<A>>
}

/** Reads a partition. One read per 1000 items. */
export const readSnapshot = Effect.fnUntraced(function* <A extends object>(
  reader: TableReader,
  { table, partition }: { readonly table: TableName; readonly partition: string },
  schema: Schema.Codec<A, unknown>
) {
  const decode = decoder(schema)
  const found = yield* readAll(reader, { table, partition })
  const entries = yield* Effect.forEach(found, (item) =>
    Effect.map(decode(item), (value) => [item.key.sort, { value, expiresAt: item.expiresAt }] as const)
  )
  const snapshot: Snapshot<A> = { table, partition, items: new Map(entries) }
  return snapshot
})

/** The values of a snapshot, by sort key. */
export const valuesOf = <A>({ items }: Snapshot<A>): ReadonlyMap<string, A> =>
  new Map(Array.from(items, ([sort, { value }]) => [sort, value]))

/** Seconds that items are kept beyond their use, so that those that stay the same are rewritten once a day. */
const spare = 86_400

/** Seconds after which nothing of a window and the one before it is in them any more. */
const useOf = (window: Window): number => {
  const { granularity, buckets } = windowSpans[window]
  return ((2 * buckets + 1) * bucketMillis(granularity)) / 1000
}

/** The writes that make a partition, as it was read, hold exactly `wanted`; `now` in milliseconds since the epoch. */
export const changesTo = <A extends object>(
  { table, partition, items }: Snapshot<A>,
  wanted: ReadonlyMap<string, A>,
  window: Window,
  now: number
): ReadonlyArray<Write> => {
  const usefulUntil = Math.ceil(now / 1000) + useOf(window)
  const isGood = (kept: Kept<A> | undefined, value: A): boolean =>
    kept?.expiresAt !== undefined && kept.expiresAt >= usefulUntil && Equal.equals(kept.value, value)
  const puts = Array.from(wanted)
    .filter(([sort, value]) => !isGood(items.get(sort), value))
    .map(([sort, value]): Write => {
      const key = { table, partition, sort }
      return { _tag: "Put", key, attributes: asAttributes(value), expiresAt: usefulUntil + spare }
    })
  const surplus = [...items.keys()]
    .filter((sort) => !wanted.has(sort))
    .map((sort): Write => ({ _tag: "Delete", key: { table, partition, sort } }))
  return [...puts, ...surplus]
}
