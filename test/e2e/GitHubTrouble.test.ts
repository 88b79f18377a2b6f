/** GitHub loses answers, fails, is slow and asks to wait: every allowed target is still started once, and none waits for another. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import type { Fault, FaultAnswer } from "../../src/sandbox/Fault.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import {
  completeAndDeliver,
  decisionsOf,
  idle,
  outcomesOf,
  startedFor,
  startedIds,
  startedIn,
  until
} from "./Journeys.ts"
import { fleet, startPath } from "./Scenarios.ts"
import { calm } from "./Timing.ts"
import { world } from "./World.ts"

const targets = ["acme/deploy", "acme/docs", "partner/portal"]
const starting = (repository: string, fault: Omit<Fault, "path" | "method">): Fault => ({
  method: "POST",
  path: startPath(repository),
  ...fault
})

const requestsTo = (path: string) =>
  Sandbox.use(({ requests }) => Effect.map(requests, (all) => all.filter((request) => request.path === path)))

/** A run, once everything that follows from it has happened: each target was started once, and bound to its order. */
const allStartedOnce = Effect.gen(function* () {
  const { payload } = yield* completeAndDeliver()
  yield* idle
  assert.deepStrictEqual(yield* startedIn(payload), targets)
  assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
})

describe.concurrent("a request whose answer is lost", () => {
  const faults: ReadonlyArray<readonly [string, Omit<Fault, "path" | "method">]> = [
    ["after GitHub acted", { drop: "after" }],
    ["before GitHub acted", { drop: "before" }],
    ["twice, before GitHub acted", { drop: "before", times: 2 }],
    ["to a 502, twice", { answer: { status: 502 }, times: 2 }],
    ["to a page that is not GitHub's", { answer: { status: 504, body: "<html>Gateway Timeout</html>" } }],
    ["to patience, before GitHub acted", { delayMillis: 1300 }]
  ]
  for (const [how, fault] of faults) {
    it.live(`${how}: the workflow is started once`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* sandbox.injectFault(starting("acme/deploy", fault), starting("partner/portal", fault))
        yield* allStartedOnce
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }

  it.live("again and again, without GitHub acting: GitHub is asked each time, and it is started once in the end", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.injectFault(starting("acme/deploy", { answer: { status: 502 }, times: 3 }))
      yield* allStartedOnce
      assert.lengthOf(yield* requestsTo(startPath("acme/deploy")), 4)
    }).pipe(Effect.provide(world(fleet(targets), {}, calm)))
  )
})

describe.concurrent("an App that was renamed on GitHub", () => {
  it.live("still finds what it started, whatever GITHUB_APP_SLUG says", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.injectFault(starting("acme/deploy", { drop: "after" }))
      yield* allStartedOnce
    }).pipe(Effect.provide(world(fleet(targets), { GITHUB_APP_SLUG: "its-former-name" })))
  )
})

describe.concurrent("what GitHub did not say itself ends nothing", () => {
  const page = { body: "<html>Not Found</html>", by: "elsewhere" } as const
  const places = [
    ["a token", "POST", "/app/installations/101/access_tokens"],
    ["the configs", "POST", "/graphql"],
    ["a start", "POST", startPath("acme/deploy")]
  ] as const
  const answers: ReadonlyArray<readonly [string, FaultAnswer]> = [
    ["a page for 404", { status: 404, ...page }],
    ["a page for 403", { status: 403, ...page }],
    ["JSON of something else for 404", { status: 404, body: { message: "no route" }, by: "elsewhere" }],
    ["a redirection to a sign-in page", { status: 302, headers: { location: "https://sso.example/" }, ...page }],
    ["a page for 200", { status: 200, ...page }],
    ["a 204 that is not GitHub's", { status: 204, body: "", by: "elsewhere" }],
    ["a proxy that wants a password", { status: 407, ...page }],
    ["a 401 of GitHub's", { status: 401, body: { message: "Bad credentials" } }],
    ["an App that GitHub does not know for now", { status: 404, body: { message: "Integration not found" } }]
  ]
  for (const [where, method, path] of places) {
    for (const [what, answer] of answers) {
      // GitHub says that to the App only.
      if (what.startsWith("an App") && where !== "a token") continue
      it.live(`${what} to ${where}: every target is started once`, () =>
        Effect.gen(function* () {
          const sandbox = yield* Sandbox
          yield* sandbox.injectFault({ method, path, answer, times: 2 })
          yield* allStartedOnce
        }).pipe(Effect.provide(world(fleet(targets))))
      )
    }
  }
})

describe.concurrent("one target", () => {
  const faults: ReadonlyArray<readonly [string, Omit<Fault, "path" | "method">]> = [
    ["is slow", { delayMillis: 700, drop: "before" }],
    ["is to wait for a second", { secondaryLimit: { status: 429, retryAfterSeconds: 1 } }],
    ["fails", { answer: { status: 500 } }]
  ]
  for (const [how, fault] of faults) {
    it.live(`that ${how} holds up no other`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* sandbox.injectFault(starting("acme/deploy", { ...fault, times: "always" }))
        const { payload } = yield* completeAndDeliver()
        yield* until(startedIn(payload), (started) => started.length === 2)
        assert.deepStrictEqual(yield* startedIn(payload), ["acme/docs", "partner/portal"])
        yield* sandbox.clearFaults
        yield* idle
        assert.deepStrictEqual(yield* startedIn(payload), targets)
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }

  it.live("that cannot be started holds up no other, and fails at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.putFile("acme/deploy", ".github/workflows/cd.yml", null)
      const { payload } = yield* completeAndDeliver()
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), ["acme/docs", "partner/portal"])
      assert.strictEqual((yield* outcomesOf(payload))["acme/deploy"], "Failed")
      assert.strictEqual((yield* requestsTo(startPath("acme/deploy"))).length, 1, "a refusal is not tried again")
    }).pipe(Effect.provide(world(fleet(targets), {}, calm)))
  )

  it.live("whose installation is out of reach is decided later, the others at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const path = "/app/installations/202/access_tokens"
      yield* sandbox.injectFault({ method: "POST", path, answer: { status: 503 }, times: "always" })
      const { payload } = yield* completeAndDeliver()
      yield* until(startedIn(payload), (started) => started.length === 2)
      assert.deepStrictEqual(yield* decisionsOf(payload), { "acme/deploy": "allowed", "acme/docs": "allowed" })
      yield* sandbox.clearFaults
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), targets)
    }).pipe(Effect.provide(world(fleet(targets))))
  )
})

describe.concurrent("GitHub's budget", () => {
  const many = Array.from({ length: 25 }, (_, index) => `acme/target-${String(index + 1).padStart(2, "0")}`)

  it.live("is not spent on planning: 25 targets take three requests", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { payload } = yield* completeAndDeliver()
      yield* idle
      const paths = (yield* sandbox.requests).map(({ path }) => path)
      const planning = paths.slice(
        0,
        paths.findIndex((path) => path.endsWith("/dispatches"))
      )
      assert.deepStrictEqual(planning, ["/app/installations/101/access_tokens", "/graphql", "/graphql"])
      assert.deepStrictEqual(yield* startedIn(payload), many)
      assert.strictEqual(
        paths.length,
        planning.length + many.length + 1,
        "one request for each target, one for the report"
      )
    }).pipe(Effect.provide(world(fleet(many), { CREATE_CHECKS: false }, calm)))
  )

  for (const resource of ["core", "graphql"] as const) {
    it.live(`being spent (${resource}), everything is started when it is renewed`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        // GitHub names the second.
        const renewedAt = (Math.floor((yield* Clock.currentTimeMillis) / 1000) + 3) * 1000
        yield* sandbox.setRateLimit({ resource, remaining: 0, resetInSeconds: 3 })
        const { payload } = yield* completeAndDeliver()
        yield* idle
        for (const { createdAt } of yield* startedFor(payload)) assert.isAtLeast(createdAt, renewedAt)
        assert.deepStrictEqual(yield* startedIn(payload), targets)
        assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
        const requests = yield* sandbox.requests
        // GraphQL refuses with status 200; three of its requests are needed.
        const inVain =
          resource === "core"
            ? requests.filter(({ status }) => status === 403).length
            : requests.filter(({ path }) => path === "/graphql").length - 3
        assert.isAtMost(inVain, targets.length, "GitHub is left alone until then")
      }).pipe(Effect.provide(world(fleet(targets), { CREATE_CHECKS: false })))
    )
  }
})

describe.concurrent("an installation token", () => {
  const tokens = Effect.map(requestsTo("/app/installations/101/access_tokens"), (requests) => requests.length)

  it.live("that GitHub takes back is replaced", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* allStartedOnce
      yield* sandbox.revokeTokens
      yield* allStartedOnce
      assert.strictEqual(yield* tokens, 2)
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("that ends is renewed before it does", () =>
    Effect.gen(function* () {
      yield* allStartedOnce
      yield* Effect.sleep("1500 millis")
      yield* allStartedOnce
      assert.isAtLeast(yield* tokens, 2)
      const sandbox = yield* Sandbox
      const refused = (yield* sandbox.requests).filter(({ status }) => status === 401)
      assert.deepStrictEqual(refused, [], "no request went out with a token that had ended")
    }).pipe(Effect.provide(world(fleet(targets, { tokenLifetimeSeconds: 61 }))))
  )
})

describe.concurrent("an Enterprise Server before 3.21, which does not say what it started", () => {
  for (const returnRunDetails of ["refused400", "refused422"] as const) {
    it.live(`and has ${returnRunDetails} to be asked, is asked without, and its runs are found`, () =>
      allStartedOnce.pipe(Effect.provide(world(fleet(targets, { returnRunDetails }))))
    )
  }
})
