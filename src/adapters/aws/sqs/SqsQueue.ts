/**
 * The WorkQueues on SQS. The queue, its verdicts and its consumer are the same as on every other storage. A message of the fact queue is
 * within the event that EventBridge puts there, or as it is.
 */
import { type Config, Effect, Layer, Schema, SchemaTransformation } from "effect"
import { FactMessage, isNewerFactMessage } from "../../../flow/FactMessages.ts"
import {
  DispatchMessage,
  FactQueue,
  OrderQueue,
  orderOptions,
  PlanMessage,
  PlanQueue,
  ReportMessage,
  ReportQueue
} from "../../../flow/Queues.ts"
import { fromStore } from "../../../queue/QueueFromStore.ts"
import { defaultOptions, type QueueOptions } from "../../../queue/QueueStore.ts"
import { queueAddress, type SqsQueueName } from "../AwsResources.ts"
import { SqsClient } from "./SqsClient.ts"
import { makeSqsStore } from "./SqsStore.ts"

/** The rest of an event (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html) says nothing that its facts do not. */
const detailOf = (message: unknown): unknown =>
  typeof message === "object" && message !== null && "detail" in message ? message.detail : message

/** Facts as a message of the queue, within an event or not; written as they are. */
export const FactEvent: Schema.Codec<FactMessage, unknown> = Schema.Unknown.pipe(
  Schema.decodeTo(FactMessage, SchemaTransformation.transform({ decode: detailOf, encode: (message) => message }))
)

/** Whether only a newer version knows what a message of the queue holds. */
export const isNewerFactEvent = (message: unknown): boolean => isNewerFactMessage(detailOf(message))

const make = <A>(name: SqsQueueName, schema: Schema.Codec<A, unknown>, options?: QueueOptions<A>) =>
  Effect.gen(function* () {
    return fromStore(name, schema, makeSqsStore(name, yield* SqsClient, yield* queueAddress(name)), options)
  })

/** Receive → Plan. */
export const layerPlan: Layer.Layer<PlanQueue, Config.ConfigError, SqsClient> = Layer.effect(
  PlanQueue,
  make("plan", PlanMessage)
)
/** Plan → Dispatch. */
export const layerOrder: Layer.Layer<OrderQueue, Config.ConfigError, SqsClient> = Layer.effect(
  OrderQueue,
  make("order", DispatchMessage, orderOptions)
)
/** Plan, Dispatch → Report. */
export const layerReport: Layer.Layer<ReportQueue, Config.ConfigError, SqsClient> = Layer.effect(
  ReportQueue,
  make("report", ReportMessage)
)
/** The fact bus → Record. */
export const layerFact: Layer.Layer<FactQueue, Config.ConfigError, SqsClient> = Layer.effect(
  FactQueue,
  make("fact", FactEvent, { ...defaultOptions, isNewer: isNewerFactEvent })
)
