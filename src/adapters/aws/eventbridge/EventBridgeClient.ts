/** The client of EventBridge. */
import { EventBridgeClient as Client } from "@aws-sdk/client-eventbridge"
import { Context, Layer } from "effect"
import { makeAwsClient } from "../AwsClient.ts"

/** The SDK's client of EventBridge. */
export class EventBridgeClient extends Context.Service<EventBridgeClient, Client>()(
  "dispatcher/adapters/aws/eventbridge/EventBridgeClient"
) {}

/** A client that lives as long as its scope. */
export const layer: Layer.Layer<EventBridgeClient> = Layer.effect(
  EventBridgeClient,
  makeAwsClient((options) => new Client(options))
)
