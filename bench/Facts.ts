/**
 * Facts: how fast they are recorded and how many writes they take; how long the dashboard's answers take, which must not depend on how
 * many facts there are; what a tick of the rollup costs. All load goes through the handler of the fact queue.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { Clock, Context, Effect, Layer } from "effect"
import * as Sqlite from "../src/adapters/local/Sqlite.ts"
import { layerTable } from "../src/adapters/local/SqliteTable.ts"
import type { Fact } from "../src/domain/Fact.ts"
import { RepositoryName } from "../src/domain/Names.ts"
import { globalScope } from "../src/domain/Scope.ts"
import { type DeliveryId, runKey } from "../src/domain/SourceRun.ts"
import { factMessages } from "../src/flow/FactMessages.ts"
import { record } from "../src/flow/Record.ts"
import { Table } from "../src/ports/Table.ts"
import { DashboardQueries } from "../src/readmodel/DashboardQueries.ts"
import * as Queries from "../src/readmodel/Queries.ts"
import * as Recorder from "../src/readmodel/Recorder.ts"
import { tick as rollupTick } from "../src/readmodel/rollup/Tick.ts"
import { Chance } from "../test/fixtures/Chance.ts"
import { journey } from "../test/fixtures/Facts.ts"
import { median, printTable } from "./Print.ts"

interface Tally {
  reads: number
  writes: number
  transactions: number
}
class Counted extends Context.Service<Counted, Tally>()("dispatcher/bench/Counted") {}

/** Counts what is read and written. */
const counted = Layer.effectContext(
  Effect.map(Table, (table) => {
    const tally: Tally = { reads: 0, writes: 0, transactions: 0 }
    const reading = <A extends ReadonlyArray<unknown>, B>(read: (...args: A) => B) => {
      return (...args: A): B => {
        tally.reads += 1
        return read(...args)
      }
    }
    const service = Table.of({
      get: reading(table.get),
      query: reading(table.query),
      write: (write) => {
        tally.writes += 1
        return table.write(write)
      },
      transact: (writes) => {
        tally.writes += writes.length
        tally.transactions += 1
        return table.transact(writes)
      },
      append: (items) => {
        tally.writes += items.length
        return table.append(items)
      }
    })
    return Context.make(Table, service).pipe(Context.add(Counted, tally))
  })
)

const stores = <E>(table: Layer.Layer<Table, E>) =>
  Layer.mergeAll(Recorder.layer, Queries.layer).pipe(Layer.provideMerge(Layer.provide(counted, table)))

/** A database in a folder of its own, which is removed when the work is over. */
const onSqlite = <A, E, R>(work: (path: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "dispatcher-facts-"))),
    (folder) => work(join(folder, "bench.db")),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
const sqlite = (path: string) => stores(Layer.provide(layerTable, Sqlite.layer(path)))

const week = 7 * 86_400_000

/** Facts of journeys in a hundred repositories, as they come, spread evenly over the time before now. */
function* stream(count: number, time: number): Generator<Fact> {
  const chance = new Chance(1)
  const start = Date.now() - time
  let made = 0
  for (let index = 0; made < count; index++) {
    const at = Math.floor(start + Math.min(1, made / count) * (time - 60_000))
    for (const fact of journey({ chance, index, at, pace: 200, sources: 100, targets: 100 })) {
      if (made++ < count) yield fact
    }
  }
}

const batchesOf = function* (facts: Generator<Fact>, size: number) {
  let batch: Array<Fact> = []
  for (const fact of facts) {
    batch.push(fact)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

const handle = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
  const messages = factMessages(facts).map((body, index) => ({
    id: String(index),
    body,
    attempt: 1,
    lastAttempt: false,
    offeredAt: 0
  }))
  for (const verdict of yield* record.handleAll(messages)) {
    if (verdict._tag !== "Done") return yield* Effect.die(verdict.reason)
  }
})

/** Records facts in batches of a size, so many at a time; facts per second, and what was written. */
const recordAll = Effect.fnUntraced(function* (count: number, size: number, time: number, concurrency = 1) {
  const tally = yield* Counted
  const before = { ...tally }
  const start = performance.now()
  const batches = batchesOf(stream(count, time), size)
  const worker = Effect.gen(function* () {
    for (let next = batches.next(); next.done !== true; next = batches.next()) yield* handle(next.value)
  })
  yield* Effect.replicateEffect(worker, concurrency, { concurrency: "unbounded", discard: true })
  const seconds = (performance.now() - start) / 1000
  return {
    perSecond: count / seconds,
    writes: (tally.writes - before.writes) / count,
    transactions: (tally.transactions - before.transactions) / count
  }
})

type Questions = ReadonlyArray<readonly [name: string, ask: Effect.Effect<unknown, unknown>]>

const questions = Effect.gen(function* () {
  const { health, figures, trend, find, leaderboard, deliveries, journey, runJourney, chain, events, choices } =
    yield* DashboardQueries
  const source = RepositoryName.make("acme/source-1")
  const target = RepositoryName.make("acme/target-1")
  const { rows } = yield* deliveries(undefined, { limit: 20 })
  const [row] = rows.toSorted((a, b) => b.counts.dispatched - a.counts.dispatched)
  if (row === undefined) return yield* Effect.die("there is no delivery")
  const run = runKey({ ...row, repositoryId: row.sourceRepositoryId })
  const id: DeliveryId = row.deliveryId
  const paging = { limit: 50 }
  const all: Questions = [
    ["health", health],
    ["figures 7d", figures(globalScope, "7d")],
    ["trend 1h", trend(globalScope, "1h")],
    ["trend 7d", trend(globalScope, "7d")],
    ["leaderboard", leaderboard("sources", "7d", 0)],
    ["deliveries", deliveries(undefined, paging)],
    ["deliveries of a source", deliveries(source, paging)],
    ["runs of a branch", find("branch", "main", paging)],
    ["journey", journey(id)],
    ["journey of a run", runJourney(run)],
    ["chain", chain(run, { limit: 500 })],
    ["events", events({}, paging)],
    ["events by status", events({ status: "dispatched" }, paging)],
    ["events by source and target", events({ source, target }, paging)],
    ["events by reason", events({ reason: "not_found" }, paging)],
    ["choices", choices]
  ]
  return all
})

const rounds = 30

/** Reads and milliseconds of every answer. */
const askAll = Effect.gen(function* () {
  const tally = yield* Counted
  return yield* Effect.forEach(
    yield* questions,
    Effect.fnUntraced(function* ([name, ask]) {
      const before = tally.reads
      const times: Array<number> = []
      for (let round = 0; round < rounds; round++) {
        const start = performance.now()
        yield* ask
        times.push(performance.now() - start)
      }
      return { name, reads: (tally.reads - before) / rounds, ms: median(times) }
    })
  )
})

/** What a tick costs, so many minutes from now. */
const tick = Effect.fnUntraced(function* (minutes: number) {
  const clock = yield* Clock.Clock
  const later = () => clock.currentTimeMillisUnsafe() + minutes * 60_000
  const tally = yield* Counted
  const before = { ...tally }
  const start = performance.now()
  const ahead: Clock.Clock = Object.assign(Object.create(clock), {
    currentTimeMillisUnsafe: later,
    currentTimeMillis: Effect.sync(later)
  })
  yield* Effect.provideService(rollupTick([]), Clock.Clock, ahead)
  return [performance.now() - start, tally.reads - before.reads, tally.writes - before.writes] as const
})

const measureAt = (count: number) =>
  onSqlite((path) =>
    Effect.gen(function* () {
      const { perSecond } = yield* recordAll(count, 100, week, 4)
      const first = yield* tick(0)
      // What was recorded in the minute of the tick before may be news to the next one, but not to the one after.
      yield* tick(4)
      const ticks = [first, yield* tick(8)]
      const answers = yield* askAll
      return { count, perSecond, ticks, answers, bytes: statSync(path).size / count }
    }).pipe(Effect.provide(sqlite(path)))
  )

/** Reads and milliseconds of each answer with ever more facts; a million only if asked for, since they take minutes to record. */
const benchReadings = async (million = process.argv.includes("--million")): Promise<void> => {
  const counts = million ? [100, 10_000, 1_000_000] : [100, 10_000]
  const all: Array<Effect.Success<ReturnType<typeof measureAt>>> = []
  for (const count of counts) all.push(await Effect.runPromise(measureAt(count)))
  const title = (count: number): string => count.toLocaleString("en")
  const last = all.at(-1)
  printTable(
    "Reading answers on SQLite: milliseconds with so many facts recorded",
    ["", "reads", ...all.map(({ count }) => title(count))],
    (last?.answers ?? []).map(({ name, reads }, index) => [
      name,
      reads,
      ...all.map(({ answers }) => answers[index]?.ms ?? Number.NaN)
    ])
  )
  printTable(
    "Rollup on SQLite: what the first tick after so many facts of 7 days costs, and one when nothing happened for minutes",
    ["facts", "first ms", "reads", "writes", "idle ms", "reads", "writes", "recorded/s", "bytes/fact"],
    all.map(({ count, ticks, perSecond, bytes }) => [title(count), ...ticks.flat(), perSecond, bytes])
  )
}

/** Everything about facts. */
export const benchFacts = async (): Promise<void> => {
  await benchReadings()
}
