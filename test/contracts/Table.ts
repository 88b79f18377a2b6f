/**
 * What every layer of the Table port keeps to. To run it on a layer of your own:
 *
 *     tableContract("my table", myTableLayer, realTime)
 *
 * All tests share the layer; each keeps to a partition of its own, so what other runs left behind does no harm.
 */
import { randomUUID } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Clock, Effect, Exit, type Layer, Option, type Schema } from "effect"
import {
  type Attributes,
  absent,
  atVersion,
  ConditionFailed,
  type Item,
  type Key,
  maxItemBytes,
  maxTransactionWrites,
  type Put,
  present,
  type Query,
  Table,
  TableError,
  type TableName,
  type Update,
  type Write
} from "../../src/ports/Table.ts"
import { followsTheModel } from "./TableModel.ts"
import type { Time } from "./Time.ts"

/** Keys of a partition that nobody else uses. */
const freshPartition = (table: TableName = "ledger") => {
  const partition = randomUUID()
  return (sort = "item"): Key => ({ table, partition, sort })
}
const put = (key: Key, attributes: Attributes, more: Partial<Put> = {}): Put => ({ _tag: "Put", key, attributes, ...more })
const update = (key: Key, more: Partial<Update>): Update => ({ _tag: "Update", key, ...more })
const remove = (key: Key, more: Partial<Write> = {}): Write => ({ ...more, _tag: "Delete", key })

const contents = (found: Option.Option<Item>) => Option.getOrUndefined(Option.map(found, ({ attributes }) => attributes))
const read = Effect.fnUntraced(function* (key: Key) {
  return Option.getOrUndefined(yield* (yield* Table).get(key))
})
const attributesAt = (key: Key) => Effect.map(Effect.flatMap(Table, (table) => table.get(key)), contents)
const write = (write: Write) => Effect.flatMap(Table, (table) => table.write(write))
const transact = (...writes: ReadonlyArray<Write>) => Effect.flatMap(Table, (table) => table.transact(writes))
const query = (query: Query) => Effect.flatMap(Table, (table) => table.query(query))

/** Expects the conditions of the writes at these positions, and of no others, to fail. */
const assertConditionFails = Effect.fnUntraced(function* <A, R>(
  effect: Effect.Effect<A, ConditionFailed | TableError, R>,
  ...failed: ReadonlyArray<number>
) {
  const error = yield* Effect.flip(effect)
  assert.instanceOf(error, ConditionFailed)
  if (error instanceof ConditionFailed) assert.deepStrictEqual(error.failed, failed)
})
const assertInvalid = Effect.fnUntraced(function* <A, R>(effect: Effect.Effect<A, ConditionFailed | TableError, R>) {
  const error = yield* Effect.flip(effect)
  assert.instanceOf(error, TableError)
  if (error instanceof TableError) assert.strictEqual(error.reason._tag, "Invalid", error.message)
})

/** All items of a query, page by page; no page may be larger than asked for. */
const allPages = Effect.fnUntraced(function* (first: Query) {
  const sorts: Array<string> = []
  let cursor: string | undefined
  do {
    const page = yield* query(cursor === undefined ? first : { ...first, cursor })
    assert.isAtMost(page.items.length, first.limit)
    sorts.push(...page.items.map(({ key }) => key.sort))
    cursor = page.cursor
  } while (cursor !== undefined)
  return sorts
})
