/** What a rollup writes is right whatever is stored, so it takes no condition, and half the units of a write that has one. */
import { Effect } from "effect"
import { Table, unconditional, type Write } from "../../ports/Table.ts"

/** Puts and deletes, in any order. One write for each; a single call for all puts. */
export const overwrite = Effect.fnUntraced(function* (writes: ReadonlyArray<Write>) {
  const table = yield* Table
  const puts = writes.filter((write) => write._tag === "Put")
  if (puts.length > 0) yield* table.append(puts)
  const others = writes.filter((write) => write._tag !== "Put")
  yield* Effect.forEach(others, (write) => unconditional(table.write(write)), { concurrency: 16, discard: true })
})
