/**
 * The rollup: what a scope that changed costs on DynamoDB, what ticks cost with many repositories, and how long readings of figures take
 * however much has happened. Runs are stored as their contributions, as Record leaves them, with 4 facts each.
 */
import { performance } from "node:perf_hooks"
import { Clock, Context, Effect, Layer } from "effect"
import { bucketOf, isoTime } from "../src/domain/Bucket.ts"
import { RepositoryName } from "../src/domain/Names.ts"
import { globalScope, type Scope } from "../src/domain/Scope.ts"
import { type Appended, Table, type TableError } from "../src/ports/Table.ts"
import { makeFigureQueries } from "../src/readmodel/FigureReadings.ts"
import { freshMarks, minuteMark } from "../src/readmodel/Marks.ts"
import { tick } from "../src/readmodel/rollup/Tick.ts"
import { layerMemory } from "../src/testing/fakes/Table.ts"
import { dispatchedFate } from "../test/readmodel/Contributing.ts"
import { median, printTable, type Row } from "./Print.ts"
import { unitsOf } from "./Recording.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000
const factsOfRun = 4

interface Cost {
  reads: number
  writes: number
  /** Of what is written for scopes that changed: their figures and hours. */
  scopeUnits: number
  /** Of what a tick writes besides: rankings, indexes, its own item. */
  tickUnits: number
  /** Scopes whose figures were written. */
  scopes: number
}
class Spent extends Context.Service<Spent, Cost>()("dispatcher/bench/Rollup/Spent") {}

/** A table in memory that counts; the units of puts only. */
const counted = Layer.effectContext(
  Effect.map(Table, (table) => {
    const cost: Cost = { reads: 0, writes: 0, scopeUnits: 0, tickUnits: 0, scopes: 0 }
    const add = ({ key, attributes, expiresAt }: Omit<Appended, "condition">) => {
      cost.writes += 1
      const isOfScope = /^(figures|hours)\//.test(key.partition)
      cost[isOfScope ? "scopeUnits" : "tickUnits"] += unitsOf(key, attributes, expiresAt)
      if (key.partition.startsWith("figures/")) cost.scopes += 1
    }
    const service = Table.of({
      ...table,
      get: (key) =>
        Effect.suspend(() => {
          cost.reads += 1
          return table.get(key)
        }),
      query: (query) =>
        Effect.suspend(() => {
          cost.reads += 1
          return table.query(query)
        }),
      write: (write) =>
        Effect.suspend(() => {
          if (write._tag === "Put") add(write)
          else cost.writes += 1
          return table.write(write)
        }),
      append: (items) =>
        Effect.suspend(() => {
          for (const item of items) add(item)
          return table.append(items)
        })
    })
    return Context.make(Table, service).pipe(Context.add(Spent, cost))
  })
).pipe(Layer.provide(layerMemory))

/** What some work costs. */
const spentBy = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const cost = yield* Spent
  const before = { ...cost }
  const began = performance.now()
  yield* work
  const took = performance.now() - began
  return {
    ...{ reads: cost.reads - before.reads, writes: cost.writes - before.writes },
    ...{ scopeUnits: cost.scopeUnits - before.scopeUnits, tickUnits: cost.tickUnits - before.tickUnits },
    ...{ scopes: cost.scopes - before.scopes, took }
  }
})

/** Time as the bench has it. */
export const at = (now: number) =>
  Effect.provideService(Clock.Clock, {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.succeed(now),
    currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    currentTimeNanos: Effect.succeed(BigInt(now) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => process.hrtime.bigint(),
    monotonicTimeNanos: Effect.sync(() => process.hrtime.bigint()),
    sleep: () => Effect.void
  } as Clock.Clock)

/** What runs of these repositories add that were accepted at a time. */
const contribute = Effect.fnUntraced(function* (repositories: ReadonlyArray<number>, when: number) {
  const acceptedAt = isoTime(when)
  const partition = `contributions/${bucketOf("minute", acceptedAt)}`
  const tally = {
    counts: { targets: 1, queued: 1, dispatched: 1, tried: 1, completed: 1, succeeded: 1 },
    elapsed: { bins: { 300: 1 }, max: 400 },
    completion: { bins: { 550: 1 }, max: 60_000 }
  }
  const { append } = yield* Table
  yield* append(
    repositories.map((index, nth) => ({
      key: { table: "projections", partition, sort: `${index}/${nth}/1` },
      attributes: {
        ...{ run: `${index}/${nth}/1`, deliveryId: `delivery-${index}`, acceptedAt, lastFactAt: acceptedAt },
        ...{ version: "1.0.0", source: `acme/source-${index}`, workflow: "ci.yml" },
        tally: { counts: { accepted: 1, planned: 1 } },
        targets: [{ repository: `acme/target-${index}`, workflow: "cd.yml", tally, fate: dispatchedFate }],
        ...{ fold: 1, facts: factsOfRun }
      }
    }))
  )
  yield* append(yield* freshMarks([minuteMark(bucketOf("minute", acceptedAt))]))
})

/** Ticks until nothing is left to do. */
export const settle = Effect.gen(function* () {
  while ((yield* tick([])) !== "done");
})
const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)

/** Ticks with ten thousand repositories, each active once within the last hours. */
const benchTicks = Effect.gen(function* () {
  for (const batch of range(0, 100)) yield* contribute(range(batch * 100, 100), start - (401 + batch) * minute)
  yield* at(start - 400 * minute)(settle)
  yield* at(start)(settle)
  const idle = yield* spentBy(at(start + minute)(tick([])))
  yield* contribute(range(0, 100), start + 10 * minute)
  const busy = yield* spentBy(at(start + 11 * minute)(tick([])))
  yield* contribute(range(0, 100), start + 11 * minute)
  const next = yield* spentBy(at(start + 12 * minute)(tick([])))
  const row = (what: string, { reads, writes, scopeUnits, tickUnits, scopes, took }: typeof idle): Row => [
    ...[what, reads, writes, scopes, scopes === 0 ? "–" : scopeUnits / scopes, tickUnits, took]
  ]
  printTable(
    "A tick with 10,000 repositories (units: DynamoDB's, of all writes of the tick)",
    ["", "reads", "writes", "scopes", "units/scope", "units besides", "ms"],
    [row("nothing changed", idle), row("100 active, with rankings", busy), row("the same 100, a minute later", next)]
  )
}).pipe(Effect.provide(counted))

const source: Scope = { _tag: "Source", repository: RepositoryName.make("acme/source-1") }

/** Readings after so many facts of 100 repositories within a week. */
const benchReadings = Effect.fnUntraced(function* (facts: number) {
  const runs = facts / factsOfRun
  const minutes = Math.min(runs, 7 * 1440)
  for (const index of range(0, minutes)) {
    const own = Math.floor(((index + 1) * runs) / minutes) - Math.floor((index * runs) / minutes)
    yield* contribute(
      range(index, own).map((one) => one % 100),
      start - Math.floor((index * 7 * 1440) / minutes) * minute
    )
  }
  yield* at(start)(settle)
  const queries = makeFigureQueries(yield* Table)
  const readings: Readonly<Record<string, Effect.Effect<unknown, TableError>>> = {
    health: queries.health,
    "figures of all, 7d": queries.figures(globalScope, "7d"),
    "figures of a source, 24h": queries.figures(source, "24h"),
    "trend of all, 1h": queries.trend(globalScope, "1h"),
    "trend of all, 7d": queries.trend(globalScope, "7d"),
    "trend of all, 90d": queries.trend(globalScope, "90d"),
    "ranking of sources, 7d": queries.leaderboard("sources", "7d", 0)
  }
  const results: Array<readonly [what: string, reads: number, took: number]> = []
  for (const [what, reading] of Object.entries(readings)) {
    const all = yield* Effect.replicateEffect(spentBy(at(start)(reading)), 50)
    results.push([what, all[0]?.reads ?? 0, median(all.map(({ took }) => took))])
  }
  return results
}, Effect.provide(counted))

/** Everything about the rollup. */
export const benchRollup = async (): Promise<void> => {
  await Effect.runPromise(benchTicks)
  const sizes = [100, 10_000, 1_000_000]
  const all: Array<Effect.Success<ReturnType<typeof benchReadings>>> = []
  for (const size of sizes) all.push(await Effect.runPromise(benchReadings(size)))
  const [first = []] = all
  const head = ["", ...sizes.flatMap((size) => [`reads, ${size.toLocaleString("en")} facts`, "ms"])]
  const rows = first.map(
    ([what], index): Row => [what, ...all.flatMap((one) => one[index]?.slice(1) as [number, number])]
  )
  printTable("Readings of figures, in memory", head, rows)
}
