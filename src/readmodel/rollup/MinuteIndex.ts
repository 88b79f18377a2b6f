/**
 * Which minutes have contributions, and in which scopes: what must be computed again when a minute leaves a window.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `minutes/<day>` | minute, `<minute>/<n>` | scopes, at most 1000 an item; a scope that was touched once stays |
 */
import { Duration, Effect, Schema } from "effect"
import { type Bucket, bucketBefore, bucketMillis, bucketStart } from "../../domain/Bucket.ts"
import { Scope, scopeKey } from "../../domain/Scope.ts"
import type { Stretch } from "../../domain/Stretch.ts"
import type { Appended, TableReader } from "../../ports/Table.ts"
import { readAll } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { expiryOf, type Retention } from "../Retention.ts"

const Scopes = Schema.Struct({ scopes: Schema.Array(Scope) })
const decode = itemDecoder(Scopes)
/** Scopes of an item: at most about 300 KB. */
const mostScopes = 1000

const partition = (minute: Bucket): string => `minutes/${minute.slice(0, 10)}`
/** "0" comes right after the "/" behind a minute. */
const through = (minute: Bucket): string => `${minute}0`

const read = Effect.fnUntraced(function* (reader: TableReader, { first, last }: Stretch) {
  const table = "projections"
  const items = yield* readAll(reader, { table, partition: partition(first), from: first, to: through(last) })
  return (yield* Effect.forEach(items, decode)).flatMap(({ scopes }) => scopes)
})

/** A stretch of minutes day by day. */
const byDay = ({ first, last }: Stretch): ReadonlyArray<Stretch> => {
  if (first > last) return []
  const day = first.slice(0, 10)
  if (day === last.slice(0, 10)) return [{ first, last }]
  const next = bucketBefore("minute", Date.parse(bucketStart("day", day)) + bucketMillis("day"), 0)
  return [{ first, last: `${day}T23:59` }, ...byDay({ first: next, last })]
}

/** The scopes that were touched in a stretch of minutes; some come more than once. One read for each of its days, more only beyond 1000 items. */
export const readScopes = (reader: TableReader, stretch: Stretch) =>
  Effect.map(
    Effect.forEach(byDay(stretch), (part) => read(reader, part)),
    (parts) => parts.flat()
  )

/** The items of a minute that had touched `before` and touches `scopes` now; none where it had touched them all. */
export const minuteItems = (
  minute: Bucket,
  before: ReadonlyArray<Scope>,
  scopes: ReadonlyArray<Scope>,
  kept: Retention
): ReadonlyArray<Appended> => {
  const all = new Map([...before, ...scopes].map((scope) => [scopeKey(scope), scope]))
  if (all.size === before.length) return []
  const list = [...all.values()]
  return Array.from({ length: Math.ceil(list.length / mostScopes) }, (_, index) => ({
    key: { table: "projections", partition: partition(minute), sort: index === 0 ? minute : `${minute}/${index}` },
    attributes: asAttributes({ scopes: list.slice(index * mostScopes, (index + 1) * mostScopes) }),
    expiresAt: expiryOf(Date.parse(bucketStart("minute", minute)), Duration.sum(kept.events, Duration.days(1)))
  }))
}
