/** A table that is asked again when it is busy. */
import { Effect, Schedule } from "effect"
import type { Table, TableError } from "../ports/Table.ts"

/** About 25 ms, doubling, five times; whole stages are repeated by their queues. */
const soon = Schedule.exponential("25 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 5 }))
const isBusy = (error: { readonly _tag: string }): boolean =>
  error._tag === "TableError" && (error as TableError).reason._tag === "Throttled"

/** The same table, where a request that was throttled is made again soon, and not by all at once. */
export const patient = (table: Table["Service"]): Table["Service"] => {
  const again = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
    Effect.retry(effect, { schedule: soon, while: isBusy })
  return {
    get: (key) => again(table.get(key)),
    query: (query) => again(table.query(query)),
    write: (write) => again(table.write(write)),
    transact: (writes) => again(table.transact(writes))
  }
}
