/** The table of what may go wrong with a request, and what it means for a read and for a write. */
import { assert, describe, it } from "@effect/vitest"
import { reasonOf } from "../../../src/adapters/github/Reasons.ts"

const now = 1_000_000_000_000

/** What something else than GitHub answers. */
const foreign = (status: number, data: unknown, headers: Record<string, string> = {}) =>
  Object.assign(new Error("octokit's words"), { status, response: { status, headers, data, url: "" }, request: {} })

const github = { "x-github-request-id": "5A4D:1", "content-type": "application/json; charset=utf-8" }
const answered = (status: number, data: unknown, headers: Record<string, string> = {}) =>
  foreign(status, data, { ...github, ...headers })

/** As Octokit throws it: status 500 and no response, around what `fetch` threw. */
const silent = (cause: object) =>
  Object.assign(new Error("octokit's words"), {
    status: 500,
    cause: new TypeError("fetch failed", { cause: Object.assign(new Error("socket's words"), cause) })
  })

const show = (error: unknown, repeat: "harmless" | "harmful", sent = true): string => {
  const reason = reasonOf(error, { repeat, sent, now })
  return reason._tag === "RateLimited" ? `RateLimited ${reason.retryAfter}` : `${reason._tag}: ${reason.message}`
}

describe("refusals mean the same for reads and writes", () => {
  const reset = String(now / 1000 + 90)
  it.each([
    ["401", answered(401, { message: "Bad credentials" }), "Unauthorized: Bad credentials"],
    [
      "403",
      answered(403, { message: "Resource not accessible by integration" }),
      "Forbidden: Resource not accessible by integration"
    ],
    [
      "403 with requests left",
      answered(403, { message: "No" }, { "x-ratelimit-remaining": "17", "x-ratelimit-reset": reset }),
      "Forbidden: No"
    ],
    [
      "403, budget spent",
      answered(
        403,
        { message: "API rate limit exceeded" },
        { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }
      ),
      "RateLimited 90000"
    ],
    [
      "429, budget spent",
      answered(429, { message: "" }, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }),
      "RateLimited 90000"
    ],
    [
      "a reset in the past",
      answered(429, { message: "" }, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 - 5) }),
      "RateLimited 1000"
    ],
    ["403 with retry-after", answered(403, { message: "Slow down" }, { "retry-after": "7" }), "RateLimited 7000"],
    [
      "retry-after before reset",
      answered(429, { message: "" }, { "retry-after": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }),
      "RateLimited 7000"
    ],
    ["retry-after of 0", answered(429, { message: "" }, { "retry-after": "0" }), "RateLimited 1000"],
    ["retry-after that is no number", answered(429, { message: "" }, { "retry-after": "soon" }), "RateLimited 60000"],
    [
      "secondary limit without headers",
      answered(403, { message: "You have exceeded a secondary rate limit." }),
      "RateLimited 60000"
    ],
    ["429 without headers", answered(429, { message: "Too many" }), "RateLimited 60000"],
    [
      "the primary limit, without headers",
      answered(403, { message: "API rate limit exceeded for installation ID 101." }),
      "RateLimited 60000"
    ],
    [
      "the limit on content",
      answered(403, {
        message:
          "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later."
      }),
      "RateLimited 60000"
    ],
    [
      "the limit on content, as a failed validation",
      answered(422, { message: "Validation Failed", errors: ["was submitted too quickly after the previous comment"] }),
      "RateLimited 60000"
    ],
    [
      "retry-after as a date, by the answer's own clock",
      answered(
        403,
        { message: "Slow down" },
        { "retry-after": "Sun, 29 Nov 2026 10:00:09 GMT", date: "Sun, 29 Nov 2026 10:00:00 GMT" }
      ),
      "RateLimited 9000"
    ],
    [
      "a reset, by the answer's own clock",
      answered(
        429,
        { message: "" },
        {
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(Date.parse("2026-11-29T10:00:30Z") / 1000),
          date: "Sun, 29 Nov 2026 10:00:00 GMT"
        }
      ),
      "RateLimited 30000"
    ],
    ["404", answered(404, { message: "Not Found" }), "NotFound: Not Found"],
    [
      "410",
      answered(410, { message: "Issues are disabled for this repo" }),
      "NotFound: Issues are disabled for this repo"
    ],
    ["451", answered(451, { message: "Repository access blocked" }), "Forbidden: Repository access blocked"],
    ["400", answered(400, { message: "Problems parsing JSON" }), "Unprocessable: Problems parsing JSON"],
    ["409", answered(409, { message: "Conflict" }), "Unprocessable: Conflict"],
    [
      "422 with errors",
      answered(422, {
        message: "Validation Failed",
        errors: [
          { resource: "Issue", field: "title", code: "missing_field" },
          { message: "body is too long", code: "custom" },
          "and a text"
        ]
      }),
      "Unprocessable: Validation Failed: Issue title missing_field; body is too long; and a text"
    ],
    [
      "422 with one error as text",
      answered(422, { message: "Invalid", errors: "no such ref" }),
      "Unprocessable: Invalid: no such ref"
    ],
    [
      "422 with odd errors",
      answered(422, { message: "Invalid", errors: [null, 7, {}] }),
      "Unprocessable: Invalid: null; 7"
    ],
    ["lines and blanks", answered(404, { message: " Not\n\n  Found " }), "NotFound: Not Found"]
  ])("%s", (_, error, expected) => {
    assert.strictEqual(show(error, "harmless"), expected)
    assert.strictEqual(show(error, "harmful"), expected)
  })

  it("shortens what is too long to read", () => {
    const message = show(answered(404, { message: "x".repeat(100_000) }), "harmless")
    assert.isBelow(message.length, 600)
  })
})

describe("a lost answer is unavailable for reads and ambiguous for writes", () => {
  it.each([
    ["500", answered(500, { message: "Server Error" }), "HTTP 500: Server Error"],
    ["502 from a proxy", answered(502, "<html>Unicorn!</html>"), "HTTP 502"],
    ["503 with retry-after", answered(503, {}, { "retry-after": "3" }), "HTTP 503"],
    ["408", answered(408, { message: "Request Timeout" }), "HTTP 408: Request Timeout"],
    [
      "a redirect that was not followed",
      answered(304, ""),
      "something redirects to another page (HTTP 304) in GitHub's place"
    ],
    [
      "a page for a 404",
      foreign(404, "<html>", { "content-type": "text/html; charset=utf-8" }),
      "something else than GitHub answered (HTTP 404, text/html)"
    ],
    [
      "a page for a 403, by what stands before GitHub with its request id",
      answered(403, "<html>", { "content-type": "text/html" }),
      "something else than GitHub answered (HTTP 403, text/html)"
    ],
    [
      "JSON that is not GitHub's",
      foreign(404, { message: "no route" }, { "content-type": "application/json" }),
      "something else than GitHub answered (HTTP 404, application/json)"
    ],
    ["JSON without words", answered(403, {}), "something else than GitHub answered (HTTP 403, application/json)"],
    [
      "JSON that is no object",
      answered(404, "gone"),
      "something else than GitHub answered (HTTP 404, application/json)"
    ],
    ["a proxy that wants a password", foreign(407, ""), "something else than GitHub answered (HTTP 407, no content)"],
    [
      "a sign-in page",
      foreign(302, "", { location: "https://sso.example.com/login?token=secret" }),
      "something redirects to sso.example.com (HTTP 302) in GitHub's place"
    ],
    [
      "unreachable while reading",
      silent({ code: "EHOSTUNREACH", syscall: "read" }),
      "the connection broke off (EHOSTUNREACH)"
    ],
    [
      "no way while writing",
      silent({ code: "ENETUNREACH", syscall: "write" }),
      "the connection broke off (ENETUNREACH)"
    ],
    ["reset", silent({ code: "ECONNRESET", syscall: "read" }), "the connection broke off (ECONNRESET)"],
    ["closed by the other side", silent({ code: "UND_ERR_SOCKET" }), "the connection broke off (UND_ERR_SOCKET)"],
    ["no headers", silent({ code: "UND_ERR_HEADERS_TIMEOUT" }), "the connection broke off (UND_ERR_HEADERS_TIMEOUT)"],
    ["timed out while reading", silent({ code: "ETIMEDOUT", syscall: "read" }), "the connection broke off (ETIMEDOUT)"],
    ["broken pipe", silent({ code: "EPIPE", syscall: "write" }), "the connection broke off (EPIPE)"],
    [
      "aborted",
      Object.assign(new Error("This operation was aborted"), { name: "AbortError", status: 500 }),
      "the connection broke off (AbortError)"
    ],
    [
      "an error of Octokit's own",
      new TypeError("invalid header value: token ghs_secret"),
      "the connection broke off (TypeError)"
    ],
    ["anything", "what?", "the connection broke off (unknown error)"],
    ["nothing", undefined, "the connection broke off (unknown error)"]
  ])("%s", (_, error, message) => {
    assert.strictEqual(show(error, "harmless"), `Unavailable: ${message}`)
    assert.strictEqual(show(error, "harmful"), `Ambiguous: ${message}`)
  })
})

describe("a limit that something else than GitHub sets", () => {
  it("is waited for by reads, and leaves open what became of a write", () => {
    const error = foreign(429, "<html>", { "retry-after": "5" })
    assert.strictEqual(show(error, "harmless"), "RateLimited 5000")
    assert.match(show(error, "harmful"), /^Ambiguous/)
  })
})

describe("a failure that says when to come back", () => {
  it("is kept to", () => {
    const reason = reasonOf(answered(503, {}, { "retry-after": "3" }), { repeat: "harmless", sent: true, now })
    assert.strictEqual(reason._tag === "Unavailable" && reason.retryAfter, 3000)
  })
})

describe("a request that was never sent is unavailable even for writes, whatever the error", () => {
  it.each([
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_SSL_WRONG_VERSION_NUMBER"
  ])("%s", (code) => {
    assert.strictEqual(show(silent({ code }), "harmful", false), `Unavailable: GitHub cannot be reached (${code})`)
  })

  it("on any of the host's addresses", () => {
    const each = ["::1", "127.0.0.1"].map((address) => ({ code: "ETIMEDOUT", syscall: "connect", address }))
    const error = silent({ code: "ETIMEDOUT", errors: each })
    assert.strictEqual(show(error, "harmful", false), "Unavailable: GitHub cannot be reached (ETIMEDOUT)")
  })

  it("by a proxy that lets nothing through", () => {
    const error = Object.assign(new Error("octokit's words"), {
      status: 500,
      cause: new TypeError("fetch failed", { cause: new Error("Proxy response (407) !== 200 when HTTP Tunneling") })
    })
    assert.strictEqual(show(error, "harmful", false), "Unavailable: the proxy refuses the way to GitHub (HTTP 407)")
  })
})
