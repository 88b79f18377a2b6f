/** EventBridge → fact queue → Record; and, once a minute, EventBridge's schedule → Rollup. */
import type { ScheduledEvent, SQSEvent } from "aws-lambda"
import { Effect, Layer } from "effect"
import * as SqsBatch from "../../adapters/aws/sqs/SqsBatch.ts"
import * as SqsClient from "../../adapters/aws/sqs/SqsClient.ts"
import { FactMessage, isNewerFactMessage } from "../../adapters/aws/sqs/SqsQueue.ts"
import { record as recordStage } from "../../flow/Record.ts"
import { rollup } from "../../flow/Rollup.ts"
import * as Recorder from "../../readmodel/Recorder.ts"
import { functions } from "./Configuration.ts"
import { type Invocation, start } from "./Function.ts"
import { layerDynamoTable, layerSqsQueues } from "./layers.ts"
import { queueHandler } from "./QueueFunction.ts"

/** The function, once it is made. A rollup that fails fails the invocation, for the alarm's sake; the next one makes up for it. */
export const ready = start({
  variables: functions.facts,
  layer: () =>
    SqsBatch.layer(
      Effect.all([
        SqsBatch.batchConsumer("fact", FactMessage, recordStage.handleAll, {
          mode: "together",
          isNewer: isNewerFactMessage
        })
      ])
    ).pipe(
      Layer.provide(Recorder.layer),
      Layer.provideMerge(layerSqsQueues()),
      Layer.provide(SqsClient.layer),
      Layer.provideMerge(layerDynamoTable())
    )
}).then((facts) => {
  const record = queueHandler(facts)
  return (event: SQSEvent | ScheduledEvent, invocation: Invocation) =>
    "Records" in event ? record(event, invocation) : facts.run(rollup, invocation)
})
