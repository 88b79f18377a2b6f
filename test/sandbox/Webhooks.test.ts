/**
 * Payloads and deliveries: what a receiver gets from the sandbox is what it would get from GitHub.
 */
import { assert, layer } from "@effect/vitest"
import examples from "@octokit/webhooks-examples" with { type: "json" }
import { verify } from "@octokit/webhooks-methods"
import { Effect } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { appClient, installationClient, rawRequest, receiver, refusal, scenario } from "./support.ts"

const ciRun = { repository: "acme/source", workflow: "ci.yml" }

/** Every place in `model` where `value` has nothing; null counts as something. */
const missing = (model: unknown, value: unknown, path = ""): ReadonlyArray<string> => {
  if (typeof model !== "object" || model === null || Array.isArray(model) || value === null) return []
  if (typeof value !== "object" || value === undefined) return [path]
  return Object.entries(model).flatMap(([key, inner]) => {
    const here = `${path}.${key}`
    return Object.hasOwn(value, key) ? missing(inner, Reflect.get(value, key), here) : [here]
  })
}

interface ExampleGroup {
  readonly name: string
  readonly examples: ReadonlyArray<{ readonly action?: string }>
}

const completedExamples = (examples as unknown as ReadonlyArray<ExampleGroup>)
  .filter(({ name }) => name === "workflow_run")
  .flatMap((group) => group.examples.filter(({ action }) => action === "completed"))

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("a completed run's payload", (it) => {
  it.effect("has every field of GitHub's own examples", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const payload = yield* sandbox.completeRun(ciRun)
      assert.isAtLeast(completedExamples.length, 3)
      const gaps = new Set(completedExamples.flatMap((example) => missing(example, payload)))
      assert.deepStrictEqual([...gaps], [])
    })
  )

  it.effect("says what happened where, to which installation", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const payload = yield* sandbox.completeRun({
        ...ciRun,
        conclusion: "failure",
        branch: "topic",
        event: "pull_request"
      })
      assert.strictEqual(payload.action, "completed")
      assert.deepInclude(payload.workflow_run, {
        status: "completed",
        conclusion: "failure",
        head_branch: "topic",
        event: "pull_request",
        path: ".github/workflows/ci.yml",
        name: "CI",
        run_attempt: 1
      })
      assert.strictEqual(payload.installation?.id, 101)
      assert.strictEqual(payload.organization?.login, "acme")
      assert.strictEqual(payload.repository.default_branch, "main")
      assert.strictEqual(payload.workflow.path, ".github/workflows/ci.yml")
      assert.strictEqual(payload.workflow_run.head_repository.full_name, "acme/source")
    })
  )

  it.effect("shows forks and re-runs", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const forked = yield* sandbox.completeRun({ ...ciRun, fork: "mallory/source" })
      assert.deepInclude(forked.workflow_run.head_repository, { full_name: "mallory/source", fork: true })
      assert.notStrictEqual(forked.workflow_run.head_repository.id, forked.repository.id)
      const first = yield* sandbox.completeRun(ciRun)
      const again = yield* sandbox.completeRun({ ...ciRun, run: first.workflow_run.id, attempt: 2 })
      assert.strictEqual(again.workflow_run.id, first.workflow_run.id)
      assert.strictEqual(again.workflow_run.run_attempt, 2)
      assert.match(String(again.workflow_run.previous_attempt_url), /attempts\/1$/)
    })
  )

  it.effect("has no installation where the App is not installed, no organisation for users", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const outside = yield* sandbox.completeRun({ repository: "absent/home", workflow: "ci.yml" })
      assert.isUndefined(outside.installation)
      const user = yield* sandbox.completeRun({ repository: "hooli/tv", workflow: "ci.yml" })
      assert.strictEqual(user.installation?.id, 104)
      assert.isUndefined(user.organization)
    })
  )

  it.effect("completes a run that was dispatched", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const client = yield* installationClient(101)
      yield* Effect.promise(() =>
        client.rest.actions.createWorkflowDispatch({
          owner: "acme",
          repo: "target",
          workflow_id: "word.yml",
          ref: "main"
        })
      )
      const [started] = yield* sandbox.startedRuns("acme/target")
      assert.strictEqual(started?.status, "queued")
      const payload = yield* sandbox.completeRun({
        repository: "acme/target",
        workflow: "word.yml",
        run: started?.id ?? 0,
        conclusion: "cancelled"
      })
      assert.strictEqual(payload.workflow_run.id, started?.id)
      assert.deepInclude(payload.workflow_run, { event: "workflow_dispatch", conclusion: "cancelled" })
      assert.strictEqual(payload.sender.login, "dispatcher-app[bot]")
      assert.strictEqual((yield* sandbox.startedRuns("acme/target"))[0]?.status, "completed")
    })
  )

  it.effect("cannot be made of what the scenario does not have", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const repository = yield* Effect.flip(sandbox.completeRun({ repository: "acme/absent", workflow: "ci.yml" }))
      assert.strictEqual(repository.message, "The sandbox has no repository acme/absent")
      const run = yield* Effect.flip(sandbox.completeRun({ ...ciRun, run: 5 }))
      assert.strictEqual(run.message, "The sandbox has no run 5 in acme/source")
    })
  )
})

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("deliveries", (it) => {
  it.effect("are signed over their bytes and carry GitHub's headers", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { url, received } = yield* receiver
      const payload = yield* sandbox.completeRun({ ...ciRun, branch: "größe-🚀" })
      const delivery = yield* sandbox.deliver(payload, { url, deliveryId: "1f9b0a1e-0000-4000-8000-000000000001" })
      assert.deepInclude(delivery, { statusCode: 202, status: "OK", responseBody: '{"status":"accepted"}' })
      const [request] = received
      assert.deepInclude(request?.headers, {
        "content-type": "application/json",
        "x-github-event": "workflow_run",
        "x-github-delivery": "1f9b0a1e-0000-4000-8000-000000000001",
        "x-github-hook-installation-target-id": "4711",
        "x-github-hook-installation-target-type": "integration"
      })
      assert.match(String(request?.headers["user-agent"]), /^GitHub-Hookshot\/\w+$/)
      assert.notProperty(request?.headers, "traceparent")
      const signature = String(request?.headers["x-hub-signature-256"])
      assert.isTrue(yield* Effect.promise(() => verify("hush", request?.body ?? "", signature)))
    })
  )

  it.effect("have different GUIDs, and can be forged for tests", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { url, received } = yield* receiver
      const first = yield* sandbox.deliver({ zen: "Keep it simple." }, { url, event: "ping" })
      const second = yield* sandbox.deliver("not even JSON", { url, event: "push", secret: "wrong" })
      assert.match(first.guid, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)
      assert.notStrictEqual(first.guid, second.guid)
      assert.strictEqual(received[1]?.body, "not even JSON")
      const signature = String(received[1]?.headers["x-hub-signature-256"])
      assert.isFalse(yield* Effect.promise(() => verify("hush", "not even JSON", signature)))
    })
  )

  it.effect("are kept, listed by outcome and sent again under their GUID", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { rest } = yield* appClient
      const { url, received, answer } = yield* receiver
      answer(503)
      const payload = yield* sandbox.completeRun(ciRun)
      const failed = yield* sandbox.deliver(payload, { url })
      assert.deepInclude(failed, { statusCode: 503, status: "Invalid HTTP Response: 503" })
      const list = (filter: object) =>
        Effect.promise(async () => (await rest.apps.listWebhookDeliveries({ ...filter })).data)
      const [latest] = yield* list({ status: "failure" })
      assert.strictEqual(String(latest?.id), failed.id)
      assert.deepInclude(latest, {
        guid: failed.guid,
        redelivery: false,
        status_code: 503,
        event: "workflow_run",
        action: "completed",
        installation_id: 101,
        repository_id: payload.repository.id
      })
      answer(202)
      // Beyond 2^53: a number would lose digits of it, and the type has no room for another.
      const failedId = failed.id as unknown as number
      const accepted = yield* Effect.promise(() => rest.apps.redeliverWebhookDelivery({ delivery_id: failedId }))
      assert.strictEqual(accepted.status, 202)
      const again = Effect.map(sandbox.deliveries, (all) =>
        all.find(({ guid, redelivery }) => redelivery && guid === failed.guid)
      )
      yield* Effect.repeat(Effect.delay(again, 10), { until: (found) => found !== undefined, times: 200 })
      assert.strictEqual((yield* again)?.statusCode, 202)
      assert.strictEqual(received[1]?.body, received[0]?.body)
      assert.strictEqual(received[1]?.headers["x-github-delivery"], failed.guid)
      assert.deepInclude((yield* list({ status: "success" }))[0], { guid: failed.guid, redelivery: true })
      const pages = yield* Effect.promise(() => rest.apps.listWebhookDeliveries({ per_page: 1 }))
      assert.match(pages.headers.link ?? "", /cursor=v1_\d+>?; rel="next"/)
      const { data } = yield* Effect.promise(() => rest.apps.getWebhookDelivery({ delivery_id: failedId }))
      assert.deepInclude(data.request.payload, { action: "completed" })
      const unknown = yield* refusal(() => rest.apps.redeliverWebhookDelivery({ delivery_id: 1 }))
      assert.strictEqual(unknown.status, 404)
    })
  )

  it.effect("to no address are failures, not errors", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const delivery = yield* sandbox.deliver({}, { url: "http://127.0.0.1:9/none" })
      assert.deepInclude(delivery, { statusCode: 0, status: "failed to connect to host" })
      const problem = yield* Effect.flip(sandbox.deliver({}))
      assert.match(problem.message, /^No webhook URL is set/)
    })
  )

  it.effect("go where the App's configuration says", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { url, received } = yield* receiver
      const client = yield* appClient
      // Not by Octokit's method: it takes the parameter `url` for the request's own address.
      const jwt = yield* Effect.promise(async () => ((await client.auth({ type: "app" })) as { token: string }).token)
      const update = (target: string) =>
        rawRequest("/app/hook/config", {
          method: "PATCH",
          headers: { authorization: `Bearer ${jwt}`, "user-agent": "test" },
          body: JSON.stringify({ url: target })
        })
      assert.deepInclude((yield* update(url)).body, { url, content_type: "json" })
      yield* sandbox.deliver({ zen: "Speak like a human." }, { event: "ping" })
      assert.lengthOf(received, 1)
      const config = yield* Effect.promise(() => client.rest.apps.getWebhookConfigForApp())
      assert.strictEqual(config.data.url, url)
      assert.strictEqual((yield* update("nowhere")).status, 422)
    })
  )
})

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("the control endpoints", (it) => {
  const post = (path: string, body: unknown) => rawRequest(path, { method: "POST", body: JSON.stringify(body) })

  it.effect("complete a run and give what the service answered", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { url, received } = yield* receiver
      assert.strictEqual((yield* post("/_sandbox/runs", ciRun)).status, 409)
      yield* sandbox.setWebhookUrl(url)
      const answer = yield* post("/_sandbox/runs", { ...ciRun, conclusion: "failure", deliveryId: "guid-1" })
      assert.strictEqual(answer.status, 201)
      assert.deepInclude(answer.body.delivery as object, {
        guid: "guid-1",
        statusCode: 202,
        responseBody: '{"status":"accepted"}'
      })
      assert.strictEqual(received[0]?.headers["x-github-delivery"], "guid-1")
    })
  )

  it.effect("name every problem of a request", () =>
    Effect.gen(function* () {
      const answer = yield* post("/_sandbox/runs", { repository: 5, workflow: "ci.yml", colour: "red" })
      assert.strictEqual(answer.status, 400)
      assert.match(String(answer.body.message), /repository: .*string/)
      assert.match(String(answer.body.message), /colour/)
      assert.strictEqual((yield* post("/_sandbox/runs", { repository: "acme/absent", workflow: "x.yml" })).status, 404)
    })
  )

  it.effect("arm and clear faults, and show everything", () =>
    Effect.gen(function* () {
      const fault = { method: "GET", path: "/rate_limit", times: "always", answer: { status: 500 } }
      assert.strictEqual((yield* post("/_sandbox/faults", fault)).status, 201)
      const get = rawRequest("/rate_limit", { headers: { "user-agent": "test" } })
      assert.strictEqual((yield* get).status, 500)
      const shown = yield* rawRequest("/_sandbox/state")
      assert.deepInclude((shown.body.faults as Array<object>)[0], { path: "/rate_limit" })
      assert.containsAllKeys(shown.body, ["startedRuns", "issues", "deliveries", "requests", "webhookUrl"])
      assert.strictEqual((yield* rawRequest("/_sandbox/faults", { method: "DELETE" })).status, 204)
      assert.strictEqual((yield* get).status, 200)
      assert.strictEqual((yield* post("/_sandbox/faults", { path: 5 })).status, 400)
    })
  )
})
