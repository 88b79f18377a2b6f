/** Runs whose orders have all settled: what tests of Report start from. */
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { SourceRun } from "../../src/domain/SourceRun.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { report } from "../../src/flow/Report.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { NotFound } from "../../src/ports/GitHubError.ts"
import { refused, type ScriptedFault } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { WrittenIssues } from "../../src/testing/fakes/Reports.ts"
import { absent } from "../fixtures/Configs.ts"
import { planWithout } from "../fixtures/Plans.ts"
import type { RunOverrides } from "../fixtures/Runs.ts"
import { dispatchMessage, planned, reportMessage, requestsOf } from "./Harness.ts"
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

/** A run whose target does not let it in, which somebody should look at; `overrides` may make that a routine denial. */
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
export const writing = (operation: "create" | "update" | "comment", ...faults: ReadonlyArray<ScriptedFault>) =>
  Faults.use(({ next }) => next(`Reports.${operation}`, ...faults))
