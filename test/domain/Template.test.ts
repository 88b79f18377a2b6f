import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { GitHubId, type SourceRun } from "../../src/domain/SourceRun.ts"
import { maxInputCharacters, renderInputs, templateVariables } from "../../src/domain/Template.ts"

const run: SourceRun = {
  repository: RepositoryName.make("acme/shop"),
  repositoryId: GitHubId.make("1"),
  installationId: GitHubId.make("2"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make("30433642"),
  attempt: 2,
  runNumber: 412,
  createdAt: "2026-11-02T08:15:27Z",
  branch: "release/1",
  sha: "009b8a3a9ccbb128af87f9b1c0f4c62e8a304f6d",
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: "https://github.com/acme/shop/actions/runs/30433642",
  fork: false
}

const render = (template: string, source: SourceRun = run) => renderInputs(new Map([["x", template]]), source)
const rendered = (template: string, source?: SourceRun) => Result.getOrThrow(render(template, source)).x
const problem = (result: Result.Result<unknown, string>) => (Result.isFailure(result) ? result.failure : "no problem")

describe("renderInputs", () => {
  it.each([
    ["{{ source.sha }}", run.sha],
    ["{{ source.branch }}", "release/1"],
    ["{{ source.head_branch }}", "release/1"],
    ["{{ source.run_id }}", "30433642"],
    ["{{ source.run_attempt }}", "2"],
    ["{{ source.run_number }}", "412"],
    ["{{ source.created_at }}", "2026-11-02T08:15:27Z"],
    ["{{ source.run_url }}", run.url],
    ["{{ source.repository }}", "acme/shop"],
    ["{{ source.repo }}", "acme/shop"],
    ["{{ source.workflow }}", "ci.yml"],
    ["{{ source.event }}", "push"],
    ["{{ source.actor }}", "octocat"],
    ["{{source.sha}}", run.sha],
    ["{{   source.sha   }}", run.sha],
    ["{{ source.repo }}@{{ source.run_id }}!", "acme/shop@30433642!"],
    ["plain", "plain"],
    ["}} { } {", "}} { } {"],
    ["$&$1", "$&$1"]
  ])("renders %j", (template, expected) => {
    assert.strictEqual(rendered(template), expected)
  })

  it("knows all variables of the contract", () => {
    assert.strictEqual(templateVariables.length, 13)
    for (const name of templateVariables) assert.isNotEmpty(rendered(`{{ ${name} }}`))
  })

  it.each(["{{ source.sha }}", "}}{{", "$1", "a b; rm -rf /"])("never renders a fact again: a branch %j", (branch) => {
    assert.strictEqual(rendered("on {{ source.branch }}", { ...run, branch }), `on ${branch}`)
  })

  const known =
    "known are source.sha, source.branch, source.head_branch, source.run_id, source.run_attempt, source.run_number, source.created_at, source.run_url, " +
    "source.repository, source.repo, source.workflow, source.event, source.actor"

  it.each([
    ["{{ source.sha", 'Input "x" has "{{" without "}}".'],
    ["a {{", 'Input "x" has "{{" without "}}".'],
    ["{{}}", `Input "x" uses the unknown variable ""; ${known}.`],
    ["{{ source.Sha }}", `Input "x" uses the unknown variable "source.Sha"; ${known}.`],
    ["{{ source.secret }}", `Input "x" uses the unknown variable "source.secret"; ${known}.`],
    [`\${{ github.sha }}`, `Input "x" uses the unknown variable "github.sha"; ${known}.`],
    ["{{ constructor }}", `Input "x" uses the unknown variable "constructor"; ${known}.`],
    ["{{ {{ source.sha }} }}", `Input "x" uses the unknown variable "{{ source.sha"; ${known}.`],
    ["", 'Input "x" is empty.'],
    ["a\nb", 'Input "x" contains the control character U+000A.'],
    ["\u0000", 'Input "x" contains the control character U+0000.'],
    ["\u007f", 'Input "x" contains the control character U+007F.'],
    ["\u0085", 'Input "x" contains the control character U+0085.']
  ])("refuses the template %j", (template, expected) => {
    assert.strictEqual(problem(render(template)), expected)
  })

  it.each([
    [{ branch: null }, "{{ source.branch }}", 'Input "x" uses source.branch, which this run does not have.'],
    [
      { branch: null },
      "v-{{ source.head_branch }}",
      'Input "x" uses source.head_branch, which this run does not have.'
    ],
    [{ actor: null }, "by {{ source.actor }}", 'Input "x" uses source.actor, which this run does not have.'],
    [{ sha: "" }, "{{ source.sha }}", 'Input "x" uses source.sha, which this run does not have.'],
    [{ branch: "a\u001b[31m" }, "{{ source.branch }}", 'Input "x" contains the control character U+001B.']
  ])("refuses the fact %j", (facts, template, expected) => {
    assert.strictEqual(problem(render(template, { ...run, ...facts })), expected)
  })

  it("reports all problems at once", () => {
    const templates = new Map([
      ["a", ""],
      ["b", "fine"],
      ["c", "{{ source.sha"]
    ])
    assert.strictEqual(problem(renderInputs(templates, run)), 'Input "a" is empty. Input "c" has "{{" without "}}".')
  })

  it("takes as many inputs as GitHub does", () => {
    const inputs = (count: number) => new Map(Array.from({ length: count }, (_, index) => [`i${index}`, "x"]))
    assert.strictEqual(Object.keys(Result.getOrThrow(renderInputs(inputs(25), run))).length, 25)
    assert.strictEqual(problem(renderInputs(inputs(26), run)), "There are 26 inputs, GitHub takes at most 25.")
    assert.deepStrictEqual(Result.getOrThrow(renderInputs(new Map(), run)), {})
  })

  it("counts characters as GitHub does: all inputs together, as JSON", () => {
    const most = 65_535 - '{"x":""}'.length
    assert.strictEqual(rendered("a".repeat(most))?.length, most)
    const over = "The inputs have 65536 characters as JSON, GitHub takes at most 65535."
    assert.strictEqual(problem(render("a".repeat(most + 1))), over)
    assert.strictEqual(problem(render(`${"a".repeat(most - 1)}"`)), over)
  })

  it("stays small, whatever it is given", () => {
    const huge = { ...run, branch: "b".repeat(1_000_000) }
    assert.strictEqual(
      problem(render("{{ source.branch }}".repeat(3_000), huge)),
      'Input "x" is longer than 65535 characters.'
    )
    for (const unit of ["{{", "{{ ", "}}", "{", "{{ source.sha }}", "{{ x }}", "{{{{}}"]) {
      const result = render(unit.repeat(30_000))
      const answer = Result.isSuccess(result) ? (result.success.x ?? "") : problem(result)
      assert.isAtMost(answer.length, Result.isSuccess(result) ? maxInputCharacters : 500, unit)
    }
  })

  it("keeps names that mean something to JavaScript as data", () => {
    const inputs = Result.getOrThrow(
      renderInputs(
        new Map([
          ["__proto__", "a"],
          ["constructor", "b"]
        ]),
        run
      )
    )
    assert.strictEqual(JSON.stringify(inputs), '{"__proto__":"a","constructor":"b"}')
    assert.strictEqual(Object.getPrototypeOf(inputs), Object.prototype)
  })

  it.prop("a template without variables is its own rendering, or refused", { text: Schema.String }, ({ text }) => {
    const result = render(text)
    if (Result.isSuccess(result)) assert.strictEqual(result.success.x, text)
    else assert.isTrue(text === "" || /\p{Cc}|\{\{/u.test(text), result.failure)
  })

  it.prop(
    "what is rendered is not empty and has no control characters",
    { branch: Schema.NullOr(Schema.String), actor: Schema.NullOr(Schema.String), before: Schema.String },
    ({ actor, before, branch }) => {
      const result = render(`${before}{{ source.branch }}{{ source.actor }}`, { ...run, branch, actor })
      if (Result.isSuccess(result)) assert.match(result.success.x ?? "", /^\P{Cc}+$/u)
    }
  )
})
