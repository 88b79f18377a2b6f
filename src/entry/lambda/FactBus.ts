/** Where the functions tell what happened: EventBridge. */
import { Layer } from "effect"
import * as EventBridgeBus from "../../adapters/aws/EventBridgeBus.ts"
import * as EventBridgeClient from "../../adapters/aws/EventBridgeClient.ts"

/** The fact bus. */
export const layerFactBus = EventBridgeBus.layer.pipe(Layer.provide(EventBridgeClient.layer))
