/** The service on one machine, in trouble: killed at any time, also in the middle of a start of a workflow or of its own, and suspended. */
import { join } from "node:path"
import { Duration, Effect } from "effect"
import { layerStorage } from "../../src/entry/layers.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { freePort, github } from "../e2e/World.ts"
import { between } from "./Chance.ts"
import { atStart, type Blows } from "./Chaos.ts"
import { makeServer, type Server } from "./Server.ts"
import { fleetFor, type SoakOptions, soak } from "./Soak.ts"
import type { MakeWorld } from "./World.ts"

const kill = (server: Server) =>
  Effect.andThen(
    Effect.sync(() => server.signal("SIGKILL")),
    server.ended
  )
const restart = (server: Server) => Effect.andThen(kill(server), server.start)

const suspend = (server: Server, millis: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() => server.signal("SIGSTOP")),
    () => Effect.sleep(Duration.millis(millis)),
    () => Effect.sync(() => server.signal("SIGCONT"))
  )

/** A lease lasts 2 s: most suspensions are longer. */
const blowsOf = (server: Server, sandbox: Sandbox["Service"], nextStart: Effect.Effect<void>): Blows => ({
  kill: { weight: 0.3, strike: () => restart(server) },
  "kill at a start": {
    weight: 0.3,
    strike: (how) => Effect.andThen(atStart(nextStart, between(0, 40, how())), restart(server))
  },
  "kill twice": {
    weight: 0.12,
    strike: (how) =>
      kill(server).pipe(
        Effect.andThen(server.launch),
        Effect.andThen(Effect.sleep(Duration.millis(between(100, 2500, how())))),
        Effect.andThen(restart(server))
      )
  },
  stop: { weight: 0.13, strike: (how) => suspend(server, between(500, 7000, how())) },
  "stop at a start": {
    weight: 0.1,
    strike: (how) =>
      Effect.andThen(atStart(nextStart, between(0, 10, how())), suspend(server, between(2500, 7000, how())))
  },
  "spend the rate limit": {
    weight: 0.05,
    strike: (how) => sandbox.setRateLimit({ remaining: between(0, 5, how()), limit: 1_000_000, resetInSeconds: 3 })
  }
})

/** The real server as a process. */
const machine: MakeWorld = Effect.fnUntraced(function* ({ seed, folder, nextStart }) {
  const sandbox = yield* Sandbox
  const port = yield* freePort
  const server = yield* makeServer(sandbox, { port, folder, seed })
  yield* sandbox.setWebhookUrl(`http://127.0.0.1:${port}/webhooks/github`)
  yield* server.start
  return {
    blows: blowsOf(server, sandbox, nextStart),
    atOnce: 100,
    look: (question) =>
      Effect.sync(() => server.signal("SIGTERM")).pipe(
        Effect.andThen(server.ended),
        Effect.andThen(question.pipe(Effect.provide(layerStorage(join(folder, "data"))), Effect.orDie))
      ),
    resume: server.start,
    crashes: server.crashes,
    log: server.log
  }
})

/** Soaks the real server. */
export const soakMachine = (options: SoakOptions) => {
  const fleet = fleetFor(options)
  return soak(options, fleet, machine).pipe(Effect.provide(github(fleet.scenario)))
}
