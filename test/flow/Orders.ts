/** Orders to dispatch: what tests of Dispatch and Reconcile start from, and how they bring them to their end. */
import { assert } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../src/domain/Order.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import type { ScriptedFault } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import type { RunOverrides } from "../fixtures/Runs.ts"
import { dispatchMessage, planned, putOff, requestsOf } from "./Harness.ts"

/** `acme/app` starts `cd.yml` of `acme/deploy` with its commit. */
export const source = {
  outbound: [
    {
      source: { workflow: "ci.yml" },
      targets: [{ repository: "acme/deploy", workflow: "cd.yml", inputs: { sha: "{{ source.sha }}" } }]
    }
  ]
}
/** `acme/deploy` lets everybody in the organisation do so. */
export const target = {
  inbound: [
    { source: { repository: "acme/*", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", accept_inputs: ["sha"] }] }
  ]
}

/** An order that no worker has claimed, of a run that has no other. */
export const oneOrder = Effect.fnUntraced(function* (run: RunOverrides = {}) {
  const { orders } = yield* planned({ run, source, targets: { "acme/deploy": target } })
  const [order] = orders
  return order ?? (yield* Effect.die("the plan has no order"))
})

/** Another one, for the same workflow, because of another repository's run. */
export const rivalOrder = oneOrder({ repository: "acme/other", repositoryId: 2, runId: 7 })

/** Hands the order to Dispatch. */
export const dispatched = (order: Order, attempt = 1) => dispatch.handle(dispatchMessage(order, { attempt }))

const dispatchedToTheEnd = Effect.fnUntraced(function* (order: Order) {
  for (let attempt = 1; attempt < 16; attempt++) {
    const verdict = yield* dispatched(order, attempt)
    if (verdict._tag === "Done") return
    yield* Effect.sleep(putOff(verdict))
  }
  assert.fail("the order has not ended")
})

/** Hands the orders to Dispatch at once, and again whenever they want to be tried again, until they have ended. */
export const together = (...orders: ReadonlyArray<Order>) =>
  Effect.gen(function* () {
    const all = yield* Effect.forkChild(Effect.forEach(orders, dispatchedToTheEnd, { concurrency: "unbounded" }))
    yield* TestClock.adjust("1 hour")
    yield* Fiber.join(all)
  })

/** What the next requests about workflows meet. */
export const workflows = (operation: "start" | "findStarted", ...faults: ReadonlyArray<ScriptedFault>) =>
  Faults.use(({ next }) => next(`Workflows.${operation}`, ...faults))

/** The requests about workflows so far. */
export const workflowRequests = requestsOf("Workflows")

/** Everything that GitHub started, in order. */
export const startedRuns = Effect.map(
  StartedWorkflows.use(({ all }) => all),
  (started) => started.map(({ run }) => run)
)
