/** Having a delivery planned again: what failed is started, what was started is not, what is not known is found out. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type Acceptance, DeliveryId, type SourceRun } from "../../src/domain/SourceRun.ts"
import { plan } from "../../src/flow/Plan.ts"
import { record } from "../../src/flow/Record.ts"
import { layer as layerReplays, NoSuchDelivery, Replays } from "../../src/flow/Replay.ts"
import { report } from "../../src/flow/Report.ts"
import { rollup } from "../../src/flow/Rollup.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { NotFound, Unprocessable } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import * as Queries from "../../src/readmodel/Queries.ts"
import * as Recorder from "../../src/readmodel/Recorder.ts"
import {
  delays,
  diesAfter,
  diesBefore,
  lostAfterActing,
  lostBeforeActing,
  none,
  nth,
  refused,
  type ScriptedFault
} from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { absent } from "../fixtures/Configs.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"
import {
  deliver,
  factMessage,
  facts,
  planMessage,
  progressOf,
  reportMessage,
  scenario,
  set,
  untilQuiet,
  workers
} from "./Harness.ts"
import { target, workflows } from "./Orders.ts"
import { ordersOf, ordinaryWorld, planOf, sourceOf } from "./Plans.ts"
import { issues } from "./Reportable.ts"

const run = sourceRun()
const { deliveryId } = acceptance(run)

/** Accepts and plans the run and does all that follows, with these faults of the starts, one each. */
const happened = Effect.fnUntraced(function* (...faults: ReadonlyArray<ScriptedFault>) {
  const ledger = yield* Ledger
  yield* ledger.accept(acceptance(run))
  yield* workflows("start", ...faults)
  yield* workers
  yield* deliver(run)
  yield* untilQuiet
})

const replay = (id = deliveryId, by = "octocat") =>
  Effect.flatMap(Replays, (replays) => replays.replay(id, by)).pipe(Effect.provide(layerReplays))

const replayed = Effect.fnUntraced(function* (by?: string) {
  const { generation } = yield* replay(deliveryId, by)
  yield* untilQuiet
  return generation
})

const started = Effect.map(
  StartedWorkflows.use(({ all }) => all),
  (all) => all.map(({ order }): string => order.target.repository)
)

/** What was published of a generation, in short: `queued deploy`. */
const published = Effect.fnUntraced(function* (generation: number) {
  const all = (yield* facts()).filter(({ data }) => data.generation === generation)
  return all
    .map((fact) => [fact.type.split(".")[2], ...("target" in fact.data ? [fact.data.target.repository.slice(5)] : [])])
    .map((words) => words.join(" "))
    .sort()
})

/** Records everything that was published: nothing may be left that seems to wait. */
const nothingWaits = Effect.gen(function* () {
  const verdicts = yield* record.handleAll((yield* facts()).map((fact) => factMessage(fact)))
  for (const verdict of verdicts) assert.deepStrictEqual(verdict, done)
  for (let tick = 0; tick < 5; tick++) {
    yield* TestClock.adjust("1 minute")
    yield* rollup
  }
  const { backlog } = yield* (yield* DashboardQueries).health
  assert.deepStrictEqual(backlog, { unplanned: 0, unsettled: 0 })
}).pipe(Effect.provide(Layer.merge(Recorder.layer, Queries.layer)))

const notFound = refused(new NotFound({ message: "Not Found" }))
const unprocessable = refused(new Unprocessable({ message: "no such input" }))

describe("a replay", () => {
  scenario(
    "starts nothing again that was started, and is published and reported",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* happened()
      assert.sameMembers([...(yield* started)], ["acme/deploy", "acme/site"])
      assert.strictEqual(yield* replayed("hubot"), 1)
      assert.lengthOf(yield* started, 2)
      const [asked] = yield* facts("dispatch.replay.requested")
      assert.deepInclude(asked?.data, { by: "hubot", generation: 1, deliveryId })
      assert.deepStrictEqual(yield* published(1), ["created", "denied closed", "published", "requested"])
      assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 2, complete: true, reported: true })
      yield* nothingWaits
    })
  )

  scenario(
    "starts what failed, and only that",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* happened(notFound)
      const before = yield* started
      assert.lengthOf(before, 1)
      yield* replayed()
      assert.sameMembers([...(yield* started)], ["acme/deploy", "acme/site"])
      const name = before[0] === "acme/site" ? "deploy" : "site"
      assert.deepStrictEqual(yield* published(1), [
        "created",
        "denied closed",
        "published",
        `queued ${name}`,
        "requested",
        `succeeded ${name}`
      ])
      assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 2, complete: true, reported: true })
      const [issue] = yield* issues
      assert.notInclude(issue?.body, "Not Found")
      yield* nothingWaits
    })
  )

  scenario(
    "may fail again, and be asked for again",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* happened(notFound, none, unprocessable)
      assert.strictEqual(yield* replayed(), 1)
      assert.lengthOf(yield* started, 1)
      assert.strictEqual(yield* replayed(), 2)
      assert.lengthOf(yield* started, 2)
      assert.lengthOf(yield* facts("dispatch.trigger.failed"), 2)
      assert.lengthOf(yield* facts("dispatch.report.published"), 3)
      yield* nothingWaits
    })
  )

  scenario(
    "goes by the configs of now: new targets are started, targets that let no source in any more are not",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* happened(notFound, notFound)
      assert.deepStrictEqual(yield* started, [])
      yield* set("acme/closed", target)
      yield* set("acme/deploy", absent)
      yield* replayed()
      assert.sameMembers([...(yield* started)], ["acme/closed", "acme/site"])
      const plan = yield* planOf(run)
      assert.strictEqual(plan?.generation, 1)
      assert.deepStrictEqual(
        plan?.decisions.map(({ _tag, target }) => `${target.repository} ${_tag}`),
        ["acme/deploy Denied", "acme/site Allowed", "acme/closed Allowed"]
      )
      yield* nothingWaits
    })
  )

  scenario(
    "starts what was withdrawn, once both sides agree again; until then it is published, counted and reported as withdrawn",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      const ledger = yield* Ledger
      yield* ledger.accept(acceptance(run))
      yield* plan.handle(planMessage(run))
      const [order = assert.fail("there is an order")] = yield* ordersOf(run)
      yield* set("acme/deploy", "inbound: []")
      yield* TestClock.adjust("2 minutes")
      yield* workers
      yield* untilQuiet
      assert.deepStrictEqual(yield* started, [])
      assert.deepStrictEqual(yield* published(0), [
        "accepted",
        "created",
        "published",
        "queued deploy",
        "withdrawn deploy"
      ])
      const [withdrawn] = yield* facts("dispatch.trigger.withdrawn")
      assert.deepInclude(withdrawn?.data, { orderId: order.id, code: "inbound_not_allowed" })
      const [created] = yield* facts("dispatch.plan.created")
      assert.deepInclude(created?.data, { allowed: 1, denied: 0 })
      const [issue] = yield* issues
      assert.match(issue?.body ?? "", /🚫 withdrawn <code>inbound&#95;not&#95;allowed<\/code>: No inbound rule/)
      assert.lengthOf(issue?.comments ?? [], 1)
      yield* set("acme/deploy", target)
      yield* TestClock.adjust("2 minutes")
      yield* replayed()
      assert.deepStrictEqual(yield* started, ["acme/deploy"])
      assert.deepStrictEqual(yield* progressOf(run), { expected: 1, settled: 1, complete: true, reported: true })
      yield* nothingWaits
    })
  )

  scenario(
    "leaves decided as it was what was started, even if it would be denied by now",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* happened()
      yield* set("acme/app", sourceOf("site"))
      yield* set("acme/site", absent)
      yield* replayed()
      assert.lengthOf(yield* started, 2)
      const [issue] = yield* issues
      assert.include(issue?.body, "acme/deploy")
      assert.strictEqual(yield* Effect.map(facts("dispatch.target.denied"), (all) => all.length), 1)
      yield* nothingWaits
    })
  )

  for (const acted of [true, false]) {
    scenario(
      `looks first at what an unknown outcome left behind: ${acted ? "it had been started" : "it is started"}`,
      Effect.gen(function* () {
        yield* set("acme/app", sourceOf("deploy"))
        yield* set("acme/deploy", target)
        const unreachable = refused(new NotFound({ message: "Not Found" }))
        yield* workflows("findStarted", unreachable)
        yield* happened(acted ? lostAfterActing : lostBeforeActing)
        assert.lengthOf(yield* facts("dispatch.trigger.unknown"), 1)
        yield* replayed()
        assert.deepStrictEqual(yield* started, ["acme/deploy"])
        assert.deepStrictEqual(yield* published(1), [
          "created",
          "published",
          "queued deploy",
          "requested",
          "succeeded deploy"
        ])
        yield* nothingWaits
      })
    )
  }

  scenario(
    "does not touch what is under way",
    Effect.gen(function* () {
      yield* ordinaryWorld
      const ledger = yield* Ledger
      yield* ledger.accept(acceptance(run))
      yield* workflows("start", delays("20 seconds"), delays("20 seconds"))
      yield* workers
      yield* deliver(run)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* started, 0)
      yield* replayed()
      assert.sameMembers([...(yield* started)], ["acme/deploy", "acme/site"])
      assert.deepStrictEqual(yield* published(1), ["created", "denied closed", "published", "requested"])
      yield* nothingWaits
    })
  )

  scenario(
    "is not reported before its orders have ended, whatever asks for it",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* Effect.scoped(happened(notFound))
      yield* replay()
      yield* plan.handle({ ...planMessage(run), body: { ...planMessage(run).body, generation: 1 } })
      assert.deepStrictEqual(yield* report.handle(reportMessage(run)), done)
      assert.isFalse((yield* progressOf(run))?.reported)
      yield* workers
      yield* untilQuiet
      assert.isTrue((yield* progressOf(run))?.reported)
      assert.lengthOf(yield* facts("dispatch.report.published"), 2)
    })
  )

  scenario(
    "of a delivery that was ignored plans it as if it came now",
    Effect.gen(function* () {
      yield* set("acme/app", absent)
      yield* happened()
      assert.lengthOf(yield* facts("dispatch.request.ignored"), 1)
      yield* replayed()
      assert.deepStrictEqual(yield* published(1), ["ignored", "requested"])
      yield* ordinaryWorld
      assert.strictEqual(yield* replayed(), 2)
      assert.sameMembers([...(yield* started)], ["acme/deploy", "acme/site"])
    })
  )

  scenario(
    "of a delivery that is not known is refused",
    Effect.gen(function* () {
      const error = yield* Effect.flip(replay(DeliveryId.make("never-heard-of")))
      assert.isTrue(error instanceof NoSuchDelivery)
      assert.deepStrictEqual(yield* facts(), [])
    })
  )

  scenario(
    "names everybody who asks, also for two deliveries of one run, and at once",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* happened(notFound)
      const other: Acceptance = { ...acceptance(run), deliveryId: DeliveryId.make("another-delivery") }
      yield* (yield* Ledger).accept(other)
      const people = ["ada", "bob", "cyd", "dan"]
      const answers = yield* Effect.forEach(
        people,
        (by, index) => replay(index % 2 === 0 ? deliveryId : other.deliveryId, by),
        { concurrency: "unbounded" }
      )
      assert.sameMembers(
        answers.map(({ generation }) => generation),
        [1, 2, 3, 4]
      )
      yield* untilQuiet
      const asked = yield* facts("dispatch.replay.requested")
      assert.sameMembers(
        asked.map(({ data }) => data.by),
        people
      )
      assert.sameMembers([...(yield* started)], ["acme/deploy", "acme/site"])
      assert.strictEqual((yield* planOf(run))?.generation, 4)
      yield* nothingWaits
    })
  )

  const steps = 24
  for (const acted of [false, true]) {
    scenario(
      `after the planner or dispatcher died ${acted ? "after" : "before"} any step: every target once, and one report`,
      Effect.forEach(
        Array.from({ length: steps }, (_, step) => step),
        (step) =>
          Effect.gen(function* () {
            const at: SourceRun = sourceRun({ runId: 100 + step })
            const accepted = { ...acceptance(at), deliveryId: DeliveryId.make(`delivery-${step}`) }
            const ledger = yield* Ledger
            const faults = yield* Faults
            yield* ordinaryWorld
            yield* ledger.accept(accepted)
            yield* workflows("start", notFound, none)
            yield* Effect.scoped(
              Effect.gen(function* () {
                yield* workers
                yield* deliver(at)
                yield* untilQuiet
              })
            )
            const before = (yield* started).length
            yield* replay(accepted.deliveryId)
            yield* faults.on(/./, nth(step + 1, acted ? diesAfter : diesBefore))
            const dying = yield* Effect.forkChild(Effect.scoped(Effect.andThen(workers, untilQuiet)))
            yield* Fiber.await(dying)
            yield* faults.clear
            yield* Effect.scoped(Effect.andThen(workers, untilQuiet))
            assert.strictEqual((yield* started).length, before + 1, `step ${step}`)
            const progress = yield* progressOf(at)
            assert.deepStrictEqual(
              progress,
              { expected: 2, settled: 2, complete: true, reported: true },
              `step ${step}`
            )
            const all = (yield* facts()).filter(({ data }) => data.runId === at.runId && data.generation === 1)
            assert.lengthOf(
              all.filter(({ type }) => type === "dispatch.report.published"),
              1
            )
            assert.lengthOf(
              all.filter(({ type }) => type === "dispatch.trigger.succeeded"),
              1
            )
          }),
        { discard: true }
      )
    )
  }
})
