/** What recording costs, fact by fact, and again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type Fact, outcomeFact, reportPublished, requestAccepted } from "../../src/domain/Fact.ts"
import { chainOf, type Order, orderId } from "../../src/domain/Order.ts"
import { TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { layer, Recorder } from "../../src/readmodel/Recorder.ts"
import { failsBefore, nth } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { acceptance, target } from "../fixtures/Runs.ts"
import { TableWatch, watched } from "../ledger/WatchedTable.ts"
import { costOf } from "./Contributing.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const publisher = { appVersion: "1.0.0" }
const run = { ...acceptance(), acceptedAt: new Date(start).toISOString() }
const about = target({ repository: "acme/deploy", workflow: "cd.yml" })
const order: Order = { ...run, id: orderId(run.run, about), target: about, inputs: {}, chain: chainOf(run.run) }
const accepted = requestAccepted(run, publisher)
const started = outcomeFact(order, { outcome: { _tag: "Dispatched", started: null }, at: start }, publisher)
const reported = reportPublished(run, { at: start + 1000, issue: null }, publisher)

const recording = Effect.map(
  Recorder,
  ({ record }) =>
    (fact: Fact) =>
      record([fact])
)
const world = () => Layer.provideMerge(Layer.fresh(layer), watched(layerMemory))

describe("recording", () => {
  it.effect("writes what depends on the fact: of a report the fact alone", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const recorded = yield* recording
      for (const fact of [accepted, started]) yield* recorded(fact)
      const { dump } = yield* TableWatch
      const before = yield* dump
      assert.deepStrictEqual(yield* costOf(recorded(reported)), { reads: 0, writes: 1 })
      const changed = [...(yield* dump)].filter(([address, { attributes }]) => {
        const earlier = before.get(address)?.attributes
        return JSON.stringify(earlier) !== JSON.stringify(attributes)
      })
      assert.deepStrictEqual(
        changed.map(([address]) => address.split(" ")[1]?.split("/")[0]),
        ["facts"]
      )
    }).pipe(Effect.provide(world()))
  )

  it.effect("costs nothing again for some minutes, once it was recorded to the end", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const recorded = yield* recording
      const faults = yield* Faults
      const problem = new TableError({ operation: "test", reason: new TableUnavailable({ message: "as scripted" }) })
      // The second append is that of the mark.
      yield* faults.on(/^Table\.append$/, nth(2, failsBefore(problem)))
      assert.deepStrictEqual(yield* recorded(accepted), [problem])
      yield* faults.clear
      assert.isAbove((yield* costOf(recorded(accepted))).writes, 3)
      assert.deepStrictEqual(yield* recorded(accepted), [undefined])
      assert.deepStrictEqual(yield* costOf(recorded(accepted)), { reads: 0, writes: 0 })
      yield* TestClock.adjust("10 minutes")
      assert.isAbove((yield* costOf(recorded(accepted))).writes, 3)
    }).pipe(Effect.provide(world()))
  )
})
