/** The client of SQS. */
import { SQSClient } from "@aws-sdk/client-sqs"
import { Context, Layer } from "effect"
import { makeAwsClient } from "../AwsClient.ts"

/** The SDK's client of SQS. */
export class SqsClient extends Context.Service<SqsClient, SQSClient>()("dispatcher/adapters/aws/sqs/SqsClient") {}

/** A client that lives as long as its scope. */
export const layer: Layer.Layer<SqsClient> = Layer.effect(
  SqsClient,
  // A queue's URL names the queue; where SQS is, the environment says, as for every other service.
  makeAwsClient((options) => new SQSClient({ ...options, useQueueUrlAsEndpoint: false }))
)
