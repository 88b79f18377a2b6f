/** The sign-in form: what it lets in, where it leads, and that nothing gets into its HTML. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bearer, dashboard, form, origin, textOf, token } from "./support.ts"

const session = "/admin/session"

/** The attributes of the cookie that an answer sets. */
const cookieOf = (response: Response) => (response.headers.get("set-cookie") ?? "").split("; ")

describe("signing in", () => {
  it.effect("with the token opens a session and leads on", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask(session, form({ token, next: "/admin?source=acme/app" }))
      assert.strictEqual(response.status, 303)
      assert.strictEqual(response.headers.get("location"), "/admin?source=acme/app")
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
      const [value, ...attributes] = cookieOf(response)
      assert.match(value ?? "", /^dispatcher_session=[\w-]{12}\.43200\.[\w-]{43}$/)
      assert.sameMembers(attributes, ["Max-Age=43200", "Path=/admin", "HttpOnly", "SameSite=Strict"])
    })
  )

  it.effect.each([
    ["the proxy's word", {}, { "x-forwarded-proto": "https" }],
    ["the configured address", { baseUrl: new URL(origin.replace("http:", "https:")) }, {}]
  ] as const)("over TLS, by %s, the cookie goes over TLS only", ([, options, headers]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ options })
      const response = yield* ask(session, form({ token }, headers))
      assert.include(cookieOf(response), "Secure")
      assert.strictEqual(response.headers.get("strict-transport-security"), "max-age=31536000")
    })
  )

  it.effect("says in the log who came in, without what would let others in", () =>
    Effect.gen(function* () {
      const { ask, logs } = yield* dashboard()
      const response = yield* ask(session, form({ token }, { "x-test-address": "10.0.0.7" }))
      const [value = ""] = cookieOf(response)
      const [, id = "", , signature = "missing"] = value.split(/[=.]/)
      assert.strictEqual(logs.length, 1)
      assert.include(logs[0], id)
      assert.include(logs[0], "10.0.0.7")
      assert.notInclude(logs[0], signature)
      assert.notInclude(logs[0], token)
    })
  )

  it.effect("with a wrong token shows the form again, for the same way on", () =>
    Effect.gen(function* () {
      const { ask, logs } = yield* dashboard()
      const response = yield* ask(session, form({ token: "letmein-letmein-letmein", next: "/admin?range=7d" }))
      const html = yield* textOf(response)
      assert.strictEqual(response.status, 401)
      assert.strictEqual(response.headers.get("content-type"), "text/html; charset=utf-8")
      assert.isNull(response.headers.get("set-cookie"))
      assert.include(html, "This is not the admin token.")
      assert.include(html, 'value="/admin?range=7d"')
      assert.notInclude(html + logs.join(), "letmein")
    })
  )

  it.effect("without a token asks for one, and that is no attempt", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (const fields of [{}, { token: "" }, ...Array(8).fill({ next: "/admin" })]) {
        const response = yield* ask(session, form(fields))
        assert.strictEqual(response.status, 400)
        assert.include(yield* textOf(response), "Enter the admin token.")
      }
      assert.strictEqual((yield* ask(session, form({ token }))).status, 303)
    })
  )

  it.effect("too often says when to come back", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (let index = 0; index < 5; index++) yield* ask(session, form({ token: "wrong" }))
      const response = yield* ask(session, form({ token, next: "/admin?a=b" }))
      assert.strictEqual(response.status, 429)
      assert.strictEqual(response.headers.get("retry-after"), "12")
      assert.isNull(response.headers.get("set-cookie"))
      const html = yield* textOf(response)
      assert.include(html, "Try again in 12 seconds.")
      assert.include(html, 'value="/admin?a=b"')
    })
  )

  it.effect.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin }
  ])("from another page is refused: %j", (headers) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask(session, form({ token }, headers))
      assert.strictEqual(response.status, 403)
      assert.isNull(response.headers.get("set-cookie"))
      assert.include(yield* textOf(response), "from another page")
    })
  )

  it.effect("a form that is too long, or no text at all, is a 400", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const long = yield* ask(session, form({ token: "x".repeat(10_000) }))
      assert.strictEqual(long.status, 400)
      assert.include(yield* textOf(long), "could not be read")
      const bytes = yield* ask(session, { method: "POST", body: new Uint8Array([0, 255, 254]), headers: { origin } })
      assert.strictEqual(bytes.status, 400)
    })
  )

  it.effect.each([
    "https://evil.example/admin",
    "//evil.example/admin",
    "/\\evil.example",
    "/admin/../../evil",
    "/webhooks/github",
    "javascript:alert(1)",
    "/admin\r\nlocation: https://evil.example"
  ])("never leads out of the dashboard: %j", (next) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const location = (yield* ask(session, form({ token, next }))).headers.get("location") ?? ""
      assert.match(location, /^\/admin(?![^/?#])/)
      assert.strictEqual(new URL(location, origin).origin, origin)
    })
  )
})

describe("the sign-in page", () => {
  it.effect("is shown where the address of a refused form is asked for again", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask(session)
      assert.strictEqual(response.status, 303)
      assert.strictEqual(response.headers.get("location"), "/admin/sign-in")
    })
  )

  it.effect("is for all and kept in no cache", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask("/admin/sign-in?next=%2Fadmin%3Fa%3Db")
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
      // Without it, browsers would post the form with `Origin: null`.
      assert.strictEqual(response.headers.get("referrer-policy"), "same-origin")
      assert.strictEqual(
        yield* textOf(response),
        '<!doctype html><p></p><form method="post"><input name="next" value="/admin?a=b">{{other}}</form>'
      )
    })
  )

  it.effect.each([
    '/admin?"><script>alert(1)</script>',
    "/admin?'onfocus='alert(1)",
    "/admin#</form>&amp;",
    "/admin?{{message}}{{next}}$&$1",
    '"><script>alert(1)</script>'
  ])("nothing that was asked for gets into its HTML as such: %s", (next) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (const response of [
        yield* ask(`/admin/sign-in?next=${encodeURIComponent(next)}`),
        yield* ask(session, form({ token: "<b>wrong</b>", next }))
      ]) {
        const [, value = "missing", rest = ""] = /value="([^"]*)"(.*)$/s.exec(yield* textOf(response)) ?? []
        assert.strictEqual(rest, ">{{other}}</form>")
        assert.notMatch(value, /[<>"']/)
        assert.match(value, /^\/admin/)
      }
    })
  )

  it.effect("asked for twice, or not at all, the way on is the dashboard", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (const query of ["", "?next=", "?next=/admin/a&next=/admin/b"]) {
        assert.include(yield* textOf(yield* ask(`/admin/sign-in${query}`)), 'value="/admin"')
      }
    })
  )
})

describe("signing out", () => {
  it.effect("removes the cookie and leads to the sign-in page", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask("/admin/sign-out", { method: "POST", headers: { origin } })
      assert.strictEqual(response.status, 303)
      assert.strictEqual(response.headers.get("location"), "/admin/sign-in")
      const [value, ...attributes] = cookieOf(response)
      assert.strictEqual(value, "dispatcher_session=")
      assert.includeMembers(attributes, ["Max-Age=0", "Path=/admin", "HttpOnly", "SameSite=Strict"])
    })
  )

  it.effect("is not for other pages to do, nor by following a link", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const forged = yield* ask("/admin/sign-out", { method: "POST", headers: { origin: "https://evil.example" } })
      assert.strictEqual(forged.status, 403)
      assert.isNull(forged.headers.get("set-cookie"))
      const link = yield* ask("/admin/sign-out", bearer())
      assert.strictEqual(link.status, 404)
      assert.isNull(link.headers.get("set-cookie"))
    })
  )
})
