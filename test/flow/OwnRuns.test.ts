/** Runs that the App itself caused: sources where an order started them, nothing where the App's own writing did. */
import { assert, describe } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { OrderId } from "../../src/domain/Order.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { plan } from "../../src/flow/Plan.ts"
import { startedKey } from "../../src/ledger/Keys.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { GitHubApp } from "../../src/ports/GitHubApp.ts"
import { Table } from "../../src/ports/Table.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { planFor } from "../fixtures/Plans.ts"
import { order, sourceRun, target as targetOf } from "../fixtures/Runs.ts"
import { facts, loads, planMessage, planned, putOff, scenario, set } from "./Harness.ts"
import { source, target } from "./Orders.ts"
import { planOf, sourceOf } from "./Plans.ts"

const run = sourceRun({ actor: "Dispatcher[bot]", event: "push" })
const isIgnored = Effect.map(
  Effect.suspend(() => facts("dispatch.request.ignored")),
  (ignored) => ignored.length > 0
)
const lasts = { lease: Duration.seconds(30), leaseMargin: Duration.zero }
/** Lets an order hold the run's own workflow as a target; gives what ends that. */
const hold = Effect.gen(function* () {
  const ledger = yield* Ledger
  const by = sourceRun({ repositoryId: 8, runId: 8 })
  const made = order(by, targetOf(run))
  yield* ledger.savePlan({ ...planFor({ run: by, source: "" }), pending: [] }, [made], undefined)
  const answer = yield* ledger.claim(runKey(by), made.id, 0, lasts)
  if (answer._tag !== "Claimed") return yield* Effect.die("the order is free")
  return ledger.settle(answer.claim, { _tag: "Failed", code: "not_found", message: "Not Found" }, 0)
})
const world = Effect.gen(function* () {
  yield* set("acme/app", sourceOf("deploy"))
  yield* set("acme/deploy", target)
})
/** Lets an order have started the run. */
const bind = Effect.gen(function* () {
  const { run: root, orders } = yield* planned({
    run: { repositoryId: 9, runId: 9 },
    source,
    targets: { "acme/deploy": target }
  })
  const [first] = orders
  const table = yield* Table
  const ledger = yield* Ledger
  const id = first?.id ?? OrderId.make("none")
  const answer = yield* ledger.claim(runKey(root), id, 0, lasts)
  if (answer._tag !== "Claimed") return yield* Effect.die("the order is free")
  yield* ledger.settle(answer.claim, { _tag: "Dispatched", started: { id: run.runId, url: run.url } }, 0)
  const attributes = { run: runKey(root), order: id }
  yield* table.write({ _tag: "Put", key: startedKey(run.repository, run.runId), attributes })
})

describe("a run that the App caused", () => {
  scenario(
    "and no order did, starts nothing",
    Effect.gen(function* () {
      yield* world
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.isTrue(yield* isIgnored)
      assert.deepStrictEqual(yield* loads, [])
    })
  )

  scenario(
    "goes on with the chain of its order",
    Effect.gen(function* () {
      yield* world
      yield* bind
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.isFalse(yield* isIgnored)
      assert.lengthOf((yield* planOf(run))?.decisions ?? [], 1)
    })
  )

  scenario(
    "waits while an order for its workflow is under way, whichever comes of it",
    Effect.gen(function* () {
      yield* world
      const release = yield* hold
      assert.isAbove(putOff(yield* plan.handle(planMessage(run))), 0)
      assert.isFalse(yield* isIgnored)
      yield* TestClock.adjust("1 hour")
      assert.isAbove(putOff(yield* plan.handle(planMessage(run, { lastAttempt: true }))), 0)
      yield* bind
      yield* release
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.lengthOf((yield* planOf(run))?.decisions ?? [], 1)
    })
  )

  scenario(
    "is ignored once the order that was under way did not start it",
    Effect.gen(function* () {
      yield* world
      const release = yield* hold
      yield* plan.handle(planMessage(run))
      yield* release
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.isTrue(yield* isIgnored)
    })
  )
})

describe("a run that others caused", () => {
  for (const actor of ["octocat", "dispatcher", null]) {
    scenario(
      `is planned without asking who the App is: ${actor}`,
      Effect.gen(function* () {
        yield* world
        const ordinary = sourceRun({ actor })
        const asked = Effect.die("GitHub is not asked")
        yield* plan.handle(planMessage(ordinary)).pipe(Effect.provideService(GitHubApp, { login: asked, now: asked }))
        assert.lengthOf((yield* planOf(ordinary))?.decisions ?? [], 1)
      })
    )
  }

  scenario(
    "is planned where another App caused it",
    Effect.gen(function* () {
      yield* world
      const other = sourceRun({ actor: "dependabot[bot]" })
      yield* plan.handle(planMessage(other))
      assert.lengthOf((yield* planOf(other))?.decisions ?? [], 1)
    })
  )
})
