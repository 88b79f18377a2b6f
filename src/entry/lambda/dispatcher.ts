/** Order queue → Dispatch, Report. */
import { Layer } from "effect"
import * as SqsBatch from "../../adapters/aws/SqsBatch.ts"
import { handleOrders } from "../../flow/Handlers.ts"
import { OrderMessage } from "../../ports/WorkQueue.ts"
import { functions } from "./Configuration.ts"
import { start } from "./Function.ts"
import { queueHandler } from "./QueueFunction.ts"
import { fetched } from "./Secrets.ts"
import { layerStages } from "./Stages.ts"

const dispatcher = await start({
  variables: functions.dispatcher,
  secrets: fetched("privateKey"),
  layer: (values) => SqsBatch.layer("order", OrderMessage, handleOrders).pipe(Layer.provide(layerStages(values)))
})

/** The function. */
export const handler = queueHandler(dispatcher)
