/** A Table that is watched: it counts what is read and written, keeps every partition that was written to, and has a script of faults around it. */
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
import { diesAfter, diesBefore, failsAfter, failsBefore } from "../../src/testing/FaultScript.ts"
import { type Faults, layerFaults, layerWithFaults } from "../../src/testing/fakes/Faults.ts"

/** Calls that write, for faults. */
export const tableWrites = /^Table\.(write|transact|append)$/

const unavailable = new TableError({ operation: "test", reason: new TableUnavailable({ message: "as scripted" }) })
const throttled = new TableError({ operation: "test", reason: new Throttled({ message: "as scripted" }) })

/** What can happen to a write: nothing is written, or the answer is lost, or the caller dies before or after. */
export const faultsOfWrites = [
  failsBefore(unavailable),
  failsBefore(throttled),
  failsAfter(unavailable),
  diesBefore,
  diesAfter
] as const

export interface Counts {
  reads: number
  /** Items that were to be written, also where that failed. */
  writes: number
}

export class TableWatch extends Context.Service<
  TableWatch,
  {
    readonly counts: Counts
    /** Everything that is stored now in partitions that were written to, by table, partition and sort key. */
    readonly dump: Effect.Effect<ReadonlyMap<string, Item>, TableError>
  }
>()("dispatcher/test/ledger/TableWatch") {}

const addressOf = ({ table, partition, sort }: Key): string => `${table} ${partition} ${sort}`

const make = Effect.gen(function* () {
  const table = yield* Table
  const counts: Counts = { reads: 0, writes: 0 }
  const partitions = new Map<string, Pick<Key, "table" | "partition">>()

  const read = <A, E>(call: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      counts.reads += 1
      return call
    })
  const change = <E>(writes: ReadonlyArray<Pick<Write, "key">>, call: Effect.Effect<void, E>) =>
    Effect.suspend(() => {
      counts.writes += writes.length
      for (const { key } of writes) partitions.set(`${key.table} ${key.partition}`, key)
      return call
    })
  const watched = Table.of({
    get: (key) => read(table.get(key)),
    query: (query) => read(table.query(query)),
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
  return Context.make(Table, watched).pipe(Context.add(TableWatch, { counts, dump }))
})

/** Watches a layer of the Table. */
export const watched = <E, R>(layer: Layer.Layer<Table, E, R>): Layer.Layer<Faults | Table | TableWatch, E, R> =>
  Layer.effectContext(make).pipe(
    Layer.provide(Layer.provide(layerWithFaults(Table, "Table"), layer)),
    Layer.provideMerge(layerFaults)
  )
