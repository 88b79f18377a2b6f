/** What becomes of a run that an order started: its result is stored, published and reported once, wherever word of it comes from. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../src/domain/Order.ts"
import type { StartedRun } from "../../src/domain/Outcome.ts"
import type { Completed } from "../../src/domain/RunResult.ts"
import { runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import { askForResults } from "../../src/flow/OverdueResults.ts"
import { plan } from "../../src/flow/Plan.ts"
import * as AwaitedResults from "../../src/ledger/AwaitedResults.ts"
import { awaitedKey, orderKey, startedKey } from "../../src/ledger/Keys.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { FactBusError } from "../../src/ports/FactBus.ts"
import { Forbidden, GitHubError, NotFound, Unavailable } from "../../src/ports/GitHubError.ts"
import { Table } from "../../src/ports/Table.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { failsBefore, refused } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Memory.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { facts, Logs, layer, planMessage, putOff, requestsOf, waitingReports } from "./Harness.ts"
import { dispatched, oneOrder } from "./Orders.ts"
import { planOf } from "./Plans.ts"

const scenario = (
  what: string,
  body: Effect.Effect<void, unknown, Layer.Success<ReturnType<typeof layer>> | AwaitedResults.AwaitedResults>
) => it.effect(what, () => body.pipe(Effect.provide(AwaitedResults.layer.pipe(Layer.provideMerge(layer())))))

/** The workflow that an order starts completes at GitHub: the run of its delivery. */
const completed = (order: Order, run: StartedRun, overrides: Partial<typeof SourceRun.Encoded> = {}): SourceRun =>
  sourceRun({
    repository: order.target.repository,
    repositoryId: 77,
    workflow: order.target.workflow,
    runId: Number(run.id),
    event: "workflow_dispatch",
    actor: "dispatcher[bot]",
    url: run.url,
    startedAt: "1970-01-01T00:01:00Z",
    updatedAt: "1970-01-01T00:03:30Z",
    ...overrides
  })

/** An order that was dispatched, and what it started. */
const started = Effect.gen(function* () {
  const order = yield* oneOrder()
  assert.deepStrictEqual(yield* dispatched(order), done)
  const [first] = yield* StartedWorkflows.use(({ all }) => all)
  return first === undefined ? yield* Effect.die("nothing was started") : { order, run: first.run }
})

/** The ledger keeps orders for 90 days. */
const forgotten = ({ run, id }: Order) =>
  Table.use((table) => table.write({ _tag: "Delete", key: orderKey(runKey(run), id) }))

const handled = (run: SourceRun) => plan.handle(planMessage(run))
const resultOf = ({ id, run }: Order) =>
  Effect.map(
    Ledger.use((ledger) => standingsOf(ledger, runKey(run))),
    (standings) => standings.find(({ order }) => order.id === id)?.result?.result
  )
const ended = (conclusion: string, attempt = 1): Completed => ({
  _tag: "Completed",
  conclusion,
  attempt,
  completedAt: "1970-01-01T00:03:30Z",
  duration: 150_000
})
const asks = Effect.map(requestsOf("Workflows"), (all) => all.filter((operation) => operation === "ending").length)

describe("a run that an order started", () => {
  scenario(
    "has its result stored and published once, and is a source of its own as well",
    Effect.gen(function* () {
      const { order, run } = yield* started
      const before = yield* waitingReports
      assert.deepStrictEqual(yield* handled(completed(order, run, { conclusion: "failure" })), done)
      assert.deepStrictEqual(yield* handled(completed(order, run, { conclusion: "failure" })), done)
      assert.deepStrictEqual(yield* resultOf(order), ended("failure"))
      const [fact, ...others] = yield* facts("dispatch.run.completed")
      assert.deepStrictEqual(others, [])
      assert.deepInclude(fact?.data, { conclusion: "failure", startedAttempt: 1, duration: 150_000, orderId: order.id })
      assert.deepStrictEqual(fact?.data.chain, { root: runKey(order.run), depth: 0, parent: null })
      assert.isAbove(yield* waitingReports, before)
      const own = yield* planOf(completed(order, run))
      assert.deepStrictEqual(own?.chain, { root: runKey(order.run), depth: 1, parent: order.id })
    })
  )

  scenario(
    "besides the one that the order settled with, after a double start, is no result of the order",
    Effect.gen(function* () {
      const { order, run } = yield* started
      const other = { id: sourceRun({ runId: 2000 }).runId, url: "https://github.com/acme/deploy/actions/runs/2000" }
      const attributes = { run: runKey(order.run), order: order.id }
      yield* Table.use((table) => table.append([{ key: startedKey(order.target.repository, other.id), attributes }]))
      assert.deepStrictEqual(yield* handled(completed(order, other, { conclusion: "failure" })), done)
      assert.isUndefined(yield* resultOf(order))
      assert.deepStrictEqual(yield* facts("dispatch.run.completed"), [])
      assert.strictEqual((yield* planOf(completed(order, other)))?.chain?.parent, order.id)
      const lines = yield* Logs.use(({ lines }) => lines)
      assert.isTrue(lines.some(({ text }) => text.includes("settled with another")))
      assert.deepStrictEqual(yield* handled(completed(order, run)), done)
      assert.deepStrictEqual(yield* resultOf(order), ended("success"))
    })
  )

  scenario(
    "waits until its order has settled, where it is quicker",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      const ledger = yield* Ledger
      const lasts = { lease: Duration.seconds(30), leaseMargin: Duration.seconds(1) }
      const answer = yield* ledger.claim(runKey(order.run), order.id, 0, lasts)
      if (answer._tag !== "Claimed") return assert.fail("the order is free")
      const run = { id: sourceRun({ runId: 1000 }).runId, url: "https://github.com/acme/deploy/actions/runs/1000" }
      assert.isAbove(putOff(yield* handled(completed(order, run))), 0)
      assert.isUndefined(yield* resultOf(order))
      yield* ledger.settle(answer.claim, { _tag: "Dispatched", started: run }, 0)
      assert.deepStrictEqual(yield* handled(completed(order, run)), done)
      assert.deepStrictEqual(yield* resultOf(order), ended("success"))
    })
  )

  scenario(
    "counts by its latest attempt, in whichever order word of them comes",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* handled(completed(order, run, { attempt: 2, conclusion: "success" }))
      yield* handled(completed(order, run, { attempt: 1, conclusion: "failure" }))
      assert.deepStrictEqual(yield* resultOf(order), ended("success", 2))
      assert.lengthOf(yield* facts("dispatch.run.completed"), 2)
    })
  )

  scenario(
    "is nothing to follow where people dispatched it",
    Effect.gen(function* () {
      const { order } = yield* started
      const theirs = { id: sourceRun({ runId: 5 }).runId, url: "https://github.com/acme/deploy/actions/runs/5" }
      yield* handled(completed(order, theirs, { actor: "octocat" }))
      assert.isUndefined(yield* resultOf(order))
      assert.deepStrictEqual(yield* facts("dispatch.run.completed"), [])
    })
  )
})

describe("an overdue result", () => {
  scenario(
    "is asked for after an hour, then after twice as long each time, until it is known",
    Effect.gen(function* () {
      const { order, run } = yield* started
      const github = yield* StartedWorkflows
      yield* TestClock.adjust("59 minutes")
      yield* askForResults
      assert.strictEqual(yield* asks, 0)
      for (const [wait, count] of [
        ["1 minute", 1],
        ["119 minutes", 1],
        ["1 minute", 2],
        ["239 minutes", 2]
      ] as const) {
        yield* TestClock.adjust(wait)
        yield* askForResults
        assert.strictEqual(yield* asks, count, wait)
      }
      yield* github.complete(run.id, ended("timed_out"))
      yield* TestClock.adjust("1 minute")
      yield* askForResults
      assert.deepStrictEqual(yield* resultOf(order), ended("timed_out"))
      assert.lengthOf(yield* facts("dispatch.run.completed"), 1)
      yield* TestClock.adjust("40 days")
      yield* askForResults
      assert.strictEqual(yield* asks, 3)
    })
  )

  for (const times of [1, 2]) {
    scenario(
      `is published by the next sweep, where the bus fails when GitHub is asked for the ${times === 1 ? "first" : "second"} time`,
      Effect.gen(function* () {
        const { order, run } = yield* started
        yield* TestClock.adjust("1 hour")
        if (times === 2) {
          yield* askForResults
          yield* TestClock.adjust("2 hours")
        }
        yield* StartedWorkflows.use(({ complete }) => complete(run.id, ended("success")))
        yield* Faults.use(({ next }) => next("FactBus.publish", failsBefore(new FactBusError({ message: "down" }))))
        assert.strictEqual((yield* Effect.exit(askForResults))._tag, "Failure")
        assert.deepStrictEqual(yield* resultOf(order), ended("success"))
        assert.lengthOf(yield* facts("dispatch.run.completed"), 0)
        yield* TestClock.adjust("5 minutes")
        yield* askForResults
        assert.lengthOf(yield* facts("dispatch.run.completed"), 1)
        assert.strictEqual(yield* asks, times)
        const now = yield* Clock.currentTimeMillis
        assert.deepStrictEqual(yield* AwaitedResults.AwaitedResults.use(({ due }) => due(now + 1e9, 10)), [])
      })
    )
  }

  scenario(
    "that cannot be read holds up no other",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* StartedWorkflows.use(({ complete }) => complete(run.id, ended("success")))
      const key = awaitedKey(0, order.target.repository, sourceRun({ runId: 1 }).runId)
      yield* Table.use((table) => table.write({ _tag: "Put", key, attributes: { odd: true } }))
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      assert.deepStrictEqual(yield* resultOf(order), ended("success"))
    })
  )

  scenario(
    "is not asked for once word of it came",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* handled(completed(order, run))
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      assert.strictEqual(yield* asks, 0)
    })
  )

  scenario(
    "is lost where the run was deleted, until word of it comes all the same",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* StartedWorkflows.use(({ remove }) => remove(run.id))
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      const result = yield* resultOf(order)
      assert.strictEqual(result?._tag, "Lost")
      assert.lengthOf(yield* facts("dispatch.run.lost"), 1)
      yield* handled(completed(order, run))
      assert.deepStrictEqual(yield* resultOf(order), ended("success"))
    })
  )

  scenario(
    "is asked for again where GitHub refuses for now (403), and is not lost meanwhile",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* StartedWorkflows.use(({ complete }) => complete(run.id, ended("success")))
      const faults = yield* Faults
      yield* faults.next("Workflows.ending", refused(new Forbidden({ message: "Resource not accessible" })))
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      assert.isUndefined(yield* resultOf(order))
      assert.deepStrictEqual(yield* facts("dispatch.run.lost"), [])
      yield* askForResults
      assert.strictEqual(yield* asks, 1, "not before its time")
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      assert.deepStrictEqual(yield* resultOf(order), ended("success"))
    })
  )

  scenario(
    "is lost where its repository left the installation (404), and holds up no other",
    Effect.gen(function* () {
      const { order } = yield* started
      const faults = yield* Faults
      yield* faults.next("Workflows.ending", refused(new NotFound({ message: "Not Found" })))
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      assert.deepStrictEqual(yield* resultOf(order), {
        _tag: "Lost",
        message: "GitHub has no such run any more: Not Found"
      })
      yield* TestClock.adjust("40 days")
      yield* askForResults
      assert.strictEqual(yield* asks, 1)
      assert.lengthOf(yield* facts("dispatch.run.lost"), 1)
    })
  )

  scenario(
    "of an order that the ledger has no more is asked for no longer",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* forgotten(order)
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      yield* askForResults
      assert.strictEqual(yield* asks, 0)
      const now = yield* Clock.currentTimeMillis
      assert.deepStrictEqual(yield* AwaitedResults.AwaitedResults.use(({ due }) => due(now, 10)), [])
      assert.deepStrictEqual(yield* handled(completed(order, run)), done)
      assert.deepStrictEqual([...(yield* facts("dispatch.run.completed")), ...(yield* facts("dispatch.run.lost"))], [])
    })
  )

  scenario(
    "is lost after the 35 days that a run may last",
    Effect.gen(function* () {
      const { order } = yield* started
      for (let day = 0; day < 36; day++) {
        yield* TestClock.adjust("1 day")
        yield* askForResults
      }
      assert.strictEqual((yield* resultOf(order))?._tag, "Lost")
      assert.isBelow(yield* asks, 15)
    })
  )

  scenario(
    "is asked for again in the next sweep where GitHub fails, and one that fails holds up no other",
    Effect.gen(function* () {
      const { order, run } = yield* started
      yield* StartedWorkflows.use(({ complete }) => complete(run.id, ended("success")))
      const faults = yield* Faults
      const operation = "Workflows.ending"
      yield* faults.next(
        operation,
        failsBefore(new GitHubError({ operation, reason: new Unavailable({ message: "HTTP 502" }) }))
      )
      yield* TestClock.adjust("2 hours")
      yield* askForResults
      assert.isUndefined(yield* resultOf(order))
      yield* askForResults
      assert.deepStrictEqual(yield* resultOf(order), ended("success"))
    })
  )
})
