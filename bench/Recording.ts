/**
 * Recording facts: how fast, and what it costs on DynamoDB: a write unit for each KB of each item that is put. The facts are those of the
 * tests' journeys, with checks as the rules make them of two ordinary files.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { Context, Effect, Layer } from "effect"
import { names, numberValue, toAttributeValues } from "../src/adapters/aws/dynamodb/DynamoItems.ts"
import * as Sqlite from "../src/adapters/local/Sqlite.ts"
import { layerTable } from "../src/adapters/local/SqliteTable.ts"
import type { Fact } from "../src/domain/Fact.ts"
import { entryOf, factTypes } from "../src/domain/FactTable.ts"
import { type Attributes, type Key, Table } from "../src/ports/Table.ts"
import * as Recorder from "../src/readmodel/Recorder.ts"
import { layerMemory } from "../src/testing/fakes/Table.ts"
import { Chance } from "../test/fixtures/Chance.ts"
import { journey } from "../test/fixtures/Facts.ts"
import { judge } from "../test/fixtures/Plans.ts"
import { printTable, type Row } from "./Print.ts"

class Cost extends Context.Service<Cost, { units: number; writes: number }>()("dispatcher/bench/Recording/Cost") {}

/** Bytes of a value; of a map, with 3 for it and 1 for each entry ("Item sizes and formats"). */
const sizeOf = ({ S, N, B, M }: AttributeValue): number => {
  if (M !== undefined) return Object.entries(M).reduce((sum, [name, value]) => sum + 1 + name.length + sizeOf(value), 3)
  return B?.byteLength ?? Buffer.byteLength(S ?? N ?? " ")
}

const sizeOfAll = (values: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(values).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0)

/** Bytes of attributes that were asked for before: what is read again and again is deflated once. */
const known = new WeakMap<Attributes, number>()
const nowhere: Key = { table: "ledger", partition: "", sort: "" }
const bytesOfAttributes = (attributes: Attributes): number => {
  const before = known.get(attributes)
  if (before !== undefined) return before
  const bytes = sizeOfAll(toAttributeValues({ key: nowhere, version: 1, attributes, expiresAt: undefined }))
  known.set(attributes, bytes)
  return bytes
}

/** Bytes of an item, as DynamoDB counts them: names and values of all attributes ("Item sizes and formats"). */
export const bytesOf = ({ partition, sort }: Key, attributes: Attributes, expiresAt: number | undefined): number =>
  Buffer.byteLength(partition + sort) +
  bytesOfAttributes(attributes) +
  (expiresAt === undefined ? 0 : sizeOfAll({ [names.expiresAt]: numberValue(expiresAt) }))

/** DynamoDB's units of an item that is put. */
export const unitsOf = (key: Key, attributes: Attributes, expiresAt: number | undefined): number =>
  Math.ceil(bytesOf(key, attributes, expiresAt) / 1024)

/** Counts puts, and their units where asked: that takes time, too. */
const counted = (withUnits: boolean) =>
  Layer.effectContext(
    Effect.map(Table, (table) => {
      const cost = { units: 0, writes: 0 }
      const add = (key: Key, attributes: Attributes, expiresAt: number | undefined) => {
        cost.writes += 1
        if (withUnits) cost.units += unitsOf(key, attributes, expiresAt)
      }
      const service = Table.of({
        ...table,
        append: (items) => {
          for (const { key, attributes, expiresAt } of items) add(key, attributes, expiresAt)
          return table.append(items)
        }
      })
      return Context.make(Table, service).pipe(Context.add(Cost, cost))
    })
  )

const [ordinary] = judge({
  source: { outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository: "deploy", workflow: "cd.yml" }] }] },
  targets: {
    "acme/deploy": {
      inbound: [{ source: { repository: "acme/app", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }] }]
    }
  }
}).decisions

const checked = (fact: Fact): Fact =>
  "checks" in fact.data ? ({ ...fact, data: { ...fact.data, checks: ordinary?.checks ?? [] } } as Fact) : fact

function* stream(count: number): Generator<Fact> {
  const chance = new Chance(1)
  const start = Date.now() - 3_600_000
  let made = 0
  for (let index = 0; made < count; index++) {
    const at = Math.floor(start + (made / count) * 3_500_000)
    for (const fact of journey({ chance, index, at, pace: 200, sources: 100, targets: 100 })) {
      if (made++ < count) yield checked(fact)
    }
  }
}

const record = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
  const { record } = yield* Recorder.Recorder
  for (const problem of yield* record(facts)) if (problem !== undefined) return yield* Effect.die(problem)
})

/** Records facts in batches, by so many recorders at once, each of its own as in a process of its own. */
const recordAll = Effect.fnUntraced(function* (count: number, size: number, recorders: number) {
  const facts = [...stream(count)]
  const batches = Array.from({ length: Math.ceil(count / size) }, (_, n) => facts.slice(n * size, (n + 1) * size))
  const table = yield* Table
  const cost = yield* Cost
  const start = performance.now()
  const used = process.cpuUsage()
  const worker = Effect.gen(function* () {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) yield* record(batch)
  }).pipe(Effect.provide(Layer.provide(Layer.fresh(Recorder.layer), Layer.succeed(Table, table))))
  yield* Effect.replicateEffect(worker, recorders, { concurrency: "unbounded", discard: true })
  const { user, system } = process.cpuUsage(used)
  return {
    ...cost,
    perSecond: (count * 1000) / (performance.now() - start),
    perCpuSecond: (count * 1e6) / (user + system)
  }
})

const onSqlite = <A, E>(work: Effect.Effect<A, E, Table | Cost>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "dispatcher-recording-"))),
    (folder) =>
      Effect.provide(
        work,
        Layer.provide(counted(false), Layer.provide(layerTable, Sqlite.layer(join(folder, "bench.db"))))
      ),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
const inMemory = <A, E>(work: Effect.Effect<A, E, Table | Cost>, withUnits = false) =>
  Effect.provide(work, Layer.provide(counted(withUnits), layerMemory))

const benchSpeed = async () => {
  const rows: Array<Row> = []
  for (const [size, recorders] of [
    [1, 1],
    [1, 4],
    [1, 16],
    [10, 1],
    [100, 1],
    [100, 4]
  ] as const) {
    const count = size === 1 ? 3000 : 8000
    const memory = await Effect.runPromise(inMemory(recordAll(count, size, recorders)))
    const disk = await Effect.runPromise(onSqlite(recordAll(count, size, recorders)))
    rows.push([
      `batches of ${size}, recorders: ${recorders}`,
      ...[memory.perSecond, disk.perSecond, disk.perCpuSecond, disk.writes / count]
    ])
  }
  const head = ["", "memory/s", "SQLite/s", "SQLite/s of CPU", "puts/fact"]
  printTable("Recording facts", head, rows)
}

const ordinaryDelivery = ["accepted", "planned", "queued", "dispatched", "reported"]
const statusOf = ({ type }: Fact): string => entryOf(type).status

/** Journeys, those of the first half to make what is put once a day known. */
const journeysOf = (from: number, count: number): ReadonlyArray<ReadonlyArray<Fact>> => {
  const chance = new Chance(2)
  return Array.from({ length: from + count }, (_, index) =>
    journey({ chance, index, at: Date.now() - 60_000, pace: 200, sources: 3, targets: 3 }).map(checked)
  ).slice(from)
}

/** What a fact of each type costs one by one, and a delivery with one target, one by one and in one batch. */
const benchUnits = Effect.gen(function* () {
  const cost = yield* Cost
  const unitsFor = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
    const before = cost.units
    yield* record(facts)
    return cost.units - before
  })
  for (const facts of journeysOf(0, 200)) yield* record(facts)
  const byType = new Map<string, Array<number>>()
  const singles: Array<number> = []
  const batches: Array<number> = []
  for (const [index, facts] of journeysOf(200, 400).entries()) {
    const isOrdinary = facts.map(statusOf).join() === ordinaryDelivery.join()
    if (isOrdinary && index % 2 === 0) {
      batches.push(yield* unitsFor(facts))
      continue
    }
    let sum = 0
    for (const fact of facts) {
      const units = yield* unitsFor([fact])
      byType.set(fact.type, [...(byType.get(fact.type) ?? []), units])
      sum += units
    }
    if (isOrdinary) singles.push(sum)
  }
  const mean = (numbers: ReadonlyArray<number> = []) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
  printTable(
    "DynamoDB write units of Record, with what is put once a day already there",
    ["", "units"],
    [
      ...factTypes.filter((type) => byType.has(type)).map((type): Row => [type, mean(byType.get(type))]),
      ["a delivery with one target, fact by fact", mean(singles)],
      ["a delivery with one target, in one batch", mean(batches)]
    ]
  )
}).pipe(Effect.provide(Recorder.layer))

/** Everything about recording. */
export const benchRecording = async (): Promise<void> => {
  await benchSpeed()
  await Effect.runPromise(inMemory(benchUnits, true))
}
