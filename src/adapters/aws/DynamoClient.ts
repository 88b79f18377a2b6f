/** The client of DynamoDB. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Context, Layer } from "effect"
import { makeClient } from "./AwsClient.ts"

export class DynamoClient extends Context.Service<DynamoClient, DynamoDBClient>()(
  "dispatcher/adapters/aws/DynamoClient"
) {}

export const layer: Layer.Layer<DynamoClient> = Layer.effect(
  DynamoClient,
  makeClient((options) => new DynamoDBClient(options))
)
