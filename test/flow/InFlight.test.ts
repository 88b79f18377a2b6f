/** Several orders for one target workflow: one of them at a time is in flight, and what a worker left behind is found out first. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { NotFound } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import {
  always,
  delays,
  diesAfter,
  diesBefore,
  lostAfterActing,
  lostBeforeActing,
  refused
} from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { facts, outcomeOf, progressOf, putOff, scenario } from "./Harness.ts"
import { dispatched, oneOrder, rivalOrder, startedRuns, together, workflowRequests, workflows } from "./Orders.ts"

const eightOrders = Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (id) =>
  oneOrder({ repository: `acme/app-${id}`, repositoryId: id })
)

describe("orders for one target workflow", () => {
  for (const [when, death] of [
    ["before GitHub acted", diesBefore],
    ["after GitHub acted", diesAfter]
  ] as const) {
    scenario(
      `are each started once after their workers died ${when}`,
      Effect.gen(function* () {
        const orders = yield* eightOrders
        const faults = yield* Faults
        yield* faults.on("Workflows.start", always(death))
        yield* Effect.forEach(orders, (order) => Effect.exit(dispatched(order)), { concurrency: "unbounded" })
        yield* faults.clear
        yield* together(...orders)
        assert.lengthOf(yield* startedRuns, 8)
        for (const { order, run } of yield* StartedWorkflows.use(({ all }) => all)) {
          assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run })
        }
      })
    )
  }

  scenario(
    "are each started once when every other answer is lost",
    Effect.gen(function* () {
      const orders = yield* eightOrders
      yield* workflows("start", lostAfterActing, lostBeforeActing, lostAfterActing, lostBeforeActing)
      yield* together(...orders)
      assert.lengthOf(yield* startedRuns, 8)
      for (const { order, run } of yield* StartedWorkflows.use(({ all }) => all)) {
        assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run })
      }
    })
  )

  scenario(
    "wait for the one in hand, and start after it",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing)
      putOff(yield* dispatched(order))
      assert.deepStrictEqual(yield* dispatched(rival), done)
      assert.deepStrictEqual(yield* workflowRequests, ["start", "findStarted", "start"])
      const [first, second] = yield* startedRuns
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: first ?? null })
      assert.deepStrictEqual(yield* outcomeOf(rival), { _tag: "Dispatched", started: second ?? null })
    })
  )

  scenario(
    "publish what they find out about another, and have its run reported",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing)
      putOff(yield* dispatched(order))
      yield* dispatched(rival)
      assert.lengthOf(yield* facts("dispatch.trigger.succeeded"), 2)
      assert.deepInclude(yield* progressOf(order.run), { settled: 1 })
    })
  )

  scenario(
    "give back another that started nothing, for its own message to start",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostBeforeActing)
      putOff(yield* dispatched(order))
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* dispatched(rival), done)
      assert.isUndefined(yield* outcomeOf(order))
      assert.deepStrictEqual(yield* dispatched(order, 2), done)
      assert.lengthOf(yield* startedRuns, 2)
    })
  )

  scenario(
    "keep what they started from a worker that looks for another one's run after it lost that one's claim",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostBeforeActing, refused(new NotFound({ message: "Not Found" })), lostAfterActing)
      putOff(yield* dispatched(order))
      yield* workflows("findStarted", delays("2 minutes"))
      const slow = yield* Effect.forkChild(dispatched(order, 2))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* dispatched(order, 3), done)
      assert.strictEqual((yield* outcomeOf(order))?._tag, "Failed")
      putOff(yield* dispatched(rival))
      yield* TestClock.adjust("2 minutes")
      putOff(yield* Fiber.join(slow))
      yield* together(rival)
      const [run, ...others] = yield* startedRuns
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(yield* outcomeOf(rival), { _tag: "Dispatched", started: run ?? null })
    })
  )

  scenario(
    "are not held up by one that GitHub refuses to speak about",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing)
      yield* workflows("findStarted", refused(new NotFound({ message: "Not Found" })))
      putOff(yield* dispatched(order))
      assert.deepStrictEqual(yield* dispatched(rival), done)
      assert.strictEqual((yield* outcomeOf(order))?._tag, "Unknown")
      assert.strictEqual((yield* outcomeOf(rival))?._tag, "Dispatched")
    })
  )

  scenario(
    "never take a run that GitHub confirmed without a name for one that was not started",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* StartedWorkflows.use(({ hideRunIds }) => hideRunIds)
      yield* StartedWorkflows.use(({ listAfter }) => listAfter("1 hour"))
      yield* together(order, rival)
      assert.lengthOf(yield* startedRuns, 2)
      for (const each of [order, rival]) {
        assert.deepStrictEqual(yield* outcomeOf(each), { _tag: "Dispatched", started: null })
      }
    })
  )
})
