/** What the front door answers besides deliveries: health, readiness, metrics; and that there is nothing else behind it. */
import { get } from "node:http"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { misspelt } from "../fixtures/Addresses.ts"
import { completeAndDeliver, idle } from "./Journeys.ts"
import { fleet } from "./Scenarios.ts"
import { Service, world } from "./World.ts"

const request = (path: string, init: RequestInit = {}) =>
  Service.use(({ url }) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, init)
      const { status, headers } = response
      return { status, type: headers.get("content-type"), allow: headers.get("allow"), text: await response.text() }
    })
  )

/** The status of a GET, its target sent as it is written: `fetch` would resolve dots. */
const statusOf = (target: string) =>
  Service.use(({ url }) =>
    Effect.callback<number | undefined>((resume) => {
      const { hostname, port } = new URL(url)
      get({ hostname, port, path: target, agent: false }, (response) => {
        response.resume()
        resume(Effect.succeed(response.statusCode))
      })
    })
  )

/** What services of this kind are tempted to grow; the dispatcher dispatches, it hands out and provisions nothing. */
const foreignRoutes = [
  ["POST", "/vend"],
  ["POST", "/vending"],
  ["POST", "/vend/token"],
  ["POST", "/token"],
  ["POST", "/tokens"],
  ["POST", "/installations/101/access_tokens"],
  ["POST", "/app/installations/101/access_tokens"],
  ["POST", "/provision"],
  ["POST", "/provisioning"],
  ["POST", "/repositories"],
  ["POST", "/repos"],
  ["POST", "/dispatch"],
  ["POST", "/api/dispatch"],
  ["POST", "/repos/acme/deploy/actions/workflows/cd.yml/dispatches"]
] as const

layer(world(fleet(["acme/deploy"])), { excludeTestServices: true })("the front door", (it) => {
  it.effect("says that it serves", () =>
    Effect.gen(function* () {
      const { status, type, text } = yield* request("/health")
      assert.deepStrictEqual([status, JSON.parse(text)], [200, { status: "ok", version: "e2e" }])
      assert.match(type ?? "", /^application\/json/)
    })
  )

  it.effect("says that its stores answer", () =>
    Effect.gen(function* () {
      const { status, text } = yield* request("/ready")
      assert.deepStrictEqual(
        [status, JSON.parse(text)],
        [200, { status: "ready", stores: { table: "ok", planQueue: "ok", orderQueue: "ok", reportQueue: "ok" } }]
      )
    })
  )

  it.effect("gives metrics as Prometheus reads them", () =>
    Effect.gen(function* () {
      yield* completeAndDeliver()
      yield* idle
      const { status, type, text } = yield* request("/metrics")
      assert.strictEqual(status, 200)
      assert.match(type ?? "", /^text\/plain/)
      assert.match(text, /^dispatcher_orders_total\{outcome="dispatched"\} 1$/m)
    })
  )

  it.effect("knows nothing else", () =>
    Effect.gen(function* () {
      for (const path of [
        "/webhooks",
        "/webhooks/github/x",
        "/health/x",
        "/.env",
        "/%2e%2e/etc/passwd",
        "/_sandbox/state"
      ]) {
        assert.strictEqual((yield* request(path)).status, 404, path)
      }
    })
  )

  it.effect("has one spelling of each address", () =>
    Effect.gen(function* () {
      for (const path of ["/health", "/ready?x=%2F", "/metrics"]) assert.strictEqual(yield* statusOf(path), 200, path)
      for (const path of misspelt("/health")) assert.strictEqual(yield* statusOf(path), 404, path)
    })
  )

  it.effect("names the right address to a webhook at a wrong one", () =>
    Effect.gen(function* () {
      const headers = { "x-github-event": "ping" }
      for (const path of ["/", "/webhook", "/webhooks/github/", "/dispatcher/webhooks/github", "/WEBHOOKS/github"]) {
        const { status, text } = yield* request(path, { method: "POST", headers, body: "{}" })
        assert.strictEqual(status, 404, path)
        assert.include(JSON.parse(text).reason, "webhooks arrive at /webhooks/github")
      }
    })
  )

  it.effect("takes deliveries by POST only", () =>
    Effect.gen(function* () {
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { status, allow, text } = yield* request("/webhooks/github", { method })
        assert.deepStrictEqual([status, allow], [405, "POST"], method)
        if (method !== "HEAD") assert.include(JSON.parse(text).reason, "by POST", method)
      }
    })
  )

  it.effect("hands out no tokens and provisions nothing", () =>
    Effect.gen(function* () {
      for (const [method, path] of foreignRoutes) {
        const { status } = yield* request(path, { method, body: "{}", headers: { "content-type": "application/json" } })
        assert.strictEqual(status, 404, path)
      }
    })
  )

  it.effect("says what is wrong with a request that is not GitHub's", () =>
    Effect.gen(function* () {
      const headers = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }
      const empty = yield* request("/webhooks/github", { method: "POST", headers })
      assert.deepStrictEqual([empty.status, JSON.parse(empty.text).reason], [400, "the body is empty"])
      const unsigned = yield* request("/webhooks/github", { method: "POST", body: "{}" })
      assert.deepStrictEqual(
        [unsigned.status, JSON.parse(unsigned.text).reason],
        [401, "X-Hub-Signature-256 is missing"]
      )
    })
  )
})
