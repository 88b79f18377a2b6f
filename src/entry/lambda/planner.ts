/** Plan queue → Plan. */
import { Effect, Layer } from "effect"
import * as SqsBatch from "../../adapters/aws/sqs/SqsBatch.ts"
import * as AccessWatch from "../../flow/AccessWatch.ts"
import { plan } from "../../flow/Plan.ts"
import { PlanMessage } from "../../flow/Queues.ts"
import { functions } from "./Configuration.ts"
import { start } from "./Function.ts"
import { layerConfigs, layerQueueStages } from "./layers.ts"
import { queueHandler } from "./QueueFunction.ts"
import { fetched } from "./Secrets.ts"

/** The function, once it is made. */
export const ready = start({
  variables: functions.planner,
  secrets: fetched("privateKey"),
  layer: (values) =>
    SqsBatch.layer(Effect.all([SqsBatch.batchConsumer("plan", PlanMessage, plan.handleAll)])).pipe(
      Layer.provide(AccessWatch.layer),
      Layer.provide(layerConfigs(values)),
      Layer.provide(layerQueueStages(values))
    )
}).then(queueHandler)
