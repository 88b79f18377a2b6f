/**
 * EventBridge's schedule, once a minute → Rollup. A function of its own, so that one instance has all ticks: what it remembers of the hours that
 * it wrote (`HourMemory.ts`) spares most of what a tick reads.
 */
import type { ScheduledEvent, SQSEvent } from "aws-lambda"
import { Layer } from "effect"
import { rollup } from "../../flow/Rollup.ts"
import { functions } from "./Configuration.ts"
import { type Invocation, start } from "./Function.ts"
import { layerDynamoTable, layerSqsQueues } from "./layers.ts"

/** The answer of a function that has worked off no messages. */
const nothing = { batchItemFailures: [] }

/**
 * The function, once it is made. A rollup that fails fails the invocation, for the alarm's sake; the next one makes up for it. No tick is
 * an empty batch of messages, with which a deployment asks new versions whether they start (`infrastructure/deploy/starts.sh`).
 */
export const ready = start({
  variables: functions.rollup,
  layer: () => Layer.merge(layerSqsQueues(), layerDynamoTable())
}).then(
  ({ run }) =>
    async (event: ScheduledEvent | SQSEvent, invocation: Invocation) =>
      "Records" in event ? nothing : await run(rollup, invocation)
)
