/** Runs whose orders have all settled: what tests of Report start from. */
import { assert } from "@effect/vitest"
import { Clock, Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import type { SourceRun } from "../../src/domain/SourceRun.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { followResult } from "../../src/flow/Follow.ts"
import { report } from "../../src/flow/Report.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { NotFound } from "../../src/ports/GitHubError.ts"
import { refused, type ScriptedFault } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { WrittenIssues } from "../../src/testing/fakes/Reports.ts"
import { absent } from "../fixtures/Configs.ts"
import { planWithout } from "../fixtures/Plans.ts"
import type { RunOverrides } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { dispatchMessage, planned, putOff, reportMessage, requestsOf } from "./Harness.ts"
import { target, workflows } from "./Orders.ts"

const sourceOf = (repository: string, workflow = "ci.yml") => ({
  outbound: [{ source: { workflow }, targets: [{ repository, workflow: "cd.yml" }] }]
})
const numbered = (runId: number): RunOverrides => ({
  runId,
  url: `https://github.com/acme/app/actions/runs/${runId}`
})

/** A run that started its target. */
export const dispatchedRun = Effect.fnUntraced(function* (runId: number, overrides: RunOverrides = {}) {
  const run = { ...numbered(runId), ...overrides }
  const given = yield* planned({ run, source: sourceOf("deploy"), targets: { "acme/deploy": target } })
  for (const order of given.orders) yield* dispatch.handle(dispatchMessage(order))
  return given.run
})

/** A run whose target GitHub did not start. */
export const failedRun = Effect.fnUntraced(function* (runId: number) {
  yield* workflows("start", refused(new NotFound({ message: "Not Found" })))
  return yield* dispatchedRun(runId)
})

/** A run whose target does not let it in, which a person should look at; `overrides` may make that a routine denial. */
export const deniedRun = Effect.fnUntraced(function* (runId: number, overrides: RunOverrides = {}) {
  const run = { ...numbered(runId), ...overrides }
  return (yield* planned({ run, source: sourceOf("closed", overrides.workflow), targets: { "acme/closed": absent } }))
    .run
})

/** A run of a repository whose own config has this problem. */
export const invalidRun = Effect.fnUntraced(function* (runId: number, message: string, overrides: RunOverrides = {}) {
  const ledger = yield* Ledger.Ledger
  const issues = [{ line: 3, column: 1, path: "outbound", message }]
  const plan = planWithout({ _tag: "Invalid", file: "dispatching.yml", issues }, { ...numbered(runId), ...overrides })
  yield* ledger.savePlan(plan, [], undefined)
  return plan.run
})

/** Hands the run to Report. */
export const handed = (run: SourceRun, attempt = 1, lastAttempt = false) =>
  report.handle(reportMessage(run, { attempt, lastAttempt }))

/** Hands the run to Report, whenever it wants to be tried again, until it is done. */
export const handedToTheEnd = Effect.fnUntraced(function* (run: SourceRun) {
  for (let attempt = 1; attempt < 16; attempt++) {
    const verdict = yield* handed(run, attempt)
    if (verdict._tag === "Done") return
    yield* Effect.sleep(putOff(verdict))
  }
  assert.fail("the run was not reported")
})
/** Hands the runs to Report at once, until all are done. */
export const together = (...runs: ReadonlyArray<SourceRun>) =>
  Effect.gen(function* () {
    const all = yield* Effect.forkChild(Effect.forEach(runs, handedToTheEnd, { concurrency: "unbounded" }))
    yield* TestClock.adjust("2 hours")
    yield* Fiber.join(all)
  })
/** What was started for a run ended, as GitHub's deliveries say. */
export const ended = Effect.fnUntraced(function* (run: SourceRun, conclusion: string, attempt = 1) {
  const ledger = yield* Ledger.Ledger
  for (const { outcome, order } of yield* standingsOf(ledger, runKey(run))) {
    if (outcome?._tag !== "Dispatched" || outcome.started === null) continue
    const { id: runId } = outcome.started
    const started = yield* ledger.startedBy({ repository: order.target.repository, runId })
    if (Option.isNone(started)) return yield* Effect.die("nothing was started")
    const completedAt = new Date(yield* Clock.currentTimeMillis).toISOString()
    yield* followResult(started.value, { _tag: "Completed", conclusion, attempt, completedAt, duration: 60_000 })
  }
})

/** A run, what it started, and the reports of both. */
export const endedRun = Effect.fnUntraced(function* (runId: number, conclusion: string) {
  const run = yield* dispatchedRun(runId)
  yield* reported(run)
  yield* ended(run, conclusion)
  yield* reported(run)
  return run
})

/** Hands the run to Report, once its issue may be written to again. */
export const reported = (run: SourceRun) => Effect.andThen(TestClock.adjust("5 seconds"), handed(run))

/** Whether it is stored that the run was reported. */
export const isReported = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger.Ledger
  return (yield* ledger.latestReport(runKey(run))) !== undefined
})

export const issues = WrittenIssues.use(({ all }) => all)
export const reportRequests = requestsOf("Reports")
/** What the next requests for issues meet. */
export const writing = (
  operation: "create" | "update" | "comment" | "isOnlyOurs" | "close",
  ...faults: ReadonlyArray<ScriptedFault>
) => Faults.use(({ next }) => next(`Reports.${operation}`, ...faults))
