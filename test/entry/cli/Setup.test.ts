/** The manifest flow against the sandbox, with this test in the browser's place. */
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { parseEnv } from "node:util"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { TestConsole } from "effect/testing"
import { checkEnvFile, writeEnvFile } from "../../../src/entry/cli/EnvFile.ts"
import { websiteOf } from "../../../src/entry/cli/Manifest.ts"
import { setup } from "../../../src/entry/cli/Setup.ts"
import * as SetupPage from "../../../src/entry/cli/SetupPage.ts"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { dispatcher, folder, outcomeOf } from "./support.ts"

const scenario = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush-hush" },
  installations: [],
  repositories: []
}
const webhookUrl = "https://dispatcher.example.com/webhooks/github"

const get = (url: string, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const response = await fetch(url, { redirect: "manual", ...init })
    return { status: response.status, location: response.headers.get("location") ?? "", text: await response.text() }
  })

const printed = Effect.map(TestConsole.logLines, (lines) => lines.join("\n"))
const attribute = (html: string, name: string): string =>
  (new RegExp(`${name}="([^"]*)"`).exec(html)?.[1] ?? "").replaceAll(/&#(\d+);/g, (_, code) =>
    String.fromCodePoint(Number(code))
  )

layer(SandboxModule.layer({ scenario }), { excludeTestServices: true })("setup", (it) => {
  it.effect("registers the App, and writes what the service needs to a file for its owner only", () =>
    Effect.gen(function* () {
      const { app, url: apiUrl } = yield* Sandbox
      const file = join(yield* folder({ ".env": "PORT=8080\nGITHUB_APP_ID=\n" }), ".env")
      const options = {
        organization: "acme",
        webhookUrl,
        name: "acme-dispatcher",
        apiUrl,
        proxies: {},
        file,
        replace: false
      }
      const fiber = yield* Effect.forkChild(setup(options))
      yield* Effect.repeat(printed, {
        until: (text) => text.includes("http://127.0.0.1:"),
        schedule: Schedule.spaced("10 millis")
      })
      const [address = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(yield* printed) ?? []

      const { text: html } = yield* get(address)
      const manifest = attribute(html.slice(html.indexOf("<input")), "value")
      assert.deepInclude(JSON.parse(manifest), {
        name: "acme-dispatcher",
        public: false,
        default_events: ["workflow_run"]
      })
      const action = attribute(html, "action")
      assert.include(action, "/organizations/acme/settings/apps/new?state=")
      const { location } = yield* get(action, { method: "POST", body: new URLSearchParams({ manifest }) })

      const forged = new URL(location)
      forged.searchParams.set("state", "0".repeat(32))
      assert.strictEqual((yield* get(forged.href)).status, 400)
      assert.strictEqual((yield* get(location)).status, 200)
      yield* Fiber.join(fiber)

      const values = parseEnv(readFileSync(file, "utf8"))
      assert.deepInclude(values, { PORT: "8080", GITHUB_APP_ID: "4711", GITHUB_APP_SLUG: "dispatcher-app" })
      assert.strictEqual(values.GITHUB_APP_PRIVATE_KEY, app.privateKeyPem.trim())
      assert.strictEqual(values.GITHUB_WEBHOOK_SECRET, app.webhookSecret)
      assert.strictEqual(values.GITHUB_API_URL, apiUrl)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      assert.notInclude(yield* printed, app.webhookSecret)
      assert.notInclude(yield* printed, "PRIVATE KEY")
    }).pipe(Effect.provide([NodeServices.layer, TestConsole.layer]))
  )

  it.effect("keeps the credentials of another App, before anything is registered", () =>
    Effect.gen(function* () {
      const { url: apiUrl, requests } = yield* Sandbox
      const file = join(yield* folder(), ".env")
      writeFileSync(file, "GITHUB_APP_ID=1\n")
      const before = (yield* requests).length
      const options = { organization: undefined, webhookUrl, name: "x", apiUrl, proxies: {}, file, replace: false }
      const { code, message } = yield* outcomeOf(setup(options))
      assert.strictEqual(code, 1)
      assert.include(message, "has GITHUB_APP_ID already")
      assert.strictEqual(readFileSync(file, "utf8"), "GITHUB_APP_ID=1\n")
      assert.strictEqual((yield* requests).length, before)
    })
  )

  it.effect("needs a webhook address", () =>
    Effect.gen(function* () {
      const { code } = yield* dispatcher(["setup", "--webhook-url", "dispatcher.example.com"], { cwd: yield* folder() })
      assert.strictEqual(code, 2)
    })
  )

  it.effect("registers nothing whose credentials it could not keep", () =>
    Effect.gen(function* () {
      const { url: apiUrl, requests } = yield* Sandbox
      const before = (yield* requests).length
      const file = join(yield* folder(), "missing", ".env")
      const { code } = yield* outcomeOf(
        setup({ organization: undefined, webhookUrl, name: "x", apiUrl, proxies: {}, file, replace: false })
      )
      assert.strictEqual(code, 1)
      assert.strictEqual((yield* requests).length, before)
    })
  )
})

describe("the file", () => {
  it.effect("ends up for its owner only", () =>
    Effect.gen(function* () {
      const path = join(yield* folder({ ".env": "A=1\n" }), ".env")
      chmodSync(path, 0o644)
      yield* writeEnvFile(path, "A=2\n")
      assert.strictEqual(readFileSync(path, "utf8"), "A=2\n")
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("is not written through a link, to a file or to nothing", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "real.env": "A=1\n" })
      for (const name of ["real.env", "missing.env"]) {
        const link = join(path, `${name}.link`)
        symlinkSync(join(path, name), link)
        for (const write of [checkEnvFile(link), writeEnvFile(link, "A=2\n")]) {
          const { message } = yield* Effect.flip(write)
          assert.include(message, "is a symbolic link to")
        }
      }
      symlinkSync(join(path, "real.env"), join(path, ".env.new"))
      yield* checkEnvFile(join(path, ".env"))
      yield* writeEnvFile(join(path, ".env"), "A=3\n")
      assert.strictEqual(readFileSync(join(path, "real.env"), "utf8"), "A=1\n")
      assert.strictEqual(readFileSync(join(path, ".env"), "utf8"), "A=3\n")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("the page", () => {
  it.live("answers to its own address only", () =>
    Effect.gen(function* () {
      const { url } = yield* SetupPage.serve("state", () => ({ action: "https://github.com", manifest: {} }))
      const { port } = new URL(url)
      const statusAs = (host: string) =>
        Effect.callback<number>((resume) => {
          request({ host: "127.0.0.1", port, headers: { host } }, (answer) => {
            resume(Effect.succeed(answer.statusCode ?? 0))
            answer.resume()
          }).end()
        })
      assert.deepStrictEqual(
        [
          yield* statusAs(`127.0.0.1:${port}`),
          yield* statusAs(`localhost:${port}`),
          yield* statusAs("rebound.example")
        ],
        [200, 200, 421]
      )
    })
  )
})

describe("websiteOf", () => {
  it("GitHub, GitHub with data residency, and Enterprise Server", () =>
    assert.deepStrictEqual(
      ["https://api.github.com/", "https://api.acme.ghe.com", "https://git.acme.test/api/v3"].map(websiteOf),
      ["https://github.com", "https://acme.ghe.com", "https://git.acme.test"]
    ))
})
