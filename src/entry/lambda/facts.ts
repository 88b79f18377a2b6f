/** EventBridge → fact queue → Record. */
import { Effect, Layer } from "effect"
import * as SqsBatch from "../../adapters/aws/sqs/SqsBatch.ts"
import * as SqsClient from "../../adapters/aws/sqs/SqsClient.ts"
import { FactEvent, isNewerFactEvent } from "../../adapters/aws/sqs/SqsQueue.ts"
import { record } from "../../flow/Record.ts"
import * as Recorder from "../../readmodel/Recorder.ts"
import { functions } from "./Configuration.ts"
import { start } from "./Function.ts"
import { layerDynamoTable } from "./layers.ts"
import { queueHandler } from "./QueueFunction.ts"

/** The function, once it is made. */
export const ready = start({
  variables: functions.facts,
  layer: () =>
    SqsBatch.layer(
      Effect.all([
        SqsBatch.batchConsumer("fact", FactEvent, record.handleAll, {
          mode: "together",
          isNewer: isNewerFactEvent
        })
      ])
    ).pipe(Layer.provide(Recorder.layer), Layer.provide(SqsClient.layer), Layer.provide(layerDynamoTable()))
}).then(queueHandler)
