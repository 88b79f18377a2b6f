/** The client of Secrets Manager. */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { Context, Layer } from "effect"
import { makeAwsClient } from "../AwsClient.ts"

/** The SDK's client of Secrets Manager. */
export class SecretsClient extends Context.Service<SecretsClient, SecretsManagerClient>()(
  "dispatcher/adapters/aws/secrets/SecretsClient"
) {}

/** A client that lives as long as its scope. */
export const layer: Layer.Layer<SecretsClient> = Layer.effect(
  SecretsClient,
  makeAwsClient((options) => new SecretsManagerClient(options))
)
