/** The page and its files, the headers of every answer, and what is kept by whom. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bearer, bodyOf, dashboard, endpoints, form, pageFiles, replayPath, signIn, textOf, token } from "./support.ts"

describe("the page", () => {
  it.effect("is for those who are signed in", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const cookie = yield* signIn(ask)
      for (const init of [{ headers: { cookie } }, bearer()]) {
        const response = yield* ask("/admin?source=acme/app", init)
        assert.strictEqual(response.status, 200)
        assert.strictEqual(response.headers.get("content-type"), "text/html; charset=utf-8")
        assert.strictEqual(response.headers.get("cache-control"), "private, no-cache")
        assert.strictEqual(yield* textOf(response), pageFiles["index.html"])
        const etag = response.headers.get("etag") ?? ""
        const again = yield* ask("/admin", { headers: { ...init.headers, "if-none-match": etag } })
        assert.strictEqual(again.status, 304)
        // Browsers put the headers of a 304 over those they kept: the page must stay one that may post forms.
        for (const { headers } of [response, again]) assert.strictEqual(headers.get("referrer-policy"), "same-origin")
      }
    })
  )

  it.effect.each([
    ["/admin", "/admin"],
    ["/admin/", "/admin"],
    ["/admin?source=acme/app&range=7d", "/admin?source=acme/app&range=7d"],
    ["/admin?next=//evil.example", "/admin?next=//evil.example"]
  ] as const)("%s: others are asked to sign in and come back to %s", ([path, next]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask(path)
      assert.strictEqual(response.status, 303)
      assert.strictEqual(response.headers.get("location"), `/admin/sign-in?next=${encodeURIComponent(next)}`)
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
    })
  )

  it.effect(
    "a link from another site comes without the strict cookie, so the browser is made to ask again by itself",
    () =>
      Effect.gen(function* () {
        const { ask } = yield* dashboard()
        const crossSite = { headers: { "sec-fetch-site": "cross-site" } }
        const response = yield* ask(`/admin?a='"><script>&b=;url=https://evil.example`, crossSite)
        assert.strictEqual(response.status, 200)
        assert.strictEqual(
          yield* textOf(response),
          '<!doctype html><meta http-equiv="refresh" content="0;url=/admin?a=%27%22%3E%3Cscript%3E&amp;b=;url=https://evil.example">'
        )
        const again = yield* ask("/admin", { headers: { "sec-fetch-site": "same-origin" } })
        assert.strictEqual(again.status, 303)
      })
  )

  it.effect("too many wrong tokens are answered here too", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (let index = 0; index < 5; index++) {
        assert.strictEqual((yield* ask("/admin", bearer("wrong"))).status, 303)
      }
      assert.strictEqual((yield* ask("/admin", bearer())).status, 429)
    })
  )

  it.effect.each([
    ["app.js", "text/javascript; charset=utf-8"],
    ["app.css", "text/css; charset=utf-8"]
  ] as const)("%s is for everybody, and revalidated", ([name, contentType]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask(`/admin/${name}`)
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("content-type"), contentType)
      assert.strictEqual(response.headers.get("cache-control"), "public, no-cache")
      assert.strictEqual(yield* textOf(response), pageFiles[name])
      const etag = response.headers.get("etag") ?? ""
      const again = yield* ask(`/admin/${name}`, { headers: { "if-none-match": etag } })
      assert.strictEqual(again.status, 304)
    })
  )

  it.effect("what is long is sent compressed to those who take it", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask("/admin/app.js", { headers: { "accept-encoding": "gzip, br" } })
      assert.strictEqual(response.headers.get("content-encoding"), "gzip")
      assert.match(response.headers.get("vary") ?? "", /accept-encoding/i)
      const stream = response.body?.pipeThrough(new DecompressionStream("gzip"))
      assert.strictEqual(yield* textOf(new Response(stream)), pageFiles["app.js"])
      const again = yield* ask("/admin/app.js", {
        headers: { "accept-encoding": "gzip", "if-none-match": response.headers.get("etag") ?? "" }
      })
      assert.strictEqual(again.status, 304)
    })
  )

  it.effect("that was not built stops the start, and says how to build it", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "dispatcher-no-page-"))
      writeFileSync(join(folder, "index.html"), "")
      const error = yield* Effect.flip(dashboard({ options: { folder } })).pipe(
        Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true })))
      )
      assert.match(error.message, /app\.js|app\.css|sign-in\.html/)
      assert.match(error.message, /npm run build:page/)
    })
  )
})

const everything: ReadonlyArray<readonly [string, string, RequestInit?]> = [
  ["the page", "/admin", bearer()],
  ["the way to sign in", "/admin"],
  ["a link from another site", "/admin", { headers: { "sec-fetch-site": "cross-site" } }],
  ["script", "/admin/app.js"],
  ["style", "/admin/app.css"],
  ["sign-in", "/admin/sign-in"],
  ["signed in", "/admin/session", form({ token })],
  ["not signed in", "/admin/session", form({ token: "wrong" })],
  ["signed out", "/admin/sign-out", { method: "POST" }],
  ["an answer", "/admin/api/health", bearer()],
  ["the same answer", "/admin/api/health", { headers: { ...bearer().headers, "if-none-match": "*" } }],
  ["a refusal", "/admin/api/health"],
  ["a wrong parameter", "/admin/api/events?limit=0", bearer()],
  ["a replay", replayPath, { ...bearer(), method: "POST" }],
  ["the description", "/admin/api/openapi.json", bearer()],
  ["a wrong token for the page", "/admin", bearer("wrong")],
  ["nothing", "/admin/nothing"],
  ["nothing in the API", "/admin/api/nothing/at/all", bearer()],
  ["another method", "/admin", { method: "DELETE" }]
]

describe("headers", () => {
  it.effect.each(everything)("%s has them all", ([, path, init]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const { headers } = yield* ask(path, init)
      assert.strictEqual(
        headers.get("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
      )
      assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
      assert.strictEqual(headers.get("cross-origin-opener-policy"), "same-origin")
      assert.match(headers.get("referrer-policy") ?? "", /^(no-referrer|same-origin)$/)
      assert.match(headers.get("permissions-policy") ?? "", /camera=\(\)/)
      assert.isNotNull(headers.get("cache-control"))
      assert.isNull(headers.get("strict-transport-security"))
      assert.isNull(headers.get("access-control-allow-origin"))
    })
  )

  it.effect.each(everything)("%s: over TLS, only over TLS from then on", ([, path, init]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const { headers } = yield* ask(path, { ...init, headers: { ...init?.headers, "x-forwarded-proto": "https" } })
      assert.strictEqual(headers.get("strict-transport-security"), "max-age=31536000")
    })
  )

  it.effect("a defect is a 500 with them, and says nothing", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ queries: { health: Effect.die(new Error("the key is hunter2")) } })
      const response = yield* ask("/admin/api/health", bearer())
      assert.strictEqual(response.status, 500)
      assert.strictEqual(yield* textOf(response), "")
      assert.isNotNull(response.headers.get("content-security-policy"))
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
    })
  )
})

describe("what is not there", () => {
  it.effect.each([
    ["GET", "/admin/nothing"],
    ["GET", "/admin/index.html"],
    ["GET", "/admin/..%2f..%2fpackage.json"],
    ["GET", "/admin/api"],
    ["GET", "/admin/api/nothing"],
    ["POST", "/admin"],
    ["POST", "/admin/sign-in"],
    ["POST", "/admin/api/nothing"],
    ["PUT", "/admin/api/nothing"],
    ["DELETE", "/admin/session"],
    ["OPTIONS", "/admin/api/nothing"],
    ["OPTIONS", "/admin/session"],
    ["HEAD", "/admin/nothing"]
  ] as const)("%s %s is a 404", ([method, path]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const response = yield* ask(path, { ...bearer(), method })
      assert.strictEqual(response.status, 404)
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
      if (method !== "HEAD") assert.include(yield* bodyOf(response), { _tag: "NotFound" })
    })
  )
})

describe("answers of the API", () => {
  it.effect.each(endpoints)("%s: kept for moments, by the asker only, and sent once", (path) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const first = yield* ask(path, bearer())
      assert.strictEqual(first.headers.get("cache-control"), "private, max-age=5, must-revalidate")
      assert.match(first.headers.get("vary") ?? "", /authorization, cookie/)
      const etag = first.headers.get("etag") ?? ""
      assert.match(etag, /^"[\w-]{43}"$/)

      const asked = (ifNoneMatch: string) =>
        ask(path, { headers: { ...bearer().headers, "if-none-match": ifNoneMatch } })
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const same = yield* asked(known)
        assert.strictEqual(same.status, 304)
        assert.strictEqual(same.headers.get("etag"), etag)
        assert.strictEqual(same.headers.get("cache-control"), "private, max-age=5, must-revalidate")
        assert.match(same.headers.get("vary") ?? "", /authorization, cookie/)
        assert.strictEqual(yield* textOf(same), "")
      }
      for (const other of ['"other"', etag.slice(1, -1), ""]) assert.strictEqual((yield* asked(other)).status, 200)
    })
  )

  it.effect("the ETag changes with the answer", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const etags = new Set<string | null>()
      for (const path of ["figures", "figures?window=1h", "figures?source=acme/app"]) {
        etags.add((yield* ask(`/admin/api/${path}`, bearer())).headers.get("etag"))
      }
      assert.strictEqual(etags.size, 3)
    })
  )

  it.effect("an ETag admits no one", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      assert.strictEqual((yield* ask("/admin/api/health", { headers: { "if-none-match": "*" } })).status, 401)
    })
  )

  it.effect("refusals and errors are kept in no cache", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      for (const [path, init] of [
        ["/admin/api/health"],
        ["/admin/api/events?limit=0", bearer()],
        [replayPath, { ...bearer(), method: "POST" }]
      ] as ReadonlyArray<[string, RequestInit?]>) {
        const { headers } = yield* ask(path, init)
        assert.strictEqual(headers.get("cache-control"), "no-store")
        assert.isNull(headers.get("etag"))
      }
    })
  )

  it.effect("HEAD says the same without the body", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const [get, head] = [
        yield* ask("/admin/api/health", bearer()),
        yield* ask("/admin/api/health", { ...bearer(), method: "HEAD" })
      ]
      assert.strictEqual(head.status, 200)
      assert.strictEqual(head.headers.get("etag"), get.headers.get("etag"))
      assert.strictEqual(yield* textOf(head), "")
    })
  )
})
