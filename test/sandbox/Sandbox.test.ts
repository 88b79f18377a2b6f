/**
 * The sandbox as a whole: how it starts, stops and stands beside others; and that its parts stand alone.
 */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { installationClient, rawRequest, scenario } from "./support.ts"

const start = (options: Partial<Sandbox.SandboxOptions> = {}) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(Sandbox.layer({ scenario, ...options }), scope)
    return { scope, sandbox: Context.get(context, Sandbox.Sandbox) }
  })

const dispatchOne = Effect.gen(function* () {
  const client = yield* installationClient(101)
  const { data } = yield* Effect.promise(() =>
    client.rest.actions.createWorkflowDispatch({
      owner: "acme",
      repo: "target",
      workflow_id: "word.yml",
      ref: "main",
      return_run_details: true
    })
  )
  // Octokit's types know this answer only as the empty one.
  return data as unknown as { readonly workflow_run_id: number; readonly html_url: string }
})

describe("the sandbox", () => {
  it.live("listens on loopback, closes with its scope and cuts off what is still in hand", () =>
    Effect.gen(function* () {
      const { scope, sandbox } = yield* start()
      assert.match(sandbox.url, /^http:\/\/127\.0\.0\.1:\d+$/)
      yield* sandbox.injectFault({ path: "/app", delayMillis: 60_000 })
      const pending = fetch(`${sandbox.url}/app`).then(
        () => "answered",
        () => "cut off"
      )
      yield* Effect.repeat(Effect.delay(sandbox.requests, 5), { until: ({ length }) => length > 0, times: 200 })
      // Well before the delay, for which no test has the time.
      yield* Scope.close(scope, Exit.void)
      assert.isString(yield* Effect.promise(() => pending))
      const gone = yield* Effect.promise(() =>
        fetch(sandbox.url).then(
          () => false,
          () => true
        )
      )
      assert.isTrue(gone)
    })
  )

  it.live("repeats its ids in a new instance, and never shares them with one of another seed", () =>
    Effect.gen(function* () {
      const instances = [yield* start(), yield* start(), yield* start({ seed: 7 })]
      const ids = []
      for (const { sandbox } of instances) {
        const data = yield* Effect.provideService(dispatchOne, Sandbox.Sandbox, sandbox)
        const delivery = yield* sandbox.deliver({}, { url: "http://127.0.0.1:9/" })
        ids.push([data.workflow_run_id, delivery.id, delivery.guid])
      }
      assert.deepStrictEqual(ids[0], ids[1])
      for (const [index, id] of (ids[2] ?? []).entries()) assert.notStrictEqual(id, ids[0]?.[index])
      for (const { scope } of instances) yield* Scope.close(scope, Exit.void)
    })
  )

  it.live("takes the App's key from the scenario, and has one of its own otherwise", () =>
    Effect.gen(function* () {
      const one = yield* start()
      const two = yield* start()
      assert.match(one.sandbox.app.privateKeyPem, /^-----BEGIN RSA PRIVATE KEY-----/)
      assert.strictEqual(one.sandbox.app.privateKeyPem, two.sandbox.app.privateKeyPem)
      for (const { scope } of [one, two]) yield* Scope.close(scope, Exit.void)
    })
  )

  it.live("does not start from a scenario that it cannot use", () =>
    Effect.gen(function* () {
      const broken = { ...scenario, repositories: [{ name: "acme/a" }, { name: "acme/a" }] }
      const exit = yield* Effect.exit(start({ scenario: broken }))
      assert.match(String(Exit.isFailure(exit) && exit.cause), /acme\/a is listed twice/)
    })
  )

  it.live("has a page behind the links to runs and issues", () =>
    Effect.gen(function* () {
      const { scope, sandbox } = yield* start()
      const provide = Effect.provideService(Sandbox.Sandbox, sandbox)
      const { html_url } = yield* provide(dispatchOne)
      const get = (path: string) => provide(rawRequest(path, { headers: { "user-agent": "browser" } }))
      const page = yield* get(html_url.slice(sandbox.url.length))
      assert.strictEqual(page.status, 200)
      assert.include(page.text, "workflow_dispatch by dispatcher-app[bot]")
      const client = yield* provide(installationClient(101))
      const issue = yield* Effect.promise(() =>
        client.rest.issues.create({ owner: "acme", repo: "source", title: "<b>x</b>", body: "y" })
      )
      const issuePage = yield* get(issue.data.html_url.slice(sandbox.url.length))
      assert.include(issuePage.text, "&#60;b&#62;x&#60;/b&#62;")
      assert.strictEqual((yield* get("/acme/source/actions/runs/1")).status, 404)
      yield* Scope.close(scope, Exit.void)
    })
  )

  it("depends on nothing else of this project", () => {
    const folder = new URL("../../src/sandbox/", import.meta.url)
    const foreign = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => {
        const inside = name.split("/").length - 1
        const imports = [...readFileSync(new URL(name, folder), "utf8").matchAll(/from "(\.[^"]+)"/g)]
        return imports.map(([, path = ""]) => path).filter((path) => path.split("../").length - 1 > inside)
      })
    assert.deepStrictEqual(foreign, [])
  })
})
