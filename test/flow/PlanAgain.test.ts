/** Planning one run more than once: again, at the same time, after the configs changed, and after the planner died at any step. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { plan } from "../../src/flow/Plan.ts"
import { OrderQueue } from "../../src/flow/Queues.ts"
import { diesAfter, diesBefore, nth } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { absent, unreachable } from "../fixtures/Configs.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { deliver, facts, loads, planMessage, progressOf, scenario, set, untilQuiet, workers } from "./Harness.ts"
import { target } from "./Orders.ts"
import { ordersOf, ordinaryWorld, planOf } from "./Plans.ts"

const run = sourceRun()
const stored = Effect.all({ plan: planOf(run), orders: ordersOf(run) })
const started = Effect.map(
  StartedWorkflows.use(({ all }) => all),
  (all) => all.map(({ order }) => order.target.repository).toSorted()
)

describe("planning a run again", () => {
  scenario(
    "finds the first plan and offers the same orders, whatever the configs say by now",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* plan.handle(planMessage(run))
      const first = yield* stored
      yield* set("acme/app", absent)
      yield* set("acme/closed", target)
      const requests = (yield* loads).length
      yield* plan.handle(planMessage(run))
      assert.deepStrictEqual(yield* stored, first)
      assert.lengthOf(yield* loads, requests)
      assert.strictEqual((yield* (yield* OrderQueue).depth).waiting, 4)
      yield* workers
      yield* untilQuiet
      assert.deepStrictEqual(yield* started, ["acme/deploy", "acme/site"])
    })
  )

  scenario(
    "keeps to the rules of the first plan for targets that were out of reach then",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* set("acme/site", unreachable("unavailable"))
      yield* plan.handle(planMessage(run))
      yield* set("acme/app", { outbound: [] })
      yield* set("acme/site", target)
      yield* plan.handle(planMessage(run, { attempt: 2 }))
      assert.deepStrictEqual(
        (yield* stored).orders.map((order) => order.target.repository),
        ["acme/deploy", "acme/site"]
      )
    })
  )

  for (const away of [false, true]) {
    scenario(
      `at the same time: one of ten planners is first${away ? ", then another completes the plan" : ""}`,
      Effect.gen(function* () {
        yield* ordinaryWorld
        const tenTimes = (attempt: number) =>
          Effect.replicateEffect(plan.handle(planMessage(run, { attempt })), 10, {
            concurrency: "unbounded",
            discard: true
          })
        if (away) {
          yield* set("acme/site", unreachable("unavailable"))
          yield* tenTimes(1)
          assert.strictEqual((yield* progressOf(run))?.expected, 1)
          yield* set("acme/site", target)
        }
        yield* tenTimes(2)
        const { plan: found, orders } = yield* stored
        assert.lengthOf(found?.decisions ?? [], 3)
        assert.lengthOf(orders, 2)
        assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 0, complete: true, reported: false })
        assert.lengthOf(yield* facts(), 5)
      })
    )
  }

  const steps = [
    "Table.write",
    "Table.append",
    "Table.get",
    "ConfigSource.load",
    "ConfigSource.load",
    "Table.transact",
    "OrderQueue.offer",
    "FactBus.publish",
    "ReportQueue.offer"
  ] as const
  for (const [index, call] of steps.entries()) {
    const occurrence = steps.slice(0, index + 1).filter((step) => step === call).length
    for (const acted of [false, true]) {
      scenario(
        `after the planner died ${acted ? "after" : "before"} step ${index}, ${call}: all orders, each once`,
        Effect.gen(function* () {
          yield* ordinaryWorld
          const faults = yield* Faults
          yield* faults.on(call, nth(occurrence, acted ? diesAfter : diesBefore))
          const exit = yield* Effect.exit(plan.handle(planMessage(run)))
          assert.strictEqual(exit._tag, "Failure")
          assert.deepStrictEqual(yield* faults.operations, steps.slice(0, index + 1))
          yield* faults.clear
          yield* deliver(run)
          yield* workers
          yield* untilQuiet
          assert.deepStrictEqual(yield* started, ["acme/deploy", "acme/site"])
          assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 2, complete: true, reported: true })
          assert.lengthOf(yield* facts("dispatch.plan.created"), 1)
          assert.lengthOf(yield* facts("dispatch.target.queued"), 2)
          assert.lengthOf(yield* facts("dispatch.target.denied"), 1)
        })
      )
    }
  }
})
