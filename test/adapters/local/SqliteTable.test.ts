import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { layerTable } from "../../../src/adapters/local/SqliteTable.ts"
import { runKey } from "../../../src/domain/SourceRun.ts"
import * as Ledger from "../../../src/ledger/Ledger.ts"
import type { Durability } from "../../../src/ports/Table.ts"
import { maxTransactionWrites, notNewer, ordered, Table } from "../../../src/ports/Table.ts"
import { tableContract } from "../../../src/testing/contracts/Table.ts"
import { freshPartition, put, transact } from "../../../src/testing/contracts/TableSupport.ts"
import { eventually, testTime } from "../../../src/testing/contracts/Time.ts"
import { acceptance, order } from "../../fixtures/Runs.ts"

const layer = Layer.provideMerge(layerTable, Sqlite.layer(":memory:"))
tableContract("SQLite", layer, testTime)

/** How durable the writes of some work have to be, one after the other. */
const durabilitiesOf = <A, E>(work: Effect.Effect<A, E, Table | Ledger.Ledger>) =>
  Effect.gen(function* () {
    const database = yield* Sqlite.Sqlite
    const durabilities: Array<Durability | undefined> = []
    const watched = Sqlite.Sqlite.of({
      ...database,
      write: (unit, durability) => {
        durabilities.push(durability)
        return database.write(unit, durability)
      }
    })
    const stores = Ledger.layer.pipe(
      Layer.provideMerge(layerTable),
      Layer.provide(Layer.succeed(Sqlite.Sqlite, watched))
    )
    yield* Effect.provide(work, stores)
    return durabilities
  })

describe("the Table on SQLite", () => {
  it.effect("waits for the disk, unless a message in hand would bring the write again", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      const work = Effect.gen(function* () {
        const table = yield* Table
        yield* table.write(put(key(), {}))
        yield* ordered(table.write(put(key(), {})))
        yield* table.append([{ key: key(), attributes: {} }])
        yield* table.write(put(key(), { fold: 1, facts: 1 }, { condition: notNewer(1, 1) }))
      })
      assert.deepStrictEqual(yield* durabilitiesOf(work), ["synced", "ordered", "ordered", "ordered"])
    }).pipe(Effect.provide(Sqlite.layer(":memory:")))
  )

  it.effect("has a claim on the disk before anything is sent, and waits for nothing else of an order", () =>
    Effect.gen(function* () {
      const one = order()
      const key = runKey(one.run)
      const accepted = acceptance(one.run)
      const work = Effect.gen(function* () {
        const ledger = yield* Ledger.Ledger
        yield* ledger.accept(accepted)
        yield* ledger.savePlan(
          { ...accepted, plannedAt: accepted.acceptedAt, config: { _tag: "Found" }, decisions: [], pending: [] },
          [one],
          undefined
        )
        const answer = yield* ledger.claim(key, one.id, 0, { lease: Duration.seconds(30), leaseMargin: Duration.zero })
        if (answer._tag !== "Claimed") return assert.fail(answer._tag)
        const renewed = yield* ledger.renew(answer.claim, 1, Duration.seconds(30))
        yield* ledger.settle(renewed ?? answer.claim, { _tag: "Unknown", message: "" }, 2)
      })
      assert.deepStrictEqual(yield* durabilitiesOf(work), [
        "ordered",
        "ordered",
        "ordered",
        "synced",
        "synced",
        "ordered"
      ])
    }).pipe(Effect.provide(Sqlite.layer(":memory:")))
  )

  it.effect("removes expired items in the background, however many, and no others", () =>
    Effect.gen(function* () {
      const { read } = yield* Sqlite.Sqlite
      const stored = read((sql) => Number(sql.get("SELECT count(*) AS n FROM items")?.n))
      const key = freshPartition()
      const rounds = 12
      for (let round = 0; round < rounds; round++) {
        const sorts = Array.from({ length: maxTransactionWrites }, (_, n) => `${round}/${n}`)
        yield* transact(...sorts.map((sort) => put(key(sort), {}, { expiresAt: round === 0 ? 4_000_000_000 : 1 })))
      }
      assert.strictEqual(yield* stored, rounds * maxTransactionWrites)
      yield* TestClock.adjust("1 minute")
      yield* eventually(
        testTime,
        "they are gone",
        Effect.map(stored, (count) => count === maxTransactionWrites)
      )
    }).pipe(Effect.provide(layer))
  )
})
