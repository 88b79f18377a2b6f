/**
 * The table of Reasons.ts, row by row, over real HTTP: what GitHub answers, or what stands before it, what that is in our words, and how
 * often it is asked again.
 */
import { createServer, type Server } from "node:http"
import { assert, describe, it, layer } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { layer as layerFetch } from "../../../src/adapters/github/Fetch.ts"
import type { FaultAnswer } from "../../../src/sandbox/Fault.ts"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { adapter, arm, type Case, hurried, outcomeAt, type Place, patience, play, rowsOf, says } from "./Answering.ts"
import { scenario } from "./support.ts"

const html = { body: "<html>Sign in</html>" } as const
const page = (status: number, headers: Record<string, string> = {}): { answer: FaultAnswer } => ({
  answer: { status, headers, ...html, by: "elsewhere" }
})

/** The waits in the answers are measured by its own date. */
const date = "Sat, 28 Nov 2026 10:00:00 GMT"
const in90s = { date, "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.parse(date) / 1000 + 90) }
const later = { date, "retry-after": "Sat, 28 Nov 2026 10:02:00 GMT" }
const primary = "API rate limit exceeded for installation ID 101."
const secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
const content = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
const formerly = "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again."
const quickly = "Validation Failed: was submitted too quickly"

/** A limit, as often as it is met, is one request: the wait is longer than any try. */
const limit = (row: string, at: Place, what: string, given: Case["given"], wait: number): Case => ({
  row,
  at,
  what: `${what}, to ${at}`,
  given,
  means: `RateLimited ${wait}`,
  requests: 1
})

const limitRow = "403, 429 and any 4xx in the words of a limit"
const graphqlRow = "200 with a GraphQL error `RATE_LIMITED` or `RATE_LIMIT`"
const reads: ReadonlyArray<Place> = ["search", "app"]

const limits: ReadonlyArray<Case> = [
  ...(
    [
      "start",
      "search",
      "open",
      "update",
      "comment",
      "token",
      "installation",
      "app",
      "log",
      "redelivery",
      "configs"
    ] as const
  ).flatMap((at) => [
    limit(limitRow, at, "403, the budget is spent", says(403, primary, in90s), 90_000),
    limit(limitRow, at, "403, secondary, seconds", says(403, secondary, { "retry-after": "60" }), 60_000),
    limit(limitRow, at, "403, secondary, a date", says(403, secondary, later), 120_000),
    limit(limitRow, at, "403, secondary, without a time", says(403, secondary), 60_000),
    limit(limitRow, at, "403, on content", says(403, content), 60_000),
    limit(limitRow, at, "403, in former words", says(403, formerly), 60_000),
    limit(limitRow, at, "403 with retry-after", says(403, "Slow down", { "retry-after": "30" }), 30_000),
    limit(limitRow, at, "429, the budget is spent", says(429, primary, in90s), 90_000),
    limit(limitRow, at, "429, seconds", says(429, "", { "retry-after": "61" }), 61_000),
    limit(limitRow, at, "429, a date", says(429, "", later), 120_000),
    limit(limitRow, at, "429, without a time", says(429, "Too many requests"), 60_000),
    limit(limitRow, at, "422 in the words of a limit", says(422, quickly), 60_000)
  ]),
  ...reads.map((at) =>
    limit(limitRow, at, "429 of something before GitHub", page(429, { "retry-after": "45" }), 45_000)
  ),
  {
    row: limitRow,
    what: "a wait that is short enough is kept to, and GitHub is asked again",
    at: "search",
    given: { ...says(403, secondary, { "retry-after": "3" }), times: 2 },
    means: "Success",
    requests: 3
  },
  {
    row: limitRow,
    what: "so it is for a start, since nothing was done",
    at: "start",
    given: { ...says(429, secondary, { "retry-after": "2" }), times: 1 },
    means: "Success",
    requests: 2
  }
]

const graphql = (error: Record<string, unknown>, headers: Record<string, string> = {}): { answer: FaultAnswer } => ({
  answer: { status: 200, headers, body: { errors: [{ message: "…", ...error }] as never } }
})
const graphqlLimits: ReadonlyArray<Case> = [
  limit(
    graphqlRow,
    "configs",
    "RATE_LIMITED and the reset",
    graphql({ type: "RATE_LIMITED", message: primary }, in90s),
    90_000
  ),
  limit(graphqlRow, "configs", "RATE_LIMIT", graphql({ type: "RATE_LIMIT" }), 60_000),
  limit(
    graphqlRow,
    "configs",
    "RATE_LIMITED, seconds",
    graphql({ type: "RATE_LIMITED" }, { "retry-after": "75" }),
    75_000
  ),
  limit(graphqlRow, "configs", "RATE_LIMITED, a date", graphql({ type: "RATE_LIMITED" }, later), 120_000),
  limit(graphqlRow, "configs", "a secondary limit without a type", graphql({ message: secondary }), 60_000)
]

/** What is lost may be asked again: 4 times where that does no harm, and never otherwise. */
const lost = (row: string, what: string, given: Case["given"], message = ""): ReadonlyArray<Case> => [
  { row, what: `${what}, to a read`, at: "search", given, means: "Unavailable", requests: 4, says: message },
  { row, what: `${what}, to a query`, at: "configs", given, means: "Unavailable", requests: 4, says: message },
  { row, what: `${what}, for a token`, at: "token", given, means: "Unavailable", requests: 4, says: message },
  {
    row,
    what: `${what}, for an installation`,
    at: "installation",
    given,
    means: "Unavailable",
    requests: 4,
    says: message
  },
  { row, what: `${what}, to the log`, at: "log", given, means: "Unavailable", requests: 4, says: message },
  { row, what: `${what}, to a redelivery`, at: "redelivery", given, means: "Unavailable", requests: 4, says: message },
  { row, what: `${what}, to a start`, at: "start", given, means: "Ambiguous", requests: 1, says: message },
  { row, what: `${what}, to a comment`, at: "comment", given, means: "Ambiguous", requests: 1, says: message }
]

const final = (row: string, status: number, message: string, means: string): ReadonlyArray<Case> =>
  (["start", "search", "open", "update", "comment"] as const).map((at) => ({
    row,
    at,
    what: `${status} "${message}", to ${at}`,
    given: says(status, message),
    means,
    requests: 1,
    says: message
  }))

const form = "2xx without GitHub's headers, or not of the form asked for"
const started = "2xx of a start that is neither 204 nor 200 with the run"
const foreign = "4xx that is not GitHub's (HTML, 407, no request id)"
const failed = "408, 5xx"
const gitHubs = (status: number, body: FaultAnswer["body"], headers: Record<string, string> = {}) => ({
  answer: { status, headers, ...(body === undefined ? {} : { body }) }
})

const cases: ReadonlyArray<Case> = [
  ...(["start", "search", "configs", "token", "open"] as const).flatMap((at): ReadonlyArray<Case> => {
    const row = "none, and no byte was written (name, connection, TLS, a proxy's CONNECT, too late)"
    const common = { row, at, given: Effect.void, means: "Unavailable", requests: 0 } as const
    return [
      { ...common, what: `no connection, to ${at}`, apiUrl: () => "http://127.0.0.1:1", says: "cannot be reached" },
      {
        ...common,
        what: `no TLS, to ${at}`,
        apiUrl: (url) => url.replace("http:", "https:"),
        says: "cannot be reached"
      }
    ]
  }),
  {
    row: "none, and no byte was written (name, connection, TLS, a proxy's CONNECT, too late)",
    what: "too late for a start",
    at: "start, too late",
    given: Effect.void,
    means: "Unavailable",
    requests: 0
  },
  ...lost(
    "none, after the request began to be written (any code)",
    "nothing was done",
    { drop: "before" },
    "broke off"
  ),
  ...lost("none, after the request began to be written (any code)", "it was done", { drop: "after" }, "broke off"),
  ...lost(form, "a page for 200", page(200)),
  ...lost(form, "a 204 of something else", { answer: { status: 204, body: "", by: "elsewhere" } }),
  ...lost(form, "JSON for 200, without GitHub's headers", { answer: { status: 200, body: {}, by: "elsewhere" } }),
  ...(["search", "configs", "token", "installation", "app", "update"] as const).map(
    (at): Case => ({
      row: form,
      what: `GitHub's 200 of another form, to ${at}`,
      at,
      given: gitHubs(200, { of: "another form" }),
      means: "Unavailable",
      requests: 4
    })
  ),
  {
    row: form,
    what: "GitHub's 200 of another form, to open",
    at: "open",
    given: gitHubs(200, {}),
    means: "Ambiguous",
    requests: 1
  },
  ...(
    [
      ["200 with a page", gitHubs(200, "<html>", { "content-type": "text/html" })],
      ["200 without the run", gitHubs(200, {})],
      ["200 with null", gitHubs(200, "null", { "content-type": "application/json" })],
      ["201", gitHubs(201, { workflow_run_id: 1, html_url: "https://github.test/1" })],
      ["202", gitHubs(202, {})],
      ["205", gitHubs(205, "")]
    ] as const
  ).map(([what, given]): Case => ({ row: started, what, at: "start", given, means: "Ambiguous", requests: 1 })),
  { row: started, what: "204", at: "start", given: gitHubs(204, ""), means: "Success", requests: 1 },
  ...graphqlLimits,
  ...limits,
  ...(["start", "search"] as const).map(
    (at): Case => ({
      row: "3xx, GitHub's own",
      what: `to a number that the App cannot see, to ${at}`,
      at,
      given: Effect.flatMap(Sandbox, ({ url }) =>
        arm(at, says(301, "Moved Permanently", { location: `${url}/repositories/7` }))
      ),
      means: "NotFound",
      requests: 1,
      says: "it was renamed or moved; name it as it is called now"
    })
  ),
  ...([301, 302, 303, 307, 308] as const).flatMap((status) =>
    lost("3xx, of anything else", `${status}`, page(status, { location: "https://sso.example/" }), "sso.example")
  ),
  ...lost("3xx, of anything else", "302 without a place", page(302), "another page"),
  ...(["start", "search", "open", "configs"] as const).flatMap(
    (at): ReadonlyArray<Case> => [
      {
        row: "401, GitHub's own",
        what: `for good, to ${at}`,
        at,
        given: says(401, "Bad credentials"),
        means: "Unauthorized",
        requests: 3
      },
      {
        row: "401, GitHub's own",
        what: `for a moment after the token was made, to ${at}`,
        at,
        given: { ...says(401, "Bad credentials"), times: 2 },
        means: "Success",
        requests: 3
      }
    ]
  ),
  ...(["token", "installation", "app", "log", "redelivery"] as const).map(
    (at): Case => ({
      row: "401, GitHub's own",
      what: `to ${at}, as the App`,
      at,
      given: says(401, "A JSON web token could not be decoded"),
      means: "Unauthorized",
      requests: 1
    })
  ),
  ...final("403, 451, GitHub's own", 403, "Actions is disabled in this repository.", "Forbidden"),
  ...final("403, 451, GitHub's own", 403, "Resource protected by organization SAML enforcement.", "Forbidden"),
  ...final("403, 451, GitHub's own", 451, "Repository access blocked", "Forbidden"),
  {
    row: "403, 451, GitHub's own",
    what: "a suspended installation, for a token",
    at: "token",
    given: says(403, "This installation has been suspended"),
    means: "Forbidden",
    requests: 1
  },
  ...final("404, 410, GitHub's own", 404, "Not Found", "NotFound"),
  ...final("404, 410, GitHub's own", 410, "Gone", "NotFound"),
  {
    row: "404, 410, GitHub's own",
    what: "an installation that is gone, for a token",
    at: "token",
    given: says(404, "Not Found"),
    means: "NotFound",
    requests: 1,
    says: "installation 101 is gone"
  },
  ...(["token", "installation", "app", "log", "redelivery"] as const).map(
    (at): Case => ({
      row: '404 "Integration not found" as the App',
      what: `to ${at}`,
      at,
      given: says(404, "Integration not found"),
      means: "Unauthorized",
      requests: 1
    })
  ),
  ...([400, 409, 418, 422] as const).flatMap((status) =>
    final("400, 409, 422 and other 4xx, GitHub's own", status, "Validation Failed", "Unprocessable")
  ),
  ...([408, 500, 502, 503, 504] as const).flatMap((status) =>
    lost(failed, `${status} of GitHub's`, says(status, "Server Error"))
  ),
  ...([408, 500, 502, 503, 504] as const).flatMap((status) => lost(failed, `${status} of a proxy`, page(status))),
  {
    row: failed,
    what: "503 with a time that is too long to wait for",
    at: "search",
    given: page(503, { "retry-after": "120" }),
    means: "Unavailable 120000",
    requests: 1
  },
  {
    row: failed,
    what: "503 with a date that is too far away to wait for",
    at: "search",
    given: says(503, "Maintenance", later),
    means: "Unavailable 120000",
    requests: 1
  },
  {
    row: failed,
    what: "503 with a time to wait for",
    at: "search",
    given: { ...page(503, { "retry-after": "3" }), times: 3 },
    means: "Success",
    requests: 4
  },
  ...([400, 401, 403, 404, 407, 410, 422] as const).flatMap((status) =>
    // undici takes a 407 for a proxy's that it cannot answer, and gives no answer.
    lost(foreign, `a page for ${status}`, page(status), status === 407 ? "" : `HTTP ${status}, text/html`)
  ),
  ...lost(foreign, "JSON for 404 without a request id", {
    answer: { status: 404, body: { message: "no route" }, by: "elsewhere" }
  }),
  ...lost(foreign, "a page for 404 with a request id", gitHubs(404, "<html>", { "content-type": "text/html" })),
  ...lost(foreign, "JSON for 403 without a message", gitHubs(403, { error: "denied" })),
  ...lost(foreign, "broken JSON for 403", gitHubs(403, '{"message":', { "content-type": "application/json" }))
]

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

const table = rowsOf("Reasons.ts")
/** Rows that take more than one answer, below. */
const stories = ['403 "Resource not accessible by integration"']

it("every row of the table is tried", () => {
  assert.isAbove(table.length, 10)
  assert.deepStrictEqual([...new Set([...cases.map(({ row }) => row), ...stories])].toSorted(), table.toSorted())
})

const sandbox = SandboxModule.layer({ scenario })

describe("what GitHub answers, or what stands before it", () => {
  for (const row of table) {
    const tried = cases.filter((each) => each.row === row)
    if (tried.length === 0) continue
    layer(sandbox, { excludeTestServices: true })(row, (it) => {
      for (const each of tried) {
        it.effect(`${each.what}: ${each.means}`, () =>
          Effect.gen(function* () {
            // An issue to write to.
            const { issues } = yield* Sandbox
            if ((yield* issues("acme/source")).length === 0) {
              yield* Effect.provide(outcomeAt("open"), adapter(yield* Clock.Clock))
            }
            yield* play(each)
          })
        )
      }
    })
  }
})

layer(sandbox, { excludeTestServices: true })("over several answers", (it) => {
  for (const at of ["start", "search", "open", "configs"] as const) {
    it.effect(`403 "Resource not accessible by integration", to ${at}: final after a while, with new tokens`, () =>
      Effect.gen(function* () {
        const { clearFaults } = yield* Sandbox
        const message = "Resource not accessible by integration"
        yield* arm(
          at,
          at === "configs"
            ? {
                answer: {
                  status: 200,
                  body: { data: { r0: null }, errors: [{ type: "FORBIDDEN", path: ["r0"], message }] }
                }
              }
            : says(403, message)
        )
        const clock = hurried(yield* Clock.Clock)
        yield* Effect.gen(function* () {
          const [first] = yield* outcomeAt(at)
          assert.match(first, at === "configs" ? /^Unreachable forbidden$/ : /^Unavailable \d+$/)
          clock.pass(patience)
          const [second] = yield* outcomeAt(at)
          assert.strictEqual(second, at === "configs" ? "Unreachable forbidden" : "Forbidden")
        }).pipe(Effect.provide(adapter(clock)))
        yield* clearFaults
      })
    )
  }

  it.effect("a repository that was renamed is not found, and its new name is given", () =>
    Effect.gen(function* () {
      const { renameRepository } = yield* Sandbox
      yield* renameRepository("acme/target", "moved")
      for (const at of ["start", "search"] as const) {
        yield* play({
          row: "3xx, GitHub's own",
          what: "renamed",
          at,
          given: Effect.void,
          means: "NotFound",
          requests: 1,
          says: "it was renamed or moved and is called acme/moved now"
        })
      }
      const [outcome] = yield* Effect.provide(outcomeAt("configs"), adapter(yield* Clock.Clock))
      assert.strictEqual(outcome, "Unreachable not_found", "a former name is another repository to every rule")
      yield* renameRepository("acme/moved", "target")
    })
  )

  it.effect("a proxy that refuses CONNECT leaves nothing in doubt", () =>
    Effect.gen(function* () {
      const proxy = createServer().on("connect", (_, client) => client.end("HTTP/1.1 407 No\r\n\r\n"))
      const httpsProxy = yield* Effect.acquireRelease(
        Effect.callback<string>((resume) => {
          proxy.listen(0, "127.0.0.1", () => resume(Effect.succeed(`http://127.0.0.1:${portOf(proxy)}`)))
        }),
        () => Effect.sync(() => proxy.close())
      )
      const beyond = adapter(hurried(yield* Clock.Clock), () => "https://github.test")
      const [outcome, message] = yield* Effect.provide(
        outcomeAt("start"),
        Layer.provide(beyond, layerFetch({ httpsProxy }))
      )
      assert.deepStrictEqual([outcome, message], ["Unavailable", "the proxy refuses the way to GitHub (HTTP 407)"])
    })
  )
})
