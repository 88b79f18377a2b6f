/** The HTTP server's connections: what is answered where there is no request to route, and how they end. */
import { once } from "node:events"
import { Agent, get, type IncomingMessage } from "node:http"
import { connect, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Redacted, Scope } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { layerServer } from "../../src/entry/Listening.ts"
import { WebhookServer } from "../../src/entry/WebhookServer.ts"
import { layerSettings, WebhookSecrets } from "../../src/flow/Settings.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import * as FakeQueues from "../../src/testing/fakes/Queues.ts"
import * as FakeTable from "../../src/testing/fakes/Table.ts"
import { listening } from "../adapters/Proxying.ts"

const server = layerServer(
  { HOST: "127.0.0.1", PORT: 0 },
  HttpRouter.add("GET", "/health", HttpServerResponse.text("ok"))
).pipe(
  Layer.provide([
    layerSettings(),
    Layer.succeed(WebhookSecrets, fixed({ current: Redacted.make("secret"), previous: undefined })),
    FakeQueues.layerMemory,
    FakeTable.layerMemory
  ])
)

/** A connection that was used once, is kept for more, and then left alone. */
const used = async (url: string): Promise<Socket> => {
  const request = get(url, { agent: new Agent({ keepAlive: true }) })
  const [response]: Array<IncomingMessage> = await once(request, "response")
  const { socket } = request
  assert.strictEqual(response?.statusCode, 200)
  await response?.resume().toArray()
  assert.isFalse(socket?.destroyed)
  return socket as Socket
}

/** All that is answered to these bytes, until the server ends the connection. */
const answerTo = (url: string, bytes: string | Uint8Array) =>
  Effect.promise(async () => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname).on("error", () => {})
    socket.write(bytes)
    const chunks: Array<Buffer> = []
    for await (const chunk of socket) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  })

const get11 = (path: string, ...headers: ReadonlyArray<string>) =>
  `${[`GET ${path} HTTP/1.1`, "host: x", ...headers].join("\r\n")}\r\n\r\n`

const health = get11("/health")

const unreadable: ReadonlyArray<readonly [string, string | Uint8Array, number, string, RegExp]> = [
  ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n", 400, "malformed", /^this is no well-formed HTTP\/1.1 request: \S/],
  ["a TLS handshake", Uint8Array.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0]), 400, "malformed", /no well-formed HTTP/],
  ["a header without a name", get11("/health", ": x"), 400, "malformed", /no well-formed HTTP/],
  ["two lengths", get11("/health", "content-length: 1", "content-length: 2"), 400, "malformed", /no well-formed HTTP/],
  ["no host", "GET /health HTTP/1.1\r\n\r\n", 400, "malformed", /it has no Host header/],
  ["headers without end", get11("/health", `x: ${"x".repeat(20_000)}`), 431, "too large", /headers/]
]

describe("what is no request", () => {
  for (const [what, bytes, code, status, reason] of unreadable)
    it.live(`is answered in words and ends the connection: ${what}`, () =>
      Effect.gen(function* () {
        const context = yield* Layer.build(server)
        const url = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
        const [head = "", body = ""] = (yield* answerTo(url, bytes)).split("\r\n\r\n")
        assert.match(head, new RegExp(`^HTTP/1.1 ${code} [A-Z]`))
        assert.include(head, "connection: close")
        assert.include(head, "content-type: application/json")
        const answer = JSON.parse(body)
        assert.strictEqual(answer.status, status)
        assert.match(answer.reason, reason)
      }).pipe(Effect.scoped)
    )

  it.live("is answered after the requests before it on its connection", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(server)
      const url = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
      const { hostname, port } = new URL(url)
      const socket = connect(Number(port), hostname)
      socket.write(health)
      const [first] = yield* Effect.promise(() => once(socket, "data"))
      assert.match(String(first), /^HTTP\/1.1 200 /)
      socket.write("nonsense\r\n\r\n")
      const [second] = yield* Effect.promise(() => once(socket, "data"))
      assert.match(String(second), /^HTTP\/1.1 400 [\s\S]*"status":"malformed"/)
    }).pipe(Effect.scoped)
  )
})

describe("a connection", () => {
  const unused = () => assert.fail("no delivery arrives")

  it.live("on which no request is finished in time is answered so", () =>
    Effect.gen(function* () {
      const limits = { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 5 }
      const { port } = yield* listening(new WebhookServer(limits, unused))
      const text = yield* answerTo(`http://127.0.0.1:${port}`, "GET /health HTTP/1.1\r\nhost:")
      assert.match(text, /^HTTP\/1.1 408 [\s\S]*"status":"late"/)
    }).pipe(Effect.scoped)
  )

  it.live("gets no second answer into one that has begun", () =>
    Effect.gen(function* () {
      const begins = new WebhookServer({}, unused).on("request", (_, response) => {
        response.writeHead(200, { "content-length": 4 }).write("ab")
      })
      const { port } = yield* listening(begins)
      const text = yield* answerTo(`http://127.0.0.1:${port}`, `${health}nonsense\r\n\r\n`)
      assert.match(text, /^HTTP\/1.1 200 [\s\S]*\r\n\r\nab$/)
    }).pipe(Effect.scoped)
  )
})

describe("the server, when it closes", () => {
  it.effect("does not wait for unused connections", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(server, scope)
      const url = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
      const socket = yield* Effect.promise(() => used(`${url}/health`))
      const closed = once(socket, "close")
      yield* Scope.close(scope, Exit.void)
      yield* Effect.promise(() => closed)
    })
  )
})
