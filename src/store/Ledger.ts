/**
 * The ledger: what was accepted, planned, claimed, settled and told. It is what makes "exactly once" true although every stage may run
 * any number of times. Written once, over the Table port; `ledger/Keys.ts` says where it keeps things.
 */
import { Context, Effect, Layer, Schedule } from "effect"
import { Table, type TableError } from "../ports/Table.ts"
import { makeClaims } from "./ledger/Claims.ts"
import { makePlans } from "./ledger/Plans.ts"
import { makeReporting } from "./ledger/Reporting.ts"

/** A busy table is asked again soon: about 25 ms, doubling, five times; whole stages are repeated by their queues. */
const soon = Schedule.exponential("25 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 5 }))
const isBusy = (error: { readonly _tag: string }): boolean =>
  error._tag === "TableError" && (error as TableError).reason._tag === "Throttled"

const patient = (table: Table["Service"]): Table["Service"] => {
  const again = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
    Effect.retry(effect, { schedule: soon, while: isBusy })
  return {
    get: (key) => again(table.get(key)),
    query: (query) => again(table.query(query)),
    write: (write) => again(table.write(write)),
    transact: (writes) => again(table.transact(writes))
  }
}

const make = (table: Table["Service"]) => ({ ...makePlans(table), ...makeClaims(table), ...makeReporting(table) })

export class Ledger extends Context.Service<Ledger, ReturnType<typeof make>>()("dispatcher/store/Ledger") {}

/** The ledger over whatever table there is. */
export const layer: Layer.Layer<Ledger, never, Table> = Layer.effect(
  Ledger,
  Effect.map(Table, (table) => make(patient(table)))
)
