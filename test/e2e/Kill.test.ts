/**
 * SIGKILL at any point after a delivery was accepted, and a start of the service on the same data and port: every allowed target is
 * started exactly once and bound to its order, its result is counted once, there are one report and one check run, which is right, and every
 * fact is counted once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { WorkflowRunCompleted } from "../../src/sandbox/WorkflowRunEvent.ts"
import {
  checksOf,
  complete,
  idle,
  outcomesOf,
  recorded,
  redeliverLost,
  startedFor,
  startedIds,
  startedIn,
  until
} from "./Journeys.ts"
import { type Program, runService } from "./Processes.ts"
import { fleet, scenario, shop, source, startPath, target } from "./Scenarios.ts"
import { freePort, github, scratchFolder, service } from "./World.ts"

/**
 * Three targets that agree, and whose runs end soon: one whose answer GitHub loses, one for which it answers 502 first. One refuses, which
 * makes a comment.
 */
const targets = ["acme/deploy", "acme/docs", "partner/portal"]
const troubled = scenario(
  [
    source(shop.repository, [...targets, "acme/payments"]),
    ...targets.map((name) => target(name)),
    target("acme/payments", "inbound: []")
  ],
  {
    startedRuns: { default: [{ ends: "later", afterMillis: 200, conclusion: "success" }] },
    faults: [
      { method: "POST", path: startPath("acme/docs"), drop: "after" },
      { method: "POST", path: startPath("partner/portal"), answer: { status: 502 } }
    ]
  }
)

/** A port and a folder for all services of a test. */
interface Place {
  readonly port: number
  readonly dataDir: string
}
const place: Effect.Effect<Place, never, Effect.Services<typeof scratchFolder>> = Effect.all({
  port: freePort,
  dataDir: scratchFolder
})

/** The service in this process where another died. */
const restarted = ({ port, dataDir }: Place) => service({ PORT: port, DATA_DIR: dataDir })

const isShown = Sandbox.use(({ issues, checkRuns }) =>
  Effect.andThen(
    until(issues("acme/shop"), ([issue]) => issue !== undefined && issue.comments.length > 0),
    until(checkRuns("acme/shop"), ([check]) => check?.status === "completed")
  )
)

/** What must be true in the end, however often the service died. */
const exactlyOnce = Effect.fnUntraced(function* (payload: WorkflowRunCompleted, story: string) {
  // The run itself and those that it started: the last of them may be started, and end, only now.
  yield* until(redeliverLost, (runs) => runs === 1 + targets.length)
  yield* redeliverLost
  yield* idle
  assert.deepStrictEqual(yield* startedIn(payload), targets, story)
  assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload), story)
  const [issue, ...others] = yield* Sandbox.use(({ issues }) => issues("acme/shop"))
  assert.deepStrictEqual(others, [], story)
  assert.strictEqual((issue?.body ?? "").split(`[${payload.workflow_run.id}]`).length, 2, story)
  for (const { htmlUrl } of yield* startedFor(payload)) assert.include(issue?.body ?? "", htmlUrl, story)
  assert.strictEqual(issue?.comments.length, 1, story)
  assert.deepStrictEqual(yield* checksOf(payload), ["neutral: 1 refused, 3 succeeded"], story)
  // Runs that were started start nothing themselves.
  const runs = { accepted: 4, planned: 1, ignored: 3 }
  const facts = { ...runs, queued: 3, denied: 1, dispatched: 3, completed: 3 }
  assert.deepStrictEqual(yield* recorded, facts, story)
})

/** The kill points that a program has reached. */
const pointsOf = ({ said }: Program) => Effect.map(said, (text) => text.match(/(?<=^point: ).*/gm) ?? [])

/**
 * Waits until a program is dead: at its kill point, or by our hand when it has done everything without reaching that. Then it leaves the code
 * that it has compiled to the next ones, which saves each of them a third of its processor time.
 */
const dies = ({ ended, signal }: Program) =>
  Effect.raceFirst(
    ended,
    isShown.pipe(
      Effect.andThen(signal("SIGUSR2")),
      Effect.andThen(Effect.sleep("500 millis")),
      Effect.andThen(signal("SIGKILL")),
      Effect.andThen(ended)
    )
  )

/** Accepting a delivery is three writes. */
const firstAfterAnswer = 4

/** Whether a death there is another case than those before it: where results come in, much is done once more. */
const isAnotherCase = (point: string): boolean =>
  / \(1\)$/.test(point) || (/ \(2\)$/.test(point) && !/^(fact|order|report)\./.test(point))

describe("a service that dies", () => {
  /** Delivers a run, waits for the death at a kill point, starts again; gives the points that were reached before. */
  const dieAt = (point: string) =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const where = yield* place
      const program = yield* runService(where, { KILL_AT: point })
      const payload = yield* complete()
      yield* sandbox.deliver(payload)
      assert.strictEqual((yield* dies(program)).signal, "SIGKILL")
      const points = yield* pointsOf(program)
      yield* exactlyOnce(payload, `died at ${points.at(-1)}`).pipe(Effect.provide(restarted(where)))
      return points
    }).pipe(Effect.scoped, Effect.provide(github(troubled)))

  it.live("at any point has done everything once when it was started again", () =>
    Effect.gen(function* () {
      const points = (yield* dieAt("never")).filter(isAnotherCase)
      assert.isAbove(points.length, 40, "GitHub's troubles and the results are among the points")
      const reached = yield* Effect.forEach(points, dieAt, { concurrency: 6 })
      const missed = points.filter((point, index) => reached[index]?.at(-1) !== point)
      // How often something is tried, taken and given back depends on who is quicker.
      assert.deepStrictEqual(
        missed.filter((point) => /^(?!changed).*(asked|answered|plan|report).*\(1\)$/.test(point)),
        []
      )
      assert.isAbove(points.length - missed.length, 20)
    })
  )

  it.live("again and again, each time two steps later, comes to its end", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const where = yield* place
      const payload = yield* complete()
      /** Dies after so many steps, then after two more; gives the number that it did not reach. */
      const dieAfter = (steps: number): Effect.Effect<number, unknown, Sandbox> =>
        Effect.gen(function* () {
          const program = yield* runService(where, { KILL_AT: String(steps) })
          if (steps === firstAfterAnswer) yield* sandbox.deliver(payload)
          yield* redeliverLost
          yield* dies(program)
          return (yield* pointsOf(program)).length === steps
        }).pipe(
          Effect.scoped,
          Effect.flatMap((died) => (died ? dieAfter(steps + 2) : Effect.succeed(steps)))
        )
      const enough = yield* dieAfter(firstAfterAnswer)
      assert.isAbove(enough, firstAfterAnswer + 4)
      yield* exactlyOnce(payload, `died after up to ${enough - 2} steps`).pipe(Effect.provide(restarted(where)))
    }).pipe(Effect.provide(github(troubled)))
  )
})

describe.concurrent("GitHub, when the service dies", () => {
  const path = startPath("acme/deploy")
  const starts = Sandbox.use(({ requests }) =>
    Effect.map(requests, (all) => all.filter((request) => request.path === path).length)
  )

  it.live("may act on a request after the death of who made it", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.injectFault({ method: "POST", path, delayMillis: 800 })
      const where = yield* place
      const program = yield* runService(where)
      const payload = yield* complete()
      yield* sandbox.deliver(payload)
      yield* until(starts, (count) => count === 1)
      yield* program.signal("SIGKILL")
      yield* program.ended
      yield* exactlyOnce(payload, "died while GitHub was slow").pipe(Effect.provide(restarted(where)))
    }).pipe(Effect.provide(github(troubled)))
  )

  for (const acted of [1, 2]) {
    it.live(`may have acted on ${acted} of the 2 requests made for one target workflow that 8 runs start`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const slowly = { method: "POST", path, delayMillis: 800 }
        yield* sandbox.injectFault(
          { method: "POST", path, delayMillis: 1 },
          acted === 1 ? { ...slowly, drop: "before" } : slowly
        )
        const where = yield* place
        const program = yield* runService(where)
        const payloads = yield* Effect.forEach(Array(8).keys(), () => complete())
        yield* Effect.forEach(payloads, (payload) => sandbox.deliver(payload), { concurrency: 8 })
        yield* until(starts, (count) => count === 2)
        yield* program.signal("SIGKILL")
        yield* program.ended
        yield* Effect.gen(function* () {
          yield* idle
          for (const payload of payloads) {
            assert.deepStrictEqual(yield* startedIn(payload), ["acme/deploy"])
            assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
          }
        }).pipe(Effect.provide(restarted(where)))
      }).pipe(Effect.provide(github(fleet(["acme/deploy"]))))
    )
  }
})
