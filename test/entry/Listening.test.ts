/** The end of the HTTP server, by its own clock: while a test's clock stands still, no limit of the server ends anything. */
import { once } from "node:events"
import { Agent, get, type IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Redacted, Scope } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { layerServer } from "../../src/entry/Listening.ts"
import { layerSettings, WebhookSecrets } from "../../src/flow/Settings.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import * as FakeQueues from "../../src/testing/fakes/Queues.ts"
import * as FakeTable from "../../src/testing/fakes/Table.ts"

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
