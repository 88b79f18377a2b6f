/** How one request is made, and which calls are made again and when. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Connection from "../../../src/adapters/github/Connection.ts"
import { Fetch, fromFetch } from "../../../src/adapters/github/Fetch.ts"
import { asInstallation } from "../../../src/adapters/github/Octokits.ts"
import type { Repeat } from "../../../src/adapters/github/Reasons.ts"
import { type Call, performRequest, retrySafely } from "../../../src/adapters/github/Requests.ts"
import {
  Ambiguous,
  Forbidden,
  GitHubError,
  type GitHubErrorReason,
  NotFound,
  RateLimited,
  Unauthorized,
  Unavailable,
  Unprocessable
} from "../../../src/ports/GitHubError.ts"
import { fixed } from "../../../src/ports/Renewed.ts"
import { json, type Play, played, reasonOfFailure } from "./support.ts"

const decode = Schema.decodeUnknownEffect(Schema.Struct({ ok: Schema.Boolean }))

const call = (repeat: Repeat): Call<{ readonly ok: boolean }> => ({
  operation: "Test.call",
  api: "rest",
  repeat,
  send: (request) => request("POST /thing", { text: "hello" }),
  read: ({ data }) => decode(data)
})

const app = {
  id: 1,
  privateKey: fixed(Redacted.make("")),
  apiUrl: "https://github.test/api/v3",
  graphqlBaseUrl: "https://github.test/api"
}

const github = { "content-type": "application/json", "x-github-request-id": "5A4D:1" }

/** A client that `play` answers, and the requests that it made. */
const playing = (play: Play) => {
  const { fetch, requests } = played(play)
  return Layer.build(Connection.layer).pipe(
    Effect.provideService(Fetch, fromFetch(fetch)),
    Effect.map((context) => ({
      client: asInstallation(app, Context.get(context, Connection.Connection), "ghs_secret"),
      requests
    }))
  )
}

describe("one request", () => {
  it.effect("carries the token, the pinned version and our name", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* playing(() => json(200, { ok: true }))
      assert.deepStrictEqual(yield* performRequest(client, call("harmless")), { ok: true })
      const [request] = requests
      assert.strictEqual(request?.url, "https://github.test/api/v3/thing")
      assert.strictEqual(request?.headers.get("authorization"), "token ghs_secret")
      assert.strictEqual(request?.headers.get("x-github-api-version"), "2022-11-28")
      assert.match(request?.headers.get("user-agent") ?? "", /^dispatcher /)
    })
  )

  const gone = { location: "https://github.test/api/v3/repositories/7/thing" }

  it.effect.each([301, 302, 307, 308])("does not follow where GitHub redirects to, but names it: %s", (status) =>
    Effect.gen(function* () {
      const { client, requests } = yield* playing((request) =>
        request.method === "GET"
          ? json(200, { full_name: "acme/renamed" })
          : json(status, { message: "Moved Permanently" }, gone)
      )
      const { reason } = yield* Effect.flip(performRequest(client, call("harmful")))
      assert.strictEqual(
        `${reason._tag}: ${reason.message}`,
        "NotFound: it was renamed or moved and is called acme/renamed now"
      )
      assert.deepStrictEqual(
        requests.map(({ method, url, redirect }) => [method, url, redirect]),
        [
          ["POST", "https://github.test/api/v3/thing", "manual"],
          ["GET", "https://github.test/api/v3/repositories/7", "manual"]
        ]
      )
    })
  )

  it.effect.each([
    ["another host", "https://evil.test/api/v3/repositories/7"],
    ["a host that begins alike", "https://github.test/api/v3.evil.test/repositories/7"],
    ["a page", "https://github.test/login"],
    ["nowhere", ""]
  ])("goes nowhere else with its token: %s", ([_, location = ""]) =>
    Effect.gen(function* () {
      const { client, requests } = yield* playing(() => json(301, { message: "Moved Permanently" }, { location }))
      const { reason } = yield* Effect.flip(performRequest(client, call("harmful")))
      assert.strictEqual(reason._tag, "NotFound")
      assert.strictEqual(requests.length, 1)
    })
  )

  it.effect("takes a redirection that is not GitHub's for a lost answer", () =>
    Effect.gen(function* () {
      const headers = { location: "https://sso.example/login" }
      const { client, requests } = yield* playing(() => new Response(null, { status: 302, headers }))
      assert.strictEqual((yield* reasonOfFailure(performRequest(client, call("harmless"))))._tag, "Unavailable")
      assert.strictEqual((yield* reasonOfFailure(performRequest(client, call("harmful"))))._tag, "Ambiguous")
      assert.strictEqual(requests.length, 2)
    })
  )

  it.effect.each([
    ["harmless", "Unavailable"],
    ["harmful", "Ambiguous"]
  ] as const)("is ended when no answer comes: %s", ([repeat, expected]) =>
    Effect.gen(function* () {
      const { client, requests } = yield* playing(() => new Promise<Response>(() => {}))
      const fiber = yield* Effect.forkChild(Effect.flip(performRequest(client, call(repeat))))
      yield* TestClock.adjust("12 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, `Test.call: ${expected}: no answer within 12 s`)
      assert.isTrue(requests[0]?.signal.aborted)
    })
  )

  it.effect("is ended when its caller is interrupted", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* playing(() => new Promise<Response>(() => {}))
      const fiber = yield* Effect.forkChild(performRequest(client, call("harmful")))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(requests[0]?.signal.aborted)
    })
  )

  it.effect.each([
    ["another form", () => json(200, { ok: "yes" })],
    ["an empty body", () => new Response("", { headers: github })],
    ["a body that breaks off", () => new Response('{"ok": tr', { headers: github })],
    ["the right form, but not GitHub's", () => Response.json({ ok: true })],
    ["a proxy's page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["a content type that is none", () => new Response("?", { headers: { "content-type": ";;" } })]
  ] as const)("counts an illegible answer as lost: %s", ([_, answer]) =>
    Effect.gen(function* () {
      const { client } = yield* playing(answer)
      assert.strictEqual((yield* reasonOfFailure(performRequest(client, call("harmless"))))._tag, "Unavailable")
      assert.strictEqual((yield* reasonOfFailure(performRequest(client, call("harmful"))))._tag, "Ambiguous")
    })
  )

  it.effect("never shows the token", () =>
    Effect.gen(function* () {
      const { client } = yield* playing((request) => {
        throw new TypeError(`invalid header value: ${request.headers.get("authorization")}`)
      })
      const error = yield* Effect.flip(performRequest(client, call("harmful")))
      assert.notInclude(JSON.stringify([error, error.message, error.stack]), "ghs_secret")
    })
  )

  it.effect("is not sent when it may not be, and that is not ambiguous", () =>
    Effect.gen(function* () {
      const { client, requests } = yield* playing(() => json(200, { ok: true }))
      const reason = yield* reasonOfFailure(performRequest(client, call("harmful"), () => false))
      assert.strictEqual(reason._tag, "Unavailable")
      assert.strictEqual(requests.length, 0)
    })
  )
})

/** A call that fails with one reason after the other, and then succeeds; with the times at which it was tried. */
const failing = (...reasons: ReadonlyArray<GitHubErrorReason>) => {
  const times: Array<number> = []
  const attempt = Effect.gen(function* () {
    const reason = reasons[times.length]
    times.push(yield* Clock.currentTimeMillis)
    return reason === undefined ? "done" : yield* new GitHubError({ operation: "Test.call", reason })
  })
  return { times, attempt }
}

/** Runs a call with all the time it wants. */
const inTime = <A>(attempt: Effect.Effect<A, GitHubError>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.result(retrySafely(() => attempt)))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

const unavailable = new Unavailable({ message: "down" })
const limited = (millis: number) => new RateLimited({ retryAfter: millis })

describe("a call is tried again", () => {
  it.effect("after a little while, then longer, ±20 %, at most 4 times in all", () =>
    Effect.gen(function* () {
      const { times, attempt } = failing(unavailable, unavailable, unavailable, unavailable)
      const result = yield* inTime(attempt)
      assert.strictEqual(result._tag, "Failure")
      assert.strictEqual(times.length, 4)
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      for (const [index, base] of [250, 500, 1000].entries()) {
        assert.isAtLeast(waits[index] ?? 0, base * 0.8)
        assert.isAtMost(waits[index] ?? 0, base * 1.2 + 1)
      }
    })
  )

  it.effect("until it succeeds", () =>
    Effect.gen(function* () {
      const { times, attempt } = failing(unavailable, unavailable)
      assert.deepStrictEqual((yield* inTime(attempt))._tag, "Success")
      assert.strictEqual(times.length, 3)
    })
  )

  it.effect("exactly when GitHub says", () =>
    Effect.gen(function* () {
      const { times, attempt } = failing(limited(3000), limited(6500))
      assert.strictEqual((yield* inTime(attempt))._tag, "Success")
      assert.deepStrictEqual(times, [0, 3000, 9500])
    })
  )

  it.effect("not when GitHub asks for more time than there is: that is for a queue to wait", () =>
    Effect.gen(function* () {
      const { times, attempt } = failing(limited(11_000))
      const result = yield* inTime(attempt)
      assert.deepStrictEqual(times, [0])
      assert.strictEqual(result._tag === "Failure" && result.failure.reason._tag, "RateLimited")
    })
  )

  it.effect("not when the waits together take more time than there is", () =>
    Effect.gen(function* () {
      const { times, attempt } = failing(limited(6000), limited(6000))
      assert.strictEqual((yield* inTime(attempt))._tag, "Failure")
      assert.deepStrictEqual(times, [0, 6000])
    })
  )

  it.effect("not when the tries themselves have taken all the time", () =>
    Effect.gen(function* () {
      const { times, attempt } = failing(unavailable)
      assert.strictEqual((yield* inTime(Effect.andThen(Effect.sleep("12 seconds"), attempt)))._tag, "Failure")
      assert.deepStrictEqual(times, [12_000])
    })
  )

  it.effect.each([
    new Ambiguous({ message: "lost" }),
    new NotFound({ message: "no" }),
    new Forbidden({ message: "no" }),
    new Unauthorized({ message: "no" }),
    new Unprocessable({ message: "no" })
  ])("never after $_tag", (reason) =>
    Effect.gen(function* () {
      const { times, attempt } = failing(reason)
      assert.strictEqual((yield* inTime(attempt))._tag, "Failure")
      assert.deepStrictEqual(times, [0])
    })
  )
})
