/** When planning publishes: once where all goes well, and a run whose plan takes long is visible before it. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Fact } from "../../src/domain/Fact.ts"
import { foldRun } from "../../src/domain/RunFold.ts"
import type { SourceRun } from "../../src/domain/SourceRun.ts"
import { plan } from "../../src/flow/Plan.ts"
import type { PlanMessage } from "../../src/flow/Queues.ts"
import { FactBusError } from "../../src/ports/FactBus.ts"
import { Unavailable } from "../../src/ports/GitHubError.ts"
import { done, type Received } from "../../src/ports/WorkQueue.ts"
import { diesAfter, diesBefore, failsBefore, refused, type ScriptedFault } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { unreachable } from "../fixtures/Configs.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"
import { facts, operationsOf, planMessage, putOff, scenario, set, waitingReports } from "./Harness.ts"
import { dispatched, oneOrder, target } from "./Orders.ts"
import { configs, ordinaryWorld, sourceOf } from "./Plans.ts"

const run = sourceRun()
const ordinary = ["accepted", "plan.created", "target.queued", "target.queued", "target.denied"]
const away = refused(new Unavailable({ message: "HTTP 502" }))
const busDown = failsBefore(new FactBusError({ message: "down" }))

/** The types of the facts of each call of the bus that some work makes. */
const publishedBy = <E, R>(work: Effect.Effect<unknown, E, R>) =>
  Effect.map(
    Faults.use((faults) => faults.callsOf(work)),
    (calls) =>
      calls
        .filter(({ operation }) => operation === "FactBus.publish")
        .map(({ input }) =>
          (input[0] as ReadonlyArray<Fact>).map(({ type }) => type.replace(/^dispatch\.(request\.)?/u, ""))
        )
  )
const handled = (message: Received<PlanMessage>) => publishedBy(plan.handle(message))
const fails = (
  operation: "ConfigSource.load" | "FactBus.publish" | "OrderQueue.offer",
  ...faults: Array<ScriptedFault>
) => Faults.use(({ next }) => next(operation, ...faults))

/** Since when the run waits for its plan, by what was published of it. */
const waitsSince = Effect.gen(function* () {
  const [first, ...others] = yield* facts()
  return first === undefined ? undefined : foldRun([first, ...others]).contribution?.waiting?.unplannedSince
})

/** What an order started has ended: the run of that delivery. */
const ofOurs = Effect.gen(function* () {
  const order = yield* oneOrder()
  assert.deepStrictEqual(yield* dispatched(order), done)
  const [started] = yield* StartedWorkflows.use(({ all }) => all)
  const { repository, workflow } = order.target
  const runId = Number(started?.run.id ?? assert.fail("nothing was started"))
  return sourceRun({
    ...{ repository, repositoryId: 77, workflow, runId },
    event: "workflow_dispatch"
  }) satisfies SourceRun
})

describe("a run that is handled for the first time", () => {
  scenario(
    "is published in one call, with all that was decided",
    Effect.gen(function* () {
      yield* ordinaryWorld
      assert.deepStrictEqual(yield* handled(planMessage(run)), [ordinary])
    })
  )

  scenario(
    "is published with what was decided so far, where a target is out of reach, and waits for its plan",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* set("acme/site", unreachable("unavailable"))
      assert.deepStrictEqual(yield* handled(planMessage(run)), [["accepted", "target.queued", "target.denied"]])
      assert.strictEqual(yield* waitsSince, acceptance(run).acceptedAt)
    })
  )

  scenario(
    "brings the result of the order that started it in the same call",
    Effect.gen(function* () {
      const ours = yield* ofOurs
      yield* set("acme/deploy", target)
      const [all = [], ...others] = yield* handled(planMessage(ours))
      assert.deepStrictEqual([all, others], [["accepted", "run.completed", "ignored"], []])
    })
  )

  const endings: ReadonlyArray<readonly [string, Effect.Effect<void, never, Faults>]> = [
    ["GitHub is out of reach", configs(away)],
    ["the planner has a bug", configs(() => Effect.die("a bug"))],
    ["its orders cannot be offered", fails("OrderQueue.offer", busDown)]
  ]
  for (const [what, trouble] of endings) {
    scenario(
      `is published as accepted where there is no plan since ${what}, and at once with the next attempt`,
      Effect.gen(function* () {
        yield* ordinaryWorld
        yield* trouble
        assert.deepStrictEqual(yield* handled(planMessage(run)), [["accepted"]])
        assert.strictEqual(yield* waitsSince, acceptance(run).acceptedAt)
        assert.deepStrictEqual(yield* handled(planMessage(run, { attempt: 2 })), [["accepted"], ordinary.slice(1)])
        assert.lengthOf(yield* facts(), 5)
      })
    )
  }

  scenario(
    "has its result published and reported although it cannot be planned",
    Effect.gen(function* () {
      const ours = yield* ofOurs
      const before = yield* waitingReports
      yield* configs(away)
      assert.deepStrictEqual(yield* handled(planMessage(ours)), [["accepted", "run.completed"]])
      assert.strictEqual(yield* waitingReports, before + 1)
    })
  )

  scenario(
    "comes again where neither GitHub nor the bus answers, for what GitHub said",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* configs(away)
      yield* fails("FactBus.publish", busDown)
      const verdict = yield* plan.handle(planMessage(run))
      putOff(verdict)
      assert.include(verdict, { _tag: "Retry" } as const)
      assert.include(JSON.stringify(verdict), "HTTP 502")
      assert.lengthOf(yield* facts(), 0)
      assert.deepStrictEqual(yield* handled(planMessage(run, { attempt: 2 })), [["accepted"], ordinary.slice(1)])
    })
  )

  scenario(
    "comes again where the bus fails, and is published whole",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* fails("FactBus.publish", busDown)
      putOff(yield* plan.handle(planMessage(run)))
      assert.deepStrictEqual(yield* handled(planMessage(run, { attempt: 2 })), [["accepted"], ordinary.slice(1)])
    })
  )

  for (const [where, death] of [
    ["before GitHub answers", configs(diesBefore)],
    ["between offering its orders and publishing", fails("OrderQueue.offer", diesAfter)]
  ] as const) {
    scenario(
      `is published at once by the next process, where one dies ${where}, whatever the attempt's number`,
      Effect.gen(function* () {
        yield* ordinaryWorld
        yield* death
        assert.deepStrictEqual(yield* publishedBy(Effect.exit(plan.handle(planMessage(run)))), [])
        const operations = yield* operationsOf(plan.handle(planMessage(run)))
        assert.deepStrictEqual(operations.slice(0, 4), ["Table.write", "Table.get", "Table.append", "FactBus.publish"])
        assert.lengthOf(yield* facts(), 5)
      })
    )
  }

  scenario(
    "is published before anything else where it waited so long that its first attempt is its last",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* configs(diesBefore)
      const last = planMessage(run, { lastAttempt: true })
      assert.deepStrictEqual(yield* publishedBy(Effect.exit(plan.handle(last))), [["accepted"]])
    })
  )
})

describe("a replay", () => {
  scenario(
    "is published at once, with who asked for it, since a person waits",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      yield* plan.handle(planMessage(run))
      const { body, ...rest } = planMessage(run)
      const replay = { by: "octocat", at: "1970-01-01T00:01:00.000Z" }
      const calls = yield* handled({ ...rest, body: { ...body, generation: 1, replay } })
      assert.deepStrictEqual(calls, [
        ["accepted", "replay.requested"],
        ["plan.created", "target.queued"],
        ["plan.created"]
      ])
    })
  )
})
