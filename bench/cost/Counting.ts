/** What goes through the ports in units that AWS bills: write and read units of the table, queue requests, events on the bus. */
import { Context, Effect, Layer } from "effect"
import { isTransaction } from "../../src/adapters/aws/dynamodb/DynamoSingle.ts"
import { type FactMessage, factMessages } from "../../src/flow/FactMessages.ts"
import { FactBus } from "../../src/ports/FactBus.ts"
import { type Item, Table, type Write } from "../../src/ports/Table.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { bytesOf } from "../Recording.ts"
import { did } from "./Work.ts"

/** What was used. */
export interface Units {
  writes: number
  reads: number
  /** What was published: events on the bus, and messages of the fact queue. */
  published: Array<FactMessage>
}
export class Used extends Context.Service<Used, Units>()("dispatcher/bench/cost/Used") {}

/** The token of a call, which most single writes leave in their item. */
const tokenBytes = 20
const kilobytes = (bytes: number, of: number): number => Math.max(1, Math.ceil(bytes / (of * 1024)))
const readUnits = (items: ReadonlyArray<Item>): number =>
  kilobytes(
    items.reduce((sum, { key, attributes }) => sum + bytesOf(key, attributes, undefined), 0),
    4
  )

/** A table in memory that counts. An update costs the item as it is afterwards, which is read behind its back. */
export const layerTable = Layer.effect(
  Table,
  Effect.gen(function* () {
    const table = yield* Table
    const used = yield* Used
    const unitsOf = (write: Write) =>
      write._tag === "Put"
        ? Effect.succeed(kilobytes(bytesOf(write.key, write.attributes, write.expiresAt) + tokenBytes, 1))
        : Effect.map(table.get(write.key), (item) =>
            item._tag === "None"
              ? 1
              : kilobytes(bytesOf(item.value.key, item.value.attributes, item.value.expiresAt) + tokenBytes, 1)
          )
    const add = (writes: ReadonlyArray<Write>, factor: number) =>
      Effect.map(Effect.forEach(writes, unitsOf), (all) => {
        used.writes += factor * all.reduce((sum, units) => sum + units, 0)
      })
    const addWrites = (writes: ReadonlyArray<Write>) =>
      Effect.andThen(
        add(writes, isTransaction(writes) ? 2 : 1),
        did((work) => (work[isTransaction(writes) ? "transactions" : "table"] += 1))
      )
    const called = did((work) => (work.table += 1))
    return Table.of({
      get: (key) =>
        Effect.tap(Effect.tap(table.get(key), called), (item) =>
          Effect.sync(() => {
            used.reads += item._tag === "None" ? 1 : readUnits([item.value])
          })
        ),
      query: (query) =>
        Effect.tap(Effect.tap(table.query(query), called), ({ items }) =>
          Effect.sync(() => {
            used.reads += readUnits(items)
          })
        ),
      write: (write) => Effect.andThen(table.write(write), addWrites([write])),
      transact: (writes) => Effect.andThen(table.transact(writes), addWrites(writes)),
      append: (items) =>
        Effect.andThen(
          Effect.andThen(table.append(items), called),
          add(
            items.map((item) => ({ _tag: "Put", ...item })),
            1
          )
        )
    })
  })
).pipe(Layer.provide(layerMemory))

/** A bus that keeps what was published. */
export const layerBus = Layer.effect(
  FactBus,
  Effect.map(Used, (used) => ({
    publish: (facts) =>
      Effect.andThen(
        Effect.sync(() => void used.published.push(...factMessages(facts))),
        did((work) => (work.sends += 1))
      )
  }))
)

/** Nothing used so far. */
export const layerUsed = Layer.sync(Used, () => ({ writes: 0, reads: 0, published: [] }))

/** What some work uses, and what comes of it. */
export const usedBy = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const used = yield* Used
  const before = { ...used, published: used.published.length }
  const answer = yield* work
  return {
    answer,
    writes: used.writes - before.writes,
    reads: used.reads - before.reads,
    published: used.published.slice(before.published)
  }
})
