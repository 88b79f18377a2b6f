/** Who is let in to the API, by what, and what else a session needs to change something. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { bearer, bodyOf, dashboard, endpoints, form, origin, replayPath, signIn, token } from "./support.ts"

const health = "/admin/api/health"
const guarded = [...endpoints, "/admin/api/openapi.json"]
const withCookie = (cookie: string): RequestInit => ({ headers: { cookie } })
const authorization = (value: string): RequestInit => ({ headers: { authorization: value } })

describe("every endpoint", () => {
  it.effect.each(guarded)("%s: the token or a session, and nothing less", (path) =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const cookie = yield* signIn(ask)
      assert.strictEqual((yield* ask(path)).status, 401)
      assert.strictEqual((yield* ask(path, bearer("wrong"))).status, 401)
      assert.strictEqual((yield* ask(path, withCookie(`${cookie}0`))).status, 401)
      assert.deepStrictEqual(calls, [])
      assert.strictEqual((yield* ask(path, bearer())).status, 200)
      assert.strictEqual((yield* ask(path, withCookie(cookie))).status, 200)
    })
  )

  it.effect("a token that is newer than the one at hand is let in, and counted like a wrong one meanwhile", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ latestToken: `${token} 2` })
      const statuses = []
      for (let count = 0; count < 6; count++) statuses.push((yield* ask(health, bearer(`${token} 2`))).status)
      assert.deepStrictEqual(statuses, [200, 200, 200, 200, 200, 429])
      assert.strictEqual((yield* (yield* dashboard()).ask(health, bearer(`${token} 2`))).status, 401)
    })
  )

  it.effect("replay: the token or a session, and nothing less", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      for (const init of [{}, bearer("wrong"), withCookie("dispatcher_session=none")]) {
        const headers = { ...init.headers, "x-requested-with": "dispatcher" }
        assert.strictEqual((yield* ask(replayPath, { method: "POST", headers })).status, 401)
      }
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("parameters are not looked at before it is known who asks", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      assert.strictEqual((yield* ask("/admin/api/events?limit=0")).status, 401)
    })
  )
})

describe("the bearer token", () => {
  it.effect.each([
    ["as is", `Bearer ${token}`, 200],
    ["scheme in lower case", `bearer ${token}`, 200],
    ["more spaces", `Bearer    ${token}`, 200],
    ["none", "Bearer", 401],
    ["without scheme", token, 401],
    ["as basic credentials", `Basic ${btoa(`admin:${token}`)}`, 401],
    ["in another case", `Bearer ${token.toUpperCase()}`, 401],
    ["twice", `Bearer ${token}, Bearer ${token}`, 401]
  ] as const)("%s", ([, header, status]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      assert.strictEqual((yield* ask(health, authorization(header))).status, status)
    })
  )

  it.effect("the refusal says how to come in, and nothing of what was presented", () =>
    Effect.gen(function* () {
      const { ask, logs } = yield* dashboard()
      const response = yield* ask(health, bearer("not-the-token"))
      assert.strictEqual(response.headers.get("www-authenticate"), "Bearer")
      assert.deepStrictEqual(yield* bodyOf(response), { _tag: "Unauthorized", message: "this is not the admin token" })
      assert.strictEqual(logs.length, 1)
      assert.notInclude(logs.join(), "not-the-token")
      assert.notInclude(logs.join(), token)
    })
  )

  it.effect("in the query it is not a token", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const asked = `${health}?token=${encodeURIComponent(token)}&access_token=${encodeURIComponent(token)}`
      assert.strictEqual((yield* ask(asked)).status, 401)
    })
  )

  it.effect("no cookie makes up for a wrong one", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const cookie = yield* signIn(ask)
      const both = (presented: string) => ({ headers: { cookie, authorization: `Bearer ${presented}` } })
      assert.strictEqual((yield* ask(health, both("wrong"))).status, 401)
      assert.strictEqual((yield* ask(health, both(token))).status, 200)
    })
  )
})

describe("the session", () => {
  it.effect("lasts twelve hours", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const cookie = yield* signIn(ask)
      yield* TestClock.adjust("719 minutes")
      assert.strictEqual((yield* ask(health, withCookie(cookie))).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* ask(health, withCookie(cookie))).status, 401)
    })
  )

  it.effect("of another token is none", () =>
    Effect.gen(function* () {
      const before = yield* dashboard({ token: "the token of yesterday" })
      const after = yield* dashboard({ token: "the token of today" })
      const response = yield* before.ask("/admin/session", form({ token: "the token of yesterday" }))
      const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? ""
      assert.strictEqual((yield* before.ask(health, withCookie(cookie))).status, 200)
      assert.strictEqual((yield* after.ask(health, withCookie(cookie))).status, 401)
    })
  )

  it.effect("is not ended by trying out cookies: those are no attempts", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (let index = 0; index < 100; index++) {
        assert.strictEqual((yield* ask(health, withCookie(`dispatcher_session=${index}`))).status, 401)
      }
      assert.strictEqual((yield* ask(health, bearer())).status, 200)
    })
  )
})

describe("a session that changes something", () => {
  const ours = { "x-requested-with": "dispatcher" }
  const cases: ReadonlyArray<readonly [string, Record<string, string>, number]> = [
    ["our header", ours, 202],
    ["our header and origin", { ...ours, origin }, 202],
    ["our header and the browser's word", { ...ours, "sec-fetch-site": "same-origin", origin }, 202],
    ["no header", {}, 403],
    ["no header, though from our origin", { origin, "sec-fetch-site": "same-origin" }, 403],
    ["another library's header", { "x-requested-with": "XMLHttpRequest" }, 403],
    ["our header from another origin", { ...ours, origin: "https://evil.example" }, 403],
    ["our header from an opaque origin", { ...ours, origin: "null" }, 403],
    ["our header from another site", { ...ours, "sec-fetch-site": "cross-site" }, 403],
    ["our header from a sibling site", { ...ours, "sec-fetch-site": "same-site" }, 403]
  ]

  it.effect.each(cases)("%s", ([, headers, status]) =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const cookie = yield* signIn(ask)
      const response = yield* ask(replayPath, { method: "POST", headers: { cookie, ...headers } })
      assert.strictEqual(response.status, status)
      assert.strictEqual(calls.length, status === 202 ? 1 : 0)
      if (status === 403) assert.include(yield* bodyOf(response), { _tag: "ForgeryRefused" })
    })
  )

  it.effect("is named by its session, which is not the cookie", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const cookie = yield* signIn(ask)
      yield* ask(replayPath, { method: "POST", headers: { cookie, ...ours } })
      const [, id = ""] = cookie.split(/[=.]/)
      assert.strictEqual(calls[0]?.[2], `session ${id}`)
    })
  )

  it.effect("the token needs none of it: no browser sends it on its own", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const headers = { ...bearer().headers, "sec-fetch-site": "cross-site", origin: "https://tools.example" }
      assert.strictEqual((yield* ask(replayPath, { method: "POST", headers })).status, 202)
    })
  )

  it.effect("reading needs none of it: no other origin may read the answer", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const cookie = yield* signIn(ask)
      const response = yield* ask(health, { headers: { cookie, "sec-fetch-site": "cross-site" } })
      assert.strictEqual(response.status, 200)
      assert.isNull(response.headers.get("access-control-allow-origin"))
      assert.strictEqual(response.headers.get("cross-origin-resource-policy"), "same-origin")
    })
  )
})

describe("attempts", () => {
  const from = (address: string, presented: string): RequestInit => ({
    headers: { authorization: `Bearer ${presented}`, "x-test-address": address }
  })

  it.effect("by bearer and by form count together; later answers say when to come back", () =>
    Effect.gen(function* () {
      const { ask, logs } = yield* dashboard()
      const at = { "x-test-address": "10.0.0.1" }
      for (let index = 0; index < 5; index++) {
        const wrong =
          index % 2 === 0 ? ask(health, from("10.0.0.1", "wrong")) : ask("/admin/session", form({ token: "wrong" }, at))
        assert.strictEqual((yield* wrong).status, 401)
      }
      const refused = yield* ask(health, from("10.0.0.1", token))
      assert.strictEqual(refused.status, 429)
      assert.strictEqual(refused.headers.get("retry-after"), "12")
      assert.deepStrictEqual(yield* bodyOf(refused), {
        _tag: "TooManyAttempts",
        message: "too many attempts; try again in 12 s",
        retryAfter: 12
      })
      assert.strictEqual((yield* ask("/admin/session", form({ token }, at))).status, 429)
      assert.strictEqual((yield* ask(health, from("10.0.0.2", token))).status, 200)
      assert.include(logs.join(), "10.0.0.1")

      yield* TestClock.adjust("12 seconds")
      assert.strictEqual((yield* ask(health, from("10.0.0.1", token))).status, 200)
    })
  )

  it.effect("from many addresses at once lock everybody out for moments only, and no session", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const cookie = yield* signIn(ask)
      for (let index = 0; index < 50; index++) yield* ask(health, from(`10.0.1.${index}`, "wrong"))
      assert.strictEqual((yield* ask(health, from("10.0.0.9", token))).status, 429)
      assert.strictEqual((yield* ask(health, withCookie(cookie))).status, 200)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* ask(health, from("10.0.0.9", token))).status, 200)
    })
  )

  it.effect("a forwarding header gives no client another address", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const wrong = (address: string) =>
        ask(health, { headers: { authorization: "Bearer x", "x-forwarded-for": address } })
      for (let index = 0; index < 5; index++) yield* wrong(`10.0.0.${index}`)
      assert.strictEqual((yield* wrong("10.0.0.77")).status, 429)
    })
  )
})
