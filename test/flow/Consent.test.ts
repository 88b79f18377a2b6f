/** Consent at the moment of the start: an order that waited is started only if both files still admit it. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../src/domain/Order.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { Unavailable } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { lostAfterActing, refused } from "../../src/testing/FaultScript.ts"
import { dispatchMessage, facts, loads, outcomeOf, progressOf, putOff, scenario, set } from "./Harness.ts"
import { dispatched, oneOrder, rivalOrder, source, startedRuns, target, workflows } from "./Orders.ts"
import { configs } from "./Plans.ts"

const files = Effect.fnUntraced(function* (sourceFile: object | string, targetFile: object | string) {
  yield* set("acme/app", sourceFile)
  yield* set("acme/deploy", targetFile)
})

const withTarget = (changes: object) => ({
  outbound: [
    { source: { workflow: "ci.yml" }, targets: [{ repository: "acme/deploy", workflow: "cd.yml", ...changes }] }
  ]
})
const withInbound = (changes: object) => ({
  inbound: [{ source: { repository: "acme/*", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", ...changes }] }]
})

const withdrawnWith = Effect.fnUntraced(function* (order: Order, code: string) {
  assert.deepStrictEqual(yield* dispatched(order), done)
  const outcome = yield* outcomeOf(order)
  assert(outcome?._tag === "Withdrawn", `the order is ${outcome?._tag}`)
  assert.strictEqual(outcome.code, code)
  assert.deepStrictEqual(yield* startedRuns, [])
  const [fact] = yield* facts("dispatch.trigger.withdrawn")
  assert.deepStrictEqual([fact?.data.code, fact?.data.message], [code, outcome.message])
  assert.deepInclude(yield* progressOf(order.run), { settled: 1 })
})

describe("an order that did not wait", () => {
  scenario(
    "is started without another look at the files",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* dispatched(order), done)
      assert.deepStrictEqual(yield* loads, [])
      assert.lengthOf(yield* startedRuns, 1)
    })
  )
})

describe("an order that waited longer than a minute", () => {
  scenario(
    "is started where both files still admit it, with ref and inputs as ordered",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* files(withTarget({ inputs: { sha: "another" } }), target)
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(yield* dispatched(order), done)
      assert.lengthOf(yield* startedRuns, 1)
      assert.lengthOf(yield* loads, 2)
    })
  )

  scenario(
    "shares what was read with all others of that minute",
    Effect.gen(function* () {
      const [order, again, rival] = [yield* oneOrder(), yield* oneOrder({ runId: 99 }), yield* rivalOrder]
      yield* files(source, target)
      yield* set("acme/other", source)
      yield* TestClock.adjust("5 minutes")
      for (const each of [order, again, rival]) assert.deepStrictEqual(yield* dispatched(each), done)
      assert.lengthOf(yield* loads, 3)
      yield* TestClock.adjust("61 seconds")
      yield* dispatched(yield* oneOrder({ runId: 100 }))
      assert.lengthOf(yield* loads, 5)
    })
  )

  const cases: ReadonlyArray<readonly [string, object | string, object | string, string]> = [
    ["the source removed the rule", { outbound: [] }, target, "source_rule_removed"],
    ["the source's rule names another ref", withTarget({ ref: "next" }), target, "source_rule_removed"],
    [
      "the source's file is not valid any more",
      { _tag: "Invalid", path: "dispatching.yml", issues: [] },
      target,
      "source_rule_removed"
    ],
    [
      "the source's rule is about other branches",
      {
        outbound: [
          {
            source: { workflow: "ci.yml", branches: ["next"] },
            targets: [{ repository: "acme/deploy", workflow: "cd.yml" }]
          }
        ]
      },
      target,
      "source_rule_removed"
    ],
    ["the target lets no source in any more", source, { inbound: [] }, "inbound_not_allowed"],
    ["the target accepts its inputs no longer", source, withInbound({}), "inputs_not_accepted"],
    ["the target wants other refs", source, withInbound({ refs: ["next"], accept_inputs: ["sha"] }), "inbound_ref"]
  ]
  for (const [what, sourceFile, targetFile, code] of cases) {
    scenario(
      `is withdrawn where ${what}`,
      Effect.gen(function* () {
        const order = yield* oneOrder()
        yield* files(sourceFile, targetFile)
        yield* TestClock.adjust("2 minutes")
        yield* withdrawnWith(order, code)
      })
    )
  }

  scenario(
    "is withdrawn where the target's file is gone",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* files(source, { _tag: "Absent" })
      yield* TestClock.adjust("2 minutes")
      yield* withdrawnWith(order, "target_config_absent")
    })
  )

  scenario(
    "waits on while the files cannot be read, and claims nothing meanwhile",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* files(source, target)
      yield* configs(refused(new Unavailable({ message: "HTTP 503" })))
      yield* TestClock.adjust("2 minutes")
      putOff(yield* dispatched(order))
      assert.deepStrictEqual(yield* startedRuns, [])
      assert.deepStrictEqual(yield* dispatched(order, 2), done)
      assert.lengthOf(yield* startedRuns, 1)
    })
  )

  scenario(
    "has failed where the files could not be read to the end",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* configs(refused(new Unavailable({ message: "HTTP 503" })))
      yield* TestClock.adjust("3 days")
      assert.deepStrictEqual(yield* dispatch.handle(dispatchMessage(order, { lastAttempt: true })), done)
      assert.deepInclude(yield* outcomeOf(order), { _tag: "Failed", code: "unavailable" })
    })
  )

  scenario(
    "is never withdrawn once GitHub started it",
    Effect.gen(function* () {
      const order = yield* oneOrder()
      yield* workflows("start", lostAfterActing)
      putOff(yield* dispatched(order))
      yield* files({ outbound: [] }, { inbound: [] })
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* dispatched(order, 2), done)
      assert.strictEqual((yield* outcomeOf(order))?._tag, "Dispatched")
    })
  )
})
