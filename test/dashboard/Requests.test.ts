/** What requests say of where they come from, and where they may lead to. */
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { HttpServerRequest } from "effect/http"
import { clientAddress, isFromUs, isSecure, localPath } from "../../src/dashboard/Requests.ts"

const request = (headers: Record<string, string> = {}, url = "http://dispatcher.test/admin/session") =>
  HttpServerRequest.fromWeb(new Request(url, { method: "POST", headers }))

describe("where to go after signing in", () => {
  it.each([
    ["/admin", "/admin"],
    ["/admin?source=acme/app&range=7d#top", "/admin?source=acme/app&range=7d#top"],
    ["/admin/", "/admin/"],
    ["/admin/api/openapi.json", "/admin/api/openapi.json"],
    ["/admin//evil.example", "/admin//evil.example"],
    ["/admin?next=https://evil.example", "/admin?next=https://evil.example"],
    ["/admin/ü", "/admin/%C3%BC"]
  ])("%s is ours", (next, path) => {
    assert.strictEqual(localPath(next), path)
  })

  it.each([
    "",
    "/",
    "/webhooks/github",
    "/administrator",
    "/Admin",
    "admin",
    "//evil.example/admin",
    "///evil.example/admin",
    "/\\evil.example/admin",
    "\\\\evil.example/admin",
    "/\t/evil.example/admin",
    "\n//evil.example/admin",
    "https://evil.example/admin",
    "https://evil.example/admin/deep",
    "HTTPS:evil.example/admin",
    "http://dashboard.invalid.evil.example/admin",
    "http://dashboard.invalid@evil.example/admin",
    "javascript:alert(1)//admin",
    "data:text/html,<script>alert(1)</script>",
    "/admin/../webhooks/github",
    "/admin/%2e%2e/health",
    "/admin/..\\..\\evil",
    "http://[",
    "/admin:evil"
  ])("%j is not, and leads home", (next) => {
    assert.strictEqual(localPath(next), "/admin")
  })

  it("what is given twice, or not at all, leads home", () => {
    assert.strictEqual(localPath(["/admin?a", "/admin?b"]), "/admin")
    assert.strictEqual(localPath(undefined), "/admin")
  })

  const tricky = Schema.Array(
    Schema.Union([
      Schema.Literals([
        "/",
        "\\",
        "admin",
        "..",
        ".",
        "@",
        ":",
        "//",
        "%2e",
        "%2f",
        "?",
        "#",
        "\t",
        "http",
        "evil.example"
      ]),
      Schema.String
    ])
  )
  it.prop("whatever was asked for, it is an address of ours", [tricky], ([parts]) => {
    for (const asked of [parts.join(""), `/admin${parts.join("")}`, `/admin/${parts.join("")}`]) {
      const there = new URL(localPath(asked), "https://dispatcher.test/admin/sign-in")
      assert.strictEqual(there.origin, "https://dispatcher.test")
      assert.match(there.pathname, /^\/admin(\/|$)/)
      assert.strictEqual(localPath(localPath(asked)), localPath(asked))
    }
  })

  it("line ends never get into the header", () => {
    assert.strictEqual(localPath("/admin?a\r\nset-cookie: b=c"), "/admin?aset-cookie:%20b=c")
  })
})

describe("whether a request comes from our own page", () => {
  const evil = "https://evil.example"
  it.each([
    ["no browser", {}, true],
    ["our origin", { origin: "http://dispatcher.test" }, true],
    ["our origin, by the browser's word", { "sec-fetch-site": "same-origin", origin: "http://dispatcher.test" }, true],
    [
      "our origin behind a proxy that changes Host",
      { "sec-fetch-site": "same-origin", origin: "https://public.test" },
      true
    ],
    ["another origin", { origin: evil }, false],
    ["another port", { origin: "http://dispatcher.test:8080" }, false],
    ["a subdomain", { origin: "http://evil.dispatcher.test" }, false],
    ["nowhere", { origin: "null" }, false],
    ["nonsense", { origin: "dispatcher.test" }, false],
    [
      "another site, by the browser's word",
      { "sec-fetch-site": "cross-site", origin: "http://dispatcher.test" },
      false
    ],
    ["a sibling site", { "sec-fetch-site": "same-site" }, false],
    ["the address bar", { "sec-fetch-site": "none" }, false]
  ])("%s", (_, headers, expected) => {
    assert.strictEqual(isFromUs(request({ host: "dispatcher.test", ...headers })), expected)
  })

  it("the configured address counts more than Host", () => {
    const base = new URL("https://public.test/")
    const from = (origin: string) => isFromUs(request({ host: "10.0.0.1:3000", origin }), base)
    assert.isTrue(from("https://public.test"))
    assert.isFalse(from("http://10.0.0.1:3000"))
  })
})

describe("whether the browser speaks TLS", () => {
  it.each([
    ["plain", request(), undefined, false],
    ["TLS to us", request({}, "https://dispatcher.test/admin"), undefined, true],
    ["TLS to the proxy", request({ "x-forwarded-proto": "https" }), undefined, true],
    ["TLS to the first of two proxies", request({ "x-forwarded-proto": "HTTPS, http" }), undefined, true],
    ["plain to the first of two proxies", request({ "x-forwarded-proto": "http, https" }), undefined, false],
    ["as configured", request(), new URL("https://public.test"), true]
  ] as const)("%s", (_, asked, base, expected) => {
    assert.strictEqual(isSecure(asked, base), expected)
  })
})

it("the client is the peer, whatever the request says itself", () => {
  const forwarded = request({ "x-forwarded-for": "6.6.6.6", forwarded: "for=6.6.6.6" })
  assert.strictEqual(clientAddress(forwarded), "unknown")
  assert.strictEqual(clientAddress(forwarded.modify({ remoteAddress: Option.some("10.1.2.3") })), "10.1.2.3")
})
