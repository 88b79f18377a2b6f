/** The service's front door on in-memory (`memory`) or durable (`sqlite`) layers, without workers behind it; logs from warnings up. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { layerServer } from "../../src/entry/Listening.ts"
import * as Logging from "../../src/entry/Logging.ts"
import { layerRoutes, layerStorage } from "../../src/entry/layers.ts"
import * as Telemetry from "../../src/entry/Telemetry.ts"
import { layerSettings, WebhookSecrets } from "../../src/flow/Settings.ts"
import { layerQueue } from "../../src/ports/FactBus.ts"
import { layerMemory as layerTableMemory } from "../../src/ports/TableMemory.ts"
import { layerMemory as layerQueuesMemory } from "../../src/ports/WorkQueueMemory.ts"
import * as Ledger from "../../src/store/Ledger.ts"
import { secret } from "./Payload.ts"

const memory = Ledger.layer.pipe(
  Layer.provideMerge(layerQueue),
  Layer.provideMerge(Layer.mergeAll(layerTableMemory, layerQueuesMemory))
)
const scratch = () => layerStorage(mkdtempSync(join(tmpdir(), "dispatcher-bench-")))
const storage = process.argv[2] === "sqlite" ? scratch() : memory

const tell = Layer.effectDiscard(
  HttpServer.HttpServer.use(({ address }) =>
    Effect.sync(() => process.send?.({ port: Number(HttpServer.formatAddress(address).split(":").at(-1)) }))
  )
)
const secrets = Layer.succeed(WebhookSecrets, { current: Redacted.make(secret), previous: undefined })

NodeRuntime.runMain(
  Layer.launch(
    tell.pipe(
      Layer.provideMerge(layerServer({ HOST: "127.0.0.1", PORT: 0 }, layerRoutes)),
      Layer.provide(Layer.mergeAll(storage, layerSettings(), secrets)),
      Layer.provide(
        Layer.merge(
          Logging.layer("Warn"),
          Telemetry.layer({ OTEL_EXPORTER_OTLP_ENDPOINT: undefined, APP_VERSION: "bench" })
        )
      )
    )
  )
)
