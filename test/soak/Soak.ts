/**
 * The soak: a service beside a sandbox GitHub, both full of trouble, until nothing is left to do; then the verdict. The sandbox lives in
 * this process, which nothing kills. What happens follows from the seed as far as processes and clocks let it.
 */
import { Clock, Deferred, Duration, Effect, Fiber } from "effect"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { chanceOf } from "./Chance.ts"
import { chaos } from "./Chaos.ts"
import { type Fleet, fleetOf } from "./Fleet.ts"
import { gitHubFaults, listRunsWithinMillis } from "./GitHubFaults.ts"
import { watchResults } from "./Results.ts"
import { sendAll } from "./Senders.ts"
import { faults, judge, type Verdict } from "./Verdict.ts"
import type { MakeWorld, World } from "./World.ts"

/** What to soak. */
export interface SoakOptions {
  readonly runs: number
  readonly seed: number
  /** How often the service is harmed, at most. */
  readonly kills: number
  /** No run is delivered after so long. */
  readonly limit: Duration.Duration
  /** Where the data and the log go. */
  readonly folder: string
  readonly progress: (line: string) => void
}

/** The verdict, with what the queues gave up and what was done to the service. */
export interface Soaked extends Verdict {
  readonly deadLetters: ReadonlyArray<unknown>
  readonly crashes: number
  readonly blows: ReadonlyMap<string, number>
  readonly log: World["log"]
}

/** How long GitHub hears nothing before the queues are looked at: longer than most waits of the service. */
const silence = Duration.seconds(8)
/**
 * As often, the queues may hold as much as before; then what they hold is stuck. By a clock that was 90 s ahead and is as far behind now, what
 * Report put off waits for 3 minutes.
 */
const patience = 24

const queues = Effect.gen(function* () {
  const all = [yield* PlanQueue, yield* OrderQueue, yield* ReportQueue, yield* FactQueue]
  const depths = yield* Effect.forEach(all, ({ depth }) => depth)
  return {
    left: depths.reduce((sum, { waiting, inFlight }) => sum + waiting + inFlight, 0),
    dead: (yield* Effect.forEach(all, (queue) => queue.deadLetters(100))).flat()
  }
})

/** Arms the faults, and counts what comes to GitHub. */
const makeGitHub = Effect.fnUntraced(function* (seed: number) {
  const sandbox = yield* Sandbox
  const counts = { requests: 0, starts: 0 }
  let awaited = Deferred.makeUnsafe<void>()
  const nextStart = Effect.suspend(() => {
    awaited = Deferred.makeUnsafe<void>()
    return Deferred.await(awaited)
  })
  const faults = yield* gitHubFaults(chanceOf(seed), ({ method, path }) => {
    counts.requests += 1
    if (method !== "POST" || !path.endsWith("/dispatches")) return
    counts.starts += 1
    Deferred.doneUnsafe(awaited, Effect.void)
  })
  yield* sandbox.injectFault(...faults)
  return { counts, nextStart, started: Effect.map(sandbox.startedRuns(), ({ length }) => length) }
})

/** Waits until nothing comes to GitHub any more, all results are taken and the queues are empty, or what they hold is stuck. */
const quiet = Effect.fnUntraced(function* (
  world: World,
  counts: { readonly requests: number },
  isOver: Effect.Effect<boolean>,
  progress: SoakOptions["progress"]
) {
  const isSilent = Effect.suspend(() => {
    const before = counts.requests
    return Effect.map(Effect.andThen(Effect.sleep(silence), isOver), (over) => over && counts.requests === before)
  })
  let least = Number.POSITIVE_INFINITY
  for (let tries = 0; ; tries++) {
    yield* Effect.repeat(isSilent, { until: (silent) => silent })
    const found = yield* world.look(queues)
    progress(`${found.left} messages are left`)
    if (found.left === 0 || tries >= patience) return found.dead
    if (found.left < least) tries = 0
    least = Math.min(least, found.left)
    yield* world.resume
  }
})

/** The check runs of all repositories of a fleet. */
const checksOf = (sandbox: Sandbox["Service"], { scenario }: Fleet) =>
  Effect.map(
    Effect.forEach(scenario.repositories, ({ name: repository }) =>
      Effect.map(Effect.orDie(sandbox.checkRuns(repository)), (all) => all.map((check) => ({ repository, check })))
    ),
    (all) => all.flat()
  )

/** The fleet of a seed. */
export const fleetFor = ({ runs, seed }: Pick<SoakOptions, "runs" | "seed">): Fleet =>
  fleetOf(chanceOf(seed), runs, listRunsWithinMillis)

/** Soaks a service beside the sandbox that is there, which holds the fleet. */
export const soak = <R>(options: SoakOptions, fleet: Fleet, makeWorld: MakeWorld<R>) =>
  Effect.gen(function* () {
    const { seed, folder, progress } = options
    const chance = chanceOf(seed)
    const sandbox = yield* Sandbox
    const { counts, nextStart, started } = yield* makeGitHub(seed)
    const world = yield* makeWorld({ seed, folder, nextStart })
    const begun = yield* Clock.currentTimeMillis
    const expected = fleet.runs.reduce((sum, { targets }) => sum + targets.length, 0)
    const report = Effect.gen(function* () {
      const seconds = Math.round(((yield* Clock.currentTimeMillis) - begun) / 1000)
      const { starts, requests } = counts
      progress(`${seconds} s: ${yield* started} of ${expected} started, by ${starts} requests of ${requests}`)
    })
    const results = watchResults(sandbox, chance)
    yield* Effect.forkScoped(results.deliver)
    const reporting = yield* Effect.forkChild(Effect.forever(Effect.andThen(report, Effect.sleep("5 seconds"))))
    const sending = yield* Effect.forkChild(
      sendAll(sandbox, fleet.runs, { chance, until: begun + Duration.toMillis(options.limit), atOnce: world.atOnce })
    )
    const isDone = Effect.map(started, (count) => sending.pollUnsafe() !== undefined && count >= expected)
    const blows = yield* chaos({ chance, times: options.kills, blows: world.blows, started, expected, isDone })
    const sent = yield* Fiber.join(sending)
    progress("everything is delivered; waiting until nothing is left to do")
    const deadLetters = yield* quiet(world, counts, results.isOver, progress)
    yield* Fiber.interrupt(reporting)
    const record = { ended: yield* results.ended, checks: yield* checksOf(sandbox, fleet) }
    const runs = yield* sandbox.startedRuns()
    const verdict = yield* world.look(judge(sent, runs, record))
    return { ...verdict, deadLetters, blows, crashes: world.crashes(), log: world.log } satisfies Soaked
  }).pipe(Effect.scoped)

/** The closing line. */
export const closingLine = (soaked: Soaked, seed: number): string => {
  const { offences, deadLetters, runs, orders, results, checks, longest } = soaked
  const found = faults.map((wanted) => `${wanted} ${offences.filter(({ fault }) => fault === wanted).length}`)
  return (
    `${found.join(" ")} dead letters ${deadLetters.length}, ` +
    `${runs} runs, ${orders} orders, ${results} results, ${checks} check runs, ` +
    `longest time to the right outcome ${(longest / 1000).toFixed(1)} s, seed ${seed}`
  )
}

/** Whether all is as it must be. */
export const isRight = ({ offences, deadLetters, crashes }: Soaked): boolean =>
  offences.length + deadLetters.length + crashes === 0
