/** What a start warns of: an App that anybody may install, one that is called otherwise, and that GitHub could not be asked. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Redacted } from "effect"
import * as App from "../../src/adapters/github/App.ts"
import * as GitHubApp from "../../src/adapters/github/GitHubApp.ts"
import { parseAllowlist } from "../../src/domain/Pattern.ts"
import { checkApp } from "../../src/entry/AppChecks.ts"
import * as SandboxModule from "../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"

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
