import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { verify } from "@octokit/webhooks-methods"
import { Effect, Redacted } from "effect"
import { send } from "../../../src/entry/cli/Send.ts"
import { dispatcher, folder, outcomeOf } from "./support.ts"

interface Arrived {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Somebody who takes a webhook request and answers with this status. */
const receiver = (status: number) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly arrived: Array<Arrived>; readonly close: () => void }>(
      (resume) => {
        const arrived: Array<Arrived> = []
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk) => chunks.push(chunk))
          request.on("end", () => {
            arrived.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
            response.writeHead(status).end(`{"status":"${status}"}`)
          })
        }).listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          const close = () => void server.close().closeAllConnections()
          resume(Effect.succeed({ url: `http://127.0.0.1:${port}/webhooks/github`, arrived, close }))
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

const payload = '{"action":"completed",  "emoji":"ü"}\n'
const secret = "it is a secret"
const parcel = (to: string) => ({
  payload,
  to,
  event: "workflow_run",
  deliveryId: "d-1",
  secret: Redacted.make(secret)
})

describe("send", () => {
  it.live("signs the very bytes, and sends GitHub's headers", () =>
    Effect.gen(function* () {
      const { url, arrived } = yield* receiver(202)
      const { code, text } = yield* outcomeOf(send(parcel(url)))
      assert.strictEqual(code, 0)
      assert.include(text, '202 {"status":"202"}')
      assert.strictEqual(arrived[0]?.body, payload)
      const headers = arrived[0]?.headers ?? {}
      assert.deepInclude(headers, {
        "content-type": "application/json",
        "x-github-event": "workflow_run",
        "x-github-delivery": "d-1"
      })
      const signature = String(headers["x-hub-signature-256"])
      assert.isTrue(yield* Effect.promise(() => verify(secret, payload, signature)))
      assert.notInclude(text, secret)
    })
  )

  it.live("an answer that is not 2xx is a problem, and is shown", () =>
    Effect.gen(function* () {
      const { url } = yield* receiver(401)
      const { code, text } = yield* outcomeOf(send(parcel(url)))
      assert.strictEqual(code, 1)
      assert.include(text, '401 {"status":"401"}')
    })
  )

  it.live("says so where nobody answers", () =>
    Effect.gen(function* () {
      const { url, close } = yield* receiver(202)
      close()
      const { code, message } = yield* outcomeOf(send(parcel(url)))
      assert.strictEqual(code, 1)
      assert.include(message, `${url} does not answer`)
    })
  )
})

describe("dispatcher send", () => {
  it.live("takes the secret from the variable it is told, and never shows it", () =>
    Effect.gen(function* () {
      const { url, arrived } = yield* receiver(202)
      const cwd = yield* folder({ "p.json": payload })
      const args = ["send", "p.json", "--to", url, "--event", "ping", "--secret-env", "OTHER", "--delivery", "abc-1"]
      const sent = yield* dispatcher(args, { cwd, env: { OTHER: secret } })
      assert.deepStrictEqual([sent.code, sent.stderr], [0, ""])
      assert.notInclude(sent.stdout, secret)
      assert.deepInclude(arrived[0]?.headers, { "x-github-event": "ping", "x-github-delivery": "abc-1" })
      const unset = yield* dispatcher(args, { cwd })
      assert.strictEqual(unset.code, 1)
      assert.include(unset.stderr, "OTHER is not set")
      assert.lengthOf(arrived, 1)
    })
  )
})
