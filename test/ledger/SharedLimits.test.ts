/** Waits that processes share: on each table, what they cost, and that nothing of GitHub waits for the table. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, References } from "effect"
import { TestClock } from "effect/testing"
import * as RequestLimiter from "../../src/adapters/github/RequestLimiter.ts"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { layerTable } from "../../src/adapters/local/SqliteTable.ts"
import * as SharedLimitsLedger from "../../src/ledger/SharedLimits.ts"
import { GitHubError, RateLimited } from "../../src/ports/GitHubError.ts"
import { SharedLimits } from "../../src/ports/SharedLimits.ts"
import { TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { always, failsBefore, silent } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { sharedLimitsContract } from "./SharedLimitsContract.ts"
import { watched } from "./WatchedTable.ts"

sharedLimitsContract("in memory", layerMemory)
sharedLimitsContract("SQLite", Layer.provide(layerTable, Sqlite.layer(":memory:")))

const shared = Layer.provideMerge(SharedLimitsLedger.layer, watched(layerMemory))
const wait = Effect.flatMap(SharedLimits, ({ waitOf }) => waitOf("101", "rest"))
const met = (millis: number) => Effect.flatMap(SharedLimits, (limits) => limits.met("101", "rest", millis))
const calls = Faults.use(({ operations }) => operations)

describe("shared limits", () => {
  it.effect("cost a read in 10 seconds, however much is asked", () =>
    Effect.gen(function* () {
      for (let second = 0; second < 30; second++) {
        yield* Effect.replicateEffect(wait, 50, { concurrency: "unbounded", discard: true })
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(yield* calls, ["Table.get", "Table.get", "Table.get"])
    }).pipe(Effect.provide(shared))
  )

  it.effect("end by themselves, and no clock makes one longer than an hour and 5 minutes", () =>
    Effect.gen(function* () {
      yield* met(60_000)
      assert.strictEqual(yield* wait, 60_000)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* wait, 1000)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* wait, 0)
      yield* met(48 * 3_600_000)
      assert.strictEqual(yield* wait, 65 * 60_000)
    }).pipe(Effect.provide(shared))
  )

  for (const [what, fault] of [
    ["fails", failsBefore(new TableError({ operation: "get", reason: new TableUnavailable({ message: "down" }) }))],
    ["does not answer", silent]
  ] as const) {
    it.effect(`hold up no request where the table ${what}`, () =>
      Effect.gen(function* () {
        yield* Faults.use((faults) => faults.on(/^Table\./, always(fault)))
        const fiber = yield* Effect.forkChild(Effect.andThen(met(60_000), wait))
        yield* TestClock.adjust("1 second")
        yield* TestClock.adjust("1 second")
        assert.isDefined(fiber.pollUnsafe())
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(shared))
    )
  }

  it.effect("close the limiters of other processes, which send nothing meanwhile", () =>
    Effect.gen(function* () {
      const [one, other] = [
        yield* RequestLimiter.make({ rights: "101", api: "rest" }),
        yield* RequestLimiter.make({ rights: "101", api: "rest" })
      ]
      const limited = new GitHubError({ operation: "Test.call", reason: new RateLimited({ retryAfter: 60_000 }) })
      yield* Effect.flip(one("Test.call", Effect.fail(limited)))
      let sent = 0
      const request = Effect.sync(() => void sent++)
      const refused = yield* Effect.flip(other("Test.call", request))
      assert.deepStrictEqual([refused.reason, sent], [new RateLimited({ retryAfter: 60_000 }), 0])
      yield* TestClock.adjust("60 seconds")
      yield* other("Test.call", request)
      assert.strictEqual(sent, 1)
    }).pipe(Effect.provide(shared))
  )
})
