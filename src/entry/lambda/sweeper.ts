/**
 * EventBridge's schedule, every 5 minutes → Sweep: what never arrived is redelivered, and GitHub is asked for overdue results of started
 * runs. With `REDELIVERY_SWEEP=false` it does nothing.
 */
import { Effect, Layer } from "effect"
import * as SqsClient from "../../adapters/aws/sqs/SqsClient.ts"
import * as SqsQueue from "../../adapters/aws/sqs/SqsQueue.ts"
import * as Deliveries from "../../adapters/github/Deliveries.ts"
import * as GitHubApp from "../../adapters/github/GitHubApp.ts"
import * as Workflows from "../../adapters/github/Workflows.ts"
import { askForResults } from "../../flow/OverdueResults.ts"
import { layerSettings } from "../../flow/Settings.ts"
import { sweep } from "../../flow/Sweep.ts"
import * as AwaitedResults from "../../ledger/AwaitedResults.ts"
import * as Redeliveries from "../../ledger/Redeliveries.ts"
import { functions } from "./Configuration.ts"
import { type Invocation, start } from "./Function.ts"
import { layerFactBus, layerInstallations, layerLedger } from "./layers.ts"
import { fetched, layerRenewedApp } from "./Secrets.ts"

const isOn = functions.sweeper.REDELIVERY_SWEEP

/** Both, even where the first fails. */
const both = Effect.flatMap(Effect.exit(sweep()), (swept) => Effect.andThen(askForResults, swept))

/** The function, once it is made. A sweep that fails fails the invocation, for the alarm's sake; the next one catches up. */
export const ready = start({
  variables: functions.sweeper,
  secrets: fetched("privateKey"),
  layer: (values) =>
    Layer.mergeAll(
      Redeliveries.layer,
      AwaitedResults.layer,
      layerFactBus(),
      SqsQueue.layerReport.pipe(Layer.provide(SqsClient.layer)),
      Layer.mergeAll(Deliveries.layer, Workflows.layer.pipe(Layer.provide(layerInstallations()))).pipe(
        Layer.provideMerge(GitHubApp.layer),
        Layer.provide(layerRenewedApp(values))
      ),
      layerSettings({ appVersion: values.APP_VERSION })
    ).pipe(Layer.provideMerge(layerLedger()))
}).then(
  (sweeper) => (_: unknown, invocation: Invocation) =>
    sweeper.run(Effect.asVoid(Effect.flatMap(isOn, (on) => (on ? both : Effect.void))), invocation)
)
