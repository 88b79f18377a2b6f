/**
 * Secrets by ARN: what Secrets Manager holds takes the place of the variables that would hold the secrets themselves, so that everything
 * else reads them as it does on a server. Each function reads its own, once per cold start.
 */
import { Config, Effect, Option, Redacted } from "effect"
import * as Secrets from "../../adapters/aws/secrets/Secrets.ts"
import * as SecretsClient from "../../adapters/aws/secrets/SecretsClient.ts"
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
