import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { layerTable } from "../../../src/adapters/local/SqliteTable.ts"
import { maxTransactionWrites } from "../../../src/ports/Table.ts"
import { tableContract } from "../../../src/testing/contracts/Table.ts"
import { freshPartition, put, transact } from "../../../src/testing/contracts/TableSupport.ts"
import { eventually, testTime } from "../../../src/testing/contracts/Time.ts"

const layer = Layer.provideMerge(layerTable, Sqlite.layer(":memory:"))
tableContract("SQLite", layer, testTime)

describe("the Table on SQLite", () => {
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
