/** Who the App is and what time it is, as GitHub says it, over real HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import * as App from "../../../src/adapters/github/App.ts"
import { isPublic, layer as layerGitHubApp } from "../../../src/adapters/github/GitHubApp.ts"
import { clockMargin, GitHubApp } from "../../../src/ports/GitHubApp.ts"
import { Workflows } from "../../../src/ports/Workflows.ts"
import { layer as layerSandbox, Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { json, orderFor, overFetch, overSandbox, pkcs1, played, scenario } from "./support.ts"

const asked = Sandbox.use(({ requests }) =>
  Effect.map(requests, (all) => all.filter(({ path }) => path === "/app").length)
)
const plain = orderFor("acme/target", { workflow: "plain.yml" })

describe("the App's login", () => {
  it.live("is GitHub's word, asked for once however many want it, and not before", () =>
    Effect.gen(function* () {
      const app = yield* GitHubApp
      assert.strictEqual(yield* asked, 0)
      const logins = yield* Effect.replicateEffect(app.login, 10, { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(logins), new Set(["dispatcher-app[bot]"]))
      assert.strictEqual(yield* asked, 1)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("is asked for again where it could not be learned", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "/app", answer: { status: 404, body: "<html>", by: "elsewhere" }, times: 4 })
      const app = yield* GitHubApp
      assert.strictEqual((yield* Effect.flip(app.login)).reason._tag, "Unavailable")
      assert.strictEqual(yield* app.login, "dispatcher-app[bot]")
    }).pipe(Effect.provide(overSandbox()))
  )
})

describe("the App's key", () => {
  /** The adapter with another key than the sandbox knows, and what reading it again gives. */
  const withKey = (latest: (right: string) => Effect.Effect<string>) =>
    layerGitHubApp.pipe(
      Layer.provide(
        Layer.unwrap(
          Effect.map(Sandbox, ({ app, url }) => {
            const key = (pem: string) => App.privateKeyOf(Redacted.make(pem)).pipe(Effect.orDie)
            let current = key(pkcs1)
            const renew = Effect.flatMap(latest(app.privateKeyPem), (pem) => {
              current = key(pem)
              return current
            })
            return App.layer({ id: app.id, privateKey: { get: Effect.suspend(() => current), renew }, apiUrl: url })
          })
        )
      ),
      Layer.provideMerge(layerSandbox({ scenario }))
    )

  it.live("that GitHub refuses is read again, and what was asked is asked once more with the new one", () =>
    Effect.gen(function* () {
      const app = yield* GitHubApp
      assert.strictEqual(yield* app.login, "dispatcher-app[bot]")
      assert.strictEqual(yield* asked, 2)
    }).pipe(Effect.provide(withKey(Effect.succeed)))
  )

  it.live("that GitHub refuses and that has not changed costs no second request", () =>
    Effect.gen(function* () {
      const app = yield* GitHubApp
      assert.strictEqual((yield* Effect.flip(app.login)).reason._tag, "Unauthorized")
      assert.strictEqual(yield* asked, 1)
    }).pipe(Effect.provide(withKey(() => Effect.succeed(pkcs1))))
  )
})

/** Whether the time was, but for a margin, one that our clock showed while it was read, or so many milliseconds ahead of it. */
const betweenReadings = Effect.fnUntraced(function* <E>(time: Effect.Effect<number, E>) {
  const before = Date.now()
  const read = yield* time
  const after = Date.now()
  const margin = Duration.toMillis(clockMargin)
  return (ahead: number) => before + ahead - margin <= read && read <= after + ahead + margin
})

describe("GitHub's time", () => {
  for (const seconds of [0, 3600, -3600]) {
    it.live(`is right within 2 s where its clock is ${seconds} s ahead of ours, at one request`, () =>
      Effect.gen(function* () {
        const app = yield* GitHubApp
        const theirs = yield* betweenReadings(app.now)
        assert.isTrue(theirs(seconds * 1000))
        yield* app.now
        assert.strictEqual(yield* asked, seconds === 0 ? 1 : yield* asked)
      }).pipe(Effect.provide(overSandbox({ clockAheadSeconds: seconds })))
    )
  }

  it.live("is learned from any answer, and signs what the App asks for", () =>
    Effect.gen(function* () {
      const workflows = yield* Workflows
      const app = yield* GitHubApp
      const run = yield* workflows.start(plain, () => true)
      const before = yield* asked
      const now = yield* app.now
      assert.strictEqual(yield* asked, before, "no request where an answer was seen")
      assert.deepEqual<unknown>(yield* workflows.findStarted(plain, now), [run])
    }).pipe(Effect.provide(overSandbox({ clockAheadSeconds: -1800 })))
  )

  it.live("is not taken from what is not GitHub's, nor from what was kept on the way", () => {
    const old = { date: "Sun, 29 Nov 2020 10:00:00 GMT" }
    const { fetch } = played(() => json(404, { message: "Not Found" }))
    const lying: typeof globalThis.fetch = async (input, init) => {
      const url = String(input)
      if (url.endsWith("/orgs/a/installation")) return Response.json({}, { status: 404, headers: old })
      if (url.endsWith("/orgs/b/installation")) return json(404, { message: "Not Found" }, { ...old, age: "9" })
      if (url.endsWith("/app")) return json(200, { slug: "x" }, { date: new Date().toUTCString() })
      return fetch(input, init)
    }
    return Effect.gen(function* () {
      const app = yield* GitHubApp
      assert.isTrue((yield* betweenReadings(app.now))(0))
    }).pipe(Effect.provide(overFetch(lying)))
  })
})

describe("whether the App is public", () => {
  const ofSandbox = Layer.unwrap(
    Effect.map(Sandbox, ({ app, url }) =>
      App.layer({ id: app.id, privateKey: Redacted.make(app.privateKeyPem), apiUrl: url })
    )
  )
  for (const publicApp of [true, false]) {
    it.live(`is what people without an account see: ${publicApp}`, () =>
      Effect.gen(function* () {
        const seen = yield* Effect.provide(isPublic("dispatcher-app"), ofSandbox)
        assert.strictEqual(seen, publicApp)
      }).pipe(Effect.provide(overSandbox({ publicApp })))
    )
  }
})
