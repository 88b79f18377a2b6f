/** The table of what may go wrong with a request, and what it means for a read and for a write. */
import { assert, describe, it } from "@effect/vitest"
import { reasonOf } from "../../../src/adapters/github/Reasons.ts"

const now = 1_000_000_000_000

const answered = (status: number, data: unknown, headers: Record<string, string> = {}) =>
  Object.assign(new Error("octokit's words"), { status, response: { status, headers, data, url: "" }, request: {} })

/** As Octokit throws it: status 500 and no response, around what `fetch` threw. */
const silent = (cause: object) =>
  Object.assign(new Error("octokit's words"), {
    status: 500,
    cause: new TypeError("fetch failed", { cause: Object.assign(new Error("socket's words"), cause) })
  })

const show = (error: unknown, repeat: "harmless" | "harmful"): string => {
  const reason = reasonOf(error, repeat, now)
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
      answered(429, {}, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }),
      "RateLimited 90000"
    ],
    [
      "a reset in the past",
      answered(429, {}, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 - 5) }),
      "RateLimited 1000"
    ],
    ["403 with retry-after", answered(403, { message: "Slow down" }, { "retry-after": "7" }), "RateLimited 7000"],
    [
      "retry-after before reset",
      answered(429, {}, { "retry-after": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }),
      "RateLimited 7000"
    ],
    ["retry-after of 0", answered(429, {}, { "retry-after": "0" }), "RateLimited 1000"],
    ["retry-after that is no number", answered(429, {}, { "retry-after": "soon" }), "RateLimited 60000"],
    [
      "secondary limit without headers",
      answered(403, { message: "You have exceeded a secondary rate limit." }),
      "RateLimited 60000"
    ],
    ["429 without headers", answered(429, "<html>"), "RateLimited 60000"],
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
    ["a body that is not GitHub's", answered(422, "<html>proxy</html>"), "Unprocessable: HTTP 422"],
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
    ["500", answered(500, { message: "Server Error" }), "Server Error"],
    ["502 from a proxy", answered(502, "<html>Unicorn!</html>"), "HTTP 502"],
    ["503 with retry-after", answered(503, {}, { "retry-after": "3" }), "HTTP 503"],
    ["408", answered(408, { message: "Request Timeout" }), "Request Timeout"],
    ["a redirect nobody followed", answered(304, ""), "HTTP 304"],
    ["reset", silent({ code: "ECONNRESET", syscall: "read" }), "the connection broke off (ECONNRESET)"],
    ["closed by the other side", silent({ code: "UND_ERR_SOCKET" }), "the connection broke off (UND_ERR_SOCKET)"],
    ["no headers", silent({ code: "UND_ERR_HEADERS_TIMEOUT" }), "the connection broke off (UND_ERR_HEADERS_TIMEOUT)"],
    ["timed out while reading", silent({ code: "ETIMEDOUT", syscall: "read" }), "the connection broke off (ETIMEDOUT)"],
    ["broken pipe", silent({ code: "EPIPE", syscall: "write" }), "the connection broke off (EPIPE)"],
    [
      "aborted",
      Object.assign(new Error("This operation was aborted"), { name: "AbortError", status: 500 }),
      "the request broke off (AbortError)"
    ],
    [
      "an error of Octokit's own",
      new TypeError("invalid header value: token ghs_secret"),
      "the request broke off (TypeError)"
    ],
    ["anything", "what?", "the request broke off (unknown error)"],
    ["nothing", undefined, "the request broke off (unknown error)"]
  ])("%s", (_, error, message) => {
    assert.strictEqual(show(error, "harmless"), `Unavailable: ${message}`)
    assert.strictEqual(show(error, "harmful"), `Ambiguous: ${message}`)
  })
})

describe("a request that was never sent is unavailable even for writes", () => {
  it.each([
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "UND_ERR_CONNECT_TIMEOUT",
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT"
  ])("%s", (code) => {
    assert.strictEqual(show(silent({ code }), "harmful"), `Unavailable: GitHub cannot be reached (${code})`)
  })

  it("timed out while connecting", () => {
    const error = silent({ code: "ETIMEDOUT", syscall: "connect" })
    assert.strictEqual(show(error, "harmful"), "Unavailable: GitHub cannot be reached (ETIMEDOUT)")
  })

  it("on any of the host's addresses", () => {
    const each = ["::1", "127.0.0.1"].map((address) => ({ code: "ETIMEDOUT", syscall: "connect", address }))
    const error = silent({ code: "ETIMEDOUT", errors: each })
    assert.strictEqual(show(error, "harmful"), "Unavailable: GitHub cannot be reached (ETIMEDOUT)")
  })
})
