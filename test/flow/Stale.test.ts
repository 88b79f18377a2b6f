/** `stale: skip`: an older run starts nothing after a newer one was planned. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { plan } from "../../src/flow/Plan.ts"
import { type RunOverrides, sourceRun } from "../fixtures/Runs.ts"
import { facts, planMessage, scenario, set } from "./Harness.ts"
import { target } from "./Orders.ts"
import { planOf, sourceOf } from "./Plans.ts"

const world = (source: object) =>
  Effect.gen(function* () {
    const [{ targets } = { targets: [] }] = sourceOf("deploy").outbound
    yield* set("acme/app", { outbound: [{ source: { workflow: "ci.yml", branches: ["*"], ...source }, targets }] })
    yield* set("acme/deploy", target)
  })
const verdict = Effect.fnUntraced(function* (runNumber: number, overrides: RunOverrides = {}) {
  const run = sourceRun({ runId: 100 + runNumber, runNumber, ...overrides })
  yield* plan.handle(planMessage(run))
  const ignored = (yield* facts("dispatch.request.ignored")).find(
    ({ data: { runId, attempt } }) => runId === run.runId && attempt === run.attempt
  )
  return ignored?.data.skipped?.[0]?.check.name ?? (yield* planOf(run))?.decisions[0]?._tag
})

describe("a run that is older than the newest planned one", () => {
  scenario(
    "starts nothing where the rule skips stale runs",
    Effect.gen(function* () {
      yield* world({ stale: "skip" })
      assert.strictEqual(yield* verdict(2), "Allowed")
      assert.strictEqual(yield* verdict(1), "stale_run")
      assert.strictEqual(yield* verdict(2, { attempt: 2 }), "Allowed")
      assert.strictEqual(yield* verdict(1, { branch: "release", runId: 7 }), "Allowed")
      assert.strictEqual(yield* verdict(3), "Allowed")
      assert.strictEqual(yield* verdict(2, { attempt: 3 }), "stale_run")
    })
  )

  scenario(
    "starts what any other does where no rule asks",
    Effect.gen(function* () {
      yield* world({})
      assert.strictEqual(yield* verdict(2), "Allowed")
      assert.strictEqual(yield* verdict(1), "Allowed")
    })
  )

  scenario(
    "is not older than a run that the rule was not about",
    Effect.gen(function* () {
      yield* world({ stale: "skip" })
      assert.strictEqual(yield* verdict(2, { conclusion: "failure" }), "source_conclusion")
      assert.strictEqual(yield* verdict(1), "Allowed")
    })
  )

  scenario(
    "is the one that was created earlier, where GitHub gives no number",
    Effect.gen(function* () {
      yield* world({ stale: "skip" })
      const created = (day: number) => {
        const { runNumber, ...rest } = sourceRun({ runId: day, createdAt: `2026-11-0${day}T00:00:00Z` })
        return { ...rest, branch: "x".repeat(1024) }
      }
      for (const run of [created(2), created(1)]) yield* plan.handle(planMessage(run))
      const [ignored] = yield* facts("dispatch.request.ignored")
      assert.strictEqual(ignored?.data.skipped?.[0]?.check.name, "stale_run")
      assert.include(ignored?.data.reason, "the rule skips such runs.")
    })
  )

  scenario(
    "is found also where both are planned at one time",
    Effect.gen(function* () {
      yield* world({ stale: "skip" })
      const answers = yield* Effect.forEach([2, 1], (number) => verdict(number), { concurrency: 2 })
      assert.include(answers, "Allowed")
      assert.strictEqual(yield* verdict(1, { runId: 999 }), "stale_run")
    })
  )
})
