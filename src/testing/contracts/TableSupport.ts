/** Short words for the contract suite of the Table. */
import { randomUUID } from "node:crypto"
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Option } from "effect"
import {
  type Attributes,
  ConditionFailed,
  type Delete,
  type Key,
  type Put,
  type Query,
  Table,
  TableError,
  type TableName,
  type Update,
  type Write
} from "../../ports/Table.ts"

/** What a suite registers its tests with. */
export type TableTests = Vitest.MethodsNonLive<Table>

/** Keys of a partition that no other test uses. */
export const freshPartition = (table: TableName = "ledger") => {
  const partition = randomUUID()
  return (sort = "item"): Key => ({ table, partition, sort })
}

export const put = (key: Key, attributes: Attributes, more?: Pick<Put, "condition" | "expiresAt">): Put => ({
  _tag: "Put",
  key,
  attributes,
  ...more
})
export const update = (key: Key, more: Omit<Update, "_tag" | "key">): Update => ({ _tag: "Update", key, ...more })
export const remove = (key: Key, more?: Pick<Delete, "condition">): Delete => ({ _tag: "Delete", key, ...more })

/** The item at `key`, or undefined. */
export const itemAt = Effect.fnUntraced(function* (key: Key) {
  return Option.getOrUndefined(yield* (yield* Table).get(key))
})
export const attributesAt = (key: Key) => Effect.map(itemAt(key), (item) => item?.attributes)
export const write = (write: Write) => Effect.flatMap(Table, (table) => table.write(write))
export const transact = (...writes: ReadonlyArray<Write>) => Effect.flatMap(Table, (table) => table.transact(writes))
export const queryTable = (query: Query) => Effect.flatMap(Table, (table) => table.query(query))

/** Sort keys of all items of a query, page by page. No page may be larger than was asked for. */
export const allSorts = Effect.fnUntraced(function* (first: Query) {
  const sorts: Array<string> = []
  let cursor: string | undefined
  do {
    const page = yield* queryTable(cursor === undefined ? first : { ...first, cursor })
    assert.isAtMost(page.items.length, first.limit)
    sorts.push(...page.items.map(({ key }) => key.sort))
    cursor = page.cursor
  } while (cursor !== undefined)
  return sorts
})

type Refusal = ConditionFailed | TableError

/** Expects the conditions of the writes at these positions to fail, and no others. */
export const assertConditionFails = Effect.fnUntraced(function* <A, R>(
  effect: Effect.Effect<A, Refusal, R>,
  ...failed: ReadonlyArray<number>
) {
  assert.deepStrictEqual(yield* Effect.flip(effect), new ConditionFailed({ failed }))
})

/** Expects an `Invalid`, which is right however often it is tried. */
export const assertInvalid = Effect.fnUntraced(function* <A, R>(effect: Effect.Effect<A, Refusal, R>) {
  const error = yield* Effect.flip(effect)
  assert.strictEqual(error instanceof TableError ? error.reason._tag : error._tag, "Invalid", error.message)
})

/** Tries again while the store says that another writer is just writing there, which it may. */
export const stubbornly = <A, R>(effect: Effect.Effect<A, Refusal, R>) =>
  Effect.retry(effect, {
    times: 1000,
    while: (error) => error._tag === "TableError" && error.reason._tag === "Throttled"
  })
