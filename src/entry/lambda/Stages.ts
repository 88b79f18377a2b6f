/** What the stages behind the queues need besides GitHub: their ledger, where orders and reports go, and where facts go. */
import { Layer } from "effect"
import * as SqsClient from "../../adapters/aws/sqs/SqsClient.ts"
import * as SqsQueue from "../../adapters/aws/sqs/SqsQueue.ts"
import type { Values } from "../Configuration.ts"
import * as Stages from "../parts/Stages.ts"
import type { Common, stages } from "./Configuration.ts"
import { layerFactBus } from "./FactBus.ts"
import { layerLedger } from "./Stores.ts"

/** The layers of the planner and the dispatcher. */
export const layerQueueStages = (values: Values<typeof stages & Common>) =>
  Layer.mergeAll(
    layerLedger,
    layerFactBus,
    Stages.layerStages(values),
    Layer.merge(SqsQueue.layerOrder, SqsQueue.layerReport).pipe(Layer.provideMerge(SqsClient.layer))
  )
