/**
 * A model check of the claim protocol: a few orders for one target workflow, two workers whose clocks are wrong and jump, copies of their
 * messages at any time and in no order, workers that die, stop for longer than a lease, or lose the ledger's answers, and a GitHub that
 * acts late, lists late, and loses answers. Whatever happens, every order is started once, and settled with its own run.
 *
 * What the groups of the order queue promise is not used: the promise rests on the in-flight item alone. Each condition of the protocol was
 * taken out once, and this test failed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Layer, Logger, Random, Schema } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../src/domain/Order.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import * as Consent from "../../src/flow/Consent.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { GitHubApp } from "../../src/ports/GitHubApp.ts"
import { GitHubError, Unavailable } from "../../src/ports/GitHubError.ts"
import { TableError, TableUnavailable } from "../../src/ports/Table.ts"
import {
  delays,
  diesAfter,
  diesBefore,
  failsAfter,
  failsBefore,
  none,
  type Occurrences,
  type ScriptedFault
} from "../../src/testing/FaultScript.ts"
import * as FakeChecks from "../../src/testing/fakes/Checks.ts"
import * as FakeConfigSource from "../../src/testing/fakes/ConfigSource.ts"
import * as FakeFactBus from "../../src/testing/fakes/FactBus.ts"
import { Faults, layerFaults, layerPortsWithFaults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory as layerApp } from "../../src/testing/fakes/GitHubApp.ts"
import { layerMemory as layerQueues } from "../../src/testing/fakes/Queues.ts"
import * as FakeReports from "../../src/testing/fakes/Reports.ts"
import { layerMemory as layerTable } from "../../src/testing/fakes/Table.ts"
import { found } from "../fixtures/Configs.ts"
import { judge } from "../fixtures/Plans.ts"
import { propertyRuns } from "../fixtures/PropertyRuns.ts"
import { acceptance, repository } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { dispatchMessage, facts, putOff } from "./Harness.ts"
import * as ModelGitHub from "./ModelGitHub.ts"
import { source, target } from "./Orders.ts"

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const few = <S extends Schema.Constraint>(item: S, least: number, most: number) =>
  Schema.Array(item).check(Schema.isMinLength(least), Schema.isMaxLength(most))

/** What happens around one call of a port. */
const Event = Schema.Literals([
  "die before",
  "die after",
  "stop 40 s before",
  "stop 100 s before",
  "stop 40 s after",
  "fail",
  "fail after acting"
])
/**
 * By how much a worker takes GitHub's time wrong, and what happens to one of its own clocks: the wall clock is set, or the monotonic clock
 * stands still while the machine sleeps. Milliseconds.
 */
const WorkerClock = Schema.Struct({
  error: Schema.Literals([-1900, 0, 1900]),
  clock: Schema.Literals(["wall", "monotonic"]),
  jumps: few(Schema.Struct({ at: upTo(120_000), by: Schema.Literals([-3_600_000, -60_000, 5000, 3_600_000]) }), 0, 2)
})
const Case = Schema.Struct({
  seed: upTo(1_000_000),
  deliveries: few(Schema.Struct({ order: upTo(2), at: upTo(90_000), worker: upTo(1) }), 1, 6),
  starts: few(ModelGitHub.StartCourse, 0, 6),
  lists: few(Schema.Literals(["fine", "down"]), 0, 4),
  events: few(Schema.Struct({ call: upTo(60), event: Event }), 0, 4),
  clocks: few(WorkerClock, 2, 2)
})
type Case = typeof Case.Type

const sources = ["acme/app-1", "acme/app-2", "acme/app-3"]
const plans = sources.map((name, index) => {
  const run = { repository: name, repositoryId: index + 1 }
  const judged = judge({ run, source, targets: { "acme/deploy": target } })
  const plan = {
    ...acceptance(judged.run),
    config: { _tag: "Found" },
    decisions: judged.decisions,
    pending: []
  } as const
  return { plan, orders: judged.orders }
})
const files = new Map([
  ...sources.map((name) => [repository(name), found(source)] as const),
  [repository("acme/deploy"), found(target)] as const
])

const world = Layer.mergeAll(Ledger.layer, Consent.layer).pipe(
  Layer.provideMerge(layerPortsWithFaults),
  Layer.provideMerge(
    Layer.mergeAll(
      layerTable,
      layerQueues,
      FakeFactBus.layerMemory,
      layerApp,
      FakeConfigSource.layerMemory(files),
      ModelGitHub.layer,
      FakeReports.layerMemory,
      FakeChecks.layerMemory
    )
  ),
  Layer.provideMerge(Layer.mergeAll(layerFaults, Logger.layer([]), layerSettings()))
)

const answerLost = new TableError({
  operation: "write",
  reason: new TableUnavailable({ message: "the answer was lost" })
})
/** Only the Table fails. */
const ofTable =
  (fault: ScriptedFault): ScriptedFault =>
  (act, call) =>
    (call.operation.startsWith("Table.") ? fault : none)(act, call)
const faultOf: Readonly<Record<(typeof Event)["Type"], ScriptedFault>> = {
  "die before": diesBefore,
  "die after": diesAfter,
  "stop 40 s before": delays("40 seconds"),
  "stop 100 s before": delays("100 seconds"),
  "stop 40 s after": delays(0, "40 seconds"),
  fail: ofTable(failsBefore(answerLost)),
  "fail after acting": ofTable(failsAfter(answerLost))
}
/** A run that is never listed leaves a trace in one answer only: where that worker is troubled too, nothing shows it. */
const happening =
  ({ events, starts }: Case): Occurrences =>
  (n) => {
    if (starts.some(({ ends }) => ends.endsWith("never listed"))) return undefined
    const found = events.find(({ call }) => call === n - 1)
    return found && faultOf[found.event]
  }
const listDown = failsAfter(
  new GitHubError({ operation: "findStarted", reason: new Unavailable({ message: "HTTP 502" }) })
)

/** Runs as a worker whose clocks go as the case says. */
const asWorker =
  (clocks: Case["clocks"], worker: number, truth: Clock.Clock, app: GitHubApp["Service"]) =>
  <A, E, R>(work: Effect.Effect<A, E, R>) => {
    const { error, clock, jumps } = clocks[worker] ?? { error: 0, clock: "wall", jumps: [] }
    const jumped = () => jumps.reduce((sum, { at, by }) => (at <= truth.currentTimeMillisUnsafe() ? sum + by : sum), 0)
    const wall = () => truth.currentTimeMillisUnsafe() + (clock === "wall" ? jumped() : 0)
    const stoodStill = () => BigInt(clock === "wall" ? 0 : Math.min(0, jumped())) * 1_000_000n
    return work.pipe(
      Effect.provideService(GitHubApp, { ...app, now: Effect.map(app.now, (now) => Math.max(0, now + error)) }),
      Effect.provideService(Clock.Clock, {
        ...truth,
        monotonicTimeNanosUnsafe: () => truth.monotonicTimeNanosUnsafe() + stoodStill(),
        sleep: (duration) => truth.sleep(duration),
        currentTimeMillisUnsafe: wall,
        currentTimeMillis: Effect.sync(wall)
      })
    )
  }

/** A message that a queue hands out until it is done; a worker that died had it for five seconds more. */
const handedOut = Effect.fnUntraced(function* (given: Case, order: Order, at: number, first: number) {
  const truth = yield* Clock.Clock
  const app = yield* GitHubApp
  let worker = first
  yield* Effect.sleep(at)
  for (let attempt = 1; attempt <= 60; attempt++) {
    const handled = dispatch.handle(dispatchMessage(order, { attempt: Math.min(attempt, 4) }))
    const exit = yield* Effect.exit(handled.pipe(asWorker(given.clocks, worker, truth, app)))
    if (Exit.isSuccess(exit) && exit.value._tag === "Done") return
    yield* Effect.sleep(Exit.isSuccess(exit) ? putOff(exit.value) : "5 seconds")
    worker = 1 - worker
  }
})

const live = Effect.fnUntraced(
  function* (given: Case) {
    const faults = yield* Faults
    const github = yield* ModelGitHub.ModelRuns
    const ledger = yield* Ledger.Ledger
    yield* Effect.forEach(plans, ({ plan, orders }) => ledger.savePlan(plan, orders, undefined))
    const orders = plans.flatMap((each) => each.orders)
    yield* github.expect(given.starts)
    yield* faults.next("Workflows.findStarted", ...given.lists.map((list) => (list === "down" ? listDown : none)))
    yield* faults.on(/./, happening(given))
    const messages = [...given.deliveries, ...orders.map((_, order) => ({ order, at: 95_000, worker: order % 2 }))]
    yield* Effect.forEach(messages, ({ order, at, worker }) => {
      const about = orders[order]
      return about === undefined ? Effect.void : Effect.forkChild(handedOut(given, about, at, worker))
    })
    yield* TestClock.adjust("3 hours")
    yield* faults.clear
    return orders
  },
  (effect, { seed }) => Random.withSeed(effect, seed)
)

const check = Effect.fnUntraced(function* (order: Order) {
  const ledger = yield* Ledger.Ledger
  const github = yield* ModelGitHub.ModelRuns
  const own = (yield* github.all).filter((each) => each.order.id === order.id)
  assert.lengthOf(own, 1, `${order.id} was started once`)
  const [standing] = yield* standingsOf(ledger, runKey(order.run))
  const [known] = own.filter(({ listedAt }) => listedAt !== Number.POSITIVE_INFINITY)
  assert.deepStrictEqual(standing?.outcome, { _tag: "Dispatched", started: known?.run ?? null })
  if (known !== undefined)
    assert.strictEqual(yield* ledger.boundTo(order, known.run.id), order.id, "its run is bound to it")
  const published = (yield* facts("dispatch.trigger.succeeded")).filter(({ data }) => data.orderId === order.id)
  assert.lengthOf(published, 1, "one fact")
})

describe("the claim protocol", () => {
  it.effect.prop(
    "starts every order once and settles it with its own run",
    [Case],
    ([given]) =>
      Effect.gen(function* () {
        yield* Effect.forEach(yield* live(given), check)
      }).pipe(Effect.scoped, Effect.provide(world)),
    { timeout: Duration.toMillis("10 minutes"), arbitrary: { runs: propertyRuns(100), seed: "claims" } }
  )
})
