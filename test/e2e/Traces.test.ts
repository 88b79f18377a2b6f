/** The server as people start it, with a collector: one trace for each delivery, in spans, facts and log lines, and no secret in any of it. */
import type { IncomingHttpHeaders } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Fact } from "../../src/domain/Fact.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { Script } from "../../src/testing/FaultScript.ts"
import { type Collected, collector } from "./Collector.ts"
import { completeAndDeliver, startedIn, until } from "./Journeys.ts"
import { type Program, runService } from "./Processes.ts"
import { proxy } from "./Proxy.ts"
import { scenario, shop, source, target } from "./Scenarios.ts"
import { assertDiscreet, assertTraces, isComplete, secretsOf } from "./Tracing.ts"
import { freePort, github, scratchFolder } from "./World.ts"

const targets = ["acme/deploy", "acme/docs"]
const world = github(
  scenario([
    source(shop.repository, [...targets, "acme/payments"]),
    ...targets.map((name) => target(name)),
    target("acme/payments", "inbound: []")
  ])
)
const adminToken = "the admin token of the end-to-end tests"
const decodeFacts = Schema.decodeUnknownSync(Schema.Struct({ facts: Schema.Array(Fact) }))

/** Lines of JSON that the program has logged. */
const logged = (program: Program) =>
  Effect.map(program.said, (said) =>
    said
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  )

/** Uses the dashboard with all that opens it; gives the session's cookie. */
const signIn = (url: string) =>
  Effect.promise(async () => {
    const form = new URLSearchParams({ token: adminToken })
    const signedIn = await fetch(`${url}/admin/session`, {
      method: "POST",
      body: form,
      redirect: "manual",
      headers: { origin: url }
    })
    const [cookie = ""] = signedIn.headers.getSetCookie()
    assert.strictEqual(signedIn.status, 303)
    await fetch(`${url}/admin/api/health?token=${encodeURIComponent(adminToken)}`, { headers: { cookie } })
    return cookie.split(";")[0]?.split("=")[1] ?? ""
  })

const journeyOf = (url: string, delivery: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}/admin/api/deliveries/${delivery}/journey`, {
      headers: { authorization: `Bearer ${adminToken}` }
    })
    return response.ok ? decodeFacts(await response.json()).facts : []
  })

describe("a server with a collector", () => {
  it.live("makes one trace of a delivery, and exports no secret", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const sentToGitHub: Array<IncomingHttpHeaders> = []
      const watched = yield* proxy(sandbox.url, new Script(), ({ headers }) =>
        Effect.sync(() => void sentToGitHub.push(headers))
      )
      const { url: endpoint, collected } = yield* collector
      const port = yield* freePort
      const url = `http://127.0.0.1:${port}`
      const server = yield* runService(
        { port, dataDir: yield* scratchFolder },
        {
          entry: "src/entry/server.ts",
          LOG_LEVEL: "info",
          ADMIN_TOKEN: adminToken,
          GITHUB_API_URL: watched,
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoint
        }
      )
      const { payload, delivery } = yield* completeAndDeliver()
      yield* until(startedIn(payload), ({ length }) => length === targets.length)
      // One accepted; one planned, two queued, one denied; two dispatched; one reported.
      const facts = yield* until(journeyOf(url, delivery.guid), ({ length }) => length === 8)
      const lines = yield* logged(server)
      const cookie = yield* signIn(url)
      // What is left to send is sent in the end.
      yield* server.signal("SIGTERM")
      yield* server.ended

      const all: Collected = yield* until(collected, isComplete)
      const spans = all.spans.filter(isOfWebhook(all))
      const traces = assertTraces({ ...all, spans }, facts, yield* sandbox.deliveries)
      assertDiscreet(
        all,
        [...(yield* secretsOf(sentToGitHub)), adminToken, encodeURIComponent(adminToken), cookie],
        sentToGitHub
      )

      const settled = lines.filter(({ message }) => message === "order settled")
      assert.strictEqual(settled.length, targets.length)
      for (const line of settled) assert.include(traces, line.trace_id)
      const exported = all.logs.filter(({ body }) => body.stringValue === "order settled")
      assert.strictEqual(exported.length, targets.length)
      for (const line of exported) assert.include(traces, line.traceId)
    }).pipe(Effect.provide(world))
  )
})

/** The sign-in is a POST as well. */
const isOfWebhook =
  ({ spans }: Collected) =>
  ({ name, traceId }: Collected["spans"][number]): boolean =>
    name !== "POST" || spans.some((span) => span.name !== "POST" && span.traceId === traceId)
