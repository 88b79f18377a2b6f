/**
 * What becomes of the runs that the App starts, as a scenario says it: by the clock, by webhooks, and by the hand of a test.
 */
import { assert, describe, it } from "@effect/vitest"
import { verify } from "@octokit/webhooks-methods"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"
import { appClient, installationClient, type Received, rawRequest, receiver, refusal, scenario } from "./support.ts"

const target = { owner: "acme", repo: "target", workflow_id: "cd.yml" }

/** The fields of a webhook that these tests look at. */
interface Webhook {
  readonly action: string
  readonly workflow_run: Readonly<Record<string, unknown>> & { readonly actor: { readonly login: string } }
  readonly repository: { readonly full_name: string }
}

const webhook = (request: Received | undefined): Webhook => JSON.parse(request?.body ?? "{}")

/** Attempt, status and conclusion of a run. */
type Standing = readonly [number | undefined, string | null, string | null]

/** A sandbox on the test's clock, which starts at the machine's time: that is in the App's tokens. */
const begin = Effect.fnUntraced(function* (
  startedRuns: ScenarioInput["startedRuns"],
  change: Partial<ScenarioInput> = {}
) {
  yield* TestClock.setTime(Date.now())
  const hook = yield* receiver
  const scope = yield* Effect.acquireRelease(Scope.make(), Scope.close)
  const seed = { ...scenario, ...change, ...(startedRuns === undefined ? {} : { startedRuns }) }
  const services = yield* Layer.buildWithScope(Sandbox.layer({ scenario: seed, webhookUrl: hook.url }), scope)
  const sandbox = Context.get(services, Sandbox.Sandbox)
  const client = yield* Effect.provideService(installationClient(101), Sandbox.Sandbox, sandbox)
  const { actions } = client.rest
  const workflow = (file: string, repo = target.repo) => ({ ...target, repo, workflow_id: file })
  const start = (file = target.workflow_id) =>
    Effect.promise(async () => {
      const inputs = file === "cd.yml" ? { sha: "abc" } : {}
      const wanted = { ...workflow(file), ref: "main", inputs, return_run_details: true }
      const { data } = await actions.createWorkflowDispatch(wanted)
      // Octokit's types know this answer only as the empty one.
      return (data as unknown as { readonly workflow_run_id: number }).workflow_run_id
    })
  const get = (run_id: number) => Effect.promise(async () => (await actions.getWorkflowRun({ ...target, run_id })).data)
  const standing = (id: number): Effect.Effect<Standing> =>
    Effect.map(get(id), ({ run_attempt, status, conclusion }) => [run_attempt, status, conclusion])
  /** Waits for so many webhooks. The clock of the test stands still meanwhile. */
  const arrived = (count: number) =>
    Effect.promise(async () => {
      while (hook.received.length < count) await new Promise((resolve) => setTimeout(resolve, 2))
    })
  /** Everything that has arrived when one more webhook, sent now, has. */
  const allArrived = Effect.gen(function* () {
    yield* sandbox.deliver({ zen: "Anything added dilutes everything else." }, { event: "ping" })
    const bodies = hook.received.filter(({ headers }) => headers["x-github-event"] === "workflow_run").map(webhook)
    return bodies.map(({ workflow_run: run }) => [run.id, run.run_attempt, run.conclusion])
  })
  return { sandbox, scope, hook, client, start, get, standing, arrived, allArrived }
})

const later = (conclusion: Sandbox.RunConclusion, afterMillis = 5000) =>
  ({ ends: "later", afterMillis, conclusion }) as const

describe("a started run", () => {
  it.effect("is queued, in progress and completed in its time", () =>
    Effect.gen(function* () {
      const courses = [{ ...later("failure"), queuedMillis: 1000 }] as const
      const { client, sandbox, start, get, standing } = yield* begin({ default: courses })
      const seconds = (since: string | undefined, until: string) => (Date.parse(until) - Date.parse(since ?? "")) / 1000
      const id = yield* start()
      const queued = yield* get(id)
      assert.deepInclude(queued, { status: "queued", conclusion: null, run_attempt: 1 })
      assert.deepStrictEqual([queued.run_started_at, queued.updated_at], [queued.created_at, queued.created_at])
      yield* TestClock.adjust(1000)
      const running = yield* get(id)
      assert.deepInclude(running, { status: "in_progress", conclusion: null })
      assert.strictEqual(seconds(running.run_started_at, running.updated_at), 1)
      yield* TestClock.adjust(4999)
      assert.deepStrictEqual(yield* standing(id), [1, "in_progress", null])
      assert.deepInclude((yield* sandbox.startedRuns())[0], { attempt: 1, status: "in_progress", conclusion: null })
      yield* TestClock.adjust(1)
      const completed = yield* get(id)
      assert.deepInclude(completed, { status: "completed", conclusion: "failure", run_attempt: 1 })
      assert.strictEqual(seconds(completed.run_started_at, completed.updated_at), 6)
      assert.deepInclude((yield* sandbox.startedRuns())[0], { id, status: "completed", conclusion: "failure" })
      const listed = yield* Effect.promise(() =>
        client.rest.actions.listWorkflowRuns({ ...target, event: "workflow_dispatch", status: "failure" })
      )
      assert.deepStrictEqual(listed.data.workflow_runs[0], completed)
    })
  )

  it.effect("sends its webhook once, signed, as GitHub does for every run; it can be redelivered", () =>
    Effect.gen(function* () {
      const { sandbox, hook, start, get, arrived, allArrived } = yield* begin({ default: [later("success")] })
      const id = yield* start()
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(yield* allArrived, [])
      yield* TestClock.adjust("1 second")
      yield* arrived(2)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* allArrived, [[id, 1, "success"]])
      const request = hook.received[1]
      const signature = String(request?.headers["x-hub-signature-256"])
      assert.isTrue(yield* Effect.promise(() => verify("hush", request?.body ?? "", signature)))
      const { action, workflow_run: run, repository } = webhook(request)
      const shown = yield* get(id)
      assert.deepStrictEqual(
        [action, run.event, run.actor.login, run.status, repository.full_name],
        ["completed", "workflow_dispatch", "dispatcher-app[bot]", "completed", "acme/target"]
      )
      assert.deepStrictEqual([run.head_branch, run.head_sha], ["main", shown.head_sha])
      const { rest } = yield* Effect.provideService(appClient, Sandbox.Sandbox, sandbox)
      const [, logged] = yield* sandbox.deliveries
      assert.deepInclude(logged, { statusCode: 202, action: "completed", installationId: 101, repositoryId: 424242 })
      const delivery_id = logged?.id as unknown as number
      yield* Effect.promise(() => rest.apps.redeliverWebhookDelivery({ delivery_id }))
      yield* arrived(4)
      assert.strictEqual(hook.received[3]?.body, request?.body)
      assert.strictEqual(hook.received[3]?.headers["x-github-delivery"], request?.headers["x-github-delivery"])
    })
  )

  it.effect("runs again under its id: attempt 2 has times, an end and a webhook of its own", () =>
    Effect.gen(function* () {
      const rerun = { ...later("success", 3000), startsAfterMillis: 2000, queuedMillis: 1000 }
      const world = yield* begin({ default: [{ ...later("failure"), rerun }] })
      const { start, get, standing, arrived, allArrived } = world
      const id = yield* start()
      yield* TestClock.adjust(6999)
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "failure"])
      yield* TestClock.adjust(1)
      const again = yield* get(id)
      assert.deepInclude(again, { status: "queued", conclusion: null, run_attempt: 2 })
      assert.strictEqual(Date.parse(again.run_started_at ?? "") - Date.parse(again.created_at), 7000)
      assert.strictEqual(again.updated_at, again.run_started_at)
      yield* TestClock.adjust(1000)
      assert.deepStrictEqual(yield* standing(id), [2, "in_progress", null])
      yield* TestClock.adjust(3000)
      assert.deepStrictEqual(yield* standing(id), [2, "completed", "success"])
      yield* arrived(2)
      yield* TestClock.adjust("1 minute")
      assert.sameDeepMembers(
        [...(yield* allArrived)],
        [
          [id, 1, "failure"],
          [id, 2, "success"]
        ]
      )
    })
  )

  it.effect("may end before the dispatch is answered, its webhook first, and run again after", () =>
    Effect.gen(function* () {
      const rerun = { ends: "never", startsAfterMillis: 1000 } as const
      const world = yield* begin({ default: [{ ends: "beforeAnswer", conclusion: "timed_out", rerun }] })
      const { hook, start, standing } = world
      let answered = false
      const before: Array<boolean> = []
      hook.whileAnswering(async () => {
        // Long enough for an answer that does not wait to get there first.
        await new Promise((resolve) => setTimeout(resolve, 100))
        before.push(!answered)
      })
      const id = yield* start()
      answered = true
      assert.deepStrictEqual(before, [true])
      assert.deepStrictEqual(webhook(hook.received[0]).workflow_run.id, id)
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "timed_out"])
      yield* TestClock.adjust(1000)
      assert.deepStrictEqual(yield* standing(id), [2, "in_progress", null])
    })
  )

  it.effect("may never end", () =>
    Effect.gen(function* () {
      const { start, standing, allArrived } = yield* begin({ default: [{ ends: "never", queuedMillis: 1000 }] })
      const id = yield* start()
      assert.deepStrictEqual(yield* standing(id), [1, "queued", null])
      yield* TestClock.adjust("20 minutes")
      assert.deepStrictEqual(yield* standing(id), [1, "in_progress", null])
      assert.deepStrictEqual(yield* allArrived, [])
    })
  )

  it.effect("goes the way of its workflow, one after the other; the last way counts for all that follow", () =>
    Effect.gen(function* () {
      const { sandbox, start, standing } = yield* begin({
        default: [later("neutral")],
        workflows: [
          { repository: "ACME/Target", workflow: "cd.yml", courses: [later("failure"), later("success")] },
          { repository: "acme/target", workflow: "word.yml", courses: [later("skipped")] }
        ]
      })
      const files = ["cd.yml", "word.yml", "cd.yml", "list.yml", "cd.yml"]
      const ids = yield* Effect.forEach(files, (file) => start(file))
      yield* sandbox.renameRepository("acme/target", "renamed")
      yield* sandbox.renameRepository("acme/renamed", "target")
      const last = yield* start()
      yield* TestClock.adjust(5000)
      const ends = yield* Effect.forEach([...ids, last], (id) => Effect.map(standing(id), ([, , end]) => end))
      assert.deepStrictEqual(ends, ["failure", "skipped", "success", "neutral", "success", "success"])
    })
  )

  it.effect("keeps its way in a repository that was renamed", () =>
    Effect.gen(function* () {
      const courses = [later("failure")] as const
      const { sandbox, client } = yield* begin({
        workflows: [{ repository: "acme/target", workflow: "bare.yml", courses }]
      })
      yield* sandbox.renameRepository("acme/target", "renamed")
      const moved = { ...target, repo: "renamed", workflow_id: "bare.yml", ref: "main" }
      yield* Effect.promise(() => client.rest.actions.createWorkflowDispatch(moved))
      yield* TestClock.adjust(5000)
      assert.deepInclude((yield* sandbox.startedRuns())[0], { repository: "acme/renamed", conclusion: "failure" })
    })
  )

  it.effect("goes on as `runs` says where nothing else does, without a webhook", () =>
    Effect.gen(function* () {
      const only = [{ repository: "acme/target", workflow: "word.yml", courses: [later("failure")] as const }]
      const { start, standing, allArrived } = yield* begin({ workflows: only })
      const id = yield* start()
      yield* TestClock.adjust(4999)
      assert.deepStrictEqual(yield* standing(id), [1, "in_progress", null])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "success"])
      assert.deepStrictEqual(yield* allArrived, [])
    })
  )

  it.effect("goes on without a webhook where the App has no webhook URL", () =>
    Effect.gen(function* () {
      const { sandbox, start, standing } = yield* begin({ default: [later("success")] })
      yield* sandbox.setWebhookUrl(undefined)
      const id = yield* start()
      yield* TestClock.adjust(5000)
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "success"])
      assert.isUndefined(yield* sandbox.completeStarted(id))
      assert.lengthOf(yield* sandbox.deliveries, 0)
    })
  )

  it.effect("stops with the sandbox", () =>
    Effect.gen(function* () {
      const { scope, hook, sandbox, start } = yield* begin({ default: [later("success")] })
      yield* start()
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 minute")
      yield* sandbox.deliver({}, { event: "ping" })
      assert.lengthOf(hook.received, 1)
      assert.deepInclude((yield* sandbox.startedRuns())[0], { status: "in_progress" })
    })
  )
})

describe("the controls of started runs", () => {
  it.effect("complete one now, in place of what the scenario has in store for it", () =>
    Effect.gen(function* () {
      const rerun = later("success")
      const { sandbox, hook, start, standing, allArrived } = yield* begin({ default: [{ ...later("failure"), rerun }] })
      const id = yield* start()
      const delivery = yield* sandbox.completeStarted(id, { conclusion: "cancelled" })
      assert.deepInclude(delivery, { statusCode: 202, action: "completed" })
      assert.strictEqual(webhook(hook.received[0]).workflow_run.id, id)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "cancelled"])
      assert.deepStrictEqual(yield* allArrived, [[id, 1, "cancelled"]])
    })
  )

  it.effect("complete one again as a re-run, the next attempt or a later one", () =>
    Effect.gen(function* () {
      const { sandbox, start, standing, allArrived } = yield* begin(undefined, { runs: null })
      const id = yield* start()
      yield* sandbox.completeStarted(id)
      yield* sandbox.completeStarted(id, { conclusion: "failure" })
      yield* TestClock.adjust(2000)
      yield* sandbox.completeStarted(id, { conclusion: "timed_out", attempt: 4 })
      assert.deepStrictEqual(yield* standing(id), [4, "completed", "timed_out"])
      assert.deepStrictEqual(yield* allArrived, [
        [id, 1, "success"],
        [id, 2, "failure"],
        [id, 4, "timed_out"]
      ])
      const refused = yield* Effect.flip(sandbox.completeStarted(id, { attempt: 4 }))
      assert.strictEqual(refused.message, `The sandbox has no attempt 4 of run ${id} left to complete`)
      const source = yield* sandbox.completeRun({ repository: "acme/source", workflow: "ci.yml" })
      const foreign = yield* Effect.flip(sandbox.completeStarted(source.workflow_run.id))
      assert.strictEqual(foreign.message, `The sandbox has no started run ${source.workflow_run.id}`)
    })
  )

  it.effect("complete one without its webhook", () =>
    Effect.gen(function* () {
      const { sandbox, start, standing, allArrived } = yield* begin({ default: [later("success")] })
      const id = yield* start()
      yield* sandbox.completeRun({ repository: "acme/target", workflow: "cd.yml", run: id, conclusion: "failure" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "failure"])
      assert.deepStrictEqual(yield* allArrived, [])
    })
  )

  it.effect("delete one: it is not found any more, and sends nothing", () =>
    Effect.gen(function* () {
      const { sandbox, client, start, allArrived } = yield* begin({ default: [later("success")] })
      const id = yield* start()
      const kept = yield* start()
      yield* sandbox.deleteRun(id)
      yield* TestClock.adjust(5000)
      const gone = yield* refusal(() => client.rest.actions.getWorkflowRun({ ...target, run_id: id }))
      assert.deepStrictEqual(gone, { status: 404, message: "Not Found" })
      const listed = yield* Effect.promise(() => client.rest.actions.listWorkflowRuns(target))
      assert.deepStrictEqual(
        listed.data.workflow_runs.map((run) => run.id),
        [kept]
      )
      assert.deepStrictEqual(yield* allArrived, [[kept, 1, "success"]])
      const refused = yield* Effect.flip(sandbox.deleteRun(id))
      assert.strictEqual(refused.message, `The sandbox has no run ${id}`)
    })
  )

  it.effect("are there over HTTP, too", () =>
    Effect.gen(function* () {
      const { sandbox, start, standing } = yield* begin({ default: [{ ends: "never" }] })
      const id = yield* start()
      const request = (method: string, path: string, body?: object) =>
        Effect.provideService(
          rawRequest(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
          Sandbox.Sandbox,
          sandbox
        )
      const path = `/_sandbox/runs/${id}`
      const completed = yield* request("POST", `${path}/completion`, { conclusion: "failure", attempt: 2 })
      assert.deepInclude(completed, { status: 201 })
      assert.deepInclude(completed.body.delivery as object, { statusCode: 202 })
      assert.deepStrictEqual(yield* standing(id), [2, "completed", "failure"])
      assert.strictEqual((yield* request("POST", `${path}/completion`, { conclusion: "good" })).status, 400)
      assert.strictEqual((yield* request("POST", `${path}/completion`, { attempt: 1 })).status, 404)
      assert.strictEqual((yield* request("DELETE", path)).status, 204)
      assert.strictEqual((yield* request("DELETE", path)).status, 404)
      assert.strictEqual((yield* request("POST", `${path}/completion`)).status, 404)
    })
  )

  it.effect("keep GitHub's time, which is not this machine's", () =>
    Effect.gen(function* () {
      const { sandbox, start, standing } = yield* begin({ default: [{ ends: "never" }] }, { clockAheadSeconds: -60 })
      const id = yield* start()
      assert.deepInclude((yield* sandbox.startedRuns())[0], { status: "in_progress" })
      yield* sandbox.completeStarted(id)
      assert.deepStrictEqual(yield* standing(id), [1, "completed", "success"])
    })
  )
})
