/** Planning while GitHub is out of reach: what can be decided is, what cannot is asked again, and nothing is lost or decided twice. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { plan } from "../../src/flow/Plan.ts"
import { Forbidden, RateLimited, Unavailable } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { none, refused } from "../../src/testing/FaultScript.ts"
import { absent, invalid, unreachable } from "../fixtures/Configs.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { facts, planMessage, progressOf, putOff, scenario, set } from "./Harness.ts"
import { source, target } from "./Orders.ts"
import { configs, ordersOf, planOf, sourceOf } from "./Plans.ts"

const run = sourceRun()
describe("GitHub out of reach", () => {
  scenario(
    "for the source's config: the run is planned later, not before GitHub wants it to",
    Effect.gen(function* () {
      yield* set("acme/app", source)
      yield* set("acme/deploy", target)
      yield* configs(refused(new RateLimited({ retryAfter: 300_000 })))
      assert.isAtLeast(putOff(yield* plan.handle(planMessage(run))), 300_000)
      assert.isUndefined(yield* planOf(run))
      assert.deepStrictEqual(yield* plan.handle(planMessage(run, { attempt: 2 })), done)
      assert.lengthOf(
        (yield* ordersOf(run)).map(({ id }) => id),
        1
      )
    })
  )

  scenario(
    "for the source's config at the last attempt is what the plan says",
    Effect.gen(function* () {
      yield* set("acme/app", unreachable("unavailable", "HTTP 502"))
      putOff(yield* plan.handle(planMessage(run)))
      assert.deepStrictEqual(yield* plan.handle(planMessage(run, { attempt: 16, lastAttempt: true })), done)
      assert.deepStrictEqual((yield* planOf(run))?.config, { _tag: "Unreachable", message: "HTTP 502" })
    })
  )

  scenario(
    "for one target: the others are dispatched at once, it is asked again, and the plan then is complete",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy", "away"))
      yield* set("acme/deploy", target)
      yield* set("acme/away", unreachable("unavailable", "HTTP 502"))
      putOff(yield* plan.handle(planMessage(run)))
      assert.deepStrictEqual(
        (yield* ordersOf(run)).map(({ id }) => id),
        ["1296269/30433642/1/acme/deploy/cd.yml"]
      )
      assert.deepStrictEqual(yield* progressOf(run), { expected: 1, settled: 0, complete: false, reported: false })
      assert.lengthOf(yield* facts("dispatch.plan.created"), 0)
      yield* set("acme/away", target)
      assert.deepStrictEqual(yield* plan.handle(planMessage(run, { attempt: 2 })), done)
      assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 0, complete: true, reported: false })
      const [summary] = yield* facts("dispatch.plan.created")
      assert.strictEqual(summary?.data.allowed, 2)
    })
  )

  scenario(
    "for one target at the last attempt denies it, with the reason",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("away"))
      yield* set("acme/away", unreachable("unavailable", "HTTP 502"))
      putOff(yield* plan.handle(planMessage(run)))
      assert.deepStrictEqual(yield* plan.handle(planMessage(run, { attempt: 16, lastAttempt: true })), done)
      const [decision] = (yield* planOf(run))?.decisions ?? []
      assert(decision?._tag === "Denied")
      assert.strictEqual(decision.denial.code, "target_unreachable")
      assert.include(decision.denial.message, "HTTP 502")
    })
  )

  scenario(
    "for all targets' configs: they are asked again, not before GitHub wants it, and none is lost whatever becomes of the source's",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      yield* configs(none, refused(new RateLimited({ retryAfter: 300_000 })))
      assert.isAtLeast(putOff(yield* plan.handle(planMessage(run))), 300_000)
      for (const answer of [absent, invalid("oops"), unreachable("unavailable")]) {
        yield* set("acme/app", answer)
        yield* configs(refused(new Unavailable({ message: "HTTP 502" })))
        putOff(yield* plan.handle(planMessage(run, { attempt: 2 })))
      }
      assert.deepStrictEqual(yield* plan.handle(planMessage(run, { attempt: 16, lastAttempt: true })), done)
      assert.lengthOf(
        (yield* ordersOf(run)).map(({ id }) => id),
        1
      )
    })
  )

  scenario(
    "for good, for all targets' configs, denies them at once",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* configs(none, refused(new Forbidden({ message: "suspended" })))
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      const [decision] = (yield* planOf(run))?.decisions ?? []
      assert(decision?._tag === "Denied")
      assert.strictEqual(decision.denial.code, "target_unreachable")
    })
  )
})
