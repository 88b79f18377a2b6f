/** `npm start`: the service on one machine, from environment variables or `.env`. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Exit, Layer, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { generateToken } from "../dashboard/Session.ts"
import { type Configuration, configuration } from "./Configuration.ts"
import { layerServer } from "./Listening.ts"
import * as Logging from "./Logging.ts"
import {
  layerDashboard,
  layerFlow,
  layerRoutes,
  layerStorage,
  layerSweep,
  layerTraffic,
  layerWorkers
} from "./layers.ts"
import { layerApp, layerGitHub } from "./SettingsLayers.ts"
import { checkApp, describeStartProblem } from "./StartProblems.ts"
import * as Telemetry from "./Telemetry.ts"

/** Long enough to finish what is in hand; what is not finished by then is found out after the next start. */
const shutdownLimit = 10_000

/** Says where the server is, and how to sign in with a token that was made for this start: on the terminal, not in the log. */
const announce = Effect.fnUntraced(function* (madeToken: Redacted.Redacted | undefined) {
  const { address } = yield* HttpServer.HttpServer
  const url = HttpServer.formatAddress(address)
  yield* Effect.logInfo(`listening on ${url}`)
  if (madeToken === undefined) return
  const token = Redacted.value(madeToken)
  process.stderr.write(
    `Dashboard: ${url}/admin/sign-in (token for this start: ${token}; ADMIN_TOKEN sets one that stays)\n`
  )
})

const layer = (config: Configuration) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const token = config.ADMIN_TOKEN ?? (yield* generateToken)
      const routes = Layer.merge(layerRoutes, layerDashboard(token))
      const made = config.ADMIN_TOKEN === undefined ? token : undefined
      const server = Layer.effectDiscard(announce(made)).pipe(Layer.provideMerge(layerServer(config, routes)))
      const checks = Layer.effectDiscard(Effect.forkScoped(checkApp(config))).pipe(Layer.provide(layerApp(config)))
      // What GitHub is asked to deliver again finds the server listening.
      const served = layerSweep(config).pipe(Layer.provideMerge(server))
      return Layer.mergeAll(served, layerWorkers, checks).pipe(
        Layer.provide(Layer.mergeAll(layerStorage(config.DATA_DIR), layerGitHub(config), layerFlow(config))),
        Layer.provide(layerTraffic)
      )
    })
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
const explain = (cause: Cause.Cause<unknown>): string =>
  `The dispatcher cannot start:\n${describeStartProblem(Cause.squash(cause)).replace(/^/gm, "  ")}\n`

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
