/**
 * Dispatching workflows and reading their runs, with the client that the service has.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createdFilter } from "../../src/sandbox/Runs.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { installationClient, rawRequest, refusal, scenario, token } from "./support.ts"

const target = { owner: "acme", repo: "target", workflow_id: "cd.yml" }
const inputs = { sha: "abc" }

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("workflow dispatch", (it) => {
  it.effect("starts a run and gives its id on demand", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const sandbox = yield* Sandbox.Sandbox
      const answer = yield* Effect.promise(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs, return_run_details: true })
      )
      assert.strictEqual(answer.status, 200)
      const [run] = yield* sandbox.startedRuns("acme/target", "cd.yml")
      assert.deepStrictEqual(answer.data, {
        workflow_run_id: run?.id ?? 0,
        run_url: `${sandbox.url}/repos/acme/target/actions/runs/${run?.id}`,
        html_url: run?.htmlUrl ?? ""
      })
      assert.deepStrictEqual(run?.inputs, { sha: "abc", environment: "staging", dry_run: "false" })
      assert.strictEqual(run?.actor, "dispatcher-app[bot]")
    })
  )

  it.effect("answers 204 without a body when details are not asked for", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const answer = yield* Effect.promise(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, ref: "refs/tags/v1", inputs })
      )
      assert.strictEqual(answer.status, 204)
      assert.notExists(answer.data || undefined)
    })
  )

  it.effect("always gives details in the newer API version, and refuses the parameter there", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const headers = { "x-github-api-version": "2026-03-10" }
      const answer = yield* Effect.promise(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs, headers })
      )
      assert.strictEqual(answer.status, 200)
      assert.include(Object.keys(answer.data), "workflow_run_id")
      const refused = yield* refusal(() =>
        client.rest.actions.createWorkflowDispatch({
          ...target,
          ref: "main",
          inputs,
          headers,
          return_run_details: true
        })
      )
      assert.strictEqual(refused.status, 422)
    })
  )

  it.effect.each(["word.yml", "list.yml", "bare.yml"])("knows the trigger in whatever form `on` has it: %s", (file) =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const answer = yield* Effect.promise(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, workflow_id: file, ref: "main" })
      )
      assert.strictEqual(answer.status, 204)
    })
  )

  const noTrigger = "Workflow does not have 'workflow_dispatch' trigger"
  const many = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`input${index}`, "x"]))

  it.effect.each([
    ["missing repository", { repo: "absent" }, 404, "Not Found"],
    ["repository of another installation", { owner: "globex", repo: "open" }, 404, "Not Found"],
    ["missing workflow", { workflow_id: "absent.yml" }, 404, "Not Found"],
    ["workflow by its path", { workflow_id: ".github/workflows/cd.yml" }, 404, "Not Found"],
    ["missing ref", { ref: "gone" }, 422, "No ref found for: gone"],
    ["commit instead of a ref", { ref: "a".repeat(40) }, 422, `No ref found for: ${"a".repeat(40)}`],
    ["no trigger", { workflow_id: "push.yml" }, 422, noTrigger],
    ["no trigger on that branch", { ref: "experimental" }, 422, noTrigger],
    ["unknown inputs", { inputs: { sha: "a", x: "1", y: "2" } }, 422, 'Unexpected inputs provided: ["x", "y"]'],
    ["missing input", { inputs: {} }, 422, "Required input 'sha' not provided"],
    [
      "value that is no choice",
      { inputs: { sha: "a", environment: "moon" } },
      422,
      "Provided value 'moon' for input 'environment' not in the list of allowed values"
    ],
    [
      "too many inputs",
      { inputs: many },
      422,
      "Invalid request.\n\nNo more than 25 properties are allowed; 26 were supplied."
    ],
    ["inputs too large", { inputs: { sha: "x".repeat(65_533) } }, 422, "inputs are too large."],
    [
      "nested input",
      { inputs: { sha: { deep: 1 } } },
      422,
      "Invalid request.\n\nInputs must be strings, numbers or booleans."
    ],
    [
      "disabled workflow",
      { workflow_id: "off.yml" },
      422,
      "Cannot trigger a 'workflow_dispatch' on a disabled workflow"
    ],
    ["archived repository", { repo: "frozen" }, 403, "Repository was archived so is read-only."],
    ["Actions disabled", { repo: "quiet" }, 403, "GitHub Actions is disabled on this repository."]
  ] as const)("refuses: %s", ([, change, status, message]) =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const sandbox = yield* Sandbox.Sandbox
      const before = yield* sandbox.startedRuns()
      const refused = yield* refusal(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs, ...change })
      )
      assert.deepStrictEqual(refused, { status, message })
      assert.lengthOf(yield* sandbox.startedRuns(), before.length)
    })
  )

  it.effect("takes inputs up to the limit", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const answer = yield* Effect.promise(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs: { sha: "x".repeat(65_532) } })
      )
      assert.strictEqual(answer.status, 204)
    })
  )

  it.effect("says what is wrong with a workflow file that is no YAML", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const refused = yield* refusal(() =>
        client.rest.actions.createWorkflowDispatch({ ...target, workflow_id: "broken.yml", ref: "main" })
      )
      assert.strictEqual(refused.status, 422)
      assert.match(refused.message, /^failed to parse workflow: /)
    })
  )

  it.effect("refuses an installation without the permission", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(104)
      const refused = yield* refusal(() =>
        client.rest.actions.createWorkflowDispatch({ owner: "hooli", repo: "tv", workflow_id: "cd.yml", ref: "main" })
      )
      assert.deepStrictEqual(refused, { status: 403, message: "Resource not accessible by integration" })
    })
  )

  it.effect("refuses bodies that GitHub refuses", () =>
    Effect.gen(function* () {
      const authorization = `Bearer ${yield* token(101)}`
      const send = (body: string) =>
        rawRequest("/repos/acme/target/actions/workflows/cd.yml/dispatches", {
          method: "POST",
          headers: { authorization, "user-agent": "test" },
          body
        })
      const message = (body: string) => Effect.map(send(body), (answer) => [answer.status, answer.body.message])
      assert.deepStrictEqual(yield* message("{"), [400, "Problems parsing JSON"])
      assert.deepStrictEqual(yield* message("[]"), [400, "Body should be a JSON object"])
      assert.deepStrictEqual(yield* message(""), [422, `Invalid request.\n\n"ref" wasn't supplied.`])
      assert.deepStrictEqual(yield* message('{"ref":null}'), [
        422,
        "Invalid request.\n\nFor 'properties/ref', nil is not a string."
      ])
      assert.deepStrictEqual(yield* message('{"ref":"main","a":1,"b":2}'), [
        422,
        'Invalid request.\n\n"a", "b" are not permitted keys.'
      ])
    })
  )
})

for (const [returnRunDetails, status] of [
  ["refused422", 422],
  ["refused400", 400]
] as const) {
  layer(Sandbox.layer({ scenario: { ...scenario, returnRunDetails } }), { excludeTestServices: true })(
    `an older GitHub Enterprise Server (${status})`,
    (it) => {
      it.effect("refuses return_run_details and does without", () =>
        Effect.gen(function* () {
          const client = yield* installationClient(101)
          const refused = yield* refusal(() =>
            client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs, return_run_details: true })
          )
          assert.deepStrictEqual(refused, {
            status,
            message: 'Invalid request.\n\n"return_run_details" is not a permitted key.'
          })
          const answer = yield* Effect.promise(() =>
            client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs })
          )
          assert.strictEqual(answer.status, 204)
          assert.lengthOf(yield* (yield* Sandbox.Sandbox).startedRuns(), 1)
        })
      )
    }
  )
}

layer(Sandbox.layer({ scenario: { ...scenario, listRunsWithinMillis: 3_600_000 } }), { excludeTestServices: true })(
  "lists that lag behind",
  (it) => {
    it.effect("show no run that was started just now", () =>
      Effect.gen(function* () {
        const client = yield* installationClient(101)
        yield* Effect.promise(() => client.rest.actions.createWorkflowDispatch({ ...target, ref: "main", inputs }))
        const { data } = yield* Effect.promise(() => client.rest.actions.listWorkflowRuns(target))
        assert.strictEqual(data.total_count, 0)
        const [run] = yield* (yield* Sandbox.Sandbox).startedRuns()
        const one = yield* Effect.promise(() =>
          client.rest.actions.getWorkflowRun({ owner: target.owner, repo: target.repo, run_id: Number(run?.id) })
        )
        assert.strictEqual(one.data.id, run?.id)
      })
    )
  }
)

const quick = { ...scenario, runs: { startAfterMillis: 0, completeAfterMillis: 0 } }

layer(Sandbox.layer({ scenario: quick }), { excludeTestServices: true })("workflow runs", (it) => {
  it.effect("are listed newest first, filtered and in pages", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const sandbox = yield* Sandbox.Sandbox
      for (const ref of ["main", "v1", "main"]) {
        yield* Effect.promise(() => client.rest.actions.createWorkflowDispatch({ ...target, ref, inputs }))
      }
      yield* sandbox.completeRun({ repository: "acme/target", workflow: "cd.yml", event: "push" })
      const list = (filter: object) =>
        Effect.promise(() => client.rest.actions.listWorkflowRuns({ ...target, ...filter })).pipe(
          Effect.map(({ data }) => data)
        )
      const all = yield* list({ event: "workflow_dispatch", actor: "dispatcher-app[bot]" })
      assert.strictEqual(all.total_count, 3)
      const ids = all.workflow_runs.map(({ id }) => Number(id))
      assert.deepStrictEqual(
        ids,
        [...ids].sort((a, b) => b - a)
      )
      assert.strictEqual((yield* list({ branch: "v1" })).total_count, 1)
      assert.strictEqual((yield* list({ event: "push" })).total_count, 1)
      assert.strictEqual((yield* list({ status: "completed" })).total_count, 4)
      const [newest] = all.workflow_runs
      assert.strictEqual(
        (yield* list({ created: `>=${newest?.created_at}`, event: "workflow_dispatch" })).total_count > 0,
        true
      )
      assert.strictEqual((yield* list({ created: ">=2999-01-01T00:00:00Z" })).total_count, 0)
      const second = yield* list({ per_page: 2, page: 2 })
      assert.deepStrictEqual([second.total_count, second.workflow_runs.length], [4, 2])
      const pages = yield* Effect.promise(() =>
        client.paginate(client.rest.actions.listWorkflowRuns, { ...target, per_page: 1 })
      )
      assert.lengthOf(pages, 4)
    })
  )

  it.effect("are found by id in their repository only", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const [run] = yield* (yield* Sandbox.Sandbox).startedRuns()
      const get = (repo: string) => client.rest.actions.getWorkflowRun({ owner: "acme", repo, run_id: run?.id ?? 0 })
      const { data } = yield* Effect.promise(() => get("target"))
      assert.deepInclude(data, {
        status: "completed",
        conclusion: "success",
        event: "workflow_dispatch",
        head_branch: "main"
      })
      assert.strictEqual(data.actor?.login, "dispatcher-app[bot]")
      assert.strictEqual(data.actor?.type, "Bot")
      assert.strictEqual((yield* refusal(() => get("source"))).status, 404)
    })
  )

  it.effect("belong to a workflow that can be read by file name and by id", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const byName = yield* Effect.promise(() => client.rest.actions.getWorkflow(target))
      const byId = yield* Effect.promise(() =>
        client.rest.actions.getWorkflow({ ...target, workflow_id: byName.data.id })
      )
      assert.deepStrictEqual(byId.data, byName.data)
      assert.deepInclude(byName.data, { name: "Deploy", path: ".github/workflows/cd.yml", state: "active" })
    })
  )

  it.effect("filters by creation as GitHub's date search does, in whole seconds", () =>
    Effect.sync(() => {
      const at = (text: string) => Date.parse(text)
      const noon = at("2026-05-01T12:00:00.700Z")
      const finds = (filter: string) => createdFilter(filter)?.(noon)
      assert.deepStrictEqual(
        [">=2026-05-01T12:00:00Z", ">=2026-05-01T12:00:00.500Z", ">2026-05-01T12:00:00Z", "<=2026-05-01T12:00:00Z"].map(
          finds
        ),
        [true, false, false, true]
      )
      assert.deepStrictEqual(
        ["2026-05-01", "2026-04-30", "2026-04-30..2026-05-02", "2026-05-01T12:00:01Z..*", "*..2026-05-01", "soon"].map(
          finds
        ),
        [true, false, true, false, true, undefined]
      )
    })
  )
})
