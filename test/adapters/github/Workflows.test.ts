/** Starting workflows: once, whatever happens on the way, and finding again what was started. */

import { once } from "node:events"
import { createServer } from "node:net"
import { setTimeout } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../../src/domain/Order.ts"
import { compareIds, GitHubId } from "../../../src/domain/SourceRun.ts"
import { Workflows } from "../../../src/ports/Workflows.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import {
  json,
  oddWorkflows,
  orderFor,
  overFetch,
  overNetwork,
  overSandbox,
  played,
  reasonOfFailure,
  requestsSeen,
  tokenAnswer
} from "./support.ts"

const start = (order: Order) => Effect.flatMap(Workflows, (workflows) => workflows.start(order, () => true))
const findStarted = (order: Order, since: DateTime.Utc) =>
  Workflows.use((workflows) => workflows.findStarted(order, DateTime.toEpochMillis(since)))

const order = orderFor("acme/target", { inputs: { sha: "abc" } })
const plain = (name: string, ref = "main") => orderFor(name, { workflow: "plain.yml", ref })
const dispatches = "POST /repos/acme/target/actions/workflows/cd.yml/dispatches"
const token = "POST /app/installations/101/access_tokens"

/** Waits, by the machine's own clock, until it is so. */
const eventually = Effect.fnUntraced(function* <R>(condition: Effect.Effect<boolean, never, R>) {
  while (!(yield* condition)) yield* Effect.promise(() => setTimeout(5))
})

/** A port of this machine on which no process listens. */
const closedPort = Effect.promise(async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  return typeof address === "object" && address !== null ? address.port : 0
})

const startedIn = (name: string) => Effect.flatMap(Sandbox, ({ startedRuns }) => startedRuns(name))

describe("starting a workflow", () => {
  it.live("gives the run that it started, in one request and one for the token", () =>
    Effect.gen(function* () {
      const started = yield* start(order)
      const [run] = yield* startedIn("acme/target")
      assert.deepStrictEqual(started, { id: String(run?.id), url: run?.htmlUrl })
      assert.containSubset(run, {
        workflow: "cd.yml",
        ref: "main",
        inputs: { sha: "abc" },
        actor: "dispatcher-app[bot]"
      })
      assert.deepStrictEqual(yield* requestsSeen, [token, dispatches])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live.each(["main", "refs/heads/main", "refs/tags/v1"])("takes the ref as people write it: %s", (ref) =>
    Effect.gen(function* () {
      assert.isNotNull(yield* start(plain("acme/target", ref)))
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("never takes a branch for a tag of its name", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(start(plain("acme/target", "v1"))))._tag, "Unprocessable")
      assert.deepStrictEqual(yield* startedIn("acme/target"), [])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live.each(oddWorkflows)("starts and finds a workflow file of any name: %s", (file) =>
    Effect.gen(function* () {
      const odd = orderFor("acme/odd-names", { workflow: file })
      const started = yield* start(odd)
      assert.deepInclude((yield* startedIn("acme/odd-names"))[0], { workflow: file })
      const found = yield* findStarted(odd, DateTime.makeUnsafe(0))
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        [started?.id]
      )
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("uses the rights of the installation that the target belongs to", () =>
    Effect.gen(function* () {
      yield* start(plain("globex/target"))
      yield* start(plain("globex/target"))
      yield* start(plain("hooli/target"))
      const { requests } = yield* Sandbox
      const sent = (yield* requests).filter(({ path }) => path.endsWith("/dispatches"))
      assert.deepStrictEqual(
        sent.map(({ path, installation }) => [path.split("/")[2], installation]),
        [
          ["globex", 102],
          ["globex", 102],
          ["hooli", 103]
        ]
      )
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("GET /orgs/globex")).length, 1)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live.each([
    ["a repository that does not exist", orderFor("acme/missing"), "NotFound: Not Found"],
    ["a repository outside the installation", orderFor("globex/closed"), "NotFound: Not Found"],
    ["an account without the App", orderFor("absent/target"), "NotFound: the GitHub App is not installed on absent"],
    ["a suspended installation", orderFor("initech/target"), "Forbidden: This installation has been suspended"],
    ["a workflow that does not exist", orderFor("acme/target", { workflow: "x.yml" }), "NotFound: Not Found"],
    [
      "a ref that does not exist",
      orderFor("acme/target", { ref: "gone" }),
      "Unprocessable: No ref found for: refs/heads/gone"
    ],
    [
      "a workflow without the trigger",
      orderFor("acme/target", { workflow: "ci.yml" }),
      "Unprocessable: Workflow does not have 'workflow_dispatch' trigger"
    ],
    [
      "an input that is not declared",
      orderFor("acme/target", { inputs: { sha: "a", x: "b" } }),
      /^Unprocessable: Unexpected inputs provided/
    ],
    ["an archived repository", plain("acme/archived"), "Forbidden: Repository was archived so is read-only."]
  ] as const)("is refused, once and for good, for %s", ([_, refused, expected]) =>
    Effect.gen(function* () {
      const reason = yield* reasonOfFailure(start(refused))
      const words = `${reason._tag}: ${reason.message}`
      if (typeof expected === "string") assert.strictEqual(words, expected)
      else assert.match(words, expected)
      assert.isAtMost((yield* requestsSeen).filter((line) => line.endsWith("/dispatches")).length, 1)
    }).pipe(Effect.provide(overSandbox()))
  )
})

describe("Enterprise Server before 3.21", () => {
  it.live.each(["refused400", "refused422"] as const)(
    "starts without giving the run (%s), and is asked for it only once",
    (returnRunDetails) =>
      Effect.gen(function* () {
        assert.isNull(yield* start(order))
        assert.isNull(yield* start(order))
        assert.strictEqual((yield* startedIn("acme/target")).length, 2)
        assert.deepStrictEqual(yield* requestsSeen, [token, dispatches, dispatches, dispatches])
      }).pipe(Effect.provide(overSandbox({ returnRunDetails })))
  )

  it.live("still refuses what is wrong", () =>
    Effect.gen(function* () {
      const reason = yield* reasonOfFailure(start(orderFor("acme/target", { ref: "gone" })))
      assert.strictEqual(reason.message, "No ref found for: refs/heads/gone")
    }).pipe(Effect.provide(overSandbox({ returnRunDetails: "refused422" })))
  )
})

describe("an answer that does not say that the workflow was started", () => {
  const github = { "x-github-request-id": "5A4D:1" }
  it.effect.each([
    ["an empty 200", () => new Response(null, { status: 200, headers: github })],
    ["200 without an id", () => json(200, { html_url: "https://github.test" })],
    [
      "200 with an id beyond numbers",
      () =>
        new Response('{"workflow_run_id":123456789012345678901,"html_url":"x"}', {
          headers: { "content-type": "application/json", ...github }
        })
    ],
    ["200 with a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["200 with a page that bears GitHub's mark", () => new Response("<html>", { headers: github })],
    ["200 with a limit", () => json(200, { message: "You have exceeded a secondary rate limit." })],
    ["202", () => json(202, {})],
    ["204 that is not GitHub's", () => new Response(null, { status: 204 })],
    ["302 to a sign-in page", () => new Response(null, { status: 302, headers: { location: "https://sso.example/" } })],
    ["304", () => new Response(null, { status: 304, headers: github })]
  ] as const)("leaves open what happened: %s", ([_, answer]) => {
    const { fetch, requests } = played((request) =>
      request.url.endsWith("/access_tokens") ? tokenAnswer("t") : answer()
    )
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(start(order)))._tag, "Ambiguous")
      assert.strictEqual(requests.length, 2, "nothing is sent again")
    }).pipe(Effect.provide(overFetch(fetch)))
  })
})

describe("when an answer is lost, it is ambiguous, and nothing is sent again", () => {
  it.live.each([
    ["the connection was dropped before GitHub acted", { drop: "before" }, 0],
    ["the connection was dropped after GitHub acted", { drop: "after" }, 1],
    ["GitHub failed with 502", { answer: { status: 502 } }, 0],
    ["GitHub failed with 500", { answer: { status: 500 } }, 0]
  ] as const)("%s", ([_, fault, runs]) =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "**/dispatches", times: "always", ...fault })
      assert.strictEqual((yield* reasonOfFailure(start(order)))._tag, "Ambiguous")
      assert.strictEqual((yield* startedIn("acme/target")).length, runs)
      assert.deepStrictEqual(yield* requestsSeen, [token, dispatches])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("GitHub took too long, and acted all the same", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* start(order)
      yield* injectFault({ path: "**/dispatches", delayMillis: 200 })
      const reason = yield* Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(reasonOfFailure(start(order)))
        yield* eventually(Effect.map(requestsSeen, (seen) => seen.length === 3))
        yield* TestClock.adjust("12 seconds")
        return yield* Fiber.join(fiber)
      }).pipe(Effect.provide(TestClock.layer()))
      assert.strictEqual(`${reason._tag}: ${reason.message}`, "Ambiguous: no answer within 12 s")
      yield* eventually(Effect.map(startedIn("acme/target"), (runs) => runs.length === 2))
    }).pipe(Effect.provide(overSandbox()))
  )
})

describe("when GitHub did not act, starting is tried again", () => {
  it.live("after the token could not be had", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "/app/**", drop: "after" }, { path: "/app/**", answer: { status: 502 } })
      assert.isNotNull(yield* start(order))
      assert.deepStrictEqual(yield* requestsSeen, [token, token, token, dispatches])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live.each([
    ["429 with retry-after", { secondaryLimit: { status: 429, retryAfterSeconds: 2 } }],
    ["403 for the secondary limit with retry-after", { secondaryLimit: { status: 403, retryAfterSeconds: 2 } }]
  ] as const)("after the time that GitHub asks for: %s", ([_, fault]) =>
    Effect.gen(function* () {
      const { injectFault, requests } = yield* Sandbox
      yield* injectFault({ path: "**/dispatches", ...fault })
      assert.isNotNull(yield* start(order))
      const [first, second] = (yield* requests).filter(({ path }) => path.endsWith("/dispatches"))
      assert.isAtLeast((second?.at ?? 0) - (first?.at ?? 0), 1990)
      assert.strictEqual((yield* startedIn("acme/target")).length, 1)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("but not where that time is too long: the secondary limit says none, so it is a minute", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "**/dispatches", secondaryLimit: { status: 403 } })
      const reason = yield* reasonOfFailure(start(order))
      assert.strictEqual(reason.message, "GitHub asks to wait 60 s (rate limit)")
      assert.deepStrictEqual(yield* requestsSeen, [token, dispatches])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("nor where the budget is spent for long, and then GitHub is left alone", () =>
    Effect.gen(function* () {
      const { setRateLimit } = yield* Sandbox
      yield* setRateLimit({ installation: 101, remaining: 0, resetInSeconds: 900 })
      for (const _ of [1, 2]) {
        const error = yield* Effect.flip(start(order))
        assert.strictEqual(error.reason._tag, "RateLimited")
        assert.isAbove(error.reason._tag === "RateLimited" ? error.reason.retryAfter : 0, 890_000)
      }
      assert.deepStrictEqual(yield* requestsSeen, [token, dispatches])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("after a token was revoked", () =>
    Effect.gen(function* () {
      const { revokeTokens } = yield* Sandbox
      yield* start(order)
      yield* revokeTokens
      yield* start(order)
      assert.deepStrictEqual(yield* requestsSeen, [token, dispatches, dispatches, token, dispatches])
      assert.strictEqual((yield* startedIn("acme/target")).length, 2)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("though tokens live for seconds only", () =>
    Effect.gen(function* () {
      yield* start(order)
      yield* start(order)
      assert.deepStrictEqual(yield* requestsSeen, [token, dispatches, token, dispatches])
    }).pipe(Effect.provide(overSandbox({ tokenLifetimeSeconds: 5 })))
  )

  it.live("and if GitHub cannot be reached at all, that is not ambiguous", () =>
    Effect.gen(function* () {
      const reason = yield* reasonOfFailure(start(order))
      assert.strictEqual(`${reason._tag}: ${reason.message}`, "Unavailable: GitHub cannot be reached (ECONNREFUSED)")
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(closedPort, (port) => overNetwork(`http://127.0.0.1:${port}`)))))
  )
})

describe("how a started run ended", () => {
  const ending = (id: GitHubId) => Workflows.use((workflows) => workflows.ending(plain("acme/target"), id))
  it.live(
    "is GitHub's conclusion of the latest attempt, once there is one; none is known of a run that was deleted",
    () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const run = yield* start(plain("acme/target"))
        if (run === null) return assert.fail("GitHub names the run")
        assert.isTrue(Option.isNone(yield* ending(run.id)))
        yield* sandbox.completeStarted(Number(run.id), { conclusion: "failure" })
        const result = Option.getOrThrow(yield* ending(run.id))
        assert.deepInclude(result, { _tag: "Completed", conclusion: "failure", attempt: 1 })
        assert.isAtLeast(result.duration ?? -1, 0)
        yield* sandbox.completeStarted(Number(run.id), { conclusion: "success", attempt: 2 })
        assert.deepInclude(Option.getOrThrow(yield* ending(run.id)), { conclusion: "success", attempt: 2 })
        yield* sandbox.deleteRun(Number(run.id))
        assert.strictEqual((yield* reasonOfFailure(ending(run.id)))._tag, "NotFound")
      }).pipe(Effect.provide(overSandbox()))
  )
})

describe("finding what was started", () => {
  it.live("gives the App's own runs of the workflow and ref, oldest first", () =>
    Effect.gen(function* () {
      const since = yield* DateTime.now
      const first = yield* start(plain("acme/target"))
      yield* start(plain("acme/target", "refs/tags/v1"))
      yield* start(order)
      const second = yield* start(plain("acme/target", "refs/heads/main"))
      assert.deepEqual<unknown>(yield* findStarted(plain("acme/target"), since), [first, second])
      assert.deepEqual<unknown>(yield* findStarted(plain("acme/target", "refs/heads/main"), since), [first, second])
      assert.strictEqual((yield* findStarted(plain("acme/target", "refs/tags/v1"), since)).length, 1)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("leaves out what is older", () =>
    Effect.gen(function* () {
      const run = yield* start(plain("acme/target"))
      const now = yield* DateTime.now
      const find = (seconds: number) => findStarted(plain("acme/target"), DateTime.add(now, { seconds }))
      assert.deepEqual<unknown>(yield* find(1), [run])
      assert.deepEqual<unknown>(yield* find(-9), [run])
      assert.deepEqual<unknown>(yield* find(20), [])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("sends nothing where it is too late", () =>
    Effect.gen(function* () {
      const late = Workflows.use((workflows) => workflows.start(order, () => false))
      assert.strictEqual((yield* reasonOfFailure(late))._tag, "Unavailable")
      assert.deepStrictEqual(yield* startedIn("acme/target"), [])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("finds a run whose start was answered by a broken connection", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      const since = yield* DateTime.now
      yield* injectFault({ path: "**/dispatches", drop: "after" })
      yield* Effect.flip(start(order))
      const [run] = yield* startedIn("acme/target")
      assert.deepEqual<unknown>(yield* findStarted(order, since), [{ id: String(run?.id), url: run?.htmlUrl }])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("goes through all pages, at a request a page", () =>
    Effect.gen(function* () {
      const since = yield* DateTime.now
      const started = yield* Effect.forEach(Array(130).keys(), () => start(plain("acme/target")), { concurrency: 10 })
      const found = yield* findStarted(plain("acme/target"), since)
      assert.deepStrictEqual(new Set(found.map(({ id }) => id)), new Set(started.map((run) => run?.id)))
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        found.map(({ id }) => id).toSorted((a, b) => compareIds(a, b))
      )
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("GET")).length, 2)
    }).pipe(Effect.provide(overSandbox()))
  )

  const run = (id: number, login: string | null, branch: string | null) => ({
    id,
    html_url: `https://github.test/runs/${id}`,
    head_branch: branch,
    actor: login === null ? null : { login }
  })

  it.effect("leaves out runs of others, of other refs, and of no actor", () => {
    const runs = [
      run(6, "dispatcher-app[bot]", null),
      run(5, null, "main"),
      run(4, "octocat", "main"),
      run(3, "dispatcher-app[bot]", "Main"),
      run(2, "Dispatcher-App[bot]", "main"),
      run(1, "dispatcher-app[bot]", "main")
    ]
    const { fetch, requests } = played((request) =>
      request.url.endsWith("/access_tokens") ? tokenAnswer("t") : json(200, { total_count: 6, workflow_runs: runs })
    )
    return Effect.gen(function* () {
      const since = DateTime.makeUnsafe("2026-11-23T08:00:10.900Z")
      const found = yield* findStarted(order, since)
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        [GitHubId.make("1"), GitHubId.make("2")]
      )
      const { searchParams } = new URL(requests[1]?.url ?? "")
      assert.strictEqual(searchParams.get("created"), ">=2026-11-23T08:00:08Z")
      assert.strictEqual(searchParams.get("event"), "workflow_dispatch")
    }).pipe(Effect.provide(overFetch(fetch)))
  })
})
