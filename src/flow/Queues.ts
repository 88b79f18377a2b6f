/** The queues between the stages: what their messages hold, and how they are made from stores. */
import { Context, Effect, Layer, Schema } from "effect"
import { RepositoryName, WorkflowFile } from "../domain/Names.ts"
import { OrderId } from "../domain/Order.ts"
import { Acceptance, DeliveryId, ReplayRequest, RunKey, runKey } from "../domain/SourceRun.ts"
import type { WorkQueue } from "../ports/WorkQueue.ts"
import { HandlingGate } from "../queue/HandlingGate.ts"
import { messageVersion } from "../queue/MessageDecoder.ts"
import { fromStore } from "../queue/QueueFromStore.ts"
import { defaultOptions, type QueueOptions, type QueueStore } from "../queue/QueueStore.ts"
import { FactMessage, isNewerFactMessage } from "./FactMessages.ts"

const version = Schema.Literal(messageVersion)

/** Work for Plan: a completed run. `version` lets the next deployment understand what this one sent. */
export const PlanMessage = Schema.Struct({
  version,
  ...Acceptance.fields,
  /** Present for a replay; in messages of earlier versions, who asked is a fact already. */
  replay: Schema.optionalKey(ReplayRequest)
})
export interface PlanMessage extends Schema.Schema.Type<typeof PlanMessage> {}

/** The run that a message is about. All but its key is for log lines, and absent in messages of earlier versions. */
const aboutFields = {
  run: RunKey,
  deliveryId: Schema.optionalKey(DeliveryId),
  source: Schema.optionalKey(RepositoryName),
  workflow: Schema.optionalKey(WorkflowFile)
}

/** How messages and log lines name a run. */
export const aboutRun = ({ deliveryId, run }: Pick<Acceptance, "deliveryId" | "run">) => ({
  run: runKey(run),
  deliveryId,
  source: run.repository,
  workflow: run.workflow
})

/** Work for Dispatch: what to do is in the ledger, the message only names it. */
export const DispatchMessage = Schema.Struct({
  version,
  ...aboutFields,
  order: OrderId,
  /** The generation of the plan that offers the order. */
  generation: Schema.Int
})
export interface DispatchMessage extends Schema.Schema.Type<typeof DispatchMessage> {}

/** The group of an order: its target workflow, which is what the order's id has after the run's key. */
export const groupOfDispatch = ({ run, order }: DispatchMessage): string => order.slice(run.length + 1)

/** What makes an offer of an order another one than the last: a replay has another generation. */
export const deduplicationOfDispatch = ({ order, generation }: DispatchMessage): string => `${order}@${generation}`

/**
 * Work for Report: what to show is in the ledger. With `whileGoingOn`, nothing is to be done where all orders of the run have settled: who
 * settled the last of them asks for all that is to be shown.
 */
export const ReportMessage = Schema.Struct({
  version,
  ...aboutFields,
  whileGoingOn: Schema.optionalKey(Schema.Literal(true))
})
export interface ReportMessage extends Schema.Schema.Type<typeof ReportMessage> {}

/** Receive → Plan. */
export class PlanQueue extends Context.Service<PlanQueue, WorkQueue<PlanMessage>>()("dispatcher/flow/PlanQueue") {}
/** Plan → Dispatch, in groups by target workflow. */
export class OrderQueue extends Context.Service<OrderQueue, WorkQueue<DispatchMessage>>()(
  "dispatcher/flow/OrderQueue"
) {}
/** Plan, Dispatch → Report. */
export class ReportQueue extends Context.Service<ReportQueue, WorkQueue<ReportMessage>>()(
  "dispatcher/flow/ReportQueue"
) {}
/** Every stage → Record, behind the fact bus. */
export class FactQueue extends Context.Service<FactQueue, WorkQueue<FactMessage>>()("dispatcher/flow/FactQueue") {}

/** The order queue delivers in groups by target workflow. */
export const orderOptions: QueueOptions<DispatchMessage> = {
  ...defaultOptions,
  groupOf: groupOfDispatch,
  deduplicationOf: deduplicationOfDispatch
}

/** The four queues, each over a store of its own, and all with one gate. */
export const layerFromStores = <E, R>(
  makeStore: (name: string) => Effect.Effect<QueueStore, E, R>
): Layer.Layer<PlanQueue | OrderQueue | ReportQueue | FactQueue, E, R> =>
  Layer.unwrap(
    Effect.sync(() => {
      const gate = new HandlingGate()
      const make = <A>(name: string, schema: Schema.Codec<A, unknown>, options: QueueOptions<A> = defaultOptions) =>
        Effect.map(makeStore(name), (store) => fromStore(name, schema, store, options, gate))
      return Layer.mergeAll(
        Layer.effect(PlanQueue, make("plan", PlanMessage)),
        Layer.effect(OrderQueue, make("order", DispatchMessage, orderOptions)),
        Layer.effect(ReportQueue, make("report", ReportMessage)),
        Layer.effect(FactQueue, make("fact", FactMessage, { ...defaultOptions, isNewer: isNewerFactMessage }))
      )
    })
  )
