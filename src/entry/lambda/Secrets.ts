/**
 * Secrets by ARN: what Secrets Manager holds takes the place of the variables that would hold the secrets themselves, so that everything
 * else reads them as it does on a server. Each function reads its own with its cold start, and again every 5 minutes, and when what it is
 * compared with, or signs, is refused: secrets change without a deployment.
 */
import { Config, type Context, Effect, Layer, Option, Redacted } from "effect"
import * as Secrets from "../../adapters/aws/secrets/Secrets.ts"
import * as SecretsClient from "../../adapters/aws/secrets/SecretsClient.ts"
import { privateKeyOf } from "../../adapters/github/App.ts"
import { AdminToken, checkedToken } from "../../dashboard/Session.ts"
import { WebhookSecrets } from "../../flow/Settings.ts"
import * as Renewed from "../../ports/Renewed.ts"
import { type AppSettings, layerApp, secretPair } from "../SettingsLayers.ts"
import type { Found } from "./Function.ts"

type Reading = Effect.Effect<Found["values"], Secrets.SecretError | Config.ConfigError, SecretsClient.SecretsClient>
type Kind = keyof typeof Secrets.secretVariables

/** What the variables would hold. */
const readings: Readonly<Record<Kind, Reading>> = {
  webhookSecret: Effect.map(Secrets.webhookSecrets, ({ current, previous }) => ({
    GITHUB_WEBHOOK_SECRET: Redacted.value(current),
    ...(previous === undefined ? {} : { GITHUB_WEBHOOK_SECRET_PREVIOUS: Redacted.value(previous) })
  })),
  privateKey: Effect.map(Secrets.appPrivateKey, (key) => ({ GITHUB_APP_PRIVATE_KEY: Redacted.value(key) })),
  adminToken: Effect.map(Secrets.readAdminToken, (token) => ({ ADMIN_TOKEN: Redacted.value(token) }))
}

/** Reads a secret if its ARN is given; what goes wrong is the variable's problem. */
const fetch = (kind: Kind): Effect.Effect<Found> =>
  Effect.gen(function* () {
    const variable = Secrets.secretVariables[kind]
    const arn = yield* Effect.option(Config.NonEmptyString(variable))
    if (Option.isNone(arn)) return { values: {}, problems: [] }
    return yield* readings[kind].pipe(
      Effect.provide(SecretsClient.layer),
      Effect.match({
        onSuccess: (values): Found => ({ values, problems: [] }),
        onFailure: ({ message }): Found => ({ values: {}, problems: [{ variable, message }] })
      })
    )
  })

/** Reads all secrets of a function, side by side. */
export const fetched = (...kinds: ReadonlyArray<Kind>): Effect.Effect<Found> =>
  Effect.map(Effect.forEach(kinds, fetch, { concurrency: "unbounded" }), (all) => ({
    values: Object.assign({}, ...all.map(({ values }) => values)),
    problems: all.flatMap(({ problems }) => problems)
  }))

/** A secret that was read with the cold start, and is read again where its ARN is given. The client is made for each reading. */
const renewed = Effect.fnUntraced(function* <A, E extends { readonly message: string }>(
  kind: Kind,
  first: A,
  read: Effect.Effect<A, E, SecretsClient.SecretsClient>
) {
  const arn = yield* Effect.option(Config.NonEmptyString(Secrets.secretVariables[kind]))
  if (Option.isNone(arn)) return Renewed.fixed(first)
  const { get, renew } = yield* Renewed.make(kind, first, Effect.provide(read, SecretsClient.layer))
  // Who asks may be no fiber of ours; it finds here where the secret is, and the log.
  const context: Context.Context<never> = yield* Effect.context()
  return { get: Effect.provideContext(get, context), renew: Effect.provideContext(renew, context) }
})

/** The webhook secrets, with changes. */
export const layerRenewedSecrets = (settings: Parameters<typeof secretPair>[0]): Layer.Layer<WebhookSecrets> =>
  Layer.effect(WebhookSecrets, renewed("webhookSecret", secretPair(settings), Secrets.webhookSecrets))

/** The dashboard's token, with changes. */
export const layerRenewedToken = (token: Redacted.Redacted): Layer.Layer<AdminToken> =>
  Layer.effect(AdminToken, renewed("adminToken", token, Effect.flatMap(Secrets.readAdminToken, checkedToken)))

/** The App, with changes of its key. */
export const layerRenewedApp = (settings: AppSettings) =>
  Layer.unwrap(
    Effect.map(
      renewed("privateKey", settings.GITHUB_APP_PRIVATE_KEY, Effect.flatMap(Secrets.appPrivateKey, privateKeyOf)),
      (key) => layerApp(settings, key)
    )
  )
