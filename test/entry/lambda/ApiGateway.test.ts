/** API Gateway's events as requests, and responses as its results: every byte, header and cookie. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import { Effect } from "effect"
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
    assert.isNull(request.headers.get("x-forwarded-host"))
  })
})

describe("toResult", () => {
  it.effect("gives text as text and everything else as base64", () =>
    Effect.gen(function* () {
      const text = yield* Effect.promise(() => toResult(Response.json({ name: "Grüße" }, { status: 202 })))
      assert.deepInclude(text, { statusCode: 202, body: '{"name":"Grüße"}', isBase64Encoded: false })
      const bytes = Buffer.from([137, 80, 78, 71, 0, 255])
      const binary = yield* Effect.promise(() => toResult(new Response(bytes)))
      assert.deepInclude(binary, { body: bytes.toString("base64"), isBase64Encoded: true })
      const packed = yield* Effect.promise(() => toResult(new Response("a", { headers: { "content-encoding": "br" } })))
      assert.isTrue(packed.isBase64Encoded)
    })
  )

  it.effect("gives every cookie on its own", () =>
    Effect.gen(function* () {
      const headers = new Headers({ "x-one": "1" })
      headers.append("set-cookie", "a=1; Path=/")
      headers.append("set-cookie", "b=2; Path=/")
      const { cookies, headers: given } = yield* Effect.promise(() => toResult(new Response("", { headers })))
      assert.deepStrictEqual(cookies, ["a=1; Path=/", "b=2; Path=/"])
      assert.strictEqual(given?.["x-one"], "1")
      assert.isUndefined(given?.["set-cookie"])
    })
  )
})
