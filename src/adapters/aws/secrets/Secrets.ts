/**
 * Secrets from Secrets Manager, by the ARNs in the environment. Read them when a layer is built: once per cold start. What they say is
 * never part of an error or a log.
 */
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager"
import { Config, Effect, Option, Redacted, Result, Schema } from "effect"
import { call } from "../AwsCall.ts"
import { SecretsClient } from "./SecretsClient.ts"

/** The environment variables that hold the secrets' ARNs. */
export const secretVariables = {
  webhookSecret: "GITHUB_WEBHOOK_SECRET_ARN",
  privateKey: "GITHUB_APP_PRIVATE_KEY_ARN",
  adminToken: "ADMIN_TOKEN_ARN"
} as const

/** A secret could not be read, or is not what it should be. */
export class SecretError extends Schema.TaggedError<SecretError>()("SecretError", {
  /** The environment variable with its ARN. */
  variable: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `the secret that ${this.variable} names ${this.problem}`
  }
}

/** The text of a secret. */
const read = Effect.fnUntraced(function* (variable: string) {
  const client = yield* SecretsClient
  const command = new GetSecretValueCommand({ SecretId: yield* Config.NonEmptyString(variable) })
  const { SecretString } = yield* call({
    operation: "SecretsManager.GetSecretValue",
    send: (abortSignal) => client.send(command, { abortSignal })
  }).pipe(Effect.mapError(({ code }) => new SecretError({ variable, problem: `cannot be read: ${code}` })))
  if (SecretString === undefined) return yield* new SecretError({ variable, problem: "is no text" })
  if (SecretString.trim() === "") return yield* new SecretError({ variable, problem: "is empty" })
  return SecretString
})

/** The webhook secret, and the previous one while it is being rotated. */
export interface WebhookSecretValues {
  readonly current: Redacted.Redacted
  readonly previous: Redacted.Redacted | undefined
}

const Rotated = Schema.Struct({
  current: Schema.NonEmptyString,
  previous: Schema.optionalKey(Schema.NullOr(Schema.String))
})
const decodeRotated = Schema.decodeUnknownOption(Rotated)

const secret = (text: string): Redacted.Redacted => Redacted.make(text, { label: "webhook secret" })

/** A JSON object with `current` and perhaps `previous`, or else the secret itself. */
const parseWebhookSecret = (text: string): WebhookSecretValues | undefined => {
  const json = Result.getOrElse(
    Result.try((): unknown => JSON.parse(text)),
    () => undefined
  )
  if (typeof json !== "object" || json === null) return { current: secret(text.trim()), previous: undefined }
  return Option.match(decodeRotated(json), {
    onNone: () => undefined,
    onSome: ({ current, previous }) => ({ current: secret(current), previous: previous ? secret(previous) : undefined })
  })
}

/** Reads the webhook secrets. */
export const webhookSecrets = Effect.gen(function* () {
  const variable = secretVariables.webhookSecret
  const parsed = parseWebhookSecret(yield* read(variable))
  if (parsed !== undefined) return parsed
  return yield* new SecretError({ variable, problem: 'is JSON, but not {"current": "…", "previous": "…"}' })
})

/** Reads the GitHub App's private key: PEM, with real or spelled-out line ends. */
export const appPrivateKey = Effect.map(read(secretVariables.privateKey), (pem) =>
  Redacted.make(pem, { label: "private key" })
)

/** Reads the dashboard's admin token. */
export const readAdminToken = Effect.map(read(secretVariables.adminToken), (text) =>
  Redacted.make(text.trim(), { label: "admin token" })
)
