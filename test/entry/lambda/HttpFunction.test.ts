/** A function behind API Gateway: the server's routes on its events, in time, and within the trace that they came with. */
import { createHmac, randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import { Effect, Layer, ManagedRuntime, Option, Redacted, Tracer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as HttpFunction from "../../../src/entry/lambda/HttpFunction.ts"
import { layerHealth } from "../../../src/entry/routes/Monitoring.ts"
import * as Webhook from "../../../src/entry/routes/Webhook.ts"
import { PlanQueue } from "../../../src/flow/Queues.ts"
import { layerSettings, WebhookSecrets } from "../../../src/flow/Settings.ts"
import * as SignatureWatch from "../../../src/flow/SignatureWatch.ts"
import * as Ledger from "../../../src/ledger/Ledger.ts"
import { fixed } from "../../../src/ports/Renewed.ts"
import { QueueError } from "../../../src/ports/WorkQueue.ts"
import { ProcessTraffic, Traffic } from "../../../src/queue/Traffic.ts"
import * as FakeFactBus from "../../../src/testing/fakes/FactBus.ts"
import * as FakeQueues from "../../../src/testing/fakes/Queues.ts"
import * as TableMemory from "../../../src/testing/fakes/Table.ts"
import { misspelt } from "../../fixtures/Addresses.ts"
import { workflowRunPayload } from "../../fixtures/Payloads.ts"

const event = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/webhook.json"), "utf8")
) as APIGatewayProxyEventV2

const secret = "the secret of this test"
const signed = (body: string, asBase64: boolean): APIGatewayProxyEventV2 => ({
  ...event,
  headers: {
    ...event.headers,
    "x-github-event": "workflow_run",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
  },
  body: asBase64 ? Buffer.from(body).toString("base64") : body,
  isBase64Encoded: asBase64
})
const body = JSON.stringify(workflowRunPayload({ action: "completed" }))
const get = (path: string, headers = {}, method = "GET"): APIGatewayProxyEventV2 => ({
  ...event,
  rawPath: path,
  headers: { ...event.headers, ...headers },
  requestContext: { ...event.requestContext, http: { ...event.requestContext.http, method, path } }
})

const requestLine = HttpRouter.add(
  "GET",
  "/seen",
  Effect.gen(function* () {
    const { remoteAddress } = yield* HttpServerRequest.HttpServerRequest
    const { traceId } = yield* Effect.currentSpan
    return HttpServerResponse.jsonUnsafe({ client: Option.getOrNull(remoteAddress), traceId })
  })
)

/** Spans that nothing collects are not made at all, so here is a collector. */
const observer = Layer.succeed(Tracer.Tracer, Tracer.make({ span: (options) => new Tracer.NativeSpan(options) }))

const stores = Layer.mergeAll(
  Ledger.layer.pipe(Layer.provideMerge(TableMemory.layerMemory)),
  FakeFactBus.layerMemory,
  layerSettings({ appVersion: "1.2.3" }),
  Layer.sync(ProcessTraffic, () => new Traffic()),
  Layer.succeed(WebhookSecrets, fixed({ current: Redacted.make(secret), previous: undefined }))
)

/** The handler over these queues; `left`: milliseconds that invocations have. */
const functionOver = (queues: Layer.Layer<PlanQueue>) => {
  const routes = Layer.mergeAll(Webhook.layer, layerHealth(), requestLine)
  const runtime = ManagedRuntime.make(
    HttpFunction.layer(routes).pipe(
      Layer.provide(SignatureWatch.layer),
      Layer.provide(Layer.merge(stores, queues)),
      Layer.provideMerge(observer)
    )
  )
  return Effect.acquireRelease(
    Effect.map(
      Effect.promise(() => runtime.context()),
      (context) => {
        const handler = HttpFunction.httpHandler({ context, run: (work) => runtime.runPromise(work) })
        return (asked: APIGatewayProxyEventV2, left = 10_000) =>
          Effect.promise(() => handler(asked, { awsRequestId: "test", getRemainingTimeInMillis: () => left }))
      }
    ),
    () => runtime.disposeEffect
  )
}

const brokenQueue = (offer: Effect.Effect<void, QueueError>) => Layer.mock(PlanQueue, { offer: () => offer })
const refusal = new QueueError({ queue: "plan", operation: "offer", message: "no" })

describe("ingress", () => {
  it.live("takes a signed delivery, as text and as base64", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      for (const asBase64 of [false, true]) {
        const result = yield* invoke(signed(body, asBase64))
        assert.strictEqual(result.statusCode, 202, result.body)
      }
    })
  )

  it.live("refuses a body that is not exactly what was signed", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      assert.strictEqual((yield* invoke({ ...signed(body, false), body: `${body} ` })).statusCode, 401)
    })
  )

  it.live("says 503 when the queue refuses, and when it does not answer in time", () =>
    Effect.gen(function* () {
      const refusing = yield* functionOver(brokenQueue(Effect.fail(refusal)))
      assert.strictEqual((yield* refusing(signed(body, false))).statusCode, 503)
      const silent = yield* functionOver(brokenQueue(Effect.never))
      assert.strictEqual((yield* silent(signed(body, false), 800)).statusCode, 503)
    })
  )

  it.live("answers /health, and 404 elsewhere", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      const health = yield* invoke(get("/health"))
      assert.deepStrictEqual(JSON.parse(health.body ?? ""), { status: "ok", version: "1.2.3" })
      assert.strictEqual((yield* invoke(get("/admin"))).statusCode, 404)
    })
  )

  it.live("takes deliveries by POST only", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { statusCode, headers, body: answer } = yield* invoke(get("/webhooks/github", {}, method))
        assert.deepStrictEqual([statusCode, headers?.allow], [405, "POST"], method)
        if (method !== "HEAD") assert.include(answer, "by POST", method)
      }
    })
  )

  it.live("has one spelling of each address, with a stage and without", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      const staged = (asked: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => ({
        ...asked,
        rawPath: `/prod${asked.rawPath}`,
        requestContext: { ...asked.requestContext, stage: "prod" }
      })
      assert.strictEqual((yield* invoke(staged(get("/health")))).statusCode, 200)
      for (const path of ["%2fhealth", "@other.example/health", ...misspelt("/health")]) {
        assert.strictEqual((yield* invoke(get(path))).statusCode, 404, path)
        assert.strictEqual((yield* invoke(staged(get(path)))).statusCode, 404, path)
      }
    })
  )

  it.live("names the right address to a webhook under the key of an API mapping", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      const { statusCode, body: answer } = yield* invoke({ ...signed(body, false), rawPath: "/v1/webhooks/github" })
      assert.strictEqual(statusCode, 404)
      assert.include(answer, "the key of an API mapping")
    })
  )

  it.live("answers an event that is no request of an HTTP API in words", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      const { requestContext, rawPath, ...rest } = event
      const first = { ...rest, version: "1.0", path: rawPath, httpMethod: "POST", requestContext: { stage: "prod" } }
      for (const other of [{ key1: "value1" }, {}, null, "text", first]) {
        const { statusCode, body: answer } = yield* invoke(other as unknown as APIGatewayProxyEventV2)
        assert.strictEqual(statusCode, 400)
        assert.include(answer, "payload format 2.0")
      }
    })
  )

  it.live("goes on with the trace of W3C's header or of X-Ray's", () =>
    Effect.gen(function* () {
      const invoke = yield* functionOver(FakeQueues.layerMemory)
      const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
      const from = "00f067aa0ba902b7"
      const xray = `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${from};Sampled=1`
      for (const headers of [{ traceparent: `00-${traceId}-${from}-01` }, { "x-amzn-trace-id": xray }]) {
        const seen = yield* invoke(get("/seen", headers))
        assert.deepStrictEqual(JSON.parse(seen.body ?? ""), { client: "192.0.2.1", traceId })
      }
    })
  )
})
