/** Orders of which it is not known whether they were started: answers that were lost, and workers that died. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { Forbidden, RateLimited, Unavailable } from "../../src/ports/GitHubError.ts"
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
import { dispatchMessage, facts, outcomeOf, putOff, scenario } from "./Harness.ts"
import { dispatched, oneOrder, rivalOrder, startedRuns, together, workflowRequests, workflows } from "./Orders.ts"

describe("an answer that was lost", () => {
  scenario(
    "after GitHub acted: the started run is found, and nothing is started again",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", lostAfterActing)
      yield* together(order)
      const [run] = yield* startedRuns
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run ?? null })
      assert.deepStrictEqual(yield* workflowRequests, ["start", "findStarted"])
      assert.lengthOf(yield* facts("dispatch.trigger.succeeded"), 1)
    })
  )

  scenario(
    "before GitHub acted: the workflow is started, but only once a run would be listed",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", lostBeforeActing)
      yield* together(order)
      const [started, ...others] = yield* StartedWorkflows.use(({ all }) => all)
      assert.isAtLeast(started?.at ?? 0, 15_000)
      assert.isAtMost(started?.at ?? 0, 25_000)
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: started?.run ?? null })
    })
  )

  for (const seconds of [0, 3, 14]) {
    scenario(
      `of a run that is listed after ${seconds} s never causes a second one`,
      Effect.gen(function* () {
        const order = yield* oneOrder()
        yield* StartedWorkflows.use(({ listAfter }) => listAfter(`${seconds} seconds`))
        yield* workflows("start", lostAfterActing)
        yield* together(order)
        const runs = yield* startedRuns
        assert.lengthOf(runs, 1)
        assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: runs[0] ?? null })
      })
    )
  }

  scenario(
    "is one that never comes",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", delays("2 seconds", "10 minutes"))
      yield* together(order)
      assert.lengthOf(yield* startedRuns, 1)
      assert.strictEqual((yield* outcomeOf(order))?._tag, "Dispatched")
    })
  )

  scenario(
    "at the last attempt stays in doubt, for the next order of the target workflow to find out",
    Effect.gen(function* () {
      const [order, rival] = [yield* oneOrder(), yield* rivalOrder]
      yield* workflows("start", lostAfterActing)
      putOff(yield* dispatch.handle(dispatchMessage(order, { attempt: 16, lastAttempt: true })))
      assert.isUndefined(yield* outcomeOf(order))
      yield* together(rival)
      const [first, second] = yield* startedRuns
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: first ?? null })
      assert.deepStrictEqual(yield* outcomeOf(rival), { _tag: "Dispatched", started: second ?? null })
      assert.lengthOf(yield* startedRuns, 2)
      assert.lengthOf(yield* facts("dispatch.trigger.succeeded"), 2)
    })
  )
})

describe("GitHub's list of runs", () => {
  scenario(
    "is asked again later while GitHub is out of reach, not before it wants to",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", lostAfterActing)
      yield* workflows(
        "findStarted",
        refused(new Unavailable({ message: "HTTP 503" })),
        refused(new RateLimited({ retryAfter: 3_600_000 }))
      )
      putOff(yield* dispatched(order, 1))
      putOff(yield* dispatched(order, 2))
      assert.isAtLeast(putOff(yield* dispatched(order, 3)), 3_600_000)
      assert.deepStrictEqual(yield* dispatched(order, 4), done)
      assert.lengthOf(yield* startedRuns, 1)
    })
  )

  scenario(
    "that the App may not see leaves it unknown, visibly, and nothing is started again",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", lostBeforeActing)
      yield* workflows("findStarted", refused(new Forbidden({ message: "Resource not accessible by integration" })))
      yield* together(order)
      const outcome = yield* outcomeOf(order)
      assert(outcome?._tag === "Unknown")
      assert.include(outcome.message, "Resource not accessible by integration")
      assert.deepStrictEqual(yield* startedRuns, [])
      assert.deepStrictEqual(yield* workflowRequests, ["start", "findStarted"])
    })
  )

  scenario(
    "names the run of an old Enterprise Server, which does not name it itself",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* StartedWorkflows.use(({ hideRunIds }) => hideRunIds)
      yield* together(order)
      const [run] = yield* startedRuns
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run ?? null })
    })
  )

  scenario(
    "is asked again for a run that GitHub confirmed and did not name, and nothing is started again",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* StartedWorkflows.use(({ hideRunIds }) => hideRunIds)
      yield* workflows("findStarted", refused(new Unavailable({ message: "HTTP 503" })))
      yield* together(order)
      const runs = yield* startedRuns
      assert.lengthOf(runs, 1)
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: runs[0] ?? null })
    })
  )
})

describe("a worker that dies", () => {
  const cases = [
    { when: "before the request", death: diesBefore },
    { when: "after GitHub acted", death: diesAfter }
  ]
  for (const { when, death } of cases) {
    scenario(
      `${when}: its order waits for the lease to end, and is started once`,
      Effect.gen(function* () {
        const order = yield* oneOrder()
        const faults = yield* Faults
        yield* faults.on("Workflows.start", always(death))
        yield* Effect.exit(dispatched(order))
        yield* faults.clear
        assert.strictEqual(putOff(yield* dispatched(order, 2)), 34_000)
        yield* TestClock.adjust("34 seconds")
        yield* together(order)
        const runs = yield* startedRuns
        assert.lengthOf(runs, 1)
        assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: runs[0] ?? null })
      })
    )
  }
})
