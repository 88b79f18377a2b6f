/** A Table that is watched: it counts what is read and written, knows every partition that was written to, and fails when it is told to. */
import { Context, Effect, Layer } from "effect"
import {
  type Item,
  type Key,
  readAll,
  Table,
  TableError,
  TableUnavailable,
  Throttled,
  type Write
} from "../../src/ports/Table.ts"

/** What happens to a transaction: nothing is written, or the answer is lost, or whoever asked dies before or after. */
export type Fault = "unavailable" | "throttled" | "lost" | "death" | "deathAfter"

export interface Tally {
  reads: number
  /** Items that reads gave. */
  items: number
  writes: number
  transactions: number
}

export class Spy extends Context.Service<
  Spy,
  {
    readonly tally: Tally
    /** Decides about the n-th write or transaction from now on, from 0. */
    readonly plot: (faultOf: (n: number) => Fault | undefined) => void
    /** Everything that is stored now in partitions that were written to, by table, partition and sort key. */
    readonly dump: Effect.Effect<ReadonlyMap<string, Item>, TableError>
  }
>()("dispatcher/test/ledger/Spy") {}

const addressOf = ({ table, partition, sort }: Key): string => `${table} ${partition} ${sort}`

const unavailable = new TableError({ operation: "test", reason: new TableUnavailable({ message: "as plotted" }) })
const throttled = new TableError({ operation: "test", reason: new Throttled({ message: "as plotted" }) })

const disturbed = <E>(fault: Fault | undefined, call: Effect.Effect<void, E | TableError>) => {
  switch (fault) {
    case undefined:
      return call
    case "unavailable":
      return Effect.fail(unavailable)
    case "throttled":
      return Effect.fail(throttled)
    case "lost":
      return Effect.andThen(call, Effect.fail(unavailable))
    case "death":
      return Effect.interrupt
    case "deathAfter":
      return Effect.andThen(call, Effect.interrupt)
  }
}

const make = Effect.gen(function* () {
  const table = yield* Table
  const tally: Tally = { reads: 0, items: 0, writes: 0, transactions: 0 }
  const partitions = new Map<string, Pick<Key, "table" | "partition">>()
  let calls = 0
  let faultOf: (n: number) => Fault | undefined = () => undefined

  const change = <E>(writes: ReadonlyArray<Pick<Write, "key">>, call: Effect.Effect<void, E | TableError>) =>
    Effect.suspend(() => {
      tally.writes += writes.length
      tally.transactions += 1
      for (const { key } of writes) partitions.set(`${key.table} ${key.partition}`, key)
      return disturbed(faultOf(calls++), call)
    })
  const spied = Table.of({
    get: (key) =>
      Effect.suspend(() => {
        tally.reads += 1
        tally.items += 1
        return table.get(key)
      }),
    query: (query) =>
      Effect.suspend(() => {
        tally.reads += 1
        return Effect.map(table.query(query), (page) => {
          tally.items += page.items.length
          return page
        })
      }),
    // Others get a turn before and after, so that two recorders get in each other's way.
    write: (write) => change([write], table.write(write)),
    transact: (writes) =>
      Effect.yieldNow.pipe(Effect.andThen(change(writes, table.transact(writes))), Effect.tap(Effect.yieldNow)),
    append: (items) => change(items, table.append(items))
  })
  const dump = Effect.gen(function* () {
    const items = yield* Effect.forEach(partitions.values(), ({ table: name, partition }) =>
      readAll(table, { table: name, partition })
    )
    return new Map(items.flat().map((item) => [addressOf(item.key), item]))
  })
  const plot = (next: typeof faultOf) => {
    calls = 0
    faultOf = next
  }
  return Context.make(Table, spied).pipe(Context.add(Spy, { tally, plot, dump }))
})

/** Watches a layer of the Table. */
export const spied = <E, R>(layer: Layer.Layer<Table, E, R>): Layer.Layer<Table | Spy, E, R> =>
  Layer.provide(Layer.effectContext(make), layer)
