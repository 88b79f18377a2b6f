/** Queues in memory. */
import { Effect, type Layer, type Schema } from "effect"
import {
  type FactQueue,
  layerFromStores,
  type OrderQueue,
  type PlanQueue,
  type ReportQueue
} from "../../flow/Queues.ts"
import type { WorkQueue } from "../../ports/WorkQueue.ts"
import { makeMemoryStore } from "../../queue/MemoryStore.ts"
import { fromStore } from "../../queue/QueueFromStore.ts"
import type { QueueOptions } from "../../queue/QueueStore.ts"

/** A queue of what `schema` describes, with a store of its own. */
export const makeMemory = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  options?: QueueOptions<A>
): Effect.Effect<WorkQueue<A>> => Effect.sync(() => fromStore(name, schema, makeMemoryStore(), options))

/** Queues that forget when their scope closes. */
export const layerMemory: Layer.Layer<PlanQueue | OrderQueue | ReportQueue | FactQueue> = layerFromStores(() =>
  Effect.sync(makeMemoryStore)
)
