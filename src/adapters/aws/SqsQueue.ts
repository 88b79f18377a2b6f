/**
 * The WorkQueues on SQS. The queue, its verdicts and its consumer are the same as on every other storage; here the work on a message
 * becomes a part of the trace that the message came with.
 */
import { type Config, Effect, Layer, type Schema } from "effect"
import {
  type BatchHandler,
  FactQueue,
  OrderMessage,
  OrderQueue,
  PlanMessage,
  PlanQueue,
  type WorkQueue
} from "../../ports/WorkQueue.ts"
import { fromStore } from "../../ports/WorkQueueFromStore.ts"
import type { QueueOptions } from "../../ports/WorkQueueStore.ts"
import { FactMessage } from "./FactEvent.ts"
import { SqsClient } from "./SqsClient.ts"
import { type QueueName, queueAddress } from "./SqsQueues.ts"
import { makeStore, type SqsStore } from "./SqsStore.ts"
import { inTraceOf } from "./TraceContext.ts"

/** A handler whose work is traced. */
export const traced =
  <A, R>(name: string, store: SqsStore, handle: BatchHandler<A, R>): BatchHandler<A, R> =>
  (messages) =>
    inTraceOf(
      `${name} queue`,
      messages.map((message) => store.spanOf(message)),
      Effect.suspend(() => handle(messages))
    )

/** A queue of what `schema` describes over its store. */
export const overSqs = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  store: SqsStore,
  options?: QueueOptions
): WorkQueue<A> => {
  const queue = fromStore(name, schema, store, options)
  return { ...queue, consume: (handle, how) => queue.consume(traced(name, store, handle), how) }
}

const make = <A>(name: QueueName, schema: Schema.Codec<A, unknown>) =>
  Effect.gen(function* () {
    return overSqs(name, schema, makeStore(name, yield* SqsClient, yield* queueAddress(name)))
  })

/** Receive → Plan. */
export const layerPlan: Layer.Layer<PlanQueue, Config.ConfigError, SqsClient> = Layer.effect(
  PlanQueue,
  make("plan", PlanMessage)
)
/** Plan → Dispatch, Report. */
export const layerOrder: Layer.Layer<OrderQueue, Config.ConfigError, SqsClient> = Layer.effect(
  OrderQueue,
  make("order", OrderMessage)
)
/** The fact bus → Record. */
export const layerFact: Layer.Layer<FactQueue, Config.ConfigError, SqsClient> = Layer.effect(
  FactQueue,
  make("fact", FactMessage)
)
