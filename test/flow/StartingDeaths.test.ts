/**
 * A worker dies at each call of a port on the way from a claim to the message that asks for the report. What it started completes before
 * another worker comes: whatever was stored by then, it is started once, bound to its order, and its result is not lost, neither where a
 * delivery brings it nor where GitHub has to be asked for it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../src/domain/Order.ts"
import type { Completed } from "../../src/domain/RunResult.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { askForResults } from "../../src/flow/OverdueResults.ts"
import { plan } from "../../src/flow/Plan.ts"
import * as AwaitedResults from "../../src/ledger/AwaitedResults.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { delays, diesAfter, diesBefore, nth } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { facts, layer, operationsOf, outcomeOf, planMessage, set, waitingReports } from "./Harness.ts"
import { dispatched, oneOrder, rivalOrder, source, startedRuns, target, together } from "./Orders.ts"
import { planOf } from "./Plans.ts"

const steps = [
  "Table.get",
  "Table.get",
  "Table.transact",
  "Workflows.start",
  "Table.append",
  "Table.transact",
  "FactBus.publish",
  "ReportQueue.offer"
] as const

const services = AwaitedResults.layer.pipe(Layer.provideMerge(layer()))
type Services = Layer.Success<typeof services>

const ended: Completed = {
  _tag: "Completed",
  conclusion: "success",
  attempt: 1,
  completedAt: "1970-01-01T00:03:30Z",
  duration: 150_000
}
const resultOf = ({ id, run }: Order) =>
  Effect.map(
    Ledger.use((ledger) => standingsOf(ledger, runKey(run))),
    (standings) => standings.find(({ order }) => order.id === id)?.result?.result
  )

/** The delivery of what the order started, if it started anything. */
const delivery = Effect.map(startedRuns, ([run]) =>
  run === undefined
    ? undefined
    : planMessage(
        sourceRun({
          repository: "acme/deploy",
          repositoryId: 77,
          workflow: "cd.yml",
          runId: Number(run.id),
          event: "workflow_dispatch",
          actor: "dispatcher[bot]",
          url: run.url,
          startedAt: "1970-01-01T00:01:00Z",
          updatedAt: ended.completedAt
        })
      )
)

/** Starts an order with a worker that dies at a step; gives the order. */
const died = Effect.fnUntraced(function* (index: number, acted: boolean) {
  yield* set("acme/app", source)
  yield* set("acme/deploy", target)
  const order = yield* oneOrder()
  const faults = yield* Faults
  const call = steps[index] ?? assert.fail("there is no such step")
  const occurrence = steps.slice(0, index + 1).filter((step) => step === call).length
  yield* faults.on(call, nth(occurrence, acted ? diesAfter : diesBefore))
  assert.deepStrictEqual(yield* operationsOf(Effect.exit(dispatched(order))), steps.slice(0, index + 1))
  yield* faults.clear
  return order
})

const startedOnce = Effect.fnUntraced(function* (...orders: ReadonlyArray<Order>) {
  const ledger = yield* Ledger
  const all = yield* StartedWorkflows.use(({ all }) => all)
  assert.lengthOf(all, orders.length)
  for (const order of orders) {
    const run = all.find((one) => one.order.id === order.id)?.run ?? assert.fail("it is not started")
    assert.deepStrictEqual(yield* outcomeOf(order), { _tag: "Dispatched", started: run })
    assert.strictEqual(yield* ledger.boundTo(order, run.id), order.id)
    const published = (yield* facts("dispatch.trigger.succeeded")).filter(({ data }) => data.orderId === order.id)
    assert.lengthOf(published, 1)
  }
  assert.isAtLeast(yield* waitingReports, orders.length)
})

const scenario = (what: string, body: Effect.Effect<void, unknown, Services>) =>
  it.effect(what, () => body.pipe(Effect.provide(services)))

describe("a worker that dies while it starts an order", () => {
  for (const [index, call] of steps.entries()) {
    for (const acted of [false, true]) {
      const where = `${acted ? "after" : "before"} step ${index}, ${call}`

      scenario(
        `${where}: the result that comes first is kept, and the order and its rival are started once`,
        Effect.gen(function* () {
          const order = yield* died(index, acted)
          const rival = yield* rivalOrder
          const early = yield* delivery
          if (early !== undefined) yield* plan.handle(early)
          yield* together(rival, order)
          yield* startedOnce(order, rival)
          // The queue hands the delivery out until it is done.
          if (early === undefined) return
          assert.deepStrictEqual(yield* plan.handle(early), done)
          assert.deepStrictEqual(yield* resultOf(order), ended)
          assert.lengthOf(yield* facts("dispatch.run.completed"), 1)
          assert.strictEqual((yield* planOf(early.body.run))?.chain?.parent, order.id)
        })
      )

      scenario(
        `${where}: GitHub is asked for the result that no delivery brings, also where that lay for hours`,
        Effect.gen(function* () {
          const order = yield* died(index, acted)
          for (let hour = 0; hour < 5; hour++) {
            yield* TestClock.adjust("1 hour")
            yield* askForResults
          }
          assert.isUndefined(yield* resultOf(order))
          yield* together(order)
          yield* startedOnce(order)
          const [run] = yield* startedRuns
          yield* StartedWorkflows.use(({ complete }) => complete(run?.id ?? assert.fail("nothing runs"), ended))
          yield* TestClock.adjust("12 hours")
          yield* askForResults
          assert.deepStrictEqual(yield* resultOf(order), ended)
          yield* TestClock.adjust("3 days")
          yield* askForResults
          yield* TestClock.adjust("40 days")
          yield* askForResults
          const inDays = (yield* Clock.currentTimeMillis) + 2e9
          assert.deepStrictEqual(yield* AwaitedResults.AwaitedResults.use(({ due }) => due(inDays, 10)), [])
        })
      )
    }
  }
})

describe("a worker that sleeps for hours before it settles what it started", () => {
  scenario(
    "settles it, and its result is asked for although it was overdue before",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* Faults.use(({ on }) => on("Table.transact", nth(2, delays("5 hours"))))
      const sleeping = yield* Effect.forkChild(dispatched(order))
      for (let hour = 0; hour < 6; hour++) {
        yield* TestClock.adjust("1 hour")
        yield* askForResults
      }
      assert.deepStrictEqual(yield* Fiber.join(sleeping), done)
      yield* startedOnce(order)
      const [run] = yield* startedRuns
      yield* StartedWorkflows.use(({ complete }) => complete(run?.id ?? assert.fail("nothing runs"), ended))
      yield* TestClock.adjust("12 hours")
      yield* askForResults
      assert.deepStrictEqual(yield* resultOf(order), ended)
    })
  )
})
