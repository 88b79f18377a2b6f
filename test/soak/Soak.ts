/**
 * The soak: the real server beside a sandbox GitHub, both full of trouble, until nothing is left to do; then the verdict. The sandbox
 * lives in this process, which nothing kills. What happens follows from the seed as far as processes and clocks let it.
 */
import { join } from "node:path"
import { Clock, Deferred, Duration, Effect, Fiber } from "effect"
import { layerStorage } from "../../src/entry/layers.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../src/ports/WorkQueue.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { freePort, github } from "../e2e/World.ts"
import { chanceOf } from "./Chance.ts"
import { type Blow, chaos } from "./Chaos.ts"
import { fleetOf } from "./Fleet.ts"
import { sendAll } from "./Senders.ts"
import { makeServer, type Server } from "./Server.ts"
import { listRunsWithinMillis, troubleOf } from "./Trouble.ts"
import { judge, type Verdict } from "./Verdict.ts"

/** What to soak. */
export interface SoakOptions {
  readonly runs: number
  readonly seed: number
  /** How often the server is killed or stopped, at most. */
  readonly kills: number
  /** No run is delivered after so long. */
  readonly limit: Duration.Duration
  /** Where the data and the log go. */
  readonly folder: string
  readonly progress: (line: string) => void
}

/** The verdict, with what the queues gave up and what was done to the server. */
export interface Soaked extends Verdict {
  readonly deadLetters: ReadonlyArray<unknown>
  /** How often the server ended by itself. */
  readonly crashes: number
  readonly blows: ReadonlyMap<Blow, number>
  readonly log: Server["log"]
}

/** How long GitHub hears nothing before the queues are looked at: longer than any wait of the server. */
const silence = Duration.seconds(8)
/** As often, the queues may hold as much as before; then what they hold is stuck. */
const patience = 5

const queues = Effect.gen(function* () {
  const all = [yield* PlanQueue, yield* OrderQueue, yield* ReportQueue, yield* FactQueue]
  const depths = yield* Effect.forEach(all, ({ depth }) => depth)
  return {
    left: depths.reduce((sum, { waiting, inFlight }) => sum + waiting + inFlight, 0),
    dead: (yield* Effect.forEach(all, (queue) => queue.deadLetters(100))).flat()
  }
})

/** Runs the service on a world of trouble. */
export const soak = (options: SoakOptions) => {
  const { seed, folder, progress } = options
  const chance = chanceOf(seed)
  const fleet = fleetOf(chance, options.runs, listRunsWithinMillis)
  return Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const port = yield* freePort
    const server = yield* makeServer(sandbox, { port, folder, seed })
    yield* sandbox.setWebhookUrl(`http://127.0.0.1:${port}/webhooks/github`)

    let heard = 0
    let starts = 0
    let awaited = yield* Deferred.make<void>()
    const nextStart = Effect.suspend(() => {
      awaited = Deferred.makeUnsafe<void>()
      return Deferred.await(awaited)
    })
    const faults = troubleOf(chance, ({ method, path }) => {
      heard += 1
      if (method !== "POST" || !path.endsWith("/dispatches")) return
      starts += 1
      Deferred.doneUnsafe(awaited, Effect.void)
    })
    yield* sandbox.injectFault(...faults)
    yield* server.start

    const begun = yield* Clock.currentTimeMillis
    const expected = fleet.runs.reduce((sum, { targets }) => sum + targets.length, 0)
    const startedCount = Effect.map(sandbox.startedRuns(), ({ length }) => length)
    const reporting = yield* Effect.forkChild(
      Effect.gen(function* () {
        const count = yield* startedCount
        const seconds = Math.round(((yield* Clock.currentTimeMillis) - begun) / 1000)
        progress(`${seconds} s: ${count} of ${expected} started, by ${starts} requests of ${heard}`)
      }).pipe(Effect.andThen(Effect.sleep("5 seconds")), Effect.forever)
    )

    const sending = yield* Effect.forkChild(
      sendAll(sandbox, fleet.runs, chance, begun + Duration.toMillis(options.limit))
    )
    const isDone = Effect.gen(function* () {
      return sending.pollUnsafe() !== undefined && (yield* startedCount) >= expected
    })
    const blows = yield* chaos({ chance, blows: options.kills, server, sandbox, nextStart, isDone })
    const sent = yield* Fiber.join(sending)
    progress("everything is delivered; waiting until nothing is left to do")

    const isSilent = Effect.suspend(() => {
      const before = heard
      return Effect.map(Effect.sleep(silence), () => heard === before)
    })
    /** Ends the server, and looks into what it leaves. */
    const look = <A, E, R>(question: Effect.Effect<A, E, R>) =>
      Effect.sync(() => server.signal("SIGTERM")).pipe(
        Effect.andThen(server.ended),
        Effect.andThen(question.pipe(Effect.provide(layerStorage(join(folder, "data")))))
      )
    let last = Number.POSITIVE_INFINITY
    let tries = 0
    let found = { left: last, dead: [] as ReadonlyArray<unknown> }
    while (found.left > 0 && tries < patience) {
      yield* Effect.repeat(isSilent, { while: (silent) => !silent })
      found = yield* look(queues)
      progress(`${found.left} messages are left`)
      if (found.left > 0) yield* server.start
      tries = found.left < last ? 0 : tries + 1
      last = found.left
    }
    const started = yield* sandbox.startedRuns()
    const verdict = yield* look(judge(sent, started))
    yield* Fiber.interrupt(reporting)
    return { ...verdict, deadLetters: found.dead, crashes: server.crashes(), blows, log: server.log } satisfies Soaked
  }).pipe(Effect.scoped, Effect.provide(github(fleet.scenario)))
}

/** The closing line. */
export const closingLine = ({ offences, deadLetters, runs, orders, longest }: Soaked, seed: number): string => {
  const count = (wanted: string) => offences.filter(({ fault }) => fault === wanted).length
  const faults = ["lost", "doubled", "unknown", "denied wrongly"].map((fault) => `${fault} ${count(fault)}`).join(" ")
  return (
    `${faults} dead letters ${deadLetters.length}, ${runs} runs, ${orders} orders, ` +
    `longest time to the right outcome ${(longest / 1000).toFixed(1)} s, seed ${seed}`
  )
}

/** Whether all is as it must be. */
export const isRight = ({ offences, deadLetters, crashes }: Soaked): boolean =>
  offences.length + deadLetters.length + crashes === 0
