import { assert, layer, vi } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted } from "effect"
import {
  appPrivateKey,
  SecretError,
  secretVariables,
  webhookSecrets
} from "../../../../src/adapters/aws/secrets/Secrets.ts"
import * as SecretsClient from "../../../../src/adapters/aws/secrets/SecretsClient.ts"
import * as AwsStub from "../AwsStub.ts"
import { at } from "../support/Endpoint.ts"

const arn = {
  webhookSecret: "arn:aws:secretsmanager:us-east-1:123456789012:secret:webhook-AbCdEf",
  privateKey: "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"
}
const environment = ConfigProvider.layer(
  ConfigProvider.fromUnknown({
    [secretVariables.webhookSecret]: arn.webhookSecret,
    [secretVariables.privateKey]: arn.privateKey
  })
)
const overStub = Layer.unwrap(
  Effect.map(AwsStub.AwsStub, ({ url }) => Layer.provide(SecretsClient.layer, at(url)))
).pipe(Layer.merge(environment), Layer.provideMerge(AwsStub.layer))

const read = Effect.fnUntraced(function* (text: string) {
  yield* (yield* AwsStub.AwsStub).setSecret(arn.webhookSecret, { text })
  const { current, previous } = yield* webhookSecrets
  return [Redacted.value(current), previous === undefined ? undefined : Redacted.value(previous)]
})

layer(overStub, { excludeTestServices: true })("secrets", (it) => {
  it.effect("the webhook secret is text, or JSON with the previous one beside it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read("It's a Secret\n"), ["It's a Secret", undefined])
      assert.deepStrictEqual(yield* read("12345678"), ["12345678", undefined])
      assert.deepStrictEqual(yield* read('{"current":"new"}'), ["new", undefined])
      assert.deepStrictEqual(yield* read('{"current":"new","previous":"old"}'), ["new", "old"])
      assert.deepStrictEqual(yield* read('{"current":"new","previous":null}'), ["new", undefined])
      assert.deepStrictEqual(yield* read('{"current":"new","previous":""}'), ["new", undefined])
    })
  )
  it.effect("the private key is text", () =>
    Effect.gen(function* () {
      const pem = "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----"
      yield* (yield* AwsStub.AwsStub).setSecret(arn.privateKey, { text: pem })
      assert.strictEqual(Redacted.value(yield* appPrivateKey), pem)
    })
  )
  it.effect("an error names the variable and the problem, and nothing of the secret", () =>
    Effect.gen(function* () {
      const { setSecret, faults } = yield* AwsStub.AwsStub
      const problemOf = Effect.gen(function* () {
        const error = yield* Effect.flip(webhookSecrets)
        assert.instanceOf(error, SecretError)
        assert.notInclude(JSON.stringify(error) + error.message, "hush")
        assert.include(error.message, secretVariables.webhookSecret)
        return error.message
      })
      for (const text of ['{"current":1,"previous":"hush"}', '{"secret":"hush"}', '["hush"]', '{"current":""}']) {
        yield* setSecret(arn.webhookSecret, { text })
        assert.include(yield* problemOf, "is JSON, but not")
      }
      yield* setSecret(arn.webhookSecret, { text: " \n" })
      assert.include(yield* problemOf, "is empty")
      yield* setSecret(arn.webhookSecret, { binary: Buffer.from("hush").toString("base64") })
      assert.include(yield* problemOf, "is no text")
      yield* faults.next("GetSecretValue", AwsStub.refusedAs(400, "AccessDeniedException"))
      assert.include(yield* problemOf, "cannot be read: AccessDeniedException")
    })
  )
  it.effect("are asked for again when Secrets Manager stutters, and never shown", () =>
    Effect.gen(function* () {
      const { faults } = yield* AwsStub.AwsStub
      yield* faults.next(
        "GetSecretValue",
        AwsStub.refusedAs(400, "ThrottlingException"),
        AwsStub.droppedAfter,
        AwsStub.cutOff
      )
      assert.deepStrictEqual(yield* read("hush"), ["hush", undefined])
      const { current } = yield* webhookSecrets
      assert.notInclude(`${current} ${JSON.stringify({ current })}`, "hush")
    })
  )
})

layer(AwsStub.layer, { excludeTestServices: true })("the environment", (it) => {
  it.effect("says where AWS is and who we are, in the SDK's own variables", () =>
    Effect.gen(function* () {
      const { url, setSecret } = yield* AwsStub.AwsStub
      yield* setSecret(arn.webhookSecret, { text: "found" })
      const variables = {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "id",
        AWS_SECRET_ACCESS_KEY: "key"
      }
      yield* Effect.acquireUseRelease(
        Effect.sync(() => {
          for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
        }),
        () =>
          Effect.map(webhookSecrets, ({ current }) => assert.strictEqual(Redacted.value(current), "found")).pipe(
            Effect.provide(Layer.merge(SecretsClient.layer, environment))
          ),
        () => Effect.sync(() => vi.unstubAllEnvs())
      )
    })
  )
})
