import { assert, describe, it } from "@effect/vitest"
import dotcom from "@octokit/webhooks-examples" with { type: "json" }
import ghes31 from "@octokit/webhooks-examples/ghes-31/index.json" with { type: "json" }
import ghes32 from "@octokit/webhooks-examples/ghes-32/index.json" with { type: "json" }
import ghes33 from "@octokit/webhooks-examples/ghes-33/index.json" with { type: "json" }
import ghes34 from "@octokit/webhooks-examples/ghes-34/index.json" with { type: "json" }
import ghes35 from "@octokit/webhooks-examples/ghes-35/index.json" with { type: "json" }
import { Schema } from "effect"
import { SourceRun } from "../../src/domain/SourceRun.ts"
import { type Reading, readWorkflowRun } from "../../src/domain/WorkflowRunEvent.ts"
import {
  examplesIn,
  examplesOf,
  isJsonObject,
  type Json,
  type JsonObject,
  type PayloadOverrides,
  workflowRunPayload
} from "../fixtures/Payloads.ts"

const read = (overrides: PayloadOverrides = {}): Reading => readWorkflowRun(workflowRunPayload(overrides))

/** The run of a payload; fails if it is none. */
const runOf = (overrides: PayloadOverrides): SourceRun => {
  const reading = read(overrides)
  return reading._tag === "Completed" ? reading.run : assert.fail(JSON.stringify(reading))
}

const decodeRun = Schema.decodeUnknownSync(SourceRun)

/** Holds a reading to its contract: plain data that survives a queue, or a short sentence. */
const checkReading = (reading: Reading) => {
  switch (reading._tag) {
    case "Completed":
      assert.deepStrictEqual(decodeRun(JSON.parse(JSON.stringify(reading.run))), reading.run)
      return
    case "Ignored":
      assert.isBelow(reading.reason.length, 200)
      return
    case "Malformed":
      assert.isAbove(reading.message.length, 0)
      assert.isBelow(reading.message.length, 1000)
  }
}

describe("readWorkflowRun", () => {
  it("takes what the rules need from GitHub's own example", () => {
    assert.deepStrictEqual(read(), {
      _tag: "Completed",
      run: decodeRun({
        repository: "octo-org/octo-repo",
        repositoryId: 300029405,
        ownerId: 41548062,
        installationId: 957387,
        defaultBranch: "master",
        workflow: "test.yml",
        runId: 289782451,
        attempt: 1,
        runNumber: 163,
        createdAt: "2020-10-05T16:33:24Z",
        branch: "master",
        sha: "3484a3fb816e0859fd6e1cea078d76385ff50625",
        event: "repository_dispatch",
        conclusion: "success",
        actor: "Codertocat",
        url: "https://github.com/octo-org/octo-repo/actions/runs/289782451",
        fork: false,
        startedAt: "2020-10-05T16:33:49Z",
        updatedAt: "2020-10-05T16:33:49Z"
      })
    })
  })

  it.each(["requested", "in_progress", "", "deleted", `completed${"!".repeat(10_000)}`])(
    "ignores the action %.20s",
    (action) => {
      const reading = read({ action, workflow_run: { conclusion: 5 } })
      assert.strictEqual(reading._tag, "Ignored")
      checkReading(reading)
    }
  )

  const everyExample = [dotcom, ghes31, ghes32, ghes33, ghes34, ghes35].flatMap((examples) =>
    examplesIn(examples, "workflow_run")
  )

  it("takes every example of a completed run that GitHub gives for github.com and Enterprise Server, once it is an App's", () => {
    const completed = everyExample.filter(({ action }) => action === "completed")
    assert.isAtLeast(completed.length, 8)
    for (const example of completed) {
      const reading = readWorkflowRun({ ...example, installation: { id: 1 } })
      checkReading(reading)
      assert.strictEqual(reading._tag, "Completed")
      assert.match(reading._tag === "Completed" ? reading.run.workflow : "", /^(syntax|test)\.yml$/)
    }
  })

  it("takes the path of the workflow where an older Enterprise Server gives the run none", () => {
    const { path: _, ...workflow_run } = workflowRunPayload().workflow_run as JsonObject
    const older = { ...workflowRunPayload(), workflow_run }
    const reading = readWorkflowRun({ ...older, workflow: { path: ".github/workflows/older.yml" } })
    assert.strictEqual<string>(reading._tag === "Completed" ? reading.run.workflow : "", "older.yml")
    for (const workflow of [null, {}]) {
      assert.deepStrictEqual(readWorkflowRun({ ...older, workflow }), {
        _tag: "Malformed",
        message: "the payload names no workflow file: workflow_run.path and workflow.path are missing"
      })
    }
  })

  const odd = Schema.Array(Schema.Literals(["a", "\ud83d", "\ude00", "\ud800", "\udfff", "\u0000", "\u202e"]))

  it.prop("has no lone surrogate in anything that it reads", [odd, odd], ([one, two]) => {
    const [head_branch, other] = [one.join(""), two.join("")]
    const run = runOf({
      workflow_run: {
        head_branch,
        head_sha: other,
        event: other,
        conclusion: other,
        html_url: other,
        actor: { login: other },
        updated_at: other
      },
      repository: { default_branch: other }
    })
    assert.isTrue(JSON.stringify(run).isWellFormed())
    assert.deepStrictEqual(JSON.parse(Buffer.from(JSON.stringify(run)).toString()), run)
    assert.strictEqual(run.branch, head_branch.toWellFormed())
  })

  it("ignores or refuses GitHub's examples of every other event, and never throws", () => {
    for (const event of ["push", "workflow_job", "workflow_dispatch", "check_run", "installation", "ping"]) {
      for (const payload of examplesOf(event)) {
        assert.notStrictEqual(readWorkflowRun(payload)._tag, "Completed", event)
      }
    }
  })

  it("refuses a webhook that is not an App's, and says so", () => {
    const { installation: _, ...payload } = workflowRunPayload()
    assert.deepStrictEqual(readWorkflowRun(payload), {
      _tag: "Malformed",
      message:
        "the payload has no installation: this webhook belongs to a repository or organisation, not to the GitHub App"
    })
    for (const installation of [null, {}, { id: 0 }, { id: "0957387" }, 957387, []]) {
      assert.strictEqual(read({ installation })._tag, "Malformed")
    }
  })

  it.each([
    [".github/workflows/ci.yml", "ci.yml"],
    [".github/workflows/ci.yml@refs/heads/main", "ci.yml"],
    [".github/workflows/ci.yml@x.yml", "ci.yml@x.yml"],
    [".github/workflows/ci.yml@x.yml@refs/heads/main", "ci.yml@x.yml"],
    ["dynamic/pages/pages-build-deployment", "dynamic/pages/pages-build-deployment"]
  ])("reads the path %s as %s", (path, file) =>
    assert.strictEqual<string>(runOf({ workflow_run: { path } }).workflow, file)
  )

  it.each([
    ["the repository itself", { id: 300029405, full_name: "octokit/renamed" }, false],
    ["another repository", { id: 1, full_name: "octo-org/octo-repo" }, true],
    ["a repository that is gone", null, true]
  ] as const)("a run of code from %s", (_, head_repository, fork) =>
    assert.deepInclude(runOf({ workflow_run: { head_repository } }), { fork })
  )

  it("takes a run whose code's repository is not named for a fork's", () => {
    const { head_repository: _, ...run } = workflowRunPayload().workflow_run as JsonObject
    const reading = readWorkflowRun({ ...workflowRunPayload(), workflow_run: run })
    assert.isTrue(reading._tag === "Completed" && reading.run.fork)
  })

  it("leaves open what GitHub leaves open", () => {
    assert.deepInclude(runOf({ workflow_run: { head_branch: null, conclusion: null, actor: null } }), {
      branch: null,
      conclusion: null,
      actor: null
    })
  })

  it.each([
    ["workflow_run", "id", "a run id"],
    ["workflow_run", "run_attempt", 0],
    ["workflow_run", "run_attempt", 1.5],
    ["workflow_run", "id", 2 ** 53],
    ["workflow_run", "path", ""],
    ["workflow_run", "path", ".github/workflows/\ud800.yml"],
    ["workflow_run", "path", null],
    ["workflow_run", "path", "x".repeat(1025)],
    ["workflow_run", "head_branch", 5],
    ["workflow_run", "head_branch", "x".repeat(1025)],
    ["workflow_run", "conclusion", true],
    ["workflow_run", "head_repository", { id: "3e8" }],
    ["repository", "full_name", "octokit"],
    ["repository", "full_name", "octokit/octo kit"],
    ["repository", "id", -1],
    ["repository", "default_branch", null]
  ] as const)("refuses %s.%s %j, and names the field", (part, field, value) => {
    const reading = read({ [part]: { [field]: value } })
    checkReading(reading)
    assert.include(reading._tag === "Malformed" ? reading.message : "", `${part}.${field}`)
  })
})

/** Every JSON type, and values of each that are easily forgotten. */
const oddValues: ReadonlyArray<Json> = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  "",
  "completed",
  "../../etc/passwd",
  "\ud800",
  "\u0000",
  "x".repeat(5000),
  [],
  [[]],
  {},
  { id: 1 },
  JSON.parse('{"__proto__": {"action": "completed"}, "constructor": 1, "toString": null}') as Json,
  JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`) as Json
]

/** Every way to put one of the odd values into a payload, or to leave something out. */
const mutations = function* (value: Json): Generator<Json | undefined> {
  yield undefined
  yield* oddValues
  if (!isJsonObject(value)) return
  for (const [key, inner] of Object.entries(value)) {
    for (const mutated of mutations(inner)) {
      const { [key]: _, ...rest } = value
      yield mutated === undefined ? rest : { ...rest, [key]: mutated }
    }
  }
}

/** The fields that are read; everything else may be anything. */
const readFields: Record<string, ReadonlyArray<string>> = {
  workflow_run: [
    "id",
    "run_attempt",
    "path",
    "head_branch",
    "head_sha",
    "event",
    "conclusion",
    "html_url",
    "actor",
    "updated_at",
    "run_number",
    "created_at",
    "run_started_at"
  ],
  repository: ["id", "full_name", "default_branch", "owner"],
  installation: ["id"]
}

describe("readWorkflowRun, given anything", () => {
  it("answers every mutation of a real payload", () => {
    const counts = { Completed: 0, Ignored: 0, Malformed: 0 }
    for (const payload of mutations(workflowRunPayload())) {
      const reading = readWorkflowRun(payload)
      checkReading(reading)
      counts[reading._tag]++
    }
    assert.isAbove(counts.Malformed, 100)
    assert.isAbove(counts.Ignored, 3)
    assert.isAbove(counts.Completed, 1000)
  })

  it("reads nothing but what it needs", () => {
    const full = workflowRunPayload()
    const only = Object.fromEntries(
      Object.entries(readFields).map(([part, fields]) => {
        const whole = full[part]
        return [
          part,
          Object.fromEntries(fields.map((field) => [field, isJsonObject(whole) ? (whole[field] ?? null) : null]))
        ]
      })
    )
    const { id } = full.repository as { readonly id: number }
    const reading = readWorkflowRun({
      ...only,
      action: "completed",
      workflow_run: { ...only.workflow_run, head_repository: { id } }
    })
    assert.deepStrictEqual(reading, read())
  })

  it.prop("answers any JSON", [Schema.Json], ([json]) => checkReading(readWorkflowRun(json)))

  it.prop(
    "answers any JSON in the place of a part",
    [Schema.Literals(["action", "workflow_run", "repository", "installation"]), Schema.Json],
    ([part, json]) => checkReading(readWorkflowRun({ ...workflowRunPayload(), [part]: json }))
  )

  it("answers values that are no JSON at all", () => {
    const circular: { self?: unknown; action: string } = { action: "completed" }
    circular.self = circular
    for (const value of [undefined, () => 1, Symbol("x"), 1n, new Date(0), circular, Object.create(null)]) {
      assert.strictEqual(readWorkflowRun(value)._tag, "Malformed")
    }
  })
})
