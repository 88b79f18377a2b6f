/** From a completed run to orders: what the configs say, what is done when they cannot be read, and that planning again changes nothing. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { plan } from "../../src/flow/Plan.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { absent, invalid, unreachable } from "../fixtures/Configs.ts"
import { policy } from "../fixtures/Plans.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { deliver, facts, Logs, loads, planMessage, progressOf, scenario, set, untilQuiet, workers } from "./Harness.ts"
import { source, target } from "./Orders.ts"
import { ordersOf, planOf, sourceOf } from "./Plans.ts"

const run = sourceRun()
describe("planning a run", () => {
  scenario(
    "stores the plan with its orders, then offers them and publishes the facts",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy", "closed"))
      yield* set("acme/deploy", target)
      yield* set("acme/closed", absent)
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.deepStrictEqual(yield* Faults.use(({ operations }) => operations), [
        "Table.write",
        "Table.append",
        "Table.get",
        "ConfigSource.load",
        "ConfigSource.load",
        "Table.transact",
        "OrderQueue.offer",
        "FactBus.publish",
        "ReportQueue.offer"
      ])
      const stored = yield* planOf(run)
      assert.deepStrictEqual(
        stored?.decisions.map(({ _tag }) => _tag),
        ["Allowed", "Denied"]
      )
      assert.deepStrictEqual(
        (yield* ordersOf(run)).map(({ id }) => id),
        ["1296269/30433642/1/acme/deploy/cd.yml"]
      )
      assert.deepStrictEqual(
        (yield* facts()).map(({ id }) => id),
        [
          "dispatch.request.accepted/1296269/30433642/1",
          "dispatch.plan.created/1296269/30433642/1",
          "dispatch.target.queued/1296269/30433642/1/acme/deploy/cd.yml",
          "dispatch.target.denied/1296269/30433642/1/acme/closed/cd.yml/1"
        ]
      )
    })
  )

  scenario(
    "starts nothing for a run that ended more than 3 days before it was accepted, unless a person replays it",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      const old = sourceRun({ updatedAt: "1969-12-28T22:59:59Z" })
      assert.deepStrictEqual(yield* plan.handle(planMessage(old)), done)
      assert.deepStrictEqual(
        (yield* facts()).map(({ id }) => id),
        ["dispatch.request.accepted/1296269/30433642/1", "dispatch.request.ignored/1296269/30433642/1"]
      )
      assert.include((yield* planOf(old))?.ignored, "more than 3 days")
      const message = planMessage(old)
      yield* plan.handle({ ...message, body: { ...message.body, generation: 1 } })
      assert.lengthOf(yield* ordersOf(old), 1)
    })
  )

  scenario(
    "asks for 96 targets in two requests and stores them in one transaction",
    Effect.gen(function* () {
      const names = Array.from({ length: 96 }, (_, index) => `deploy-${index}`)
      yield* set("acme/app", sourceOf(...names))
      for (const name of names) yield* set(`acme/${name}`, target)
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.lengthOf(yield* loads, 2)
      assert.lengthOf(
        (yield* ordersOf(run)).map(({ id }) => id),
        96
      )
    }),
    { policy: policy({ maxTargets: 96 }) }
  )

  scenario(
    "records every decision about the 500 targets of the largest config",
    Effect.gen(function* () {
      const names = Array.from({ length: 500 }, (_, index) => `a-repository-with-quite-a-long-name-${index}`)
      yield* set("acme/app", sourceOf(...names))
      for (const name of names) yield* set(`acme/${name}`, absent)
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.lengthOf((yield* planOf(run))?.decisions ?? [], 500)
    })
  )

  const nothing = {
    "has no dispatching.yml": absent,
    "names no rule for the workflow": { outbound: [{ ...source.outbound[0], source: { workflow: "other.yml" } }] }
  }
  for (const [what, answer] of Object.entries(nothing)) {
    scenario(
      `of a repository that ${what} leaves a small plan that says why`,
      Effect.gen(function* () {
        yield* set("acme/app", answer)
        assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
        const { ignored, decisions, plannedAt } = (yield* planOf(run)) ?? {}
        assert.deepStrictEqual([decisions, plannedAt], [[], "1970-01-01T00:00:00.000Z"])
        const [accepted, fact, ...others] = yield* facts()
        assert.deepStrictEqual(others, [])
        assert.strictEqual(accepted?.type, "dispatch.request.accepted")
        assert.deepInclude<object>(fact ?? {}, { type: "dispatch.request.ignored", time: plannedAt })
        assert.deepInclude<object>(fact?.data ?? {}, { reason: ignored })
        // Planning again, by whatever the repository has by now, is the same.
        yield* set("acme/app", sourceOf("deploy"))
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
        const [, again] = yield* facts()
        assert.deepStrictEqual([again?.id, again?.time, again?.data], [fact?.id, fact?.time, fact?.data])
        assert.deepStrictEqual(yield* progressOf(run), { expected: 0, settled: 0, complete: true, reported: false })
      })
    )
  }

  scenario(
    "of a repository whose file has the wrong ending says so in the reason",
    Effect.gen(function* () {
      yield* set("acme/app", { _tag: "Absent", hint: "dispatching.yaml is there" })
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      const [ignored] = yield* facts("dispatch.request.ignored")
      assert.strictEqual(ignored?.data.reason, "acme/app has no dispatching.yml; dispatching.yaml is there")
    })
  )

  scenario(
    "keeps an invalid config apart from one that cannot be read",
    Effect.gen(function* () {
      const other = sourceRun({ repository: "acme/gone", repositoryId: 2 })
      yield* set("acme/app", invalid("unknown key outbund"))
      yield* set("acme/gone", unreachable("not_found"))
      assert.deepStrictEqual(yield* plan.handle(planMessage(run)), done)
      assert.deepStrictEqual(yield* plan.handle(planMessage(other)), done)
      assert.strictEqual((yield* planOf(run))?.config._tag, "Invalid")
      assert.strictEqual((yield* planOf(other))?.config._tag, "Unreachable")
      const [broken] = yield* facts("dispatch.config.invalid")
      assert.deepInclude(broken?.data, { file: "dispatching.yml", message: "unknown key outbund", problems: 1 })
      const [gone] = yield* facts("dispatch.config.unreachable")
      assert.strictEqual(gone?.subject, "acme/gone")
      assert.deepStrictEqual(yield* facts("dispatch.plan.created"), [])
    })
  )
})

describe("a chain of dispatches", () => {
  scenario(
    "is followed over what the dispatcher started, so it cannot become a loop",
    Effect.gen(function* () {
      const everybody = [{ source: { repository: "*", workflow: "ci.yml" }, targets: [{ workflow: "ci.yml" }] }]
      const ring = ["a", "b", "c"]
      for (const [index, name] of ring.entries()) {
        const next = ring[(index + 1) % 3] ?? ""
        yield* set(`acme/${name}`, {
          outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository: next, workflow: "ci.yml" }] }],
          inbound: everybody
        })
      }
      yield* workers
      let current = sourceRun({ repository: "acme/a", repositoryId: 1, runId: 1 })
      for (const [hop, name] of ["b", "c"].entries()) {
        yield* deliver(current)
        yield* untilQuiet
        const started = (yield* StartedWorkflows.use(({ all }) => all))[hop]
        assert.strictEqual(started?.order.target.repository, `acme/${name}`)
        assert.lengthOf(started?.order.chain.lineage ?? [], hop + 1)
        current = sourceRun({
          repository: `acme/${name}`,
          repositoryId: hop + 2,
          runId: started?.run.id ?? 0,
          event: "workflow_dispatch"
        })
      }
      yield* deliver(current)
      yield* untilQuiet
      const [decision] = (yield* planOf(current))?.decisions ?? []
      assert(decision?._tag === "Denied")
      assert.strictEqual(decision.denial.code, "self_dispatch")
      assert.include(
        decision.checks.find(({ passed }) => !passed)?.actual ?? "",
        "acme/a/ci.yml → acme/b/ci.yml → acme/c/ci.yml"
      )
      assert.lengthOf(yield* StartedWorkflows.use(({ all }) => all), 2)
    })
  )
})

describe("what planning logs", () => {
  scenario(
    "is one line for each version of the plan and each denial, with the ids of the journey, however often the run is planned",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy", "closed", "away"))
      yield* set("acme/deploy", target)
      yield* set("acme/closed", absent)
      yield* set("acme/away", unreachable("unavailable", "HTTP 502"))
      yield* plan.handle(planMessage(run))
      yield* plan.handle(planMessage(run, { attempt: 2 }))
      yield* set("acme/away", target)
      yield* plan.handle(planMessage(run, { attempt: 3 }))
      yield* plan.handle(planMessage(run))
      const lines = yield* Logs.use(({ lines }) => lines)
      assert.deepStrictEqual(
        lines.map(({ text }) => text),
        ["target denied", "run planned", "run planned"]
      )
      for (const { annotations } of lines) {
        assert.containsAllKeys(annotations, ["deliveryId", "source", "workflow", "run"])
      }
      const decided = lines.slice(1).map(({ annotations: { allowed, denied, pending } }) => [allowed, denied, pending])
      assert.deepStrictEqual(decided, [
        [1, 1, 1],
        [2, 1, 0]
      ])
    })
  )
})
