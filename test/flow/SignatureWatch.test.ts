/** Signatures that do not match: one warning for a row of them, few writes, and what health says of it. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { rollup } from "../../src/flow/Rollup.ts"
import { SignatureWatch } from "../../src/flow/SignatureWatch.ts"
import { readObstacles } from "../../src/ledger/Obstacles.ts"
import { AlarmMetrics } from "../../src/ports/AlarmMetrics.ts"
import { Table, TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { readHealth } from "../../src/readmodel/rollup/HealthItem.ts"
import { always, failsBefore, silent } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { Logs, scenario } from "./Harness.ts"

const question = "is GITHUB_WEBHOOK_SECRET the App's?"
const github = "GitHub-Hookshot/044aadd"
const refuse = (times: number, userAgent = github) =>
  SignatureWatch.use((watch) => Effect.replicateEffect(watch.refused(userAgent), times, { discard: true }))
const match = SignatureWatch.use((watch) => watch.matched)
const warnings = Logs.use(({ lines }) =>
  Effect.map(lines, (all) => all.filter(({ level, text }) => level === "Warn" && text.includes(question)).length)
)
const writes = Faults.use(({ operations }) =>
  Effect.map(operations, (all) => all.filter((call) => call === "Table.write").length)
)
const obstacles = Effect.flatMap(Table, (table) => Effect.map(readObstacles(table), (all) => all.length))
/** What the next tick of the rollup judges. */
const health = Effect.gen(function* () {
  yield* rollup
  const table = yield* Table
  return JSON.stringify(yield* readHealth(table))
})

describe("signatures that do not match", () => {
  scenario(
    "are one warning and amber health from the fifth in a row on, which end with one that matches",
    Effect.gen(function* () {
      yield* refuse(4)
      assert.deepStrictEqual([yield* warnings, yield* writes, yield* obstacles], [0, 0, 0])
      yield* refuse(1)
      assert.deepStrictEqual([yield* warnings, yield* writes, yield* obstacles], [1, 1, 1])
      yield* refuse(100)
      assert.deepStrictEqual([yield* warnings, yield* writes], [1, 1])
      const amber = yield* health
      assert.include(amber, '"status":"amber"')
      assert.include(amber, question)
      yield* match
      assert.strictEqual(yield* obstacles, 0)
      assert.notInclude(yield* health, question)
    })
  )

  scenario(
    "count for the alarm, each that seems to be GitHub's",
    Effect.gen(function* () {
      let counted = 0
      const sink = { ...(yield* AlarmMetrics), count: () => Effect.sync(() => void counted++) }
      yield* Effect.andThen(refuse(3), refuse(2, "curl/8")).pipe(Effect.provideService(AlarmMetrics, sink))
      assert.strictEqual(counted, 3)
    })
  )

  scenario(
    "are stored once a minute, and gone from health 10 minutes after the last",
    Effect.gen(function* () {
      for (let second = 0; second < 180; second++) {
        yield* refuse(3)
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual([yield* warnings, yield* writes], [1, 3])
      yield* TestClock.adjust("590 seconds")
      assert.strictEqual(yield* obstacles, 0)
      assert.notInclude(yield* health, question)
      yield* refuse(4)
      yield* TestClock.adjust("10 minutes")
      yield* refuse(4)
      assert.deepStrictEqual([yield* warnings, yield* obstacles], [1, 0])
      yield* refuse(1)
      assert.deepStrictEqual([yield* warnings, yield* obstacles], [2, 1])
    })
  )

  scenario(
    "are no row where one between them matches, where they come slowly, or where they do not seem to be GitHub's",
    Effect.gen(function* () {
      for (let round = 0; round < 10; round++) {
        yield* refuse(4)
        yield* match
      }
      for (let round = 0; round < 10; round++) {
        yield* TestClock.adjust("151 seconds")
        yield* refuse(1)
      }
      yield* match
      yield* refuse(50, "curl/8.9")
      yield* refuse(50, "")
      assert.deepStrictEqual([yield* warnings, yield* writes], [0, 0])
    })
  )

  scenario(
    "never write more than twice a minute, however they and others alternate",
    Effect.gen(function* () {
      for (let second = 0; second < 120; second++) {
        yield* refuse(7)
        yield* match
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(yield* writes, 4)
    })
  )

  scenario(
    "are answered in time where the store fails or does not answer",
    Effect.gen(function* () {
      const faults = yield* Faults
      const down = new TableError({ operation: "write", reason: new TableUnavailable({ message: "down" }) })
      yield* faults.on("Table.write", always(failsBefore(down)))
      yield* refuse(6)
      yield* faults.clear
      yield* faults.on("Table.write", always(silent))
      yield* TestClock.adjust("1 minute")
      const answer = yield* Effect.forkChild(refuse(6))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(answer)
      assert.strictEqual(yield* warnings, 1)
    })
  )
})
