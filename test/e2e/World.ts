/**
 * The service in this process, on a port and a folder of its own, beside a sandbox GitHub: real HTTP in both directions, the layers of
 * `src/entry/layers.ts` and nothing in between.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Context, Effect, Layer, Redacted, References } from "effect"
import { HttpServer } from "effect/http"
import type { Configuration } from "../../src/entry/Configuration.ts"
import { layerServer } from "../../src/entry/Listening.ts"
import { layerDashboard, layerFlow, layerRoutes, layerStorage, layerWorkers } from "../../src/entry/layers.ts"
import { layerGitHub } from "../../src/entry/SettingsLayers.ts"
import * as SandboxModule from "../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"
import { quick } from "./Timing.ts"

/** Where the service listens. */
export class Service extends Context.Service<Service, { readonly url: string }>()("dispatcher/test/e2e/Service") {}

/** What may be set of a service; the rest is as in the sandbox, or the default. */
export type Settings = Partial<Configuration>

const configure = ({ app, url }: Sandbox["Service"], settings: Settings): Omit<Configuration, "DATA_DIR"> => ({
  PORT: 0,
  HOST: "127.0.0.1",
  GITHUB_APP_ID: app.id,
  GITHUB_APP_SLUG: app.slug,
  GITHUB_APP_PRIVATE_KEY: Redacted.make(app.privateKeyPem),
  GITHUB_WEBHOOK_SECRET: Redacted.make(app.webhookSecret),
  GITHUB_WEBHOOK_SECRET_PREVIOUS: undefined,
  GITHUB_API_URL: url,
  HTTPS_PROXY: undefined,
  HTTP_PROXY: undefined,
  NO_PROXY: undefined,
  NODE_EXTRA_CA_CERTS: undefined,
  DEFAULT_DISPATCH_REF: "main",
  CREATE_CHECKS: true,
  PUBLIC_URL: undefined,
  CREATE_ISSUES: true,
  CLOSE_ISSUES: true,
  SOURCE_REPO_ALLOWLIST: undefined,
  TARGET_REPO_ALLOWLIST: undefined,
  DISPATCH_MAX_TARGETS_PER_RUN: 25,
  DISPATCH_MAX_CHAIN_DEPTH: 5,
  DISPATCH_MAX_CHAIN_STARTS: 200,
  DISPATCH_MAX_OTHER_OWNERS: 10,
  LOG_LEVEL: "None",
  APP_VERSION: "e2e",
  REDELIVERY_SWEEP: false,
  ADMIN_TOKEN: undefined,
  OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: undefined,
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: undefined,
  OTEL_EXPORTER_OTLP_HEADERS: undefined,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: undefined,
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: undefined,
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: undefined,
  OTEL_EXPORTER_OTLP_PROTOCOL: undefined,
  OTEL_SERVICE_NAME: undefined,
  OTEL_RESOURCE_ATTRIBUTES: undefined,
  OTEL_SDK_DISABLED: undefined,
  ...settings
})

/** A folder that is gone when the scope is. */
export const scratchFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "dispatcher-e2e-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/**
 * A port on which no process listens, and which no connection is given meanwhile: below the ports that Linux and macOS hand out by themselves
 * (32768 and 49152 on). A service that starts again on it finds it free.
 */
export const freePort: Effect.Effect<number> = Effect.callback<number | undefined>((resume) => {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const server = createServer().once("error", () => resume(Effect.succeed(undefined)))
  server.listen(port, "127.0.0.1", () => server.close(() => resume(Effect.succeed(port))))
}).pipe(Effect.flatMap((port) => (port === undefined ? freePort : Effect.succeed(port))))

/**
 * The service beside the sandbox that is there; it sets where the sandbox sends its webhooks. Without workers, what it accepts waits.
 * With an admin token it has its dashboard.
 */
export const service = (
  settings: Settings = {},
  workers: typeof layerWorkers | typeof Layer.empty = layerWorkers,
  timing: typeof quick = quick
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const configuration = { DATA_DIR: yield* scratchFolder, ...configure(sandbox, settings) }
      const listening = Layer.effect(
        Service,
        Effect.gen(function* () {
          const url = HttpServer.formatAddress((yield* HttpServer.HttpServer).address)
          yield* sandbox.setWebhookUrl(`${url}/webhooks/github`)
          return { url }
        })
      )
      const { ADMIN_TOKEN: token } = configuration
      const routes = token === undefined ? layerRoutes : Layer.merge(layerRoutes, layerDashboard(token))
      return Layer.mergeAll(listening.pipe(Layer.provide(layerServer(configuration, routes))), workers).pipe(
        Layer.provideMerge(
          Layer.mergeAll(layerStorage(configuration.DATA_DIR), layerGitHub(configuration), layerFlow(configuration))
        ),
        Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
      )
    })
  ).pipe(Layer.provide(timing))

/** A sandbox with this scenario. */
export const github = (scenario: ScenarioInput) => SandboxModule.layer({ scenario })

/** Sandbox and service. */
export const world = (scenario: ScenarioInput, settings: Settings = {}, timing: typeof quick = quick) =>
  service(settings, layerWorkers, timing).pipe(Layer.provideMerge(github(scenario)))
