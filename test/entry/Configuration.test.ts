/** The environment as people fill it in. */
import { generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { configuration } from "../../src/entry/Configuration.ts"

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" }
})
const right = {
  GITHUB_APP_ID: "7",
  GITHUB_APP_SLUG: "my-app",
  GITHUB_APP_PRIVATE_KEY: privateKey,
  GITHUB_WEBHOOK_SECRET: "it's a secret"
}
const read = (values: Readonly<Record<string, string>>) =>
  configuration.pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ ...right, ...values }))))
const problemsOf = (values: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(read(values)), ({ problems }) => problems)

describe("a value", () => {
  it.effect("loses white space and quotes around it where they can never be meant", () =>
    Effect.gen(function* () {
      const config = yield* read({
        GITHUB_APP_ID: ' "7"\n',
        GITHUB_APP_SLUG: "'my-app'\r\n",
        PORT: ' "8080" ',
        GITHUB_API_URL: '"https://ghe.example/api/v3"',
        LOG_LEVEL: "debug ",
        SOURCE_REPO_ALLOWLIST: '"acme/*"',
        DATA_DIR: '" "',
        https_proxy: "'http://proxy.example:3128' ",
        ADMIN_TOKEN: "sixteen characters\n"
      })
      assert.deepInclude(config, {
        GITHUB_APP_ID: 7,
        GITHUB_APP_SLUG: "my-app",
        PORT: 8080,
        GITHUB_API_URL: "https://ghe.example/api/v3",
        LOG_LEVEL: "Debug",
        DATA_DIR: "./data"
      })
      assert.strictEqual(config.HTTPS_PROXY && Redacted.value(config.HTTPS_PROXY), "http://proxy.example:3128/")
      assert.strictEqual(config.ADMIN_TOKEN && Redacted.value(config.ADMIN_TOKEN), "sixteen characters")
    })
  )

  it.effect("of the public address is https, without what only some people may know", () =>
    Effect.gen(function* () {
      for (const url of ["https://dispatcher.example.com", "https://example.com:8443/dispatcher/"])
        assert.strictEqual((yield* read({ PUBLIC_URL: url })).PUBLIC_URL, url)
      assert.isUndefined((yield* read({})).PUBLIC_URL)
      for (const url of [
        "http://example.com",
        "example.com",
        "https://me:secret@example.com",
        "https://example.com/?token=secret",
        "https://example.com/#x"
      ]) {
        const [problem, ...others] = yield* problemsOf({ PUBLIC_URL: url })
        assert.deepStrictEqual([problem?.variable, others], ["PUBLIC_URL", []])
        assert.include(problem?.message ?? "", "https address")
        assert.notInclude(problem?.message ?? "", "secret")
      }
    })
  )

  it.effect("of a number is a whole one within its limits, and not shown where it is none", () =>
    Effect.gen(function* () {
      for (const [PORT, DISPATCH_MAX_CHAIN_DEPTH] of [
        ["abc", "ten"],
        ["0", "0"],
        ["65536", "101"],
        ["80.5", "1e1"]
      ] as const) {
        assert.deepStrictEqual(yield* problemsOf({ PORT, DISPATCH_MAX_CHAIN_DEPTH }), [
          { variable: "PORT", message: "Expected a whole number from 1 to 65535" },
          { variable: "DISPATCH_MAX_CHAIN_DEPTH", message: "Expected a whole number from 1 to 100" }
        ])
      }
    })
  )

  it.effect("of a webhook secret loses a line end at its end, and nothing else", () =>
    Effect.gen(function* () {
      for (const end of ["\n", "\r\n", "\n\n"]) {
        const { GITHUB_WEBHOOK_SECRET } = yield* read({ GITHUB_WEBHOOK_SECRET: `it's a secret${end}` })
        assert.strictEqual(Redacted.value(GITHUB_WEBHOOK_SECRET), "it's a secret")
      }
      for (const secret of [
        " it's a secret",
        "it's a secret ",
        "it's a secret \n",
        '"it is a secret"',
        "'it is one'"
      ]) {
        const problems = yield* problemsOf({ GITHUB_WEBHOOK_SECRET: secret, GITHUB_WEBHOOK_SECRET_PREVIOUS: secret })
        assert.deepStrictEqual(
          problems.map(({ variable }) => variable),
          ["GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PREVIOUS"]
        )
        for (const { message } of problems) assert.notInclude(message, 'secret"')
      }
    })
  )

  it.effect("of the private key may be indented, on one line, in quotes or in base64", () =>
    Effect.gen(function* () {
      const plain = (yield* read({})).GITHUB_APP_PRIVATE_KEY
      const base64 = Buffer.from(privateKey).toString("base64")
      for (const key of [
        privateKey.replaceAll(/^/gm, "    "),
        privateKey.replaceAll("\n", "\r\n"),
        privateKey.replaceAll("\n", "\\n"),
        `"${privateKey.replaceAll("\n", "\\n")}"`,
        base64,
        base64.replaceAll(/.{76}/g, "$&\n"),
        Buffer.from(`  ${privateKey}`).toString("base64url")
      ]) {
        const { GITHUB_APP_PRIVATE_KEY } = yield* read({ GITHUB_APP_PRIVATE_KEY: key })
        assert.strictEqual(Redacted.value(GITHUB_APP_PRIVATE_KEY), Redacted.value(plain))
      }
    })
  )

  it.effect("of the default ref obeys the rules of ref in a file", () =>
    Effect.gen(function* () {
      for (const ref of ["main", "@default", "release/1.x"]) {
        assert.strictEqual((yield* read({ DEFAULT_DISPATCH_REF: ref })).DEFAULT_DISPATCH_REF, ref)
      }
      for (const ref of ["two words", "a..b", "x~1"]) {
        const problems = yield* problemsOf({ DEFAULT_DISPATCH_REF: ref })
        assert.deepStrictEqual(
          problems.map(({ variable }) => variable),
          ["DEFAULT_DISPATCH_REF"],
          ref
        )
      }
    })
  )
})
