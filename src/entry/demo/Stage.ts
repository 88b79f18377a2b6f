/** The demo's layers: the sandbox GitHub, and the real server in front of it, with its state in a scratch folder. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Context, Duration, Effect, Layer, PubSub, Redacted } from "effect"
import { HttpServer } from "effect/http"
import type { Fact } from "../../domain/Fact.ts"
import { Timing } from "../../flow/Settings.ts"
import { FactBus } from "../../ports/FactBus.ts"
import * as SandboxModule from "../../sandbox/Sandbox.ts"
import { Sandbox } from "../../sandbox/Sandbox.ts"
import { loadScenario } from "../../sandbox/Scenario.ts"
import type { Configuration } from "../Configuration.ts"
import { layerServer } from "../Listening.ts"
import { layerDashboard, layerFlow, layerRoutes, layerStorage, layerWorkers } from "../layers.ts"
import { layerGitHub } from "../SettingsLayers.ts"

/** Every fact, as it is published. */
export class FactFeed extends Context.Service<FactFeed, PubSub.PubSub<Fact>>()("dispatcher/entry/demo/FactFeed") {}

/** Opens the demo's dashboard; it holds nothing worth a better one. */
export const demoAdminToken = Redacted.make("demo-admin-token")

/** A few hundred milliseconds where production waits for seconds: the sandbox lists started runs at once. */
const quick: Timing = {
  lease: Duration.seconds(5),
  leaseMargin: Duration.seconds(1),
  sendWithin: Duration.seconds(3),
  startTimeout: Duration.seconds(4),
  visibleAfter: Duration.millis(300),
  reportLease: Duration.seconds(5),
  checkAfter: Duration.millis(300),
  reportEvery: Duration.millis(200),
  recheck: Duration.millis(200),
  backoff: Duration.millis(200),
  backoffCap: Duration.seconds(2)
}

const scenario = loadScenario(new URL("scenario.yml", import.meta.url).pathname).pipe(
  Effect.provide(NodeFileSystem.layer)
)

/** A folder that is gone when the demo is. */
const scratchFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "dispatcher-demo-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Publishes as before, and to the demo. */
const layerWatched = Layer.effect(
  FactBus,
  Effect.gen(function* () {
    const bus = yield* FactBus
    const happenings = yield* FactFeed
    return {
      publish: (facts: ReadonlyArray<Fact>) =>
        Effect.andThen(bus.publish(facts), PubSub.publishAll(happenings, facts)).pipe(Effect.asVoid)
    }
  })
)

const configure = ({ app, url }: Sandbox["Service"], dataDir: string, port: number): Configuration => ({
  PORT: port,
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
  DATA_DIR: dataDir,
  LOG_LEVEL: "Warn",
  APP_VERSION: "demo",
  REDELIVERY_SWEEP: false,
  ADMIN_TOKEN: demoAdminToken,
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
  OTEL_SDK_DISABLED: undefined
})

/** The service on a port of its own (0: any), wired to the sandbox, which learns where to send its webhooks. */
const layerService = (port: number) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const configuration = configure(sandbox, yield* scratchFolder, port)
      const storage = layerWatched.pipe(Layer.provideMerge(layerStorage(configuration.DATA_DIR)))
      const announce = Layer.effectDiscard(
        HttpServer.HttpServer.use(({ address }) =>
          sandbox.setWebhookUrl(`${HttpServer.formatAddress(address)}/webhooks/github`)
        )
      )
      const routes = Layer.merge(layerRoutes, layerDashboard(demoAdminToken))
      return Layer.mergeAll(announce.pipe(Layer.provideMerge(layerServer(configuration, routes))), layerWorkers).pipe(
        Layer.provideMerge(Layer.mergeAll(storage, layerGitHub(configuration), layerFlow(configuration))),
        Layer.provide(Layer.succeed(Timing, quick))
      )
    })
  )

/** Sandbox and service together. */
export const layer = (ports: { readonly service: number; readonly sandbox: number }) =>
  layerService(ports.service).pipe(
    Layer.provideMerge(
      Layer.unwrap(Effect.map(scenario, (seed) => SandboxModule.layer({ scenario: seed, port: ports.sandbox })))
    ),
    Layer.provideMerge(Layer.effect(FactFeed, PubSub.unbounded<Fact>()))
  )
