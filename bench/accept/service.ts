/**
 * The service's front door on in-memory (`memory`) or durable (`sqlite`) layers, without workers behind it, or all of it (`whole`) with a
 * GitHub in memory, where each run starts a workflow; logs from warnings up.
 */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Redacted, Result } from "effect"
import { HttpServer } from "effect/http"
import { layerQueue } from "../../src/adapters/local/QueueFactBus.ts"
import { type ConfigAnswer, configPaths } from "../../src/domain/Config.ts"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { RepositoryName } from "../../src/domain/Names.ts"
import { layerServer } from "../../src/entry/Listening.ts"
import * as Logging from "../../src/entry/Logging.ts"
import { layerRoutes, layerStorage, layerTraffic, layerWorkers } from "../../src/entry/layers.ts"
import * as Telemetry from "../../src/entry/Telemetry.ts"
import { layerSettings, WebhookSecrets } from "../../src/flow/Settings.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import { layerFakeGitHub } from "../../src/testing/fakes/Memory.ts"
import { layerMemory as layerQueuesMemory } from "../../src/testing/fakes/Queues.ts"
import { layerMemory as layerTableMemory } from "../../src/testing/fakes/Table.ts"
import { secret } from "./Payload.ts"

const memory = Ledger.layer.pipe(
  Layer.provideMerge(layerQueue),
  Layer.provideMerge(Layer.mergeAll(layerTableMemory, layerQueuesMemory))
)
const scratch = () => layerStorage(mkdtempSync(join(tmpdir(), "dispatcher-bench-")))
const [, , mode] = process.argv
const storage = mode === "memory" ? memory : scratch()

const announce = Layer.effectDiscard(
  HttpServer.HttpServer.use(({ address }) =>
    Effect.sync(() => process.send?.({ port: Number(HttpServer.formatAddress(address).split(":").at(-1)) }))
  )
)
const found = (document: object): ConfigAnswer => {
  const config = Result.getOrThrow(parseConfig(JSON.stringify(document)))
  return { _tag: "Found", config, path: configPaths[0], defaultBranch: "master" }
}
const [source, target] = ["octo-org/octo-repo", "octo-org/target"].map((name) => RepositoryName.make(name))
const rule = { source: { workflow: "test.yml" }, targets: [{ repository: "target", workflow: "cd.yml" }] }
const consent = { source: { repository: "octo-repo", workflow: "test.yml" }, targets: [{ workflow: "cd.yml" }] }
const gitHub = layerFakeGitHub(
  new Map([
    [source, found({ outbound: [rule] })],
    [target, found({ inbound: [consent] })]
  ] as ReadonlyArray<[RepositoryName, ConfigAnswer]>)
)
const stages = mode === "whole" ? layerWorkers.pipe(Layer.provide(gitHub)) : Layer.empty

const secrets = Layer.succeed(WebhookSecrets, fixed({ current: Redacted.make(secret), previous: undefined }))

NodeRuntime.runMain(
  Layer.launch(
    Layer.merge(announce, stages).pipe(
      Layer.provideMerge(layerServer({ HOST: "127.0.0.1", PORT: 0 }, layerRoutes)),
      Layer.provide(Layer.mergeAll(storage, layerSettings(), secrets, layerTraffic)),
      Layer.provide(
        Layer.merge(
          Logging.layer("Warn"),
          Telemetry.layer({ OTEL_EXPORTER_OTLP_ENDPOINT: undefined, APP_VERSION: "bench" })
        )
      )
    )
  )
)
