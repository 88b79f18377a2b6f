/**
 * Makes everything that is folded from facts anew, run by run, from the event log: after a change of the folds, and for a database of an
 * older version, whose facts are where that version kept them. The days of the list of all events lead to the runs, so nothing is scanned.
 *
 * It may be interrupted and run again, and recorders may be at work beside it: it writes nothing that they would not write.
 */
import { Clock, Effect, Option } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { entryOf } from "../domain/FactTable.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { type Key, readAll, Table, type TableError, unconditional } from "../ports/Table.ts"
import { allEvents, decodeRow, rowKeys } from "./EventLists.ts"
import { decodeFact, decodeRun, deliveryPointerKey, factsRange } from "./EventLog.ts"
import { ownPuts, sharedPuts } from "./Recorder.ts"
import { Retention } from "./Retention.ts"
import { foldStoredRun } from "./StoredRun.ts"

/** What was rebuilt. */
export interface Rebuilt {
  readonly days: number
  readonly runs: number
  /** Facts that an older version recorded, and that were taken over. */
  readonly older: number
}

const concurrency = 8
/** Rows of a day that are read at once. */
const rowsPerPage = 200

/** Where versions before this one kept the facts of a run. */
const olderRange = (run: RunKey) => ({ table: "events", partition: `run/${run}` }) as const

/** Removes rows that an older version made of facts that make none. */
const removeRows = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
  const table = yield* Table
  const keys: ReadonlyArray<Key> = facts.filter(({ type }) => !entryOf(type).row).flatMap(rowKeys)
  const remove = (key: Key) => unconditional(table.write({ _tag: "Delete", key }))
  yield* Effect.forEach(keys, remove, { concurrency, discard: true })
})

/** Rebuilds what is stored of a run. How many facts of an older version it took over. */
const rebuildRun = Effect.fnUntraced(function* (run: RunKey): Effect.fn.Return<number, TableError, Table> {
  const table = yield* Table
  const retention = yield* Retention
  const now = yield* Clock.currentTimeMillis
  const stored = yield* Effect.forEach(yield* readAll(table, factsRange(run)), decodeFact)
  const ids = new Set(stored.map(({ id }) => id))
  const older = yield* Effect.forEach(yield* readAll(table, olderRange(run)), decodeFact)
  const added = older.filter(({ id }) => !ids.has(id))
  yield* table.append(
    [...stored, ...added].flatMap((fact) => [...ownPuts(fact, retention), ...sharedPuts(fact, now, retention)])
  )
  yield* foldStoredRun(run)
  yield* removeRows(older)
  return added.length
})

/** The runs of the deliveries of a page of rows. */
const runsOf = Effect.fnUntraced(function* (deliveries: ReadonlyArray<ReturnType<typeof deliveryPointerKey>>) {
  const table = yield* Table
  const pointers = yield* Effect.forEach(deliveries, (key) => table.get(key), { concurrency })
  return yield* Effect.forEach(pointers.filter(Option.isSome), ({ value }) => decodeRun(value))
})

/** Rebuilds the runs that have events on a day; of those in `done` nothing is left to do. */
const rebuildDay = Effect.fnUntraced(function* (day: string, done: Set<RunKey>) {
  const table = yield* Table
  const partition = `${allEvents.name}/${day}`
  let older = 0
  let cursor: string | undefined
  do {
    const page: {
      readonly items: ReadonlyArray<Parameters<typeof decodeRow>[0]>
      readonly cursor: string | undefined
    } = yield* table.query({
      table: allEvents.table,
      partition,
      limit: rowsPerPage,
      ...(cursor === undefined ? {} : { cursor })
    })
    const rows = yield* Effect.forEach(page.items, decodeRow)
    const deliveries = [...new Set(rows.map(({ deliveryId }) => deliveryId))].map(deliveryPointerKey)
    const runs = [...new Set(yield* runsOf(deliveries))].filter((run) => !done.has(run))
    const counts = yield* Effect.forEach(runs, rebuildRun, { concurrency })
    older += counts.reduce((sum, count) => sum + count, 0)
    for (const run of runs) done.add(run)
    cursor = page.cursor
  } while (cursor !== undefined)
  return older
})

/**
 * Rebuilds everything that is folded from facts, from the oldest day on; `onDay` is run after each. Costs a read for each event row's
 * delivery and two for each run, and writes what recording its facts writes.
 */
export const rebuild = Effect.fn("rebuild")(function* <R>(
  onDay: (day: string, runs: number) => Effect.Effect<void, never, R>
): Effect.fn.Return<Rebuilt, TableError, Table | R> {
  const table = yield* Table
  const days = yield* readAll(table, { table: allEvents.table, partition: `${allEvents.name}/days` })
  const done = new Set<RunKey>()
  let older = 0
  for (const { key } of days) {
    older += yield* rebuildDay(key.sort, done)
    yield* onDay(key.sort, done.size)
  }
  return { days: days.length, runs: done.size, older }
})
