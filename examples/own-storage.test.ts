/** Holds the storage to the contract, by vitest: `npx vitest run own-storage.test.ts`. */
import { appendFileSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Table } from "dispatcher"
import { TableContract, Time } from "dispatcher/testing"
import { Effect, Option } from "effect"
import { layer } from "./own-storage.ts"

const newFile = () => join(mkdtempSync(join(tmpdir(), "journal-")), "table.jsonl")

// Forty tests: conditions, transactions, races, ranges, expiry, and random ones beside a plain map. Time is the test clock's.
TableContract.tableContract("a journal", layer(newFile()), Time.testTime)

it.effect("keeps what it has answered for, even if the next process finds half a line", () =>
  Effect.gen(function* () {
    const file = newFile()
    const key = { table: "ledger", partition: "run/1", sort: "plan" } as const
    yield* Table.Table.use((table) => table.write({ _tag: "Put", key, attributes: { n: 1 } })).pipe(
      Effect.provide(layer(file))
    )
    appendFileSync(file, '[{"key":{"table":"led')
    for (const n of [2, 3]) {
      const item = yield* Table.Table.use((table) =>
        Effect.tap(table.get(key), () => table.write({ _tag: "Update", key, add: { n: 1 } }))
      ).pipe(Effect.provide(layer(file)))
      assert.strictEqual(Option.getOrThrow(item).attributes.n, n - 1)
    }
  })
)
