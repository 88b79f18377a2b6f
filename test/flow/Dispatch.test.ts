/** One order, from its claim to its end: every answer that GitHub may give, and every trouble that a worker may get into. */
import { assert, describe } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { OrderId } from "../../src/domain/Order.ts"
import type { FailureCode } from "../../src/domain/Outcome.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { FactBusError } from "../../src/ports/FactBus.ts"
import {
  Forbidden,
  type GitHubErrorReason,
  NotFound,
  RateLimited,
  Unavailable,
  Unprocessable
} from "../../src/ports/GitHubError.ts"
import { TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { always, delays, failsBefore, nth, refused } from "../../src/testing/FaultScript.ts"
import { PublishedFacts } from "../../src/testing/fakes/FactBus.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import {
  dispatchMessage,
  facts,
  operationsOf,
  outcomeOf,
  planned,
  progressOf,
  putOff,
  scenario,
  waitingReports
} from "./Harness.ts"
import { dispatched, oneOrder, startedRuns, target, workflowRequests, workflows } from "./Orders.ts"
import { sourceOf } from "./Plans.ts"

describe("dispatching an order", () => {
  scenario(
    "starts its workflow, settles it, publishes the fact and has the run reported",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      assert.deepStrictEqual(yield* dispatched(order), done)
      const [started] = yield* StartedWorkflows.use(({ all }) => all)
      assert.deepStrictEqual(started?.order, order)
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: started?.run ?? null })
      assert.deepStrictEqual(yield* progressOf(order.run), { expected: 1, settled: 1, complete: true, reported: false })
      const [fact] = yield* facts("dispatch.trigger.succeeded")
      assert.deepStrictEqual(fact?.data.started, started?.run)
      assert.strictEqual(yield* waitingReports, 1)
    })
  )

  scenario(
    "costs one request, two reads, an append and two writes; one of several orders a query, too",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      assert.deepStrictEqual(yield* operationsOf(dispatched(order)), [
        "Table.get",
        "Table.get",
        "Table.transact",
        "Workflows.start",
        "Table.append",
        "Table.transact",
        "FactBus.publish",
        "ReportQueue.offer"
      ])
      const { orders } = yield* planned({
        run: { runId: 2 },
        source: sourceOf("deploy", "docs"),
        targets: { "acme/deploy": target, "acme/docs": target }
      })
      const [one, two] = orders
      assert(one !== undefined && two !== undefined)
      assert.deepStrictEqual((yield* operationsOf(dispatched(one))).slice(-2), ["FactBus.publish", "Table.query"])
      const last = ["FactBus.publish", "Table.query", "ReportQueue.offer"]
      assert.deepStrictEqual((yield* operationsOf(dispatched(two))).slice(-3), last)
    })
  )

  scenario(
    "happens once; a second hand-out of the message publishes the same fact",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* dispatched(order)
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* dispatched(order), done)
      assert.deepStrictEqual(yield* workflowRequests, ["start"])
      const published = (yield* (yield* PublishedFacts).all).map(({ id }) => id)
      assert.strictEqual(published.length, 2)
      assert.strictEqual(new Set(published).size, 1)
      assert.strictEqual((yield* progressOf(order.run))?.settled, 1)
    })
  )

  scenario(
    "is impossible without an order, which a person has to look at",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      const verdict = yield* dispatched({ ...order, id: OrderId.make(`${order.id}x`) })
      assert.strictEqual(verdict._tag, "Dead")
    })
  )
})

describe("an order that GitHub refuses", () => {
  const refusals: ReadonlyArray<readonly [GitHubErrorReason, FailureCode]> = [
    [new NotFound({ message: "Not Found" }), "not_found"],
    [new Forbidden({ message: "Resource not accessible by integration" }), "forbidden"],
    [new Unprocessable({ message: "No ref found for: main" }), "unprocessable"]
  ]
  for (const [reason, code] of refusals) {
    scenario(
      `fails for good: ${reason._tag}`,
      Effect.gen(function* () {
        const order = yield* oneOrder()
        yield* workflows("start", refused(reason))
        assert.deepStrictEqual(yield* dispatched(order), done)
        assert.deepStrictEqual(yield* dispatched(order), done)
        const outcome = yield* outcomeOf(order)
        assert(outcome?._tag === "Failed")
        assert.strictEqual(outcome.code, code)
        assert.include(outcome.message, reason.message)
        assert.deepStrictEqual(yield* workflowRequests, ["start"])
        assert.lengthOf(yield* facts("dispatch.trigger.failed"), 1)
      })
    )
  }

  scenario(
    "for now is tried again, not before GitHub wants it to",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", refused(new RateLimited({ retryAfter: 90_000 })))
      const wait = putOff(yield* dispatched(order))
      assert.isAtLeast(wait, 90_000)
      assert.isAtMost(wait, 108_000)
      assert.isUndefined(yield* outcomeOf(order))
      assert.deepStrictEqual(yield* dispatched(order, 2), done)
      assert.deepStrictEqual(yield* workflowRequests, ["start", "start"])
      assert.lengthOf(yield* startedRuns, 1)
    })
  )

  scenario(
    "for now is tried again after longer and longer waits, but never hours",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      const down = refused(new Unavailable({ message: "HTTP 503" }))
      yield* workflows("start", down, down, down)
      for (const [attempt, least] of [
        [1, 2000],
        [4, 16_000],
        [15, 900_000]
      ] as const) {
        const wait = putOff(yield* dispatched(order, attempt))
        assert.isAtLeast(wait, least)
        assert.isAtMost(wait, least * 1.2)
      }
    })
  )

  scenario(
    "at the last attempt has failed",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", refused(new Unavailable({ message: "HTTP 503" })))
      assert.deepStrictEqual(yield* dispatch.handle(dispatchMessage(order, { attempt: 16, lastAttempt: true })), done)
      assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Failed", code: "unavailable", message: "HTTP 503" })
    })
  )
})

describe("a worker in trouble", () => {
  scenario(
    "leaves the order alone while another worker has claimed it",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* Faults.use(({ on }) => on("Workflows.start", always(delays("10 seconds"))))
      const first = yield* Effect.forkChild(dispatched(order))
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(putOff(yield* dispatched(order)), 30_000)
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(yield* Fiber.join(first), done)
      assert.lengthOf(yield* startedRuns, 1)
    })
  )

  scenario(
    "gives the message back when the ledger or the bus is down, and goes on where it was",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      const faults = yield* Faults
      const down = new TableError({ operation: "get", reason: new TableUnavailable({ message: "down" }) })
      yield* faults.on("Table.get", always(failsBefore(down)))
      putOff(yield* dispatched(order))
      assert.deepStrictEqual(yield* workflowRequests, [])
      yield* faults.clear
      yield* faults.on("FactBus.publish", always(failsBefore(new FactBusError({ message: "down" }))))
      putOff(yield* dispatched(order))
      assert.strictEqual((yield* outcomeOf(order))?._tag, "Dispatched")
      assert.deepStrictEqual(yield* facts("dispatch.trigger.succeeded"), [])
      yield* faults.clear
      assert.deepStrictEqual(yield* dispatched(order), done)
      assert.lengthOf(yield* facts("dispatch.trigger.succeeded"), 1)
      assert.deepStrictEqual(yield* workflowRequests, ["start"])
    })
  )

  scenario(
    "whose claim was taken over while it settled does not settle a second time",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      // The second transaction settles; it hangs until the lease is over.
      yield* Faults.use(({ on }) => on("Table.transact", nth(2, delays("50 seconds"))))
      const slowWorker = yield* Effect.forkChild(dispatched(order))
      yield* TestClock.adjust("35 seconds")
      assert.deepStrictEqual(yield* dispatched(order, 2), done)
      yield* TestClock.adjust("15 seconds")
      putOff(yield* Fiber.join(slowWorker))
      assert.deepStrictEqual(yield* dispatched(order, 3), done)
      assert.deepStrictEqual(yield* workflowRequests, ["start", "findStarted"])
      assert.strictEqual((yield* progressOf(order.run))?.settled, 1)
      assert.lengthOf(yield* facts("dispatch.trigger.succeeded"), 1)
    })
  )

  scenario(
    "starts nothing when its claim might end before the answer",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      // The first transaction claims.
      yield* Faults.use(({ on }) => on("Table.transact", nth(1, delays(0, "16 seconds"))))
      const worker = yield* Effect.forkChild(dispatched(order))
      yield* TestClock.adjust("16 seconds")
      putOff(yield* Fiber.join(worker))
      assert.deepStrictEqual(yield* startedRuns, [])
      assert.deepStrictEqual(yield* dispatched(order, 2), done)
      assert.strictEqual(yield* Clock.currentTimeMillis, 16_000)
    })
  )
})
