/**
 * What every request passes: the log, faults on demand, rate limits and GitHub's first refusals. With plain fetch, which
 * neither retries nor interprets.
 */
import { assert, layer } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { globToRegExp } from "../../src/sandbox/Faults.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { bearer, installationClient, rawRequest, refusal, scenario } from "./support.ts"

const dispatchPath = "/repos/acme/target/actions/workflows/cd.yml/dispatches"

const dispatch = (authorization: string) =>
  rawRequest(dispatchPath, {
    method: "POST",
    headers: { authorization, "user-agent": "test" },
    body: JSON.stringify({ ref: "main", inputs: { sha: "abc" } })
  })

/** A request whose connection breaks. */
const lost = (authorization: string) =>
  Effect.gen(function* () {
    const { url } = yield* Sandbox.Sandbox
    return yield* Effect.promise(() =>
      fetch(`${url}${dispatchPath}`, {
        method: "POST",
        headers: { authorization, "user-agent": "test" },
        body: JSON.stringify({ ref: "main", inputs: { sha: "abc" } })
      }).then(
        (response) => `answered ${response.status}`,
        () => "lost"
      )
    )
  })

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("faults", (it) => {
  it.effect("answer in GitHub's place, as often as is asked", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      yield* sandbox.injectFault({
        method: "post",
        path: "/repos/*/*/actions/**/dispatches",
        times: 2,
        answer: { status: 502, headers: { "x-from": "fault" }, body: "<html>Bad gateway</html>" }
      })
      const first = yield* dispatch(authorization)
      assert.deepStrictEqual(
        [first.status, first.headers.get("x-from"), first.text],
        [502, "fault", "<html>Bad gateway</html>"]
      )
      assert.strictEqual((yield* dispatch(authorization)).status, 502)
      assert.lengthOf(yield* sandbox.startedRuns(), 0)
      assert.strictEqual((yield* dispatch(authorization)).status, 204)
    })
  )

  it.effect("match by text, RegExp and predicate; the first armed strikes first", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      yield* sandbox.injectFault(
        { path: /\/DISPATCHES$/i, answer: { status: 500 } },
        { path: ({ method, path }) => method === "POST" && path.includes("cd.yml"), answer: { status: 503 } },
        { path: dispatchPath, times: "always", answer: { status: 504 } },
        { path: "/repos/acme/*", answer: { status: 418 } }
      )
      const statuses = []
      for (let index = 0; index < 4; index++) statuses.push((yield* dispatch(authorization)).status)
      assert.deepStrictEqual(statuses, [500, 503, 504, 504])
      yield* sandbox.clearFaults
      assert.strictEqual((yield* dispatch(authorization)).status, 204)
    })
  )

  it.effect("drop the connection before anything happens", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const before = (yield* sandbox.startedRuns()).length
      yield* sandbox.injectFault({ path: "/repos/**", drop: "before" })
      assert.strictEqual(yield* lost(authorization), "lost")
      assert.lengthOf(yield* sandbox.startedRuns(), before)
      assert.strictEqual((yield* sandbox.requests).at(-1)?.status, undefined)
    })
  )

  it.effect("drop the connection after the change was made", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const before = (yield* sandbox.startedRuns()).length
      yield* sandbox.injectFault({ path: "/repos/**", drop: "after" })
      assert.strictEqual(yield* lost(authorization), "lost")
      assert.lengthOf(yield* sandbox.startedRuns(), before + 1)
    })
  )

  it.effect("drop the connection at once, and GitHub acts later all the same", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const before = (yield* sandbox.startedRuns()).length
      yield* sandbox.injectFault({ path: "/repos/**", drop: "first", delayMillis: 150 })
      assert.strictEqual(yield* lost(authorization), "lost")
      assert.lengthOf(yield* sandbox.startedRuns(), before)
      const done = Effect.map(sandbox.startedRuns(), ({ length }) => length === before + 1)
      yield* Effect.repeat(Effect.delay(done, 20), { until: (isDone) => isDone, times: 100 })
      assert.isTrue(yield* done)
    })
  )

  it.effect("answer something else after the change was made, and late", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const before = (yield* sandbox.startedRuns()).length
      yield* sandbox.injectFault({ path: "/repos/**", answerAfter: { status: 502 }, answerDelayMillis: 150 })
      const answering = yield* Effect.forkChild(dispatch(authorization))
      const done = Effect.map(sandbox.startedRuns(), ({ length }) => length === before + 1)
      yield* Effect.repeat(Effect.delay(done, 5), { until: (isDone) => isDone, times: 400 })
      assert.strictEqual((yield* sandbox.requests).at(-1)?.status, undefined)
      assert.strictEqual((yield* Fiber.join(answering)).status, 502)
    })
  )

  it.effect("delay, and GitHub acts even if the client has given up", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const before = (yield* sandbox.startedRuns()).length
      const seen = (yield* sandbox.requests).length
      yield* sandbox.injectFault({ path: "/repos/**", delayMillis: 150 })
      const client = new AbortController()
      const outcome = yield* Effect.forkChild(
        Effect.promise(() =>
          fetch(`${sandbox.url}${dispatchPath}`, {
            method: "POST",
            headers: { authorization, "user-agent": "test" },
            body: JSON.stringify({ ref: "main", inputs: { sha: "abc" } }),
            signal: client.signal
          }).then(
            () => "answered",
            () => "gave up"
          )
        )
      )
      // By the same event loop, whose timers keep their order however late they are: the client gives up within the delay.
      const arrived = Effect.map(sandbox.requests, ({ length }) => length > seen)
      yield* Effect.repeat(Effect.delay(arrived, 5), { until: (hasArrived) => hasArrived, times: 4000 })
      assert.lengthOf(yield* sandbox.startedRuns(), before)
      client.abort()
      assert.strictEqual(yield* Fiber.join(outcome), "gave up")
      const done = Effect.map(sandbox.startedRuns(), ({ length }) => length === before + 1)
      yield* Effect.repeat(Effect.delay(done, 20), { until: (isDone) => isDone, times: 100 })
      assert.isTrue(yield* done)
    })
  )

  it.effect("refuse for the secondary limit as 403 and 429", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      yield* sandbox.injectFault(
        { path: "/repos/**", secondaryLimit: { status: 403, retryAfterSeconds: 7 } },
        { path: "/repos/**", secondaryLimit: { status: 429 } }
      )
      const first = yield* dispatch(authorization)
      assert.deepStrictEqual([first.status, first.headers.get("retry-after")], [403, "7"])
      assert.match(String(first.body.message), /secondary rate limit/)
      assert.notStrictEqual(first.headers.get("x-ratelimit-remaining"), "0")
      const second = yield* dispatch(authorization)
      assert.deepStrictEqual([second.status, second.headers.get("retry-after")], [429, null])
    })
  )

  it.effect("understand globs", () =>
    Effect.sync(() => {
      assert.match("/repos/a.b/c/actions", globToRegExp("/repos/*/*/actions"))
      assert.notMatch("/repos/a/b/c/actions", globToRegExp("/repos/*/*/actions"))
      assert.match("/repos/a/b/c/actions", globToRegExp("/repos/**/actions"))
      assert.notMatch("/repos/aXb", globToRegExp("/repos/a.b"))
    })
  )
})

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("rate limits", (it) => {
  it.effect("count down on every answer, apart for each installation", () =>
    Effect.gen(function* () {
      const get = (authorization: string, path: string) =>
        rawRequest(path, { headers: { authorization, "user-agent": "test" } })
      const acme = yield* bearer(101)
      const globex = yield* bearer(102)
      const first = yield* get(acme, "/repos/acme/source")
      const second = yield* get(acme, "/repos/acme/absent")
      const other = yield* get(globex, "/repos/globex/open")
      const seen = [first, second, other].map(({ headers }) =>
        ["limit", "remaining", "used", "resource"].map((name) => headers.get(`x-ratelimit-${name}`))
      )
      assert.deepStrictEqual(seen, [
        ["5000", "4999", "1", "core"],
        ["5000", "4998", "2", "core"],
        ["5000", "4999", "1", "core"]
      ])
      const reset = Number(first.headers.get("x-ratelimit-reset"))
      assert.closeTo(reset, (yield* Clock.currentTimeMillis) / 1000 + 3600, 5)
      const status = yield* get(acme, "/rate_limit")
      assert.deepInclude(status.body.rate as object, { limit: 5000, remaining: 4998, used: 2 })
    })
  )

  it.effect("refuse when nothing is left, until the window ends", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const get = rawRequest("/repos/acme/source", { headers: { authorization, "user-agent": "test" } })
      yield* sandbox.setRateLimit({ remaining: 1, resetInSeconds: 600 })
      assert.strictEqual((yield* get).status, 200)
      const refused = yield* get
      assert.deepStrictEqual([refused.status, refused.headers.get("x-ratelimit-remaining")], [403, "0"])
      assert.strictEqual(refused.body.message, "API rate limit exceeded for installation ID 101.")
      yield* sandbox.setRateLimit({ remaining: 0, resetInSeconds: 0, installation: 101 })
      assert.strictEqual((yield* get).status, 200)
    })
  )

  it.effect("are errors of a 200 in GraphQL", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const client = yield* installationClient(101)
      yield* sandbox.setRateLimit({ resource: "graphql", remaining: 0, installation: 101 })
      const authorization = yield* bearer(101)
      const answer = yield* rawRequest("/graphql", {
        method: "POST",
        headers: { authorization, "user-agent": "test" },
        body: JSON.stringify({ query: "{ rateLimit { cost } }" })
      })
      assert.deepStrictEqual([answer.status, answer.headers.get("x-ratelimit-remaining")], [200, "0"])
      assert.deepStrictEqual(answer.body.errors, [
        { type: "RATE_LIMITED", message: "API rate limit exceeded for installation ID 101." }
      ])
      assert.strictEqual((yield* refusal(() => client.rest.repos.get({ owner: "acme", repo: "source" }))).status, 0)
    })
  )
})

const nearlySpent = { ...scenario, rateLimits: { core: { limit: 10, remaining: 1 } } }

layer(Sandbox.layer({ scenario: nearlySpent }), { excludeTestServices: true })("a scenario's rate limits", (it) => {
  it.effect("hold from the start", () =>
    Effect.gen(function* () {
      const authorization = yield* bearer(101)
      const get = rawRequest("/repos/acme/source", { headers: { authorization, "user-agent": "test" } })
      const first = yield* get
      assert.deepStrictEqual([first.status, first.headers.get("x-ratelimit-limit")], [200, "10"])
      assert.strictEqual((yield* get).status, 403)
    })
  )
})

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("the front door", (it) => {
  it.effect("answers 404 to what GitHub does not have, with its error body", () =>
    Effect.gen(function* () {
      const authorization = yield* bearer(101)
      const requests = [
        ["GET", "/nowhere"],
        ["GET", "/"],
        ["PUT", "/repos/acme/source"],
        ["DELETE", "/app/hook/deliveries"],
        ["GET", "/repos/acme/source/issues/one"]
      ] as const
      for (const [method, path] of requests) {
        const answer = yield* rawRequest(path, { method, headers: { authorization, "user-agent": "test" } })
        assert.strictEqual(answer.status, 404, `${method} ${path}`)
        assert.deepInclude(answer.body, { message: "Not Found", status: "404" })
        assert.match(String(answer.body.documentation_url), /^https:\/\/docs\.github\.com\/rest/)
      }
    })
  )

  it.effect("puts rate limits on refused credentials too: those of no App", () =>
    Effect.gen(function* () {
      const answer = yield* rawRequest("/app", { headers: { authorization: "token ghs_no", "user-agent": "test" } })
      assert.deepStrictEqual([answer.status, answer.headers.get("x-ratelimit-limit")], [401, "60"])
    })
  )

  it.effect("refuses unknown API versions and bodies that are too large", () =>
    Effect.gen(function* () {
      const authorization = yield* bearer(101)
      const headers = { authorization, "user-agent": "test" }
      const version = yield* rawRequest("/repos/acme/source", {
        headers: { ...headers, "x-github-api-version": "1999-01-01" }
      })
      assert.strictEqual(version.status, 400)
      const large = yield* rawRequest("/repos/acme/source/issues", {
        method: "POST",
        headers,
        body: JSON.stringify({ title: "x", body: "x".repeat(11 * 1024 * 1024) })
      })
      assert.strictEqual(large.status, 413)
    })
  )

  it.effect("refuses requests without a User-Agent", () =>
    Effect.gen(function* () {
      const { url } = yield* Sandbox.Sandbox
      const status = yield* Effect.promise(async () => {
        const { get } = await import("node:http")
        return new Promise((resolve, reject) => {
          get(`${url}/app`, (response) => resolve(response.resume().statusCode)).on("error", reject)
        })
      })
      assert.strictEqual(status, 403)
    })
  )

  it.effect("keeps a log of what arrived", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(102)
      yield* rawRequest("/repos/globex/open/issues?state=all", { headers: { authorization, "user-agent": "test" } })
      const [created, listed] = (yield* sandbox.requests).slice(-2)
      assert.deepInclude(created, { method: "POST", path: "/app/installations/102/access_tokens", status: 201 })
      assert.deepInclude(listed, { method: "GET", path: "/repos/globex/open/issues", status: 200, installation: 102 })
    })
  )
})
