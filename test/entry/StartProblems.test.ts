/**
 * What stops a start, in words that name the variable to change; and what it warns of: an App that anybody may install, one that is called
 * otherwise, and that GitHub could not be asked.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer, Logger, Redacted } from "effect"
import * as App from "../../src/adapters/github/App.ts"
import * as GitHubApp from "../../src/adapters/github/GitHubApp.ts"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { parseAllowlist } from "../../src/domain/Pattern.ts"
import { checkApp, describeStartProblem } from "../../src/entry/StartProblems.ts"
import * as SandboxModule from "../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"

const problemOf = <A, E>(layer: Layer.Layer<A, E>) =>
  Effect.scoped(Layer.build(layer)).pipe(
    Effect.sandbox,
    Effect.flip,
    Effect.map((cause) => describeStartProblem(Cause.squash(cause)))
  )

describe("a start that fails", () => {
  it.live("names PORT where another process listens there", () =>
    Effect.gen(function* () {
      const taken = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { port } = taken.address() as AddressInfo
      const problem = yield* problemOf(NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port }))
      assert.strictEqual(
        problem,
        `Another process listens on port ${port} of 127.0.0.1. Stop it, or set PORT to a port that is free.`
      )
    })
  )

  it.live("names HOST where the machine has no such address", () =>
    Effect.gen(function* () {
      const problem = yield* problemOf(NodeHttpServer.layerServer(createServer, { host: "192.0.2.1", port: 0 }))
      assert.include(problem, "This machine has no address 192.0.2.1. Set HOST")
    })
  )

  it.live.each(["/proc/x/dispatcher.db", "/dev/null/data/dispatcher.db"])("names DATA_DIR for %s, at once", (path) =>
    Effect.gen(function* () {
      const problem = yield* problemOf(Sqlite.layer(path))
      assert.include(problem, `open ${path}: `)
      assert.include(problem, "DATA_DIR names the folder")
    })
  )

  it("says what to do where another process has the database", () => {
    const problem = describeStartProblem(new Sqlite.SqliteError({ operation: "open x", reason: Sqlite.lockedReason }))
    assert.strictEqual(
      problem,
      "open x: another process has the database open\nStop that process, or set DATA_DIR to another folder."
    )
  })
})

const scenario = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush-hush" },
  installations: [],
  repositories: []
}

type Settings = Parameters<typeof checkApp>[0]
const nothing: Settings = { GITHUB_APP_SLUG: undefined, SOURCE_REPO_ALLOWLIST: undefined }

const layerApp = Layer.unwrap(
  Effect.map(Sandbox, ({ app, url }) => {
    const layer = App.layer({ id: app.id, privateKey: Redacted.make(app.privateKeyPem), apiUrl: url })
    return GitHubApp.layer.pipe(Layer.provideMerge(layer))
  })
)

/** The warnings of a start with these settings. */
const warningsOf = Effect.fnUntraced(function* (settings: Partial<Settings>) {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${[message].flat()[0]}`))
  yield* checkApp({ ...nothing, ...settings }).pipe(Effect.provide(layerApp), Effect.provide(Logger.layer([logger])))
  return lines
})

const publicly =
  "Warn The App is public: every account that installs it is a source. SOURCE_REPO_ALLOWLIST names those that may be"

describe("a start", () => {
  const sandbox = (publicApp: boolean) => SandboxModule.layer({ scenario: { ...scenario, publicApp } })

  it.live("warns of a public App, unless its sources are named", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warningsOf({}), [publicly])
      const SOURCE_REPO_ALLOWLIST = yield* Effect.fromResult(parseAllowlist("acme/*"))
      assert.deepStrictEqual(yield* warningsOf({ SOURCE_REPO_ALLOWLIST }), [])
    }).pipe(Effect.provide(sandbox(true)))
  )

  it.live("warns where GitHub calls the App otherwise, whatever the case", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warningsOf({}), [])
      assert.deepStrictEqual(yield* warningsOf({ GITHUB_APP_SLUG: "Dispatcher-App" }), [])
      assert.deepStrictEqual(yield* warningsOf({ GITHUB_APP_SLUG: "other" }), [
        "Warn GitHub calls the App dispatcher-app, not other (GITHUB_APP_SLUG)"
      ])
    }).pipe(Effect.provide(sandbox(false)))
  )

  it.live("warns where GitHub could not be asked, and goes on", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({
        path: "/app",
        answer: { status: 404, body: { message: "Integration not found" } },
        times: "always"
      })
      assert.deepStrictEqual(yield* warningsOf({ GITHUB_APP_SLUG: "other" }), [
        "Warn GitHub could not be asked about the App"
      ])
    }).pipe(Effect.provide(sandbox(true)))
  )
})
