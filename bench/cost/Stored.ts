/** What is left in the tables of what was written, by how long it stays there; what was removed meanwhile is not. */
import { Context, Effect, Layer, Option } from "effect"
import { type Key, Table, type TableName } from "../../src/ports/Table.ts"
import { bytesOf } from "../Recording.ts"
import { layerTable } from "./Counting.ts"

/** The keys that were written, by their text. */
export class Written extends Context.Service<Written, Map<string, Key>>()("dispatcher/bench/cost/Written") {}

/** The counting table, and the keys that are written there. */
export const layerWritten = Layer.effect(
  Table,
  Effect.gen(function* () {
    const table = yield* Table
    const written = yield* Written
    const note = (all: ReadonlyArray<{ readonly key: Key }>) =>
      Effect.sync(() => {
        for (const { key } of all) written.set(`${key.table} ${key.partition} ${key.sort}`, key)
      })
    return Table.of({
      ...table,
      write: (write) => Effect.andThen(note([write]), table.write(write)),
      transact: (writes) => Effect.andThen(note(writes), table.transact(writes)),
      append: (items) => Effect.andThen(note(items), table.append(items))
    })
  })
).pipe(Layer.provide(layerTable))

/** Nothing written so far. */
export const layerNothing = Layer.sync(Written, () => new Map())

/** Beside each item, for its index: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const indexBytes = 100
const month = 30 * 86_400

/** Bytes times months of what expires, of what was written, by table. */
export const storedByteMonths = Effect.fnUntraced(function* (now: number) {
  const table = yield* Table
  const sums: Record<TableName, number> = { ledger: 0, events: 0, projections: 0 }
  for (const key of (yield* Written).values()) {
    const item = yield* table.get(key)
    if (Option.isNone(item) || item.value.expiresAt === undefined) continue
    const { attributes, expiresAt } = item.value
    sums[key.table] += ((bytesOf(key, attributes, expiresAt) + indexBytes) * (expiresAt - now / 1000)) / month
  }
  return sums
})
