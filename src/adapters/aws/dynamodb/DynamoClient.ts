/** The client of DynamoDB. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Context, Layer } from "effect"
import { makeAwsClient } from "../AwsClient.ts"

/** The SDK's client of DynamoDB. */
export class DynamoClient extends Context.Service<DynamoClient, DynamoDBClient>()(
  "dispatcher/adapters/aws/dynamodb/DynamoClient"
) {}

/** A client that lives as long as its scope. */
export const layer: Layer.Layer<DynamoClient> = Layer.effect(
  DynamoClient,
  makeAwsClient((options) => new DynamoDBClient(options))
)
