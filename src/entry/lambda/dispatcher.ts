/** Order queue → Dispatch; report queue → Report. */
import { Effect, Layer } from "effect"
import * as SqsBatch from "../../adapters/aws/sqs/SqsBatch.ts"
import * as Checks from "../../adapters/github/Checks.ts"
import * as ConfigSource from "../../adapters/github/ConfigSource.ts"
import * as GitHubApp from "../../adapters/github/GitHubApp.ts"
import * as Reports from "../../adapters/github/Reports.ts"
import * as Workflows from "../../adapters/github/Workflows.ts"
import * as AccessWatch from "../../flow/AccessWatch.ts"
import * as Consent from "../../flow/Consent.ts"
import { dispatch } from "../../flow/Dispatch.ts"
import { DispatchMessage, ReportMessage } from "../../flow/Queues.ts"
import { report } from "../../flow/Report.ts"
import { functions } from "./Configuration.ts"
import { start } from "./Function.ts"
import { layerInstallations, layerQueueStages } from "./layers.ts"
import { queueHandler } from "./QueueFunction.ts"
import { fetched, layerRenewedApp } from "./Secrets.ts"

/** The function, once it is made. */
export const ready = start({
  variables: functions.dispatcher,
  secrets: fetched("privateKey"),
  layer: (values) =>
    SqsBatch.layer(
      Effect.all([
        SqsBatch.batchConsumer("order", DispatchMessage, dispatch.handleAll),
        SqsBatch.batchConsumer("report", ReportMessage, report.handleAll)
      ])
    ).pipe(
      Layer.provide(Consent.layer),
      Layer.provide([AccessWatch.layer, AccessWatch.layerWorkflows, AccessWatch.layerReports, AccessWatch.layerChecks]),
      Layer.provide([Checks.layer, ConfigSource.layer, Reports.layer, Workflows.layer]),
      Layer.provide(GitHubApp.layer),
      Layer.provide(layerInstallations()),
      Layer.provide([layerQueueStages(values), layerRenewedApp(values)])
    )
}).then(queueHandler)
