/** When people are notified: of what goes wrong once, of what else goes wrong, and that all is well again; of nothing else. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { WorkflowFile } from "../../src/domain/Names.ts"
import type { ReportedRun, ReportedTarget } from "../../src/domain/Report.ts"
import { advance, advanceFrom, isWell, Notified, notifiedBefore, problemsDigest } from "../../src/domain/Situation.ts"
import { GitHubId, RunKey } from "../../src/domain/SourceRun.ts"
import { repository, sourceRun } from "../fixtures/Runs.ts"

/** What became of a target in a run. */
const ends = ["well", "running", "failure", "cancelled", "lost", "denied", "refused"] as const
type End = (typeof ends)[number]

const base = { code: null, message: null, url: "https://github.com/acme/a/actions/runs/7" } as const
const completed = (conclusion: string) =>
  ({ ...base, status: "dispatched", result: { _tag: "Completed", conclusion, attempt: 1, duration: 1 } }) as const
const endings = {
  well: { ...completed("success"), needsAttention: false },
  running: { ...base, status: "dispatched", result: { _tag: "Running" }, needsAttention: false },
  failure: { ...completed("failure"), needsAttention: true },
  cancelled: { ...completed("cancelled"), needsAttention: true },
  lost: { ...base, status: "dispatched", result: { _tag: "Lost", message: "deleted" }, needsAttention: true },
  denied: { ...base, status: "denied", code: "target_config_absent", needsAttention: true },
  refused: { ...base, status: "failed", code: "forbidden", needsAttention: true }
} as const satisfies Record<End, Partial<ReportedTarget>>

type Ends = Readonly<Record<string, End>>
const runOf = (id: number, targets: Ends, configProblems: ReadonlyArray<string> = []): ReportedRun => ({
  key: RunKey.make(`1/${id}/1`),
  runId: GitHubId.make(String(id)),
  attempt: 1,
  url: sourceRun().url,
  branch: "main",
  sha: sourceRun().sha,
  conclusion: "success",
  configProblems,
  targets: Object.entries(targets).map(([name, end]) => ({
    repository: repository(`acme/${name}`),
    workflow: WorkflowFile.make("cd.yml"),
    ref: "main",
    ...endings[end]
  }))
})

const nothing: Notified = { problems: [], count: 0 }
/** What people are notified of where reports are written in this order, each by itself. */
const changesOf = (...reports: ReadonlyArray<ReportedRun>) => {
  let shown: ReadonlyArray<ReportedRun> = []
  let known = nothing
  return reports.map((report) => {
    const { runs, change, notified } = advance(shown, [report], known)
    shown = runs
    known = notified
    return change
  })
}

describe("people are notified", () => {
  it.each<[string, ReadonlyArray<ReportedRun>, ReadonlyArray<string | undefined>]>([
    ["of nothing while all goes well", [runOf(1, { a: "running" }), runOf(1, { a: "well" })], [undefined, undefined]],
    [
      "of the first failure, and not again",
      [runOf(1, { a: "denied" }), runOf(2, { a: "denied" })],
      ["failure", undefined]
    ],
    ["of another reason", [runOf(1, { a: "denied" }), runOf(2, { a: "refused" })], ["failure", "other failure"]],
    ["of another conclusion", [runOf(1, { a: "failure" }), runOf(2, { a: "cancelled" })], ["failure", "other failure"]],
    [
      "of another target",
      [runOf(1, { a: "failure" }), runOf(2, { a: "failure", b: "lost" })],
      ["failure", "other failure"]
    ],
    [
      "of one target less",
      [runOf(1, { a: "failure", b: "lost" }), runOf(2, { a: "failure", b: "well" })],
      ["failure", "other failure"]
    ],
    [
      "of a recovery",
      [runOf(1, { a: "failure" }), runOf(2, { a: "well" }), runOf(3, { a: "well" })],
      ["failure", "recovery", undefined]
    ],
    [
      "of a recovery when the run has ended well, not when it was started",
      [runOf(1, { a: "denied" }), runOf(2, { a: "running" }), runOf(2, { a: "well" })],
      ["failure", undefined, "recovery"]
    ],
    [
      "of a result that comes late, in a run that was reported",
      [runOf(1, { a: "running", b: "denied" }), runOf(1, { a: "failure", b: "denied" })],
      ["failure", "other failure"]
    ],
    [
      "once where one target fails in each run, after another was denied in it",
      [1, 2, 3].flatMap((id) => [runOf(id, { a: "denied", b: "running" }), runOf(id, { a: "denied", b: "failure" })]),
      ["failure", "other failure", undefined, undefined, undefined, undefined]
    ],
    [
      "of nothing that an earlier run came to once a later one has ended",
      [runOf(1, { a: "running" }), runOf(2, { a: "well" }), runOf(1, { a: "failure" })],
      [undefined, undefined, undefined]
    ],
    [
      "of what an earlier run came to while no later one has ended",
      [runOf(1, { a: "running" }), runOf(2, { a: "running" }), runOf(1, { a: "failure" })],
      [undefined, undefined, "failure"]
    ],
    ["of a re-run that went well", [runOf(1, { a: "failure" }), runOf(1, { a: "well" })], ["failure", "recovery"]],
    [
      "of a recovery where the rule for what failed was removed",
      [runOf(1, { a: "failure", b: "well" }), runOf(2, { b: "running" })],
      ["failure", "recovery"]
    ],
    [
      "of no recovery where all targets are others, of which none has ended",
      [runOf(1, { a: "failure" }), runOf(2, { b: "running" }), runOf(2, { b: "well" })],
      ["failure", undefined, "recovery"]
    ],
    [
      "of what another branch came to, whose targets are others",
      [
        runOf(1, { prod: "running" }),
        { ...runOf(2, { preview: "well" }), branch: "feature" },
        runOf(1, { prod: "failure" }),
        { ...runOf(3, { preview: "well" }), branch: "feature" },
        runOf(4, { prod: "well" })
      ],
      [undefined, undefined, "failure", undefined, "recovery"]
    ],
    [
      "of no recovery on one branch while another has a problem",
      [
        runOf(1, { prod: "denied" }),
        { ...runOf(2, { preview: "failure" }), branch: "feature" },
        { ...runOf(3, { preview: "well" }), branch: "feature" },
        runOf(4, { prod: "well" })
      ],
      ["failure", "other failure", "other failure", "recovery"]
    ],
    [
      "of a broken config once, of another mistake, and when it is repaired",
      [runOf(1, {}, ["x"]), runOf(2, {}, ["x"]), runOf(3, {}, ["y"]), runOf(4, { a: "well" })],
      ["failure", undefined, "other failure", "recovery"]
    ]
  ])("%s", (_, reports, changes) => assert.deepStrictEqual(changesOf(...reports), changes))

  it("of what does not come to an end as before, although the runs in which it failed are not shown any more", () => {
    const failed = advance([], [runOf(1, { a: "failure", b: "well" })], nothing)
    const later = advance([], [runOf(99, { a: "running", b: "denied" })], failed.notified)
    assert.lengthOf(later.situation.problems, 2)
    assert.strictEqual(advance([], [runOf(99, { a: "running", b: "well" })], failed.notified).change, undefined)
  })

  it("by what earlier versions showed as if each run had been commented on", () => {
    const shown = [runOf(1, { a: "denied" })]
    const before = notifiedBefore(shown)
    assert.strictEqual(advance(shown, [runOf(2, { a: "denied" })], before).change, undefined)
    assert.strictEqual(advance(shown, [runOf(2, { a: "well" })], before).change, "recovery")
  })

  it("of what has changed since a comment that was not known to be written", () => {
    const changeAfter = (report: ReportedRun, before: Notified, said: Notified) => {
      const known = advance([], [report], before)
      const digest = problemsDigest(said.problems)
      const { change, isSaid, isInDoubt, notified } = advanceFrom(known, before, { count: said.count, digest })
      return [change, isSaid, isInDoubt, notified.count]
    }
    const failed = advance([], [runOf(1, { a: "failure" })], nothing).notified
    const well: Notified = { problems: [], count: 2 }
    const again: Notified = { problems: failed.problems, count: 3 }
    const cases = [
      // All is well by now, or the same is wrong, or something else.
      [runOf(1, { a: "well" }), nothing, failed, ["recovery", false, false, 2]],
      [runOf(1, { a: "failure" }), nothing, failed, ["failure", true, false, 1]],
      [runOf(1, { a: "cancelled" }), nothing, failed, ["other failure", false, false, 2]],
      // It went wrong again after a recovery, as before or not.
      [runOf(2, { a: "failure" }), failed, well, ["failure", false, false, 3]],
      [runOf(2, { a: "well" }), failed, well, ["recovery", true, false, 2]],
      // Two comments are not known, and the latest says what is so.
      [runOf(3, { a: "failure" }), failed, again, ["other failure", true, false, 3]],
      // What is not over is no recovery, and the next report looks again.
      [runOf(2, { b: "running" }), nothing, failed, [undefined, false, true, 0]],
      // Nothing is unknown.
      [runOf(2, { a: "well" }), failed, failed, ["recovery", false, false, 2]]
    ] as const
    for (const [report, before, said, expected] of cases) {
      assert.deepStrictEqual(changeAfter(report, before, said), [...expected])
    }
  })

  it("of the run in which it went wrong, where several are written at once", () => {
    const { change, situation } = advance([], [runOf(2, { a: "denied" }), runOf(1, { a: "denied" })], nothing)
    assert.strictEqual(change, "failure")
    assert.deepStrictEqual(
      situation.wrong.map(({ runId }) => runId),
      ["1"]
    )
  })
})

const end = Schema.optionalKey(Schema.Literals(ends))
const Report = Schema.Struct({
  id: Schema.Literals([1, 2, 3, 4, 5, 6]),
  targets: Schema.Struct({ a: end, b: end, c: end }),
  broken: Schema.Boolean
})
const reports = Schema.Array(Report)
const toRuns = (all: typeof reports.Type): ReadonlyArray<ReportedRun> =>
  all.map(({ id, targets, broken }) => runOf(id, targets, broken ? ["x"] : []))
const options = { arbitrary: { runs: 500 } }

describe("any reports", () => {
  it.prop(
    "lead to one notification at most when written together, and to what they come to one by one",
    [reports],
    ([all]) => {
      const added = toRuns(all).filter((run, index, runs) => runs.findIndex(({ key }) => key === run.key) === index)
      const together = advance([], added, nothing)
      const sorted = added.toSorted((a, b) => Number(a.runId) - Number(b.runId))
      let known = nothing
      let shown: ReadonlyArray<ReportedRun> = []
      for (const run of sorted) ({ runs: shown, notified: known } = advance(shown, [run], known))
      assert.deepStrictEqual(together.runs, shown)
      assert.deepStrictEqual(together.notified.problems, known.problems)
      assert.strictEqual(together.notified.count, together.change === undefined ? 0 : 1)
      assert.strictEqual(together.change === undefined, known.problems.length === 0)
    },
    options
  )

  it.prop(
    "notify of nothing when they come again",
    [reports],
    ([all]) => {
      const { runs, notified } = advance([], toRuns(all), nothing)
      for (const run of runs) assert.isUndefined(advance(runs, [run], notified).change)
    },
    options
  )

  it.prop(
    "notify in turn: never twice of a recovery, never of a first failure before one",
    [reports],
    ([all]) => {
      const changes = changesOf(...toRuns(all)).filter((change) => change !== undefined)
      for (const [index, change] of changes.entries()) {
        const isFirst = index === 0 || changes[index - 1] === "recovery"
        assert.strictEqual(change === "failure", isFirst)
      }
    },
    options
  )

  it.prop(
    "are well only where the newest run is, as far as it has ended",
    [reports],
    ([all]) => {
      const { runs, situation, change } = advance([], toRuns(all), nothing)
      const [newest] = runs
      if (newest === undefined) return
      const isBad = newest.configProblems.length > 0 || newest.targets.some(({ needsAttention }) => needsAttention)
      if (isBad) assert.isFalse(isWell(situation))
      assert.strictEqual(change === undefined, situation.problems.length === 0)
      if (isBad) assert.isAbove(situation.problems.length, 0)
    },
    options
  )

  it.prop(
    "that are not over leave things as they are",
    [reports],
    ([all]) => {
      const { runs, notified } = advance([], toRuns(all), nothing)
      const targets = Object.fromEntries(["a", "b", "c"].map((name) => [name, "running"] as const))
      if (runs[0] === undefined || runs[0].targets.length < 3 || runs[0].configProblems.length > 0) return
      assert.isUndefined(advance(runs, [runOf(9, targets)], notified).change)
    },
    options
  )

  it.prop(
    "survive the way through the ledger",
    [reports],
    ([all]) => {
      const { notified } = advance([], toRuns(all), nothing)
      assert.deepStrictEqual(Schema.decodeUnknownSync(Notified)(JSON.parse(JSON.stringify(notified))), notified)
    },
    options
  )
})
