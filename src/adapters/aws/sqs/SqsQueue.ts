/** The WorkQueues on SQS. The queue, its verdicts and its consumer are the same as on every other storage. */
import { type Config, Effect, Layer, type Schema } from "effect"
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
import { FactMessage, isNewerFactMessage } from "../eventbridge/FactEvent.ts"
import { SqsClient } from "./SqsClient.ts"
import { queueAddress, type SqsQueueName } from "./SqsQueues.ts"
import { makeSqsStore } from "./SqsStore.ts"

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
  make("fact", FactMessage, { ...defaultOptions, isNewer: isNewerFactMessage })
)
