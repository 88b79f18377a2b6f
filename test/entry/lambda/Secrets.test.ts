/** Secrets of functions that change in Secrets Manager: they are taken over without a cold start. */
import { generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted, References } from "effect"
import { TestClock } from "effect/testing"
import { secretVariables } from "../../../src/adapters/aws/secrets/Secrets.ts"
import { App } from "../../../src/adapters/github/App.ts"
import { AdminToken } from "../../../src/dashboard/Session.ts"
import { layerRenewedApp, layerRenewedSecrets, layerRenewedToken } from "../../../src/entry/lambda/Secrets.ts"
import { WebhookSecrets } from "../../../src/flow/Settings.ts"
import * as AwsStub from "../../adapters/aws/AwsStub.ts"
import { at } from "../../adapters/aws/support/Endpoint.ts"

const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:webhook-AbCdEf"
const tokenArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf"
const keyArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"
const keyPair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  }).privateKey

/** A layer beside the stub, with these variables. */
const within = <A, E, R>(layer: Layer.Layer<A, E, R>, variables: Readonly<Record<string, string>>) =>
  Layer.unwrap(
    Effect.map(AwsStub.AwsStub, ({ url }) =>
      Layer.provide(layer, [ConfigProvider.layer(ConfigProvider.fromUnknown(variables)), at(url)])
    )
  )

const settings = { GITHUB_WEBHOOK_SECRET: Redacted.make("the old secret"), GITHUB_WEBHOOK_SECRET_PREVIOUS: undefined }
const webhook = (variables: Readonly<Record<string, string>>) =>
  within(layerRenewedSecrets(settings), variables).pipe(Layer.provideMerge(AwsStub.layer))
const texts = Effect.map(
  Effect.flatMap(WebhookSecrets, ({ get }) => get),
  ({ current, previous }) => [Redacted.value(current), previous && Redacted.value(previous)]
)
const silently = Effect.provideService(References.MinimumLogLevel, "None")

describe("the secrets of a function", () => {
  it.effect("are those of Secrets Manager, 5 minutes after they changed at the latest", () =>
    Effect.gen(function* () {
      const { setSecret } = yield* AwsStub.AwsStub
      yield* setSecret(arn, { text: '{"current":"the new secret","previous":"the old secret"}' })
      assert.deepStrictEqual(yield* texts, ["the old secret", undefined])
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* texts, ["the new secret", "the old secret"])
    }).pipe(Effect.provide(webhook({ [secretVariables.webhookSecret]: arn })))
  )

  it.effect("stay as they are where what is there now is none", () =>
    Effect.gen(function* () {
      const { setSecret } = yield* AwsStub.AwsStub
      yield* setSecret(arn, { text: " " })
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* texts, ["the old secret", undefined])
    }).pipe(silently, Effect.provide(webhook({ [secretVariables.webhookSecret]: arn })))
  )

  it.effect("are read from nowhere where the environment holds them", () =>
    Effect.gen(function* () {
      const { faults } = yield* AwsStub.AwsStub
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* texts, ["the old secret", undefined])
      assert.deepStrictEqual(yield* faults.calls, [])
    }).pipe(Effect.provide(webhook({})))
  )

  it.effect("are the App's key, too, which is checked before it is taken", () =>
    Effect.gen(function* () {
      const { setSecret } = yield* AwsStub.AwsStub
      const { privateKey } = yield* App
      const pem = Effect.map(privateKey.renew, Redacted.value)
      const latest = keyPair()
      yield* setSecret(keyArn, { text: "-----BEGIN NONSENSE-----" })
      yield* TestClock.adjust("1 minute")
      assert.notStrictEqual(yield* pem, "-----BEGIN NONSENSE-----")
      yield* setSecret(keyArn, { text: latest })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* pem, latest)
    }).pipe(
      silently,
      Effect.provide(
        within(
          layerRenewedApp({
            GITHUB_APP_ID: 1,
            GITHUB_APP_PRIVATE_KEY: Redacted.make(keyPair()),
            GITHUB_API_URL: "https://github.test"
          }),
          { [secretVariables.privateKey]: keyArn }
        ).pipe(Layer.provideMerge(AwsStub.layer))
      )
    )
  )

  it.effect("are the admin token, too, where what is there can be one", () =>
    Effect.gen(function* () {
      const { setSecret } = yield* AwsStub.AwsStub
      const token = yield* AdminToken
      const text = Effect.map(token.get, Redacted.value)
      for (const none of ["too short", "eighteen characters\nin two lines"]) {
        yield* setSecret(tokenArn, { text: none })
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(yield* text, "the token of the cold start")
      }
      yield* setSecret(tokenArn, { text: "the token of a new day\n" })
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* text, "the token of a new day")
    }).pipe(
      silently,
      Effect.provide(
        within(layerRenewedToken(Redacted.make("the token of the cold start")), {
          [secretVariables.adminToken]: tokenArn
        }).pipe(Layer.provideMerge(AwsStub.layer))
      )
    )
  )
})
