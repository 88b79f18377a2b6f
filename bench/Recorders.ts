/**
 * Recorders beside each other: what several of them reach over a table that takes its time, as DynamoDB does. Over a database in the same
 * process nothing is gained: there one thread does all the work.
 */
import { performance } from "node:perf_hooks"
import { Context, Effect, Layer, Option } from "effect"
import * as DynamoTable from "../src/adapters/aws/dynamodb/DynamoTable.ts"
import type { Fact } from "../src/domain/Fact.ts"
import { foldRun, runOf } from "../src/domain/RunFold.ts"
import { type Appended, type Item, Table } from "../src/ports/Table.ts"
import * as Recorder from "../src/readmodel/Recorder.ts"
import { runRowItems } from "../src/readmodel/RunRows.ts"
import { layerMemory } from "../src/testing/fakes/Table.ts"
import * as DynamoDbLocal from "../test/adapters/aws/support/DynamoDbLocal.ts"
import { Chance } from "../test/fixtures/Chance.ts"
import { journey } from "../test/fixtures/Facts.ts"
import { printTable, type Row } from "./Print.ts"

/** What a request to DynamoDB takes within a region, milliseconds. */
const latency = { read: 5, write: 10 } as const
/** Facts of a batch, as SQS hands them to the function. */
const batchSize = 10

/** Counts the items that gave way, because another recorder had stored what it folded from more facts. */
class Conflicts extends Context.Service<Conflicts, { count: number }>()("dispatcher/bench/Conflicts") {}

const isNewer = (stored: Option.Option<Item>, { fold, facts }: { readonly fold: number; readonly facts: number }) =>
  Option.exists(stored, ({ attributes }) => {
    const [version, folded] = [Number(attributes.fold), Number(attributes.facts)]
    return version > fold || (version === fold && folded > facts)
  })

const counting = Layer.effect(
  Table,
  Effect.gen(function* () {
    const table = yield* Table
    const conflicts = yield* Conflicts
    const count = Effect.fnUntraced(function* ({ key, condition }: Appended) {
      if (condition !== undefined && isNewer(yield* table.get(key), condition)) conflicts.count += 1
    })
    return Table.of({
      ...table,
      append: (items) => Effect.andThen(Effect.forEach(items, count, { concurrency: 32 }), table.append(items))
    })
  })
)

const slowly = Layer.effect(
  Table,
  Effect.map(Table, (table) =>
    Table.of({
      get: (key) => Effect.delay(table.get(key), latency.read),
      query: (query) => Effect.delay(table.query(query), latency.read),
      write: (write) => Effect.delay(table.write(write), latency.write),
      transact: (writes) => Effect.delay(table.transact(writes), latency.write),
      append: (items) => Effect.delay(table.append(items), latency.write)
    })
  )
)

const factsOf = (runs: number): ReadonlyArray<Fact> => {
  const chance = new Chance(5)
  const at = Date.now() - 600_000
  return Array.from({ length: runs }, (_, index) =>
    journey({ chance, index, at: at + index, pace: 200, sources: 100, targets: 100 })
  ).flat()
}

/** Batches of whole runs, or of facts that are dealt out so that every batch has facts of runs that others have, too. */
const batchesOf = (facts: ReadonlyArray<Fact>, apart: boolean): Array<ReadonlyArray<Fact>> => {
  const batches = Math.ceil(facts.length / batchSize)
  return apart
    ? Array.from({ length: batches }, (_, n) => facts.slice(n * batchSize, (n + 1) * batchSize))
    : Array.from({ length: batches }, (_, n) => facts.filter((_, index) => index % batches === n))
}

/** How many runs have another row than the plain fold of their facts. */
const wrongRows = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
  const table = yield* Table
  const expected = [...Map.groupBy(facts, runOf).values()].flatMap(([first, ...others]) => {
    const fold = first === undefined ? undefined : foldRun([first, ...others])
    return fold?.shown === undefined ? [] : runRowItems(fold.shown.row)
  })
  const stored = yield* Effect.forEach(expected, ({ key }) => table.get(key), { concurrency: 32 })
  return expected.filter(({ attributes }, index) => {
    const found = stored[index]
    if (found?._tag !== "Some") return true
    const { fold: _, facts: __, ...row } = found.value.attributes
    return JSON.stringify(Object.entries(row).sort()) !== JSON.stringify(Object.entries(attributes).sort())
  }).length
})

const measure = Effect.fnUntraced(function* (runs: number, recorders: number, apart: boolean) {
  const facts = factsOf(runs)
  const batches = batchesOf(facts, apart)
  const table = yield* Table
  const recorder = Effect.gen(function* () {
    const { record } = yield* Recorder.Recorder
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) yield* record(batch)
  }).pipe(Effect.provide(Layer.provide(Layer.fresh(Recorder.layer), Layer.succeed(Table, table))))
  const start = performance.now()
  yield* Effect.replicateEffect(recorder, recorders, { concurrency: "unbounded", discard: true })
  const perSecond = (facts.length * 1000) / (performance.now() - start)
  return { perSecond, wrong: yield* wrongRows(facts), gaveWay: (yield* Conflicts).count }
})

const compare = async (title: string, table: Layer.Layer<Table, never, Conflicts>, runs: number): Promise<void> => {
  const rows: Array<Row> = []
  for (const apart of [true, false]) {
    let alone = Number.NaN
    for (const recorders of [1, 2, 3, 4]) {
      const effect = measure(runs, recorders, apart).pipe(
        Effect.provide(Layer.fresh(table)),
        Effect.provideService(Conflicts, { count: 0 })
      )
      const { perSecond, wrong, gaveWay } = await Effect.runPromise(effect)
      if (recorders === 1) alone = perSecond
      const what = apart ? "runs of their own" : "the same runs"
      rows.push([`${recorders}, ${what}`, perSecond, perSecond / alone, gaveWay, wrong])
    }
  }
  printTable(title, ["recorders", "facts/s", "of one", "gave way", "wrong rows"], rows)
}

/** Everything about recorders. */
export const benchRecorders = async (): Promise<void> => {
  const title = `Recorders beside each other, batches of ${batchSize}`
  const memory = slowly.pipe(Layer.provide(counting), Layer.provide(layerMemory))
  await compare(
    `${title}: a table in memory with ${latency.read} ms a read and ${latency.write} ms a write`,
    memory,
    200
  )
  if (!DynamoDbLocal.hasJava) return
  const dynamo = counting.pipe(Layer.provide(DynamoTable.layer)).pipe(Layer.provide(DynamoDbLocal.layer), Layer.orDie)
  await compare(`${title}: DynamoDB Local, which has the machine's other core`, dynamo, 60)
}
