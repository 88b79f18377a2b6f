/** The client of Secrets Manager. */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { Context, Layer } from "effect"
import { makeClient } from "./AwsClient.ts"

export class SecretsClient extends Context.Service<SecretsClient, SecretsManagerClient>()(
  "dispatcher/adapters/aws/SecretsClient"
) {}

export const layer: Layer.Layer<SecretsClient> = Layer.effect(
  SecretsClient,
  makeClient((options) => new SecretsManagerClient(options))
)
