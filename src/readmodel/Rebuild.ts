/**
 * Makes everything that is folded from facts anew, run by run, from the table `events` alone: after a change of the folds, where the table
 * `projections` was lost, and for a database of an older version, whose facts and lists are where that version kept them. The deliveries of the event
 * log lead to the runs, so nothing is scanned. What Rollup makes of it (figures, rankings, health) follows with its next ticks.
 *
 * It may be interrupted and run again, and recorders may be at work beside it: it writes nothing that they would not write.
 */
import { Clock, Effect, Option, Schema } from "effect"
import { DeliveryId, type RunKey } from "../domain/SourceRun.ts"
import { type Item, type Query, readAll, Table, type TableError } from "../ports/Table.ts"
import { decodeFact, decodeRun, deliveryRanges, factsRange } from "./EventLog.ts"
import { itemDecoder } from "./Items.ts"
import { ownPuts, sharedPuts } from "./Recorder.ts"
import { Retention } from "./Retention.ts"
import { foldStoredRun } from "./StoredRun.ts"

/** What was rebuilt. */
export interface Rebuilt {
  readonly runs: number
  /** Facts that an older version recorded, and that were taken over. */
  readonly older: number
}

/** How far a rebuild is. */
export interface RebuildProgress {
  /** How many of the event log's parts are done, of how many. */
  readonly part: number
  readonly parts: number
  readonly runs: number
}

type Range = Pick<Query, "table" | "partition">

const concurrency = 8
/** Items that are read at once. */
const pageSize = 200

/** Where versions before this one kept the facts of a run. */
const olderRange = (run: RunKey): Range => ({ table: "events", partition: `run/${run}` })
/** Where they kept the list of all events, and the days of it. */
const olderList: Range = { table: "events", partition: "events" }
const decodeDelivery = itemDecoder(Schema.Struct({ deliveryId: DeliveryId }))

/** Rebuilds what is stored of a run, but for what has expired. How many facts of an older version it took over. */
const rebuildRun = Effect.fnUntraced(function* (run: RunKey): Effect.fn.Return<number, TableError, Table> {
  const table = yield* Table
  const retention = yield* Retention
  const now = yield* Clock.currentTimeMillis
  const stored = yield* Effect.forEach(yield* readAll(table, factsRange(run)), decodeFact)
  const ids = new Set(stored.map(({ id }) => id))
  const older = yield* Effect.forEach(yield* readAll(table, olderRange(run)), decodeFact)
  const added = older.filter(({ id }) => !ids.has(id))
  const puts = [...stored, ...added].flatMap((fact) => [
    ...ownPuts(fact, retention),
    ...sharedPuts(fact, now, retention)
  ])
  yield* table.append(puts.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt * 1000 > now))
  yield* foldStoredRun(run)
  return added.length
})

/** The run that an older version's row of an event is about. */
const olderRun = Effect.fnUntraced(function* (row: Item) {
  const { deliveryId } = yield* decodeDelivery(row)
  const pointer = yield* (yield* Table).get({ table: "events", partition: `delivery/${deliveryId}`, sort: "run" })
  return Option.isSome(pointer) ? [yield* decodeRun(pointer.value)] : []
})
const runOfPointer = (item: Item) => Effect.map(decodeRun(item), (run) => [run])

/** Rebuilds the runs that the items of a range lead to; of those in `done` nothing is left to do. */
const rebuildRange = Effect.fnUntraced(function* (
  range: Range,
  done: Set<RunKey>,
  runsOf: (item: Item) => Effect.Effect<ReadonlyArray<RunKey>, TableError, Table>
): Effect.fn.Return<number, TableError, Table> {
  const table = yield* Table
  let older = 0
  let after: Pick<Query, "cursor"> | undefined = {}
  while (after !== undefined) {
    const page: { readonly items: ReadonlyArray<Item>; readonly cursor: string | undefined } = yield* table.query({
      ...range,
      limit: pageSize,
      ...after
    })
    const found = yield* Effect.forEach(page.items, runsOf, { concurrency })
    const runs = [...new Set(found.flat())].filter((run) => !done.has(run))
    const counts = yield* Effect.forEach(runs, rebuildRun, { concurrency })
    older += counts.reduce((sum, count) => sum + count, 0)
    for (const run of runs) done.add(run)
    after = page.cursor === undefined ? undefined : { cursor: page.cursor }
  }
  return older
})

/**
 * Rebuilds everything that is folded from facts; `onPart` is run after each of the event log's parts. Costs a read for 200 deliveries and two
 * for each run, and writes what recording its facts writes.
 */
export const rebuild = Effect.fn("rebuild")(function* <R>(
  onPart: (progress: RebuildProgress) => Effect.Effect<void, never, R>
): Effect.fn.Return<Rebuilt, TableError, Table | R> {
  const done = new Set<RunKey>()
  let older = 0
  const days = yield* readAll(yield* Table, { ...olderList, partition: `${olderList.partition}/days` })
  for (const { key } of days) {
    older += yield* rebuildRange({ ...olderList, partition: `${olderList.partition}/${key.sort}` }, done, olderRun)
  }
  for (const [index, range] of deliveryRanges.entries()) {
    older += yield* rebuildRange(range, done, runOfPointer)
    yield* onPart({ part: index + 1, parts: deliveryRanges.length, runs: done.size })
  }
  return { runs: done.size, older }
})
