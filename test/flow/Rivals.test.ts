/** Several orders for one workflow, and answers that were lost: each gets its own run, and none takes another's for its own. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { lostAfterActing, lostBeforeActing, none, slow } from "../../src/ports/Mishaps.ts"
import { StartedWorkflows } from "../../src/ports/Workflows.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { outcomeOf, putOff, scenario } from "./Harness.ts"
import { dispatched, oneOrder, rivalOrder, startedRuns, together, workflows } from "./Orders.ts"

describe("orders for one workflow whose answers are lost", () => {
  scenario(
    "at once are both known to be started, although nobody knows which run is whose",
    Effect.gen(function* () {
      const [one, other] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing, lostAfterActing)
      yield* together(one, other)
      assert.lengthOf(yield* startedRuns, 2)
      assert.deepStrictEqual(yield* outcomeOf(one), { _tag: "Dispatched", started: null })
      assert.deepStrictEqual(yield* outcomeOf(other), { _tag: "Dispatched", started: null })
    })
  )

  scenario(
    "at once, and only one was started: none is started again, and none takes the other's run",
    Effect.gen(function* () {
      const [one, other] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing, lostBeforeActing)
      yield* together(one, other)
      assert.lengthOf(yield* startedRuns, 1)
      assert.strictEqual((yield* outcomeOf(one))?._tag, "Unknown")
      assert.strictEqual((yield* outcomeOf(other))?._tag, "Unknown")
    })
  )

  scenario(
    "while others are answered: each gets its own run",
    Effect.gen(function* () {
      const [one, other] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing, slow("1 second", "20 seconds"))
      yield* together(one, other)
      const started = yield* StartedWorkflows.use(({ all }) => all)
      assert.lengthOf(started, 2)
      for (const { order, run } of started) {
        assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run })
      }
    })
  )

  scenario(
    "one after the other: each gets its own run",
    Effect.gen(function* () {
      const [one, other] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostBeforeActing, lostAfterActing)
      putOff(yield* dispatched(one))
      yield* TestClock.adjust("1 minute")
      putOff(yield* dispatched(other))
      yield* TestClock.adjust("1 minute")
      yield* together(one, other)
      const started = yield* StartedWorkflows.use(({ all }) => all)
      assert.lengthOf(started, 2)
      for (const { order, run } of started) {
        assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run })
      }
    })
  )

  scenario(
    "wait for somebody who is just starting it too",
    Effect.gen(function* () {
      const [one, other] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostBeforeActing, slow("1 second", "20 seconds"), none)
      putOff(yield* dispatched(one))
      const rival = yield* Effect.forkChild(dispatched(other))
      yield* TestClock.adjust("5 seconds")
      putOff(yield* dispatched(one, 2))
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* Fiber.join(rival), done)
      yield* together(one)
      const started = yield* StartedWorkflows.use(({ all }) => all)
      assert.deepStrictEqual(
        started.map(({ order }) => order.id),
        [other.id, one.id]
      )
      for (const { order, run } of started) {
        assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run })
      }
    })
  )
})
