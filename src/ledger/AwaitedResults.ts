/**
 * Started runs whose result is waited for, by when GitHub is asked for it. Who settles an order puts its run here before, and a result that
 * arrives removes it, unless GitHub was asked before; then the next look finds the result with the order. In the ledger's table:
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `awaited/<day>` | when GitHub is asked, repository key, run id | the order, and how often GitHub was asked |
 * | `sweep` | `awaited` | the day from which on there may be any |
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import { type Bucket, bucketBefore } from "../domain/Bucket.ts"
import { type Item, type Key, Table, type TableError, unconditional } from "../ports/Table.ts"
import { AwaitedItem, decodeItem, encodeItem, OrderItem, read, retention } from "./Items.ts"
import { awaitedLaterKey, awaitedRange, orderKey } from "./Keys.ts"
import { type StartedOrder, startedOrderOf } from "./Orders.ts"

/** GitHub lets no run last longer (docs, "Usage limits": 35 days a workflow run). */
export const longestRunDays = 35
/** The first sweep looks as far back as anything may be waited for. */
const furthestBack = longestRunDays + 2

/** A run whose result is due to be asked for. */
export interface Awaited {
  readonly key: Key
  /** The order that started it, and how often GitHub was asked. */
  readonly of: typeof AwaitedItem.Type
  /** The order as it settled; undefined where it has not, or the ledger does not have it any more. */
  readonly startedBy: StartedOrder | undefined
  /** Whether the order is still to be settled: its worker died just before that. */
  readonly isOpen: boolean
}

/** What the sweep does with overdue results. */
export interface AwaitedLedger {
  /**
   * At most `limit` runs that are due at a time (milliseconds since the epoch), the oldest first. One read, one for each day since the oldest,
   * at least two, and one for each run; one write where days are over.
   */
  readonly due: (now: number, limit: number) => Effect.Effect<ReadonlyArray<Awaited>, TableError>
  /** Puts the next look off to a later time; gives the run as it waits then. Two writes in one transaction. */
  readonly askAgain: (awaited: Awaited, at: number) => Effect.Effect<Awaited, TableError>
  /** Ends the wait. One write. */
  readonly drop: (awaited: Awaited) => Effect.Effect<void, TableError>
}

const CursorItem = Schema.Struct({ day: Schema.String })
const cursorKey: Key = { table: "ledger", partition: "sweep", sort: "awaited" }

const dayAfter = (day: Bucket): Bucket => bucketBefore("day", Date.parse(day), -1)

const make = (table: Table["Service"]): AwaitedLedger => {
  const awaited = Effect.fnUntraced(function* (item: Item) {
    const { value: of } = yield* decodeItem(item, AwaitedItem)
    const order = yield* read(table, orderKey(of.run, of.order), OrderItem)
    const startedBy = Option.getOrUndefined(Option.flatMap(order, startedOrderOf))
    return { key: item.key, of, startedBy, isOpen: Option.isSome(order) && startedBy === undefined } satisfies Awaited
  })

  /** One that cannot be read is a warning, and holds up no other. */
  const readable = (item: Item) =>
    Effect.catchDefect(Effect.asSome(awaited(item)), (defect) =>
      Effect.as(Effect.logWarning("a stored run cannot be read and is left out", defect), Option.none<Awaited>())
    )

  /** From a day to today, the items that are due, and the first day that has any, or may get some: yesterday at the latest. */
  const look = Effect.fnUntraced(function* (from: Bucket, now: number, limit: number) {
    const today = bucketBefore("day", now, 0)
    const yesterday = bucketBefore("day", now, 1)
    const items: Array<Item> = []
    let oldest: Bucket | undefined
    for (let day = from; day <= today && items.length < limit; day = dayAfter(day)) {
      const page = yield* table.query({ ...awaitedRange(day, now), limit: limit - items.length })
      items.push(...page.items)
      if (page.items.length > 0) oldest ??= day
    }
    return { items, oldest: oldest === undefined || oldest > yesterday ? yesterday : oldest }
  })

  const due = Effect.fn("AwaitedResults.due")(function* (now: number, limit: number) {
    const cursor = Option.getOrUndefined(yield* read(table, cursorKey, CursorItem))?.value.day
    const { items, oldest } = yield* look(cursor ?? bucketBefore("day", now, furthestBack), now, limit)
    if (cursor === undefined || oldest > cursor)
      yield* unconditional(
        table.write({ _tag: "Put", key: cursorKey, attributes: encodeItem(CursorItem, { day: oldest }) })
      )
    const found = yield* Effect.forEach(items, readable, { concurrency: 8 })
    return found.flatMap(Option.toArray)
  })

  const askAgain: AwaitedLedger["askAgain"] = Effect.fnUntraced(function* (awaited, at) {
    const { key } = awaited
    const later: Awaited = {
      ...awaited,
      key: awaitedLaterKey(key, at),
      of: { ...awaited.of, asked: awaited.of.asked + 1 }
    }
    const attributes = encodeItem(AwaitedItem, later.of)
    const put = { _tag: "Put", key: later.key, attributes, expiresAt: yield* retention } as const
    yield* unconditional(table.transact([put, { _tag: "Delete", key }]))
    return later
  })

  return { due, askAgain, drop: ({ key }) => unconditional(table.write({ _tag: "Delete", key })) }
}

/** Started runs whose result is waited for. */
export class AwaitedResults extends Context.Service<AwaitedResults, AwaitedLedger>()(
  "dispatcher/ledger/AwaitedResults"
) {}

/** Over the table in the context. */
export const layer: Layer.Layer<AwaitedResults, never, Table> = Layer.effect(
  AwaitedResults,
  Effect.map(Table, (table) => make(table))
)
