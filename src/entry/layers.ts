/**
 * The one place where the parts are put together. The same flow runs on every set of layers; entry points choose the set.
 *
 * ```
 * Listening ─── routes ─ Receive ┐
 * layerWorkers ─ Plan, Dispatch… ┴─ Ledger ─ Table, queues, fact bus (SQLite in DATA_DIR)
 *                                └─ ConfigSource, GitHubApp, Workflows, Reports, Checks (GitHub)
 * ```
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Duration, Effect, Layer, type Redacted } from "effect"
import { layerQueue } from "../adapters/local/QueueFactBus.ts"
import * as Sqlite from "../adapters/local/Sqlite.ts"
import { layerQueues } from "../adapters/local/SqliteQueue.ts"
import { layerTable } from "../adapters/local/SqliteTable.ts"
import * as Dashboard from "../dashboard/Dashboard.ts"
import { AdminToken } from "../dashboard/Session.ts"
import * as AccessWatch from "../flow/AccessWatch.ts"
import * as Consent from "../flow/Consent.ts"
import * as DeadLetters from "../flow/DeadLetters.ts"
import { dispatch } from "../flow/Dispatch.ts"
import { askRegularly } from "../flow/OverdueResults.ts"
import { plan } from "../flow/Plan.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../flow/Queues.ts"
import { record } from "../flow/Record.ts"
import * as Replay from "../flow/Replay.ts"
import { report } from "../flow/Report.ts"
import { rollupRegularly } from "../flow/Rollup.ts"
import { sweepRegularly } from "../flow/Sweep.ts"
import * as TargetMemory from "../flow/TargetMemory.ts"
import * as AwaitedResults from "../ledger/AwaitedResults.ts"
import * as Ledger from "../ledger/Ledger.ts"
import * as Redeliveries from "../ledger/Redeliveries.ts"
import * as Renewed from "../ports/Renewed.ts"
import { ProcessTraffic, Traffic } from "../queue/Traffic.ts"
import * as Queries from "../readmodel/Queries.ts"
import * as Recorder from "../readmodel/Recorder.ts"
import type { Configuration } from "./Configuration.ts"
import { layerHealth, layerMetrics, layerReadiness } from "./routes/Monitoring.ts"
import * as Webhook from "./routes/Webhook.ts"
import { layerStages, layerWebhookSecrets } from "./SettingsLayers.ts"

/** Everything durable of one machine, in `DATA_DIR`. */
export const layerStorage = (dataDir: string) =>
  Layer.mergeAll(Ledger.layer, Redeliveries.layer, AwaitedResults.layer, Recorder.layer, Queries.layer).pipe(
    Layer.provideMerge(layerQueue),
    Layer.provideMerge(Layer.mergeAll(layerTable, layerQueues)),
    Layer.provide(Sqlite.layer(join(dataDir, "dispatcher.db")))
  )

/** The traffic of a process that has the stages and the server, as Node measures what it has to do. */
export const layerTraffic = Layer.sync(ProcessTraffic, () => new Traffic(() => performance.eventLoopUtilization().idle))

/** The settings of the stages. */
export const layerFlow = (configuration: Configuration) =>
  Layer.mergeAll(layerStages(configuration), layerWebhookSecrets(configuration))

// Many at once, so that they share the requests for their configs.
const planWorkers = PlanQueue.use((queue) => queue.consume(plan.handleAll, { concurrency: 2, batchSize: 50 }))
const orderWorkers = OrderQueue.use((queue) => queue.consume(dispatch.handleAll, { concurrency: 16, batchSize: 1 }))
// What shows and records what was started waits for what starts it.
const reportWorkers = ReportQueue.use((queue) =>
  queue.consume(report.handleAll, { concurrency: 4, batchSize: 1, linger: Duration.seconds(3) })
)
// What piles up meanwhile makes its next batch: the facts of a run are folded together. Most messages have one to three of them.
const factWorker = FactQueue.use((queue) =>
  queue.consume(record.handleAll, { concurrency: 1, batchSize: 500, linger: Duration.seconds(1) })
)

/** Plan, Dispatch and Report as fibers; closing the scope finishes what is in hand. */
export const layerStageWorkers = Layer.mergeAll(
  Layer.effectDiscard(Effect.forkScoped(planWorkers)).pipe(Layer.provide([AccessWatch.layer, TargetMemory.layer])),
  Layer.effectDiscard(Effect.forkScoped(orderWorkers)).pipe(
    Layer.provide([Consent.layer.pipe(Layer.provide(AccessWatch.layer)), AccessWatch.layerWorkflows])
  ),
  Layer.effectDiscard(Effect.forkScoped(reportWorkers)).pipe(
    Layer.provide([AccessWatch.layerReports, AccessWatch.layerChecks])
  )
)

/** All workers: those of the stages, and Record and Rollup, which keep the dashboard's figures. */
export const layerWorkers = Layer.mergeAll(
  layerStageWorkers,
  Layer.effectDiscard(Effect.forkScoped(factWorker)),
  Layer.effectDiscard(Effect.forkScoped(rollupRegularly))
)

/** Every 5 minutes, has GitHub redeliver what did not arrive, and asks it for overdue results of started runs. */
export const layerSweep = ({ REDELIVERY_SWEEP }: Pick<Configuration, "REDELIVERY_SWEEP">) =>
  REDELIVERY_SWEEP
    ? Layer.mergeAll(
        Layer.effectDiscard(Effect.forkScoped(sweepRegularly)),
        Layer.effectDiscard(Effect.forkScoped(askRegularly)).pipe(Layer.provide(AccessWatch.layerWorkflows))
      )
    : Layer.empty

/** The built page: beside the compiled entry points, or as committed in a checkout, which needs no build tool to run. */
const pageFolder = fileURLToPath(
  new URL(import.meta.url.includes("/dist/entry/") ? "../ui" : "../../page", import.meta.url)
)

/** The dashboard under `/admin`, for holders of the token. */
export const layerDashboard = (token: Redacted.Redacted) =>
  Dashboard.layer({ folder: pageFolder }).pipe(
    Layer.provide(Layer.mergeAll(Replay.layer, DeadLetters.layer, Layer.succeed(AdminToken, Renewed.fixed(token))))
  )

/** The routes of the local server that need no token. */
export const layerRoutes = Layer.mergeAll(Webhook.layer, layerHealth(), layerReadiness(), layerMetrics())
