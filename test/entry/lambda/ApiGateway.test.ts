/** API Gateway's events as requests, and responses as its results: every byte, header and cookie. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { toRequest, toResult } from "../../../src/entry/lambda/ApiGateway.ts"

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8")) as APIGatewayProxyEventV2
const bodyOf = async (event: APIGatewayProxyEventV2) => Buffer.from(await toRequest(event).arrayBuffer())

describe("toRequest", () => {
  it.effect("keeps the bytes of a text body, and of the same body as base64", () =>
    Effect.gen(function* () {
      const event = fixture("webhook")
      const text = event.body ?? ""
      const encoded = { ...event, body: Buffer.from(text).toString("base64"), isBase64Encoded: true }
      assert.deepStrictEqual(yield* Effect.promise(() => bodyOf(event)), Buffer.from(text))
      assert.deepStrictEqual(yield* Effect.promise(() => bodyOf(encoded)), Buffer.from(text))
    })
  )

  it.effect("keeps bytes that are no text", () =>
    Effect.gen(function* () {
      const bytes = Buffer.from([0, 255, 254, 0xc3, 0x28, 13, 10])
      const event = { ...fixture("webhook"), body: bytes.toString("base64"), isBase64Encoded: true }
      assert.deepStrictEqual(yield* Effect.promise(() => bodyOf(event)), bytes)
    })
  )

  it("keeps method, path, query, headers and cookies", () => {
    const request = toRequest(fixture("admin"))
    assert.strictEqual(request.method, "GET")
    assert.strictEqual(request.url, "https://dispatcher.example.com/admin/api/events?source=acme%2Fshop&limit=5")
    assert.strictEqual(request.headers.get("cookie"), "dispatcher_session=abc.1.def; theme=dark")
    assert.strictEqual(request.headers.get("authorization"), "Bearer token")
  })

  it("takes a stage's name out of the path", () => {
    const event = fixture("webhook")
    const staged = { ...event, rawPath: "/prod/webhooks/github" }
    const { url } = toRequest({ ...staged, requestContext: { ...event.requestContext, stage: "prod" } })
    assert.strictEqual(new URL(url).pathname, "/webhooks/github")
  })

  it("believes API Gateway about the client, and nothing else", () => {
    const event = fixture("webhook")
    const headers = {
      ...event.headers,
      "x-forwarded-for": "203.0.113.9, 192.0.2.1",
      "x-forwarded-host": "evil.example"
    }
    const request = toRequest({ ...event, headers })
    assert.strictEqual(request.headers.get("x-forwarded-for"), event.requestContext.http.sourceIp)
    assert.isFalse(request.headers.has("x-forwarded-host"))
  })
})

describe("toResult", () => {
  it.effect("gives text as text and everything else as base64", () =>
    Effect.gen(function* () {
      const named = HttpServerResponse.jsonUnsafe({ name: "Grüße" }, { status: 202 })
      const text = yield* Effect.promise(() => toResult(named))
      assert.deepInclude(text, { statusCode: 202, body: '{"name":"Grüße"}', isBase64Encoded: false })
      assert.strictEqual(text.headers?.["content-type"], "application/json")
      const bytes = Buffer.from([137, 80, 78, 71, 0, 255])
      const binary = yield* Effect.promise(() => toResult(HttpServerResponse.uint8Array(bytes)))
      assert.deepInclude(binary, { body: bytes.toString("base64"), isBase64Encoded: true })
      const streamed = HttpServerResponse.stream(Stream.make(bytes.subarray(0, 2), bytes.subarray(2)))
      assert.deepInclude(yield* Effect.promise(() => toResult(streamed)), { body: bytes.toString("base64") })
      const headers = { "content-encoding": "br" }
      const packed = yield* Effect.promise(() => toResult(HttpServerResponse.text("a", { headers })))
      assert.isTrue(packed.isBase64Encoded)
    })
  )

  it.effect("leaves the body out, where it is to, and keeps its length", () =>
    Effect.gen(function* () {
      const result = yield* Effect.promise(() => toResult(HttpServerResponse.text("four"), true))
      assert.deepInclude(result, { body: "", isBase64Encoded: false })
      assert.strictEqual(result.headers?.["content-length"], "4")
      const nothing = yield* Effect.promise(() => toResult(HttpServerResponse.empty({ status: 304 })))
      assert.deepInclude(nothing, { statusCode: 304, body: "", isBase64Encoded: false })
    })
  )

  it.effect("gives every cookie on its own", () =>
    Effect.gen(function* () {
      const response = HttpServerResponse.text("", { headers: { "x-one": "1" } }).pipe(
        HttpServerResponse.setCookieUnsafe("a", "1", { path: "/" }),
        HttpServerResponse.setCookieUnsafe("b", "2", { path: "/" })
      )
      const { cookies, headers: given } = yield* Effect.promise(() => toResult(response))
      assert.deepStrictEqual(cookies, ["a=1; Path=/", "b=2; Path=/"])
      assert.strictEqual(given?.["x-one"], "1")
      assert.isUndefined(given?.["set-cookie"])
    })
  )
})
