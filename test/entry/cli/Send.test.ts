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

/** A server that takes a webhook request and answers with this status. */
const receiver = (status: number, answer = `{"status":"${status}"}`, location = "") =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly arrived: Array<Arrived>; readonly close: () => void }>(
      (resume) => {
        const arrived: Array<Arrived> = []
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk) => chunks.push(chunk))
          request.on("end", () => {
            arrived.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
            response.writeHead(status, location === "" ? {} : { location }).end(answer)
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

  it.live("does not follow where GitHub would not, and shows no more of an answer than is good", () =>
    Effect.gen(function* () {
      const elsewhere = yield* receiver(202)
      const { url } = yield* receiver(302, `\u001b[2J${"x".repeat(10_000)}`, elsewhere.url)
      const { code, text } = yield* outcomeOf(send(parcel(url)))
      assert.strictEqual(code, 1)
      assert.match(text, /^302 {2}\[2Jx{10,2000}…/)
      assert.lengthOf(elsewhere.arrived, 0)
    })
  )

  it.live("says so where nothing answers, and why", () =>
    Effect.gen(function* () {
      const { url, close } = yield* receiver(202)
      close()
      const { code, message } = yield* outcomeOf(send(parcel(url)))
      assert.strictEqual(code, 1)
      assert.match(message, /^http:\S+ does not answer: connect ECONNREFUSED/)
    })
  )
})

describe("dispatcher send", () => {
  it.live("takes the secret from the variable that is named, and never shows it", () =>
    Effect.gen(function* () {
      const { url, arrived } = yield* receiver(202)
      const cwd = yield* folder({ "p.json": payload })
      const guid = "00000000-cc78-11e3-81ab-4c9367dc0958"
      const args = ["send", "p.json", "--to", url, "--event", "ping", "--secret-env", "OTHER", "--delivery", guid]
      const sent = yield* dispatcher(args, { cwd, env: { OTHER: secret } })
      assert.deepStrictEqual([sent.code, sent.stderr], [0, ""])
      assert.notInclude(sent.stdout, secret)
      assert.deepInclude(arrived[0]?.headers, { "x-github-event": "ping", "x-github-delivery": guid })
      const unset = yield* dispatcher(args, { cwd })
      assert.strictEqual(unset.code, 1)
      assert.include(unset.stderr, "OTHER is not set")
      assert.lengthOf(arrived, 1)
    })
  )

  it.live("refuses what GitHub never sends, and flags that are none, without a request", () =>
    Effect.gen(function* () {
      const { url, arrived } = yield* receiver(202)
      const cwd = yield* folder({ "p.json": payload, "empty.json": "" })
      const called = (...args: ReadonlyArray<string>) =>
        dispatcher(["send", ...args], { cwd, env: { GITHUB_WEBHOOK_SECRET: secret } })
      const empty = yield* called("empty.json", "--to", url)
      assert.deepStrictEqual([empty.code, empty.stdout], [1, ""])
      assert.include(empty.stderr, "empty.json is empty")
      assert.strictEqual((yield* called("p.json", "--to", "localhost:3000")).code, 2)
      assert.strictEqual((yield* called("p.json", "--to", url, "--event", "a\nb")).code, 2)
      assert.lengthOf(arrived, 0)
    })
  )
})
