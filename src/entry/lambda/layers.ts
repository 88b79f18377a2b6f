/**
 * The layers that functions share: what they keep, where they publish, what they ask of GitHub. They are
 * functions, so that a bundle leaves out those that it does not use; each is called once in a process.
 */
import { Layer } from "effect"
import * as DynamoClient from "../../adapters/aws/dynamodb/DynamoClient.ts"
import * as DynamoTable from "../../adapters/aws/dynamodb/DynamoTable.ts"
import * as EventBridgeBus from "../../adapters/aws/eventbridge/EventBridgeBus.ts"
import * as EventBridgeClient from "../../adapters/aws/eventbridge/EventBridgeClient.ts"
import * as SqsClient from "../../adapters/aws/sqs/SqsClient.ts"
import * as SqsQueue from "../../adapters/aws/sqs/SqsQueue.ts"
import * as ConfigSource from "../../adapters/github/ConfigSource.ts"
import * as GitHubApp from "../../adapters/github/GitHubApp.ts"
import * as Installations from "../../adapters/github/Installations.ts"
import * as Ledger from "../../ledger/Ledger.ts"
import * as SharedLimits from "../../ledger/SharedLimits.ts"
import type { Values } from "../Configuration.ts"
import { type AppSettings, layerStages } from "../SettingsLayers.ts"
import type { Common, stages } from "./Configuration.ts"
import { layerRenewedApp } from "./Secrets.ts"

/** The Table on DynamoDB. */
export const layerDynamoTable = () => DynamoTable.layer.pipe(Layer.provide(DynamoClient.layer))

/** The ledger, and the Table under it. */
export const layerLedger = () => Ledger.layer.pipe(Layer.provideMerge(layerDynamoTable()))

/** The fact bus on EventBridge. */
export const layerFactBus = () => EventBridgeBus.layer.pipe(Layer.provide(EventBridgeClient.layer))

/** All queues on SQS: what replays and dead letters go to, and what is counted. */
export const layerSqsQueues = () =>
  Layer.mergeAll(SqsQueue.layerPlan, SqsQueue.layerOrder, SqsQueue.layerReport, SqsQueue.layerFact).pipe(
    Layer.provide(SqsClient.layer)
  )

/** The App's installations, whose waits all functions share through the Table. */
export const layerInstallations = () => Installations.layer.pipe(Layer.provide(SharedLimits.layer))

/** What the planner and the dashboard ask of GitHub: configs, as the App sees them, and who the App is. */
export const layerConfigs = (values: AppSettings) =>
  Layer.merge(ConfigSource.layer.pipe(Layer.provide(layerInstallations())), GitHubApp.layer).pipe(
    Layer.provide(layerRenewedApp(values))
  )

/** What the planner and the dispatcher need besides GitHub: their ledger, where orders and reports go, and where facts go. */
export const layerQueueStages = (values: Values<typeof stages & Common>) =>
  Layer.mergeAll(
    layerLedger(),
    layerFactBus(),
    layerStages(values),
    Layer.merge(SqsQueue.layerOrder, SqsQueue.layerReport).pipe(Layer.provideMerge(SqsClient.layer))
  )
