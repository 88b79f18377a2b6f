/** Where the functions publish what happened: EventBridge. */
import { Layer } from "effect"
import * as EventBridgeBus from "../../adapters/aws/eventbridge/EventBridgeBus.ts"
import * as EventBridgeClient from "../../adapters/aws/eventbridge/EventBridgeClient.ts"

/** The fact bus. */
export const layerFactBus = EventBridgeBus.layer.pipe(Layer.provide(EventBridgeClient.layer))
