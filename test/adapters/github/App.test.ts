/** The App's settings: what is taken, and what is refused in words that help and hold no secret. */
import { createPrivateKey, generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { type Config, ConfigProvider, Effect, Redacted, Result } from "effect"
import * as App from "../../../src/adapters/github/App.ts"
import { parsePrivateKey } from "../../../src/adapters/github/PrivateKey.ts"
import { appOptions, pkcs1 } from "./support.ts"

const pkcs8 = createPrivateKey(pkcs1).export({ type: "pkcs8", format: "pem" }).toString()

const environment = {
  GITHUB_APP_ID: "4711",
  GITHUB_APP_PRIVATE_KEY: pkcs1.replaceAll("\n", "\\n")
}

const fromEnvironment = (variables: Record<string, string>) =>
  Effect.provide(App.App, App.layerConfig).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(variables)))
  )

describe("the private key", () => {
  it.each([
    ["PKCS#1, as GitHub hands it out", pkcs1],
    ["PKCS#8", pkcs8],
    ["line ends spelled out", pkcs1.replaceAll("\n", "\\n")],
    ["Windows line ends", pkcs1.replaceAll("\n", "\r\n")],
    ["Windows line ends spelled out", pkcs1.replaceAll("\n", "\\r\\n")],
    ["blanks around it", `\n  ${pkcs1}\n\n`]
  ])("is read: %s", (_, text) => {
    assert.strictEqual(Redacted.value(Result.getOrThrow(parsePrivateKey(text))), pkcs8)
  })

  const ec = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  })
  const encrypted = createPrivateKey(pkcs1).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x"
  })

  it.each([
    ["empty", "", /not an unencrypted private key/],
    ["only the first line, as shells leave it", "-----BEGIN RSA PRIVATE KEY-----", /not an unencrypted private key/],
    ["a public key", ec.publicKey, /not an unencrypted private key/],
    ["encrypted", encrypted.toString(), /not an unencrypted private key/],
    ["not RSA", ec.privateKey, /not an RSA key but ec/]
  ])("is refused: %s", (_, text, problem) => {
    const result = parsePrivateKey(text)
    assert.match(Result.isFailure(result) ? result.failure : "accepted", problem)
  })
})

describe("settings from the environment", () => {
  it.effect("are read, with GitHub's own address by default", () =>
    Effect.gen(function* () {
      const app = yield* fromEnvironment(environment)
      assert.strictEqual(app.id, 4711)
      assert.strictEqual(app.apiUrl, "https://api.github.com")
      assert.strictEqual(app.graphqlBaseUrl, "https://api.github.com")
      assert.strictEqual(Redacted.value(yield* app.privateKey.get), pkcs8)
    })
  )

  it.effect.each([
    ["https://github.example.com/api/v3/", "https://github.example.com/api/v3", "https://github.example.com/api"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["https://api.octo.ghe.com", "https://api.octo.ghe.com", "https://api.octo.ghe.com"]
  ] as const)("know where GraphQL is: %s", ([url, rest, graphql]) =>
    Effect.gen(function* () {
      const app = yield* fromEnvironment({ ...environment, GITHUB_API_URL: url })
      assert.deepStrictEqual([app.apiUrl, app.graphqlBaseUrl], [rest, graphql])
    })
  )

  it.effect.each([
    ["GITHUB_APP_ID", "abc"],
    ["GITHUB_APP_ID", "0"],
    ["GITHUB_APP_ID", "1.5"],
    ["GITHUB_APP_PRIVATE_KEY", "-----BEGIN RSA PRIVATE KEY-----\\nc2VjcmV0\\n-----END RSA PRIVATE KEY-----"],
    ["GITHUB_API_URL", "api.github.com"],
    ["GITHUB_API_URL", "ftp://github.example.com"],
    ["GITHUB_API_URL", "https://token@github.example.com"]
  ] as const)("name the variable that is wrong: %s", ([variable, value]) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(fromEnvironment({ ...environment, [variable]: value }))
      assert.include(message, variable)
      assert.notInclude(message, "c2VjcmV0")
    })
  )

  it.effect("can be asked for one by one, so that a start names every problem", () =>
    Effect.gen(function* () {
      const problems = yield* Effect.forEach(Object.values(App.variables), (config: Config.Config<unknown>) =>
        Effect.result(config)
      ).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({}))))
      assert.strictEqual(problems.filter(Result.isFailure).length, 2)
    })
  )
})

describe("settings from a plain object", () => {
  it.effect("need no environment", () =>
    Effect.gen(function* () {
      const app = yield* Effect.provide(App.App, App.layer({ ...appOptions, apiUrl: "http://127.0.0.1:1/" }))
      assert.strictEqual(app.apiUrl, "http://127.0.0.1:1")
      assert.notInclude(JSON.stringify(app), pkcs8.slice(100, 150))
    })
  )

  it.effect("refuse a key that is none, without quoting it", () =>
    Effect.gen(function* () {
      const error = yield* App.App.pipe(
        Effect.provide(App.layer({ ...appOptions, privateKey: Redacted.make("c2VjcmV0") })),
        Effect.flip
      )
      assert.strictEqual(error._tag, "PrivateKeyError")
      assert.match(error.message, /the GitHub App's private key is not an unencrypted private key/)
      assert.notInclude(error.message, "c2VjcmV0")
    })
  )
})
