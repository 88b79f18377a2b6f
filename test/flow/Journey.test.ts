/** Whole journeys through the stages, as the workers of a server make them, and what is logged on the way. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { FactBusError } from "../../src/ports/FactBus.ts"
import { NotFound, RateLimited, Unavailable } from "../../src/ports/GitHubError.ts"
import { TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { each, failsBefore, lostAfterActing, none, refused, type ScriptedFault } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { WrittenIssues } from "../../src/testing/fakes/Reports.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { unreachable } from "../fixtures/Configs.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { deliver, facts, Logs, progressOf, scenario, set, untilQuiet, workers } from "./Harness.ts"
import { workflows } from "./Orders.ts"
import { configs, ordinaryWorld, sourceOf } from "./Plans.ts"
import { writing } from "./Reportable.ts"

const run = sourceRun()
const started = Effect.map(
  StartedWorkflows.use(({ all }) => all),
  (all) => all.map(({ order }) => `${order.target.repository} after attempt ${order.run.attempt}`).toSorted()
)

describe("a journey", () => {
  scenario(
    "goes from a completed run to started workflows, and ends with a report",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* deliver(run)
      yield* workers
      yield* untilQuiet
      assert.deepStrictEqual(yield* started, ["acme/deploy after attempt 1", "acme/site after attempt 1"])
      assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 2, complete: true, reported: true })
      assert.deepStrictEqual(
        (yield* facts()).map(({ type }) => type.slice("dispatch.".length)),
        [
          "request.accepted",
          "plan.created",
          "target.queued",
          "target.queued",
          "target.denied",
          "trigger.succeeded",
          "trigger.succeeded",
          "report.published"
        ]
      )
      const [issue] = yield* WrittenIssues.use(({ all }) => all)
      assert.lengthOf(issue?.body.match(/⏳/g) ?? [], 2)
      assert.lengthOf(issue?.body.match(/🚫/g) ?? [], 1)
    })
  )

  scenario(
    "is one, however many copies of its delivery arrive",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* Effect.replicateEffect(deliver(run), 5)
      yield* workers
      yield* untilQuiet
      yield* deliver(run)
      yield* untilQuiet
      assert.lengthOf(yield* started, 2)
      const [issue] = yield* WrittenIssues.use(({ all }) => all)
      assert.lengthOf(issue?.comments ?? [], 1)
    })
  )

  scenario(
    "is another when the run is run again",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* workers
      for (const attempt of [1, 2]) {
        yield* deliver(sourceRun({ attempt }))
        yield* untilQuiet
      }
      assert.deepStrictEqual(yield* started, [
        "acme/deploy after attempt 1",
        "acme/deploy after attempt 2",
        "acme/site after attempt 1",
        "acme/site after attempt 2"
      ])
    })
  )

  scenario(
    "waits for none of its targets: a target that fails or is out of reach holds up no other",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* set("acme/app", sourceOf("deploy", "gone", "site"))
      yield* set("acme/gone", unreachable("unavailable", "HTTP 502"))
      yield* workflows("start", refused(new NotFound({ message: "Not Found" })), none)
      yield* deliver(run)
      yield* workers
      // What can be done at once is done before time passes.
      yield* Effect.repeat(Effect.yieldNow, { times: 1000 })
      yield* untilQuiet
      const [first] = yield* StartedWorkflows.use(({ all }) => all)
      assert.isBelow(first?.at ?? Number.POSITIVE_INFINITY, 1000)
      assert.deepStrictEqual(yield* progressOf(run), { expected: 2, settled: 2, complete: true, reported: true })
      assert.lengthOf(yield* facts("dispatch.trigger.failed"), 1)
      assert.lengthOf(yield* facts("dispatch.trigger.succeeded"), 1)
      assert.lengthOf(yield* facts("dispatch.target.denied"), 1)
    })
  )
})

describe("the log of a journey", () => {
  const common = ["deliveryId", "source", "workflow", "run"]
  const fieldsOf: Readonly<Record<string, ReadonlyArray<string>>> = {
    "order settled": ["orderId", "target", "outcome", "started", "attempt", "elapsed", "chainRoot", "chainDepth"],
    "run planned": ["outcome", "generation", "allowed", "denied", "skipped", "pending", "orders", "elapsed"],
    "target denied": ["target", "rule", "reason", "why"]
  }

  scenario(
    "has one line for the plan, each denial and each outcome, with the ids of the journey",
    Effect.gen(function* () {
      yield* ordinaryWorld
      yield* deliver(run)
      yield* workers
      yield* untilQuiet
      const lines = yield* Logs.use(({ lines }) => lines)
      assert.deepStrictEqual(lines.map(({ text }) => text).toSorted(), [
        "order settled",
        "order settled",
        "run planned",
        "target denied"
      ])
      for (const { annotations, text } of lines) {
        assert.containsAllKeys(annotations, [...common, ...(fieldsOf[text] ?? [])])
        assert.strictEqual(annotations.run, "1296269/30433642/1")
      }
    })
  )

  const tableDown = new TableError({ operation: "any", reason: new TableUnavailable({ message: "down" }) })
  const storesDown: ScriptedFault = (act, call) => {
    if (call.operation === "FactBus.publish") return failsBefore(new FactBusError({ message: "down" }))(act, call)
    return (call.operation.startsWith("Table.") ? failsBefore(tableDown) : none)(act, call)
  }
  /** Every 11th call fails, so that each stage meets trouble in each of its places at one of the offsets. */
  for (const offset of Array.from({ length: 11 }, (_, index) => index)) {
    scenario(
      `has the same ids where there is trouble, at calls ${offset}, ${offset + 11} and so on`,
      Effect.gen(function* () {
        yield* ordinaryWorld
        yield* configs(refused(new Unavailable({ message: "HTTP 502" })))
        yield* workflows("start", lostAfterActing, refused(new RateLimited({ retryAfter: 1000 })))
        yield* workflows("findStarted", refused(new Unavailable({ message: "HTTP 502" })))
        yield* writing("create", lostAfterActing)
        yield* Faults.use(({ on }) => on(/./, each(11, storesDown, offset + 1)))
        yield* deliver(run)
        yield* workers
        yield* untilQuiet
        assert.lengthOf(yield* started, 2)
        const lines = yield* Logs.use(({ lines }) => lines)
        assert.isAbove(lines.length, 9)
        for (const { annotations, text } of lines) assert.containsAllKeys(annotations, common, text)
      })
    )
  }
})
