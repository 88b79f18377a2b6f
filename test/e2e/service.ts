/**
 * The service as a process of its own, for tests that kill it: `src/entry/server.ts` with shorter waits, and with KILL_AT, which
 * names the kill point that ends it. Nothing records its facts. Says where it listens; settings come from the environment.
 */
import { flushCompileCache } from "node:module"
import { join } from "node:path"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { layerQueue } from "../../src/adapters/local/QueueFactBus.ts"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { makeSqliteStore } from "../../src/adapters/local/SqliteQueue.ts"
import * as SqliteTable from "../../src/adapters/local/SqliteTable.ts"
import { configuration } from "../../src/entry/Configuration.ts"
import { layerServer } from "../../src/entry/Listening.ts"
import * as Logging from "../../src/entry/Logging.ts"
import { layerFlow, layerRoutes, layerStageWorkers } from "../../src/entry/layers.ts"
import { layerGitHub } from "../../src/entry/SettingsLayers.ts"
import { layerFromStores } from "../../src/flow/Queues.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import * as KillPoints from "./KillPoints.ts"
import { quick } from "./Timing.ts"

const main = Effect.gen(function* () {
  const config = yield* configuration
  const reach = KillPoints.makeReach(yield* Config.String("KILL_AT").pipe(Config.withDefault("")))
  const queues = layerFromStores((name) =>
    Effect.map(makeSqliteStore(name), (store) => KillPoints.withKillPoints(reach, name, store))
  )
  const storage = Ledger.layer.pipe(
    Layer.provideMerge(layerQueue),
    Layer.provideMerge(
      Layer.mergeAll(KillPoints.layerTable(reach).pipe(Layer.provide(SqliteTable.layerTable)), queues)
    ),
    Layer.provide(Sqlite.layer(join(config.DATA_DIR, "dispatcher.db")))
  )
  const github = KillPoints.layerGitHub(reach).pipe(Layer.provideMerge(layerGitHub(config)))
  const announced = Layer.effectDiscard(
    HttpServer.HttpServer.use(({ address }) =>
      Effect.sync(() => process.stdout.write(`listening on ${HttpServer.formatAddress(address)}\n`))
    )
  ).pipe(Layer.provideMerge(layerServer(config, layerRoutes)))
  return yield* Layer.launch(
    Layer.mergeAll(announced, layerStageWorkers).pipe(
      Layer.provide(Layer.mergeAll(storage, github, layerFlow(config))),
      Layer.provide(quick)
    )
  ).pipe(Effect.provide(Logging.layer(config.LOG_LEVEL)))
})

// Who is killed leaves no compiled code for the next one, unless it is asked to.
process.on("SIGUSR2", () => flushCompileCache())
NodeRuntime.runMain(main)
