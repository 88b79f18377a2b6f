/** A channel that breaks, and a service that takes what is signed. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { sign, verify } from "@octokit/webhooks-methods"
import { Effect, Fiber, References, Schedule } from "effect"
import { FetchHttpClient } from "effect/http"
import { relayAll } from "../../../src/entry/dev/WebhookProxy.ts"

const listening = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer(listener).listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => void server.close().closeAllConnections()
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}/`, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const payload = { action: "completed", text: "ünï/code" }

describe("the webhook proxy", () => {
  it.live("relays what is signed so that the signature still fits, and opens a lost channel again", () =>
    Effect.gen(function* () {
      const signature = yield* Effect.promise(() => sign("secret", JSON.stringify(payload)))
      let opened = 0
      const channel = yield* listening((_, response) => {
        opened++
        response.writeHead(200, { "content-type": "text/event-stream" })
        const message = {
          "x-github-event": "workflow_run",
          "x-github-delivery": `d-${opened}`,
          "x-hub-signature-256": signature,
          host: "smee.io",
          body: payload
        }
        response.write(`event: ready\ndata: {}\n\nevent: ping\ndata: {}\n\ndata: ${JSON.stringify(message)}\n\n`)
        if (opened === 1) response.end()
      })
      const seen: Array<string> = []
      const service = yield* listening(async (request, response) => {
        const body = (await request.toArray()).join("")
        const fits = await verify("secret", body, String(request.headers["x-hub-signature-256"]))
        seen.push(`${request.headers["x-github-delivery"]} ${fits}`)
        response.writeHead(202).end()
      })
      const fiber = yield* Effect.forkChild(relayAll(channel.url, service.url))
      yield* Effect.sync(() => seen.length).pipe(
        Effect.repeat({ until: (length) => length === 2, schedule: Schedule.spaced("20 millis") }),
        Effect.timeout("10 seconds")
      )
      assert.deepStrictEqual(seen, ["d-1 true", "d-2 true"])
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(FetchHttpClient.layer), Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
