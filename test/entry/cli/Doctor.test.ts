import { generateKeyPairSync } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it, layer } from "@effect/vitest"
import { verify } from "@octokit/webhooks-methods"
import { Effect, Layer, Redacted } from "effect"
import { inspectInstallations } from "../../../src/adapters/github/AppInspection.ts"
import { Installations } from "../../../src/adapters/github/Installations.ts"
import { DeliveryId, GitHubId } from "../../../src/domain/SourceRun.ts"
import { diagnose, diagnoseInstallations, diagnoseLog, diagnosePing } from "../../../src/entry/cli/Diagnosis.ts"
import { doctor } from "../../../src/entry/cli/Doctor.ts"
import { permissions } from "../../../src/entry/cli/Manifest.ts"
import { destinationOf } from "../../../src/entry/Otlp.ts"
import { GitHubError, Unavailable } from "../../../src/ports/GitHubError.ts"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { proxyTo, secure } from "../../adapters/Proxying.ts"
import { collector } from "../../e2e/Collector.ts"
import { dispatcher, folder, outcomeOf } from "./support.ts"

const healthy = {
  app: { id: GitHubId.make("1"), slug: "bot", permissions, events: ["workflow_run"] },
  hook: { url: "https://x.example/webhooks/github", content_type: "json", insecure_ssl: "0", secret: "********" },
  installations: [{ id: GitHubId.make("1"), account: { login: "acme" }, permissions, suspended_at: null }],
  clockSkew: 800
}
const unavailable = new GitHubError({ operation: "any", reason: new Unavailable({ message: "HTTP 502" }) })
const badOf = (inspection: Parameters<typeof diagnose>[0], slug = "bot") =>
  diagnose(inspection, slug)
    .filter(({ verdict }) => verdict !== "good")
    .map(({ about, verdict }) => `${about} ${verdict}`)

describe("the installations that are tried", () => {
  it.effect("are the first 30 that are not suspended", () => {
    const tried: Array<string> = []
    const layerCounting = Layer.mock(Installations, {
      call: (id) =>
        Effect.suspend(() => {
          tried.push(id)
          return Effect.fail(unavailable)
        })
    })
    const installations = Array.from({ length: 100 }, (_, index) => ({
      id: GitHubId.make(String(index + 1)),
      account: { login: `org-${index + 1}` },
      permissions,
      suspended_at: index === 0 ? "2026-01-01" : null
    }))
    return Effect.gen(function* () {
      const inspected = yield* inspectInstallations(installations)
      assert.deepStrictEqual(
        inspected.refused.map(({ account }) => account),
        Array.from({ length: 30 }, (_, index) => `org-${index + 2}`)
      )
      assert.lengthOf(tried, 30)
      assert.isTrue(diagnoseInstallations(inspected).every(({ verdict }) => verdict === "advice"))
    }).pipe(Effect.provide(layerCounting))
  })
})

describe("diagnose", () => {
  it("an App without a webhook is distinguished from no App", () =>
    assert.deepStrictEqual(badOf({ ...healthy, hook: {} }), ["webhook bad", "secret bad"]))

  it("finds nothing where all is well", () => assert.deepStrictEqual(badOf(healthy, "Bot"), []))

  it("each fault by itself", () => {
    const { app, hook } = healthy
    const installation = { id: GitHubId.make("1"), account: { login: "acme" }, permissions, suspended_at: null }
    const less = { ...permissions, actions: "read" }
    const { secret: _, ...unsigned } = hook
    assert.deepStrictEqual(badOf(healthy, "other"), ["credentials advice"])
    assert.deepStrictEqual(badOf({ ...healthy, app: { ...app, permissions: less } }), ["permissions bad"])
    assert.deepStrictEqual(badOf({ ...healthy, app: { ...app, events: [] } }), ["events bad"])
    assert.deepStrictEqual(badOf({ ...healthy, clockSkew: -120_000 }), ["clock bad"])
    assert.deepStrictEqual(badOf({ ...healthy, clockSkew: 10_000 }), ["clock advice"])
    assert.deepStrictEqual(badOf({ ...healthy, hook: unsigned }), ["secret bad"])
    assert.deepStrictEqual(badOf({ ...healthy, hook: { ...hook, content_type: "form" } }), ["content type bad"])
    assert.deepStrictEqual(badOf({ ...healthy, hook: { ...hook, insecure_ssl: "1" } }), ["certificate bad"])
    assert.deepStrictEqual(badOf({ ...healthy, hook: { ...hook, url: "" } }), ["webhook bad"])
    assert.deepStrictEqual(badOf({ ...healthy, installations: [] }), ["installations bad"])
    assert.deepStrictEqual(
      badOf({ ...healthy, installations: [{ ...installation, permissions: less, suspended_at: "2026-01-01" }] }),
      ["consent advice", "suspended advice"]
    )
    const unchecked = { ...permissions, checks: "read" }
    assert.deepStrictEqual(badOf({ ...healthy, installations: [{ ...installation, permissions: unchecked }] }), [
      "consent advice",
      "check runs advice"
    ])
    const unreported = { ...permissions, issues: "read" }
    assert.deepStrictEqual(badOf({ ...healthy, installations: [{ ...installation, permissions: unreported }] }), [
      "consent advice",
      "issues advice"
    ])
  })

  it("names the first repositories that take less than others, and says how many there are more", () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `acme/r${index}`)
    const found = (archived: number, off: number) =>
      diagnoseInstallations({ refused: [], archived: names(archived), withoutIssues: names(off) }).map(
        (result) => `${result.about} ${result.verdict}: ${result.found.replace(/:.*/, "")}`
      )
    assert.deepStrictEqual(found(0, 0), [])
    assert.deepStrictEqual(found(1, 7), [
      "archived advice: acme/r0",
      "issues off advice: acme/r0, acme/r1, acme/r2, acme/r3, acme/r4 and 2 more"
    ])
  })

  it("asks for the secret where the newest delivery was answered with 401", () => {
    const attempt = (statusCode: number) => ({
      id: GitHubId.make("3804004623172239366"),
      deliveryId: DeliveryId.make("11111111-1111-4111-8111-111111111111"),
      at: 0,
      event: "workflow_run",
      action: "completed",
      statusCode
    })
    const findings = [[], [attempt(202), attempt(401)], [attempt(401), attempt(202)]].flatMap((attempts) =>
      diagnoseLog({ attempts, unreadable: [], next: undefined })
    )
    assert.deepStrictEqual(
      findings.map(({ verdict }) => verdict),
      ["good", "good", "bad"]
    )
    assert.include(findings[2]?.fix, "GITHUB_WEBHOOK_SECRET")
  })

  it("distinguishes a service with another secret from something else at the address", () => {
    assert.deepStrictEqual(
      [202, 302, 401, 404].map((status) => diagnosePing(status).verdict),
      ["good", "bad", "bad", "bad"]
    )
    assert.include(diagnosePing(401).fix, "GITHUB_WEBHOOK_SECRET")
  })
})

const secret = "hush-hush"
const scenario = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: secret },
  installations: [{ id: 1, account: "acme" }],
  // GitHub gives a hundred at a time.
  repositories: Array.from({ length: 102 }, (_, index) => ({ name: `acme/r${index}` }))
}

/** Something that takes a webhook request if it is signed. */
const hook = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer(async (request, response) => {
      const body = (await request.toArray()).join("")
      const isOurs = await verify(secret, body, String(request.headers["x-hub-signature-256"]))
      response.writeHead(isOurs && request.headers["x-github-event"] === "ping" ? 202 : 401).end()
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      const close = () => void server.close().closeAllConnections()
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}/webhooks/github`, close }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

layer(SandboxModule.layer({ scenario }), { excludeTestServices: true })("dispatcher doctor", (it) => {
  it.effect("finds nothing to put right, asks GitHub only to look, and shows no secret", () =>
    Effect.gen(function* () {
      const { app, url, setWebhookUrl, requests } = yield* Sandbox
      yield* setWebhookUrl((yield* hook).url)
      const { code, stdout, stderr } = yield* dispatcher(["doctor"], {
        cwd: yield* folder(),
        env: {
          GITHUB_APP_ID: String(app.id),
          GITHUB_APP_SLUG: app.slug,
          GITHUB_APP_PRIVATE_KEY: app.privateKeyPem,
          GITHUB_WEBHOOK_SECRET: secret,
          GITHUB_API_URL: url
        }
      })
      assert.deepStrictEqual([code, stderr], [0, ""], stdout)
      assert.include(stdout, "Everything is as it must be.")
      assert.notInclude(stdout, secret)
      const changing = (yield* requests).filter(({ method }) => method !== "GET")
      assert.deepStrictEqual(
        changing.map(({ path }) => path),
        ["/app/installations/1/access_tokens"]
      )
    })
  )

  const options = Effect.map(Sandbox, ({ app, url }) => ({
    app: {
      GITHUB_APP_ID: app.id,
      GITHUB_APP_PRIVATE_KEY: Redacted.make(app.privateKeyPem),
      GITHUB_API_URL: url
    },
    slug: app.slug,
    secret: Redacted.make(secret),
    telemetry: destinationOf({}, "1")
  }))

  it.effect("says what to do about another App, another key, another secret", () =>
    Effect.gen(function* () {
      const { setWebhookUrl } = yield* Sandbox
      yield* setWebhookUrl((yield* hook).url)
      const given = yield* options
      const other = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs1", format: "pem" }
      }).privateKey
      const wrongId = yield* outcomeOf(doctor({ ...given, app: { ...given.app, GITHUB_APP_ID: 1 } }))
      assert.include(wrongId.text, "check GITHUB_APP_ID")
      const wrongKey = yield* outcomeOf(
        doctor({ ...given, app: { ...given.app, GITHUB_APP_PRIVATE_KEY: Redacted.make(other) } })
      )
      assert.include(wrongKey.text, "GITHUB_APP_PRIVATE_KEY is a key of this App")
      const wrongSecret = yield* outcomeOf(doctor({ ...given, secret: Redacted.make("something else") }))
      assert.include(wrongSecret.text, "give it the GITHUB_WEBHOOK_SECRET")
      assert.deepStrictEqual([wrongId.code, wrongKey.code, wrongSecret.code], [1, 1, 1])
    })
  )

  it.effect.each([
    ["a page", { status: 404, body: "<html>", by: "elsewhere" }, "what stands before GitHub"],
    [
      "a sign-in page",
      { status: 302, headers: { location: "https://sso.example.com/login" }, body: "", by: "elsewhere" },
      "something redirects to sso.example.com"
    ],
    [
      "a limit",
      { status: 403, headers: { "retry-after": "30" }, body: { message: "Slow down" } },
      "wait, and try again"
    ]
  ] as const)("names what answers in GitHub's place: %s", ([_, answer, words]) =>
    Effect.gen(function* () {
      const { injectFault, clearFaults } = yield* Sandbox
      yield* injectFault({ path: "/app", answer, times: "always" })
      const { code, text } = yield* Effect.ensuring(outcomeOf(doctor(yield* options)), clearFaults)
      assert.strictEqual(code, 1)
      assert.include(text, words)
    })
  )

  it.effect.each([
    [
      "ip_allow_list",
      "the `acme` organization has an IP allow list enabled",
      "the service's address on their IP allow list"
    ],
    ["saml", "organization SAML enforcement", "let the App pass their single sign-on"]
  ] as const)("names an organisation that shuts the App out, and what its owners have to do: %s", ([by, words, fix]) =>
    Effect.gen(function* () {
      const { shutOut } = yield* Sandbox
      yield* shutOut(1, by)
      const { code, text } = yield* Effect.ensuring(
        outcomeOf(doctor(yield* options)),
        Effect.orDie(shutOut(1, undefined))
      )
      assert.strictEqual(code, 1)
      assert.match(text, /✘ shut out +acme shuts the App out/)
      assert.include(text, words)
      assert.include(text, fix)
    })
  )

  it.effect("names an installation that was suspended once, and tries no other request with it", () =>
    Effect.gen(function* () {
      const { suspend, requests } = yield* Sandbox
      yield* suspend(1, true)
      const before = (yield* requests).length
      const { text } = yield* Effect.ensuring(outcomeOf(doctor(yield* options)), Effect.orDie(suspend(1, false)))
      assert.match(text, /! suspended +acme/)
      assert.notInclude(text, "shut out")
      const asked = (yield* requests).slice(before).filter(({ path }) => path.includes("access_tokens"))
      assert.deepStrictEqual(asked, [])
    })
  )

  it.effect("names repositories that are archived, or have no issues, on whichever page they are", () =>
    Effect.gen(function* () {
      const { changeRepository } = yield* Sandbox
      const change = (archived: boolean) =>
        Effect.andThen(
          changeRepository("acme/r3", { archived, issues: !archived }),
          changeRepository("acme/r101", { issues: !archived })
        )
      yield* change(true)
      const { text } = yield* Effect.ensuring(outcomeOf(doctor(yield* options)), Effect.orDie(change(false)))
      assert.match(text, /! archived +acme\/r3: no check runs/)
      assert.match(text, /! issues off +acme\/r101: reports go to the log/)
    })
  )

  it.effect("asks for the secret where GitHub's newest delivery was answered with 401", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      const refused = {
        id: 1,
        guid: "11111111-1111-4111-8111-111111111111",
        delivered_at: new Date().toISOString(),
        event: "workflow_run",
        action: "completed",
        status_code: 401
      }
      yield* injectFault({ path: "/app/hook/deliveries", answer: { status: 200, body: [refused] } })
      const { code, text } = yield* outcomeOf(doctor(yield* options))
      assert.strictEqual(code, 1)
      assert.match(text, /✘ deliveries +the newest was answered with 401\n +is GITHUB_WEBHOOK_SECRET the App's\?/)
    })
  )

  it.effect("counts and names the entries of GitHub's log that cannot be read, and reads the others", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      const well = {
        id: 1,
        guid: "11111111-1111-4111-8111-111111111111",
        delivered_at: new Date().toISOString(),
        event: "workflow_run",
        action: "completed",
        status_code: 202
      }
      const body = [{ ...well, id: "3804004623172239366", event: 7 }, well, { nothing: true }]
      yield* injectFault({ path: "/app/hook/deliveries", answer: { status: 200, body } })
      const { text } = yield* outcomeOf(doctor(yield* options))
      assert.match(text, /! log entries +2 entries of GitHub's log cannot be read: 3804004623172239366, number 3\n/)
      assert.include(text, "the newest was answered with 202")
    })
  )

  it.effect("names a proxy that refuses", () =>
    Effect.gen(function* () {
      const proxy = createServer().on("connect", (_, socket) => socket.end("HTTP/1.1 407 No\r\n\r\n"))
      yield* Effect.callback<void>((resume) => {
        proxy.listen(0, "127.0.0.1", () => resume(Effect.void))
      })
      const { port } = proxy.address() as AddressInfo
      const given = yield* options
      const app = {
        ...given.app,
        GITHUB_API_URL: "https://github.test",
        HTTPS_PROXY: Redacted.make(`http://127.0.0.1:${port}`)
      }
      const { text } = yield* outcomeOf(doctor({ ...given, app }))
      proxy.close()
      assert.include(text, "check HTTPS_PROXY")
    })
  )

  it.effect("says why telemetry goes nowhere", () =>
    Effect.gen(function* () {
      const given = yield* options
      const unset = yield* outcomeOf(doctor(given))
      assert.match(unset.text, /✔ telemetry +goes nowhere: OTEL_EXPORTER_OTLP_ENDPOINT is not set/)
      const disabled = destinationOf({ OTEL_SDK_DISABLED: true }, "1")
      const off = yield* outcomeOf(doctor({ ...given, telemetry: disabled }))
      assert.match(off.text, /✔ telemetry +goes nowhere: OTEL_SDK_DISABLED is true/)
    })
  )

  it.effect("names a proxy that does not let telemetry out, and a collector's authority that is not trusted", () =>
    Effect.gen(function* () {
      const given = yield* options
      const target = yield* secure
      const telemetry = destinationOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: new URL(target.url) }, "1")
      const untrusted = yield* outcomeOf(doctor({ ...given, telemetry }))
      assert.match(untrusted.text, /✘ traces .*\n +name the file .* NODE_EXTRA_CA_CERTS/)
      const refusing = yield* proxyTo(target, 407)
      const app = { ...given.app, NO_PROXY: "localhost", HTTPS_PROXY: Redacted.make(refusing.address) }
      const refused = yield* outcomeOf(doctor({ ...given, app, telemetry }))
      assert.match(refused.text, /✘ traces .*\n +check HTTPS_PROXY/)
      assert.notInclude(refused.text, "secret@")
    })
  )

  it.effect("asks whether telemetry is taken where it goes, and what to do where it is not", () =>
    Effect.gen(function* () {
      const given = yield* options
      const { url, sent } = yield* collector
      const telemetryTo = (base: string) =>
        destinationOf(
          {
            OTEL_EXPORTER_OTLP_ENDPOINT: new URL(base),
            OTEL_EXPORTER_OTLP_HEADERS: Redacted.make({ authorization: "hidden words" })
          },
          "1"
        )
      const well = yield* outcomeOf(doctor({ ...given, telemetry: telemetryTo(url) }))
      for (const signal of ["traces", "metrics", "logs"]) {
        assert.match(well.text, new RegExp(`✔ ${signal} +${url}/v1/${signal} takes them`))
      }
      const requests = yield* sent
      assert.isTrue(requests.every(({ headers }) => headers.authorization === "hidden words"))
      assert.lengthOf(requests, 3)
      // The hook of these tests refuses what is not signed.
      const refused = yield* outcomeOf(doctor({ ...given, telemetry: telemetryTo((yield* hook).url) }))
      assert.include(refused.text, "check OTEL_EXPORTER_OTLP_HEADERS")
      const silent = yield* outcomeOf(doctor({ ...given, telemetry: telemetryTo("http://127.0.0.1:1") }))
      assert.include(silent.text, "or correct OTEL_EXPORTER_OTLP_ENDPOINT")
      assert.notInclude(well.text + refused.text + silent.text, "hidden words")
      assert.strictEqual(silent.code, 1)
    })
  )

  it.effect("of an App whose webhook GitHub does not know of it says so, not that there is no App", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "/app/hook/config", answer: { status: 404, body: { message: "Not Found" } } })
      const { code, text } = yield* outcomeOf(doctor(yield* options))
      assert.strictEqual(code, 1)
      assert.match(text, /✔ credentials/)
      assert.match(text, /✘ webhook +no address/)
    })
  )

  it.effect("says on standard error that GitHub is asked again, so that results stay clean", () =>
    Effect.gen(function* () {
      const { app } = yield* Sandbox
      const { code, stdout, stderr } = yield* dispatcher(["doctor"], {
        cwd: yield* folder(),
        env: {
          GITHUB_APP_ID: String(app.id),
          GITHUB_APP_SLUG: app.slug,
          GITHUB_APP_PRIVATE_KEY: app.privateKeyPem,
          GITHUB_WEBHOOK_SECRET: secret,
          GITHUB_API_URL: "http://127.0.0.1:9"
        }
      })
      assert.strictEqual(code, 1)
      assert.match(stdout, /^✘ GitHub/)
      assert.match(stderr, /^warn: GitHub did not answer as hoped; trying again/)
    })
  )
})
