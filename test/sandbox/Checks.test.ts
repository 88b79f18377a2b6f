/**
 * Check runs, with the client that the service has: writing, finding, and what GitHub refuses.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { addCheckRun } from "../../src/sandbox/CheckRuns.ts"
import { makeState } from "../../src/sandbox/MakeState.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { decodeScenario } from "../../src/sandbox/Scenario.ts"
import { repositoryNamed } from "../../src/sandbox/WorkflowRunEvent.ts"
import { installationClient, rawRequest, refusal, scenario, token } from "./support.ts"

const source = { owner: "acme", repo: "source" }
const output = { title: "All started", summary: "2 of 2", text: "- one\n- two" }

/** The commit of a new run in `acme/source`, on a branch of its own. */
const commit = (branch: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const files = { repository: "acme/source", workflow: "ci.yml", branch }
    return (yield* sandbox.completeRun(files)).workflow_run.head_sha
  })

/** A plain request, for bodies that Octokit's types forbid. */
const send = (method: string, path: string, body: unknown) =>
  Effect.gen(function* () {
    const headers = { authorization: `Bearer ${yield* token(101)}`, "user-agent": "test" }
    const answer = yield* rawRequest(path, { method, headers, body: JSON.stringify(body) })
    return { status: answer.status, message: answer.body.message, errors: answer.body.errors }
  })

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("a check run", (it) => {
  it.effect("is created on a commit, and shown with everything that was written", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const sandbox = yield* Sandbox.Sandbox
      const head_sha = yield* commit("created")
      const created = yield* Effect.promise(() =>
        rest.checks.create({
          ...source,
          head_sha,
          name: "dispatcher",
          status: "in_progress",
          started_at: "2026-05-01T12:00:00Z",
          external_id: "order-1",
          details_url: "https://dispatcher.example/runs/1",
          output
        })
      )
      assert.strictEqual(created.status, 201)
      assert.deepInclude(created.data, {
        head_sha,
        name: "dispatcher",
        status: "in_progress",
        conclusion: null,
        started_at: "2026-05-01T12:00:00Z",
        completed_at: null,
        external_id: "order-1",
        details_url: "https://dispatcher.example/runs/1",
        html_url: `${sandbox.url}/acme/source/runs/${created.data.id}`
      })
      assert.deepInclude(created.data.output, output)
      assert.strictEqual(created.data.app?.slug, "dispatcher-app")
      const read = yield* Effect.promise(() => rest.checks.get({ ...source, check_run_id: created.data.id }))
      assert.deepStrictEqual(read.data, created.data)
      const page = yield* rawRequest(`/acme/source/runs/${created.data.id}`, { headers: { "user-agent": "browser" } })
      assert.include(page.text, "All started")
    })
  )

  it.effect("is queued without more words, and leads to the App's own page", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const head_sha = yield* commit("bare")
      const { data } = yield* Effect.promise(() => rest.checks.create({ ...source, head_sha, name: "bare" }))
      assert.deepInclude(data, { status: "queued", conclusion: null, completed_at: null, external_id: "" })
      assert.strictEqual(data.details_url, (yield* Sandbox.Sandbox).url)
      assert.deepInclude(data.output, { title: null, summary: null, text: null })
    })
  )

  it.effect("is changed in what a request names; a conclusion completes it", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const head_sha = yield* commit("changed")
      const { data } = yield* Effect.promise(() =>
        rest.checks.create({ ...source, head_sha, name: "dispatcher", external_id: "order-2", output })
      )
      const changed = yield* Effect.promise(() =>
        rest.checks.update({ ...source, check_run_id: data.id, conclusion: "failure", output: { summary: "1 of 2" } })
      )
      assert.deepInclude(changed.data, { status: "completed", conclusion: "failure", external_id: "order-2" })
      assert.isString(changed.data.completed_at)
      assert.deepInclude(changed.data.output, { ...output, summary: "1 of 2" })
      const renamed = yield* Effect.promise(() => rest.checks.update({ ...source, check_run_id: data.id, name: "d" }))
      assert.deepStrictEqual(renamed.data, { ...changed.data, name: "d" })
    })
  )

  it.effect("stays completed: another conclusion is taken, another status is not", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const head_sha = yield* commit("closed")
      const { data } = yield* Effect.promise(() =>
        rest.checks.create({ ...source, head_sha, name: "dispatcher", conclusion: "success" })
      )
      assert.strictEqual(data.status, "completed")
      const update = (change: object) =>
        Effect.promise(() => rest.checks.update({ ...source, check_run_id: data.id, ...change }))
      const reopened = yield* update({ status: "in_progress" })
      assert.deepInclude(reopened.data, { status: "completed", conclusion: "success", completed_at: data.completed_at })
      assert.strictEqual((yield* update({ conclusion: "failure" })).data.conclusion, "failure")
    })
  )

  it.effect("is found by commit, branch, name and App; the newest of each name unless all are asked for", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const sandbox = yield* Sandbox.Sandbox
      const head_sha = yield* commit("main")
      const create = (name: string) => Effect.promise(() => rest.checks.create({ ...source, head_sha, name }))
      const first = yield* create("dispatcher")
      const other = yield* create("other")
      const second = yield* create("dispatcher")
      assert.strictEqual(first.data.check_suite?.id, second.data.check_suite?.id)
      const list = (filter: object, ref = head_sha) =>
        Effect.promise(() => rest.checks.listForRef({ ...source, ref, ...filter })).pipe(
          Effect.map(({ data }) => [data.total_count, ...data.check_runs.map(({ id }) => id)])
        )
      assert.deepStrictEqual(yield* list({}), [2, second.data.id, other.data.id])
      assert.deepStrictEqual(yield* list({}, "main"), [2, second.data.id, other.data.id])
      assert.deepStrictEqual(yield* list({ check_name: "dispatcher", app_id: 4711 }), [1, second.data.id])
      assert.deepStrictEqual(yield* list({ check_name: "Dispatcher" }), [0])
      assert.deepStrictEqual(yield* list({ app_id: 1 }), [0])
      assert.deepStrictEqual(yield* list({ status: "completed" }), [0])
      assert.deepStrictEqual(yield* list({ filter: "all" }), [3, second.data.id, other.data.id, first.data.id])
      assert.deepStrictEqual(yield* list({ filter: "all", per_page: 2, page: 2 }), [3, first.data.id])
      const pages = yield* Effect.promise(() =>
        rest.checks.listForRef({ ...source, ref: head_sha, filter: "all", per_page: 1 })
      )
      assert.match(pages.headers.link ?? "", /page=2>; rel="next"/)
      const kept = yield* sandbox.checkRuns("acme/source")
      assert.deepStrictEqual(
        kept.filter(({ headSha }) => headSha === head_sha).map(({ id }) => id),
        [first.data.id, other.data.id, second.data.id]
      )
      const state = yield* rawRequest("/_sandbox/state")
      assert.lengthOf(state.body.checkRuns as ReadonlyArray<unknown>, kept.length)
    })
  )

  it.effect("is on no commit that the repository does not have", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const foreign = yield* (yield* Sandbox.Sandbox).completeRun({ repository: "acme/target", workflow: "cd.yml" })
      const { head_sha } = foreign.workflow_run
      const message = `No commit found for SHA: ${head_sha}`
      const created = yield* refusal(() => rest.checks.create({ ...source, head_sha, name: "dispatcher" }))
      assert.deepStrictEqual(created, { status: 422, message })
      const listed = yield* refusal(() => rest.checks.listForRef({ ...source, ref: head_sha }))
      assert.deepStrictEqual(listed, { status: 422, message })
    })
  )

  it.effect("is deleted when a commit has more than a thousand newer ones of its name", () =>
    Effect.gen(function* () {
      const decoded = yield* decodeScenario(scenario)
      const url = "http://127.0.0.1:1"
      const state = makeState({ scenario: decoded, url, privateKeyPem: "", seed: 0, webhookUrl: undefined, now: 0 })
      const repository = yield* repositoryNamed(state, "acme/source")
      const add = (name: string, head = "a") => addCheckRun(state, repository, head, { name }, 0)
      const spared = [add("dispatcher", "b"), add("other")]
      const numbered = Array.from({ length: 1000 }, () => add("dispatcher"))
      assert.deepStrictEqual(repository.checkRuns, [...spared, ...numbered])
      const last = add("dispatcher")
      assert.deepStrictEqual(repository.checkRuns, [...spared, ...numbered.slice(1), last])
    })
  )

  it.effect("may be struck by faults like everything else", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const sandbox = yield* Sandbox.Sandbox
      const head_sha = yield* commit("struck")
      yield* sandbox.injectFault({ method: "POST", path: "/repos/acme/*/check-runs", answer: { status: 502 } })
      const create = () => rest.checks.create({ ...source, head_sha, name: "dispatcher" })
      assert.strictEqual((yield* refusal(create)).status, 502)
      assert.strictEqual((yield* Effect.promise(create)).status, 201)
    })
  )
})

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("GitHub refuses a check run", (it) => {
  const invalid = (line: string) => `Invalid request.\n\n${line}`
  const statuses = '["queued", "in_progress", "completed"]'

  it.effect.each([
    ["without a name", { name: undefined }, invalid('"name" wasn\'t supplied.')],
    ["without a commit", { head_sha: undefined }, invalid('"head_sha" wasn\'t supplied.')],
    ["of another status", { status: "done" }, invalid(`"done" is not a member of ${statuses}.`)],
    [
      "that is stale: only GitHub says so",
      { conclusion: "stale" },
      invalid(
        '"stale" is not a member of ["success", "failure", "neutral", "cancelled", "timed_out", "action_required", "skipped"].'
      )
    ],
    ["completed without a conclusion", { status: "completed" }, invalid('"conclusion" wasn\'t supplied.')],
    [
      "with a time that is none",
      { started_at: "soon" },
      invalid(`For 'properties/started_at', "soon" is not a valid date-time.`)
    ],
    ["with output without a title", { output: { summary: "s" } }, invalid('"title" wasn\'t supplied.')],
    ["with output without a summary", { output: { title: "t" } }, invalid('"summary" wasn\'t supplied.')],
    [
      "with too long a summary",
      { output: { ...output, summary: "x".repeat(65_536) } },
      invalid("Only 65535 characters are allowed; 65536 were supplied.")
    ],
    [
      "with too long a text",
      { output: { ...output, text: "x".repeat(70_000) } },
      invalid("Only 65535 characters are allowed; 70000 were supplied.")
    ]
  ] as const)("%s", ([, change, message]) =>
    Effect.gen(function* () {
      const head_sha = yield* commit("refused")
      const sent = { name: "dispatcher", head_sha, ...change }
      const answer = yield* send("POST", "/repos/acme/source/check-runs", sent)
      assert.deepStrictEqual([answer.status, answer.message], [422, message])
      assert.lengthOf(yield* (yield* Sandbox.Sandbox).checkRuns("acme/source"), 0)
    })
  )

  it.effect.each([
    ["summary", { output: { ...output, summary: "ü".repeat(40_000) } }, "summary exceeds a maximum bytesize of 65535"],
    ["text", { output: { ...output, text: "ü".repeat(40_000) } }, "text exceeds a maximum bytesize of 65535"],
    ["details_url", { details_url: "ftp://example.org" }, "details_url must use http or https scheme"]
  ] as const)("with a wrong %s", ([field, change, message]) =>
    Effect.gen(function* () {
      const head_sha = yield* commit("refused")
      const sent = { name: "dispatcher", head_sha, ...change }
      const answer = yield* send("POST", "/repos/acme/source/check-runs", sent)
      assert.deepStrictEqual(answer, {
        status: 422,
        message: "Validation Failed",
        errors: [{ resource: "CheckRun", field, code: "custom", message }]
      })
    })
  )

  it.effect("at the limit not yet", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const head_sha = yield* commit("limit")
      const full = { title: "t", summary: "x".repeat(65_535), text: "y".repeat(65_535) }
      const { data } = yield* Effect.promise(() =>
        rest.checks.create({ ...source, head_sha, name: "dispatcher", output: full })
      )
      assert.strictEqual(data.output.text?.length, 65_535)
      const path = `/repos/acme/source/check-runs/${data.id}`
      const answer = yield* send("PATCH", path, { output: { summary: "x".repeat(65_536) } })
      assert.strictEqual(answer.status, 422)
      assert.strictEqual((yield* send("PATCH", path, { status: "completed" })).status, 422)
      assert.strictEqual((yield* send("PATCH", "/repos/acme/source/check-runs/1", {})).status, 404)
    })
  )

  it.effect("without the permission, in an archived repository, out of reach", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { rest: poor } = yield* installationClient(104)
      const { rest } = yield* installationClient(101)
      const head = (repository: string) =>
        Effect.map(sandbox.completeRun({ repository, workflow: "cd.yml" }), (run) => run.workflow_run.head_sha)
      const name = "dispatcher"
      const tv = { owner: "hooli", repo: "tv", head_sha: yield* head("hooli/tv"), name }
      const denied = { status: 403, message: "Resource not accessible by integration" }
      assert.deepStrictEqual(yield* refusal(() => poor.checks.create(tv)), denied)
      assert.deepStrictEqual(yield* refusal(() => poor.checks.update({ ...tv, check_run_id: 1 })), denied)
      assert.deepStrictEqual(yield* refusal(() => poor.checks.listForRef({ ...tv, ref: "main" })), denied)
      const frozen = { owner: "acme", repo: "frozen", head_sha: yield* head("acme/frozen"), name }
      assert.deepStrictEqual(yield* refusal(() => rest.checks.create(frozen)), {
        status: 403,
        message: "Repository was archived so is read-only."
      })
      assert.strictEqual((yield* refusal(() => rest.checks.update({ ...frozen, check_run_id: 1 }))).status, 403)
      const readable = yield* Effect.promise(() => rest.checks.listForRef({ ...frozen, ref: "main" }))
      assert.strictEqual(readable.data.total_count, 0)
      const foreign = { owner: "globex", repo: "open", head_sha: yield* head("globex/open"), name }
      assert.strictEqual((yield* refusal(() => rest.checks.create(foreign))).status, 404)
    })
  )
})
