/** What a rollup writes is right whatever is stored, so it takes no condition, and half the units of a transaction. */
import { Effect } from "effect"
import { type Delete, type Put, Table, unconditional } from "../../ports/Table.ts"

/** A write that suits whatever is stored. */
export type Overwrite = Omit<Put, "condition"> | Omit<Delete, "condition">

/** Puts and deletes, in any order. One write for each; a single call for all puts. */
export const overwrite = Effect.fnUntraced(function* (writes: ReadonlyArray<Overwrite>) {
  const table = yield* Table
  const puts = writes.filter((write) => write._tag === "Put")
  if (puts.length > 0) yield* table.append(puts)
  const deletes = writes.filter((write) => write._tag === "Delete")
  yield* Effect.forEach(deletes, (write) => unconditional(table.write(write)), { concurrency: 16, discard: true })
})
