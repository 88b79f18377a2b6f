/** A channel that breaks, and a service that takes what is signed. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { sign, verify } from "@octokit/webhooks-methods"
import { Effect, Fiber, References, Schedule } from "effect"
import { relayAll } from "../../../src/entry/dev/WebhookProxy.ts"

const listening = (listener: RequestListener, port = 0) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
      const server = createServer(listener).listen(port, "127.0.0.1", () => {
        const close = () => void server.close().closeAllConnections()
        resume(Effect.succeed({ port: (server.address() as AddressInfo).port, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )
const addressOf = ({ port }: { readonly port: number }) => `http://127.0.0.1:${port}`

/** A port that no process listens on. */
const freePort = Effect.scoped(
  Effect.map(
    listening(() => {}),
    ({ port }) => port
  )
)

const payload = { action: "completed", text: "ünï/code 😀", nested: [1, null, true, "a\nb"] }

/** As smee.io sends a delivery, and its own messages, and what it does when it is deployed. */
const channelOf = (signature: string) => {
  let opened = 0
  return listening((_, response) => {
    opened += 1
    if (opened === 2) return void response.writeHead(502).end()
    response.writeHead(200, { "content-type": "text/event-stream" })
    const message = {
      host: "smee.io",
      "user-agent": "GitHub-Hookshot/x",
      "content-length": "7",
      "x-github-event": "workflow_run",
      "x-github-delivery": `d-${opened}`,
      "x-hub-signature-256": signature,
      body: payload,
      query: {},
      timestamp: 1
    }
    response.write("retry: 20\n\nid: 0\nevent: ready\ndata: {}\n\nid: 1\nevent: ping\ndata: {}\n\n")
    response.write(`id: 2\ndata: ${JSON.stringify(message)}\n\n`)
    if (opened === 1) setTimeout(() => response.end(), 20)
  })
}

describe("the webhook proxy", () => {
  it.live(
    "relays what is signed so that the signature still fits, through errors of the channel and a late service",
    () =>
      Effect.gen(function* () {
        const signature = yield* Effect.promise(() => sign("secret", JSON.stringify(payload)))
        const channel = yield* channelOf(signature)
        const port = yield* freePort
        const fiber = yield* Effect.forkChild(relayAll(`${addressOf(channel)}/abc`, `${addressOf({ port })}/webhooks`))
        yield* Effect.sleep("200 millis")
        const seen = new Set<string>()
        yield* listening(async (request, response) => {
          const body = (await request.toArray()).join("")
          const fits = await verify("secret", body, String(request.headers["x-hub-signature-256"]))
          seen.add(`${request.method} ${request.url} ${request.headers["x-github-delivery"]} ${fits}`)
          response.writeHead(202).end()
        }, port)
        yield* Effect.sync(() => seen.size).pipe(
          Effect.repeat({ until: (size) => size === 2, schedule: Schedule.spaced("20 millis") })
        )
        assert.deepStrictEqual([...seen].sort(), ["POST /webhooks d-1 true", "POST /webhooks d-3 true"])
        yield* Fiber.interrupt(fiber)
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
