/**
 * The one place where the parts are put together. The same flow runs on every set of layers; entry points choose the set.
 *
 * ```
 * layerServer ─ routes ─ Receive ┐
 * layerWorkers ─ Plan, Dispatch… ┴─ Ledger ─ Table, queues, fact bus (SQLite in DATA_DIR)
 *                                └─ ConfigSource, Workflows, Reports (GitHub)
 * ```
 */
import { createServer } from "node:http"
import { join } from "node:path"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { HttpMiddleware, HttpRouter } from "effect/http"
import * as App from "../adapters/github/App.ts"
import * as GitHub from "../adapters/github/GitHub.ts"
import * as Sqlite from "../adapters/local/Sqlite.ts"
import { layerQueues } from "../adapters/local/SqliteQueue.ts"
import { layerTable } from "../adapters/local/SqliteTable.ts"
import { handleOrders, handlePlans } from "../flow/Handlers.ts"
import { layerSettings, WebhookSecrets } from "../flow/Settings.ts"
import { layerQueue } from "../ports/FactBus.ts"
import { OrderQueue, PlanQueue } from "../ports/WorkQueue.ts"
import * as Ledger from "../store/Ledger.ts"
import type { Configuration } from "./Configuration.ts"
import * as Health from "./routes/Health.ts"
import * as Webhook from "./routes/Webhook.ts"

/** Everything durable of one machine, in `DATA_DIR`. */
export const layerStorage = (dataDir: string) =>
  Ledger.layer.pipe(
    Layer.provideMerge(layerQueue),
    Layer.provideMerge(Layer.mergeAll(layerTable, layerQueues)),
    Layer.provide(Sqlite.layer(join(dataDir, "dispatcher.db")))
  )

/** GitHub, as the App. */
export const layerGitHub = (configuration: Configuration) =>
  GitHub.layer.pipe(
    Layer.provide(
      App.layer({
        id: configuration.GITHUB_APP_ID,
        slug: configuration.GITHUB_APP_SLUG,
        privateKey: configuration.GITHUB_APP_PRIVATE_KEY,
        apiUrl: configuration.GITHUB_API_URL
      })
    )
  )

/** The settings of the stages. */
export const layerFlow = (configuration: Configuration) =>
  Layer.mergeAll(
    layerSettings({
      createIssues: configuration.CREATE_ISSUES,
      appVersion: configuration.APP_VERSION,
      policy: {
        defaultRef: configuration.DEFAULT_DISPATCH_REF,
        sourceAllowlist: configuration.SOURCE_REPO_ALLOWLIST,
        targetAllowlist: configuration.TARGET_REPO_ALLOWLIST,
        maxTargets: configuration.DISPATCH_MAX_TARGETS_PER_RUN
      }
    }),
    Layer.succeed(WebhookSecrets, {
      current: configuration.GITHUB_WEBHOOK_SECRET,
      previous: configuration.GITHUB_WEBHOOK_SECRET_PREVIOUS
    })
  )

const planWorkers = PlanQueue.use((queue) => queue.consume(handlePlans, { concurrency: 8, batchSize: 1 }))
const orderWorkers = OrderQueue.use((queue) => queue.consume(handleOrders, { concurrency: 16, batchSize: 1 }))

/** The stages behind the queues as fibers; closing the scope finishes what is in hand. */
export const layerWorkers = Layer.mergeAll(
  Layer.effectDiscard(Effect.forkScoped(planWorkers)),
  Layer.effectDiscard(Effect.forkScoped(orderWorkers))
)

/** All routes of the local server. */
export const layerRoutes = Layer.mergeAll(Webhook.layer, Health.layer)

/** The HTTP server; closing the scope stops accepting and lets requests in hand finish. */
export const layerServer = ({ HOST, PORT }: Pick<Configuration, "HOST" | "PORT">) =>
  HttpRouter.serve(layerRoutes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(HttpMiddleware.layerTracerDisabledForUrls(["/health", "/ready", "/metrics"])),
    Layer.provideMerge(
      NodeHttpServer.layer(() => createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }), {
        host: HOST,
        port: PORT,
        gracefulShutdownTimeout: "5 seconds"
      })
    )
  )
