/** `npm start`: the service on one machine, from environment variables or `.env`. */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer } from "effect"
import { HttpServer } from "effect/http"
import { type Configuration, configuration } from "./Configuration.ts"
import * as Logging from "./Logging.ts"
import { layerFlow, layerGitHub, layerServer, layerStorage, layerWorkers } from "./layers.ts"
import * as Telemetry from "./Telemetry.ts"

/** Long enough to finish what is in hand; what is not finished by then is found out after the next start. */
const shutdownLimit = 10_000

const announce = Effect.gen(function* () {
  const { address } = yield* HttpServer.HttpServer
  yield* Effect.logInfo(`listening on ${HttpServer.formatAddress(address)}`)
})

const layer = (config: Configuration) =>
  Layer.mergeAll(Layer.effectDiscard(announce).pipe(Layer.provideMerge(layerServer(config))), layerWorkers).pipe(
    Layer.provide(Layer.mergeAll(layerStorage(config.DATA_DIR), layerGitHub(config), layerFlow(config)))
  )

const main = Effect.gen(function* () {
  const config = yield* configuration
  return yield* Layer.launch(layer(config)).pipe(
    Effect.provide(Layer.provideMerge(Telemetry.layer(config), Logging.layer(config.LOG_LEVEL)))
  )
})

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => setTimeout(() => process.exit(1), shutdownLimit).unref())
}

/** What stops a start, in words. */
const explain = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const message = error instanceof Error ? error.message : String(error)
  return `The dispatcher cannot start:\n${message.replace(/^/gm, "  ")}\n`
}

NodeRuntime.runMain(
  main.pipe(
    Effect.tapCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.sync(() => process.stderr.write(explain(cause)))
    )
  ),
  {
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause) ? 1 : 0)
  }
)
