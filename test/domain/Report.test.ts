import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { DenialCode } from "../../src/domain/Denial.ts"
import type { OrderId } from "../../src/domain/Order.ts"
import type { Outcome } from "../../src/domain/Outcome.ts"
import {
  isFinal,
  isNewer,
  isReportable,
  type OrderEnd,
  ReportedRun,
  type ReportedTarget,
  reportedRun,
  reportedRuns,
  withRuns
} from "../../src/domain/Report.ts"
import type { RunResult } from "../../src/domain/RunResult.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import { absent } from "../fixtures/Configs.ts"
import { planFor, planWithout, type Situation } from "../fixtures/Plans.ts"
import { type RunOverrides, sourceRun } from "../fixtures/Runs.ts"

const deploy = (...names: ReadonlyArray<string>) => ({
  outbound: [
    { source: { workflow: "ci.yml" }, targets: names.map((repository) => ({ repository, workflow: "cd.yml" })) }
  ]
})
const open = { inbound: [{ source: { repository: "app", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }] }] }
const agreed: Situation = { source: deploy("deploy"), targets: { "acme/deploy": open } }

const dispatched: Outcome = {
  _tag: "Dispatched",
  started: { id: GitHubId.make("7"), url: "https://github.com/acme/deploy/runs/7" }
}

const completed = (conclusion: string | null, attempt = 1): RunResult => ({
  _tag: "Completed",
  conclusion,
  attempt,
  completedAt: "2026-01-01T00:00:00Z",
  duration: 60_000
})

/** The report of a situation in which every order ended in the same way, or none did: null. */
const reportOf = (situation: Situation, outcome: Outcome | null = dispatched, result?: RunResult): ReportedRun => {
  const plan = planFor(situation)
  const ends = new Map<OrderId, OrderEnd>()
  for (const decision of plan.decisions) {
    if (decision._tag === "Allowed" && outcome !== null) ends.set(decision.orderId, { outcome, result })
  }
  return reportedRun(plan, ends)
}

const only = ({ targets }: ReportedRun): ReportedTarget => targets[0] ?? assert.fail("nothing was reported")

const issues = (...messages: ReadonlyArray<string>) => ({
  _tag: "Invalid" as const,
  file: "dispatching.yml",
  issues: messages.map((message, index) => ({ line: index + 1, column: 3, path: "outbound", message }))
})
const broken = (messages: ReadonlyArray<string> = ["unknown key"], run: RunOverrides = {}): ReportedRun =>
  reportedRun(planWithout(issues(...messages), run), new Map())

describe("reportedRun", () => {
  it("has the run", () => {
    const run = { branch: null, conclusion: null, attempt: 3 }
    assert.deepInclude(reportOf({ ...agreed, run }), {
      ...run,
      key: "1296269/30433642/3",
      runId: GitHubId.make("30433642"),
      url: sourceRun().url,
      sha: sourceRun().sha
    } as Partial<ReportedRun>)
  })

  it.each<[string, Outcome | null, object]>([
    ["dispatched", dispatched, { url: "https://github.com/acme/deploy/runs/7", code: null, message: null }],
    ["dispatched", { _tag: "Dispatched", started: null }, { url: null, code: null, message: null }],
    [
      "failed",
      { _tag: "Failed", code: "not_found", message: "Not Found" },
      { code: "not_found", message: "Not Found" }
    ],
    ["unknown", { _tag: "Unknown", message: "no answer" }, { code: null, message: "no answer" }],
    ["unknown", null, { code: null, message: "The order was never settled." }]
  ])("says of a target that it was %s: %j", (status, outcome, shown) => {
    const target = only(reportOf(agreed, outcome))
    assert.deepInclude<object>(target, { repository: "acme/deploy", workflow: "cd.yml", ref: "main", status, ...shown })
    assert.strictEqual(target.needsAttention, status !== "dispatched")
  })

  it.each<[RunResult | undefined, object]>([
    [undefined, { result: { _tag: "Running" }, needsAttention: false }],
    [
      completed("success"),
      { result: { _tag: "Completed", conclusion: "success", attempt: 1, duration: 60_000 }, needsAttention: false }
    ],
    [
      completed("skipped", 2),
      { result: { _tag: "Completed", conclusion: "skipped", attempt: 2, duration: 60_000 }, needsAttention: false }
    ],
    [
      completed("failure"),
      { result: { _tag: "Completed", conclusion: "failure", attempt: 1, duration: 60_000 }, needsAttention: true }
    ],
    [
      completed(null),
      { result: { _tag: "Completed", conclusion: null, attempt: 1, duration: 60_000 }, needsAttention: true }
    ],
    [
      { _tag: "Lost", message: "it was deleted" },
      { result: { _tag: "Lost", message: "it was deleted" }, needsAttention: true }
    ]
  ])("has the result of what was started: %j", (result, shown) => {
    assert.deepInclude<object>(only(reportOf(agreed, dispatched, result)), { status: "dispatched", ...shown })
  })

  it("has no result where GitHub did not name what it started", () => {
    const report = reportOf(agreed, { _tag: "Dispatched", started: null }, completed("failure"))
    assert.notProperty(only(report), "result")
    assert.notProperty(report, "results")
    assert.isTrue(isFinal(report))
  })

  it("is newer with each result that is learned, a re-run's too, and final once all are known", () => {
    const two: Situation = { source: deploy("deploy", "docs"), targets: { "acme/deploy": open, "acme/docs": open } }
    const of = (...results: ReadonlyArray<RunResult | undefined>) => {
      const plan = planFor(two)
      const ids = plan.decisions.flatMap((decision) => (decision._tag === "Allowed" ? [decision.orderId] : []))
      return reportedRun(plan, new Map(ids.map((id, index) => [id, { outcome: dispatched, result: results[index] }])))
    }
    const lost: RunResult = { _tag: "Lost", message: "deleted" }
    const course = [
      of(),
      of(lost),
      of(completed("failure")),
      of(completed("failure"), lost),
      of(completed("success", 2), lost)
    ]
    for (const [index, report] of course.entries()) {
      assert.isFalse(isNewer(report, report))
      for (const earlier of course.slice(0, index)) {
        assert.isTrue(isNewer(report, earlier))
        assert.isFalse(isNewer(earlier, report))
      }
    }
    assert.deepStrictEqual(course.map(isFinal), [false, false, false, true, true])
  })

  it.each<[DenialCode]>([["inbound_not_allowed"], ["target_config_absent"]])(
    "says that consent was withdrawn for %s",
    (code) => {
      const report = reportOf(agreed, { _tag: "Withdrawn", code, message: "by now the rules say no" })
      const shown = {
        status: "withdrawn",
        code,
        message: "by now the rules say no",
        url: null,
        needsAttention: true
      } as const
      assert.deepInclude(only(report), shown)
      assert.isTrue(isReportable(report))
    }
  )

  it.each<[string, Situation, boolean]>([
    ["target_config_absent", { ...agreed, targets: { "acme/deploy": absent } }, true],
    ["inbound_not_allowed", { ...agreed, targets: { "acme/deploy": "" } }, true],
    ["source_not_allowlisted", { ...agreed, policy: { sourceAllowlist: [] } }, true]
  ])("has a denial %s, which a person may have to look at: %#", (code, situation, needsAttention) => {
    const target = only(reportOf(situation))
    assert.deepInclude(target, { status: "denied", code, url: null, needsAttention })
    assert.isAbove(target.message?.length ?? 0, 20)
  })

  it.each<[string, RunOverrides]>([
    ["branch", { branch: "feature" }],
    ["conclusion", { conclusion: "failure" }],
    ["fork", { fork: true }]
  ])("has no row for a rule that is skipped by its %s", (_, run) =>
    assert.deepStrictEqual(reportOf({ ...agreed, run }).targets, [])
  )

  it("has no row for what an earlier version denied and is skipped now", () => {
    const plan = planFor({ ...agreed, targets: {} })
    const [decision] = plan.decisions
    assert(decision?._tag === "Denied")
    const denial = { code: "source_branch", message: "The run was for feature; the rule wants main." } as const
    const { targets } = reportedRun({ ...plan, decisions: [{ ...decision, denial }, decision] }, new Map())
    assert.deepStrictEqual(
      targets.map(({ code }) => code),
      ["target_unreachable"]
    )
  })

  it("cuts what others say, which may be anything", () => {
    const target = only(reportOf(agreed, { _tag: "Failed", code: "unprocessable", message: "x".repeat(10_000) }))
    assert.strictEqual(target.message?.length, 500)
  })

  it("survives the way through the ledger", () => {
    const report = reportOf({ ...agreed, run: { branch: "\ud800", conclusion: null } })
    const decoded = Schema.decodeUnknownSync(ReportedRun, { onExcessProperty: "error" })(
      JSON.parse(JSON.stringify(report))
    )
    assert.deepStrictEqual(decoded, report)
  })
})

describe("A report of very many targets", () => {
  const many = Array.from(
    { length: 400 },
    (_, index) => `repository-${String(index).padStart(3, "0")}-${"x".repeat(60)}`
  )
  const rule = (names: ReadonlyArray<string>, branches: ReadonlyArray<string>) => ({
    source: { workflow: "ci.yml", branches },
    targets: names.map((repository) => ({ repository, workflow: "cd.yml" }))
  })

  it("stays small, and says how many it omits", () => {
    const report = reportOf({ source: deploy(...many), policy: { maxTargets: 98 } })
    assert.isBelow(JSON.stringify(report).length, 70_000)
    assert.strictEqual(report.targets.length + (report.omitted ?? 0), 400)
    assert.isAbove(report.omitted ?? 0, 0)
  })

  it("omits nothing if it is small enough", () => {
    assert.notProperty(reportOf(agreed), "omitted")
  })

  it("has first what people have to look at, before what was started", () => {
    const report = reportOf({ source: deploy("deploy", ...many), targets: { "acme/deploy": open } })
    assert.isAbove(report.omitted ?? 0, 0)
    assert.isTrue(report.targets.every(({ needsAttention }) => needsAttention))
  })

  it("is worth a report because of the one that was started, wherever it stands", () => {
    const source = { outbound: [rule(many, ["next"]), rule(["deploy"], ["main"])] }
    assert.isTrue(isReportable(reportOf({ source, targets: { "acme/deploy": open } })))
  })
})

describe("A broken config", () => {
  it("is reported with places", () => {
    assert.deepStrictEqual(broken(["unknown key", "expected a list"]).configProblems, [
      "dispatching.yml:1:3: unknown key",
      "dispatching.yml:2:3: expected a list"
    ])
  })

  it("is reported in part if much is wrong with it", () => {
    const { configProblems } = broken(Array.from({ length: 101 }, () => "x".repeat(1000)))
    assert.strictEqual(configProblems.length, 21)
    assert.strictEqual(configProblems[20], "… and 81 more")
    assert.strictEqual(configProblems[0]?.length, 500)
  })

  it("is no stranger's business: a fork's run has none", () => {
    const report = broken(["unknown key"], { fork: true })
    assert.deepStrictEqual(report.configProblems, [])
    assert.isFalse(isReportable(report))
  })

  it.each([{ _tag: "Found" }, { _tag: "Absent" }, { _tag: "Unreachable", message: "HTTP 502" }] as const)(
    "is not a config that is %j",
    (config) => assert.deepStrictEqual(reportedRun(planWithout(config), new Map()).configProblems, [])
  )
})

describe("isReportable", () => {
  const failed: Outcome = { _tag: "Failed", code: "forbidden", message: "no" }
  it.each<[string, ReportedRun, boolean]>([
    ["something was started", reportOf(agreed), true],
    ["something failed", reportOf(agreed, failed), true],
    ["is not known", reportOf(agreed, null), true],
    ["a target did not agree", reportOf({ ...agreed, targets: {} }), true],
    ["the run was for another branch", reportOf({ ...agreed, run: { branch: "feature" } }), false],
    ["the run failed", reportOf({ ...agreed, run: { conclusion: "failure" } }), false],
    ["the run was a fork's", reportOf({ ...agreed, run: { fork: true }, targets: {} }), false],
    ["nothing was to be done", reportOf({ ...agreed, source: "" }), false],
    ["the config is broken", broken(), true]
  ])("if %s", (_, report, expected) => {
    assert.strictEqual(isReportable(report), expected)
  })
})

const withRun = (runs: ReadonlyArray<ReportedRun>, run: ReportedRun) => withRuns(runs, [run])

describe("withRun", () => {
  const report = (runId: number, attempt = 1): ReportedRun => reportOf({ ...agreed, run: { runId, attempt } })
  const shown = (runs: ReadonlyArray<ReportedRun>) => runs.map(({ runId, attempt }) => `${runId}/${attempt}`)

  it("keeps the newest first, whatever the order in which they end", () => {
    const runs = [report(2), report(5), report(3), report(5, 2)].reduce(withRun, [] as ReadonlyArray<ReportedRun>)
    assert.deepStrictEqual(shown(runs), ["5/2", "5/1", "3/1", "2/1"])
  })

  it("replaces a run that is reported again", () => {
    const before = reportOf({ ...agreed, run: { runId: 2 } }, { _tag: "Unknown", message: "?" })
    const runs = withRun([report(3), before, report(1)], report(2))
    assert.deepStrictEqual(shown(runs), ["3/1", "2/1", "1/1"])
    assert.strictEqual(runs[1]?.targets[0]?.status, "dispatched")
  })

  it("forgets the oldest", () => {
    const runs = Array.from({ length: 60 }, (_, index) => report(index + 1)).reduce(
      withRun,
      [] as ReadonlyArray<ReportedRun>
    )
    assert.strictEqual(runs.length, reportedRuns)
    assert.deepStrictEqual([runs[0]?.runId, runs.at(-1)?.runId], [GitHubId.make("60"), GitHubId.make("11")])
    assert.deepStrictEqual(withRun(runs, report(5)), runs)
  })

  it("keeps fewer if they are large, but never none", () => {
    const large = (runId: number) =>
      reportOf({ run: { runId }, source: deploy(...Array.from({ length: 400 }, (_, index) => `r${index}`)) })
    const runs = [large(1), large(2), large(3)].reduce(withRun, [] as ReadonlyArray<ReportedRun>)
    assert.isBelow(JSON.stringify(runs).length, 110_000)
    assert.strictEqual(runs[0]?.runId, "3")
    const worst = broken(
      Array.from({ length: 101 }, () => "\u0001".repeat(1000)),
      { branch: "\u0001".repeat(1024), url: "\u0001".repeat(1024) }
    )
    assert.strictEqual(withRun([], worst).length, 1)
  })
})
