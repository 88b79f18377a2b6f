/** Planning one run more than once: again, at the same time, after the configs changed, and after the planner died at any step. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { plan } from "../../src/flow/Plan.ts"
import { OrderQueue } from "../../src/flow/Queues.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { absent, unreachable } from "../fixtures/Configs.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { deliver, facts, planMessage, progressOf, scenario, untilQuiet, World, workers } from "./Harness.ts"
import { target } from "./Orders.ts"
import { ordersOf, ordinaryWorld, planOf } from "./Plans.ts"
import { death, once, Trouble } from "./Trouble.ts"

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
      const world = yield* World
      yield* world.set("acme/app", absent)
      yield* world.set("acme/closed", target)
      const requests = (yield* world.loads).length
      yield* plan.handle(planMessage(run))
      assert.deepStrictEqual(yield* stored, first)
      assert.lengthOf(yield* world.loads, requests)
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
      const world = yield* World
      yield* world.set("acme/site", unreachable("unavailable"))
      yield* plan.handle(planMessage(run))
      yield* world.set("acme/app", { outbound: [] })
      yield* world.set("acme/site", target)
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
        const world = yield* World
        const tenTimes = (attempt: number) =>
          Effect.replicateEffect(plan.handle(planMessage(run, { attempt })), 10, {
            concurrency: "unbounded",
            discard: true
          })
        if (away) {
          yield* world.set("acme/site", unreachable("unavailable"))
          yield* tenTimes(1)
          assert.strictEqual((yield* progressOf(run))?.expected, 1)
          yield* world.set("acme/site", target)
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
    "FactBus.publish",
    "Table.get",
    "ConfigSource.load",
    "Table.get",
    "ConfigSource.load",
    "Table.transact",
    "OrderQueue.offer",
    "FactBus.publish",
    "Table.get"
  ]
  for (const [index, call] of steps.entries()) {
    for (const acted of [false, true]) {
      scenario(
        `after the planner died ${acted ? "after" : "before"} step ${index}, ${call}: all orders, each once`,
        Effect.gen(function* () {
          yield* ordinaryWorld
          const trouble = yield* Trouble
          yield* trouble.plot(once(index, acted ? { after: death } : { before: death }))
          const exit = yield* Effect.exit(plan.handle(planMessage(run)))
          assert.strictEqual(exit._tag, "Failure")
          assert.strictEqual((yield* trouble.calls)[index], call)
          yield* trouble.over
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
