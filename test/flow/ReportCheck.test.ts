/** Check runs: when they are written, what they cost, and that there is one whatever dies. */
import { assert, describe } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { followResult } from "../../src/flow/Follow.ts"
import { layer as layerReplays, Replays } from "../../src/flow/Replay.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { Checks } from "../../src/ports/Checks.ts"
import { Forbidden, NotFound, Unavailable, Unprocessable } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import {
  always,
  delays,
  diesAfter,
  diesBefore,
  lostAfterActing,
  lostBeforeActing,
  nth,
  refused,
  type ScriptedFault
} from "../../src/testing/FaultScript.ts"
import { WrittenChecks } from "../../src/testing/fakes/Checks.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"
import {
  deliver,
  dispatchMessage,
  Logs,
  operationsOf,
  planned,
  putOff,
  requestsOf,
  scenario,
  set,
  untilQuiet,
  workers
} from "./Harness.ts"
import { target } from "./Orders.ts"
import { sourceOf } from "./Plans.ts"
import { dispatchedRun, handed, issues } from "./Reportable.ts"

const checks = WrittenChecks.use(({ all }) => all)
const requests = requestsOf("Checks")
const writing = (operation: "create" | "update" | "find", ...faults: ReadonlyArray<ScriptedFault>) =>
  Faults.use(({ next }) => next(`Checks.${operation}`, ...faults))

const three = ["deploy", "site", "shop"]
/** A run that starts three workflows, of which none was started yet. */
const threeOrders = planned({
  source: sourceOf(...three),
  targets: Object.fromEntries(three.map((name) => [`acme/${name}`, target]))
})
const dispatched = Effect.gen(function* () {
  const given = yield* threeOrders
  for (const order of given.orders) yield* dispatch.handle(dispatchMessage(order))
  return given.run
})

/** Ends what the run started so, in order, as Follow learns of it. */
const ended = Effect.fnUntraced(function* (run: SourceRun, ...conclusions: ReadonlyArray<string>) {
  const ledger = yield* Ledger.Ledger
  const started = (yield* StartedWorkflows.use(({ all }) => all)).filter(
    ({ order }) => runKey(order.run) === runKey(run)
  )
  for (const [index, conclusion] of conclusions.entries()) {
    const about = started[index]
    if (about === undefined) return assert.fail("nothing was started")
    const { repository } = about.order.target
    const of = yield* ledger.startedBy({ repository, runId: about.run.id })
    if (of._tag === "None") return assert.fail("no order started it")
    const completedAt = "2026-11-01T00:00:00Z"
    yield* followResult(of.value, { _tag: "Completed", conclusion, attempt: 1, completedAt, duration: 1 })
  }
})

/** Hands the run to Report, whenever it wants to be tried again, until it is done. */
const reportedToTheEnd = Effect.fnUntraced(function* (run: SourceRun) {
  for (let attempt = 1; attempt < 16; attempt++) {
    const verdict = yield* handed(run, attempt)
    if (verdict._tag === "Done") return
    yield* TestClock.adjust(putOff(verdict))
  }
  assert.fail("the check run is not up to date")
})

const onlyCheck = Effect.gen(function* () {
  const [check, ...others] = yield* checks
  assert.deepStrictEqual(others, [], "one check run")
  return check ?? assert.fail("no check run")
})

describe("the check run of a run", () => {
  scenario(
    "is in progress while orders are open, and completed when what it started has ended",
    Effect.gen(function* () {
      const { run, orders } = yield* threeOrders
      assert.deepStrictEqual(yield* handed(run), done)
      assert.isNull((yield* onlyCheck).conclusion)
      assert.deepStrictEqual(yield* issues, [], "nothing is reported while orders are open")
      for (const order of orders) yield* dispatch.handle(dispatchMessage(order))
      yield* reportedToTheEnd(run)
      assert.include((yield* onlyCheck).text, "running")
      yield* ended(run, "success", "success", "success")
      yield* reportedToTheEnd(run)
      const { conclusion, of, externalId, writes } = yield* onlyCheck
      assert.deepStrictEqual([conclusion, externalId, writes], ["success", runKey(run), 3])
      assert.strictEqual(of.sha, run.sha)
    })
  )

  scenario(
    "is written once before what was started ends, where that was started quickly",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      yield* workers
      yield* deliver(sourceRun())
      yield* Effect.repeat(TestClock.adjust("100 millis"), { times: 20 })
      assert.deepStrictEqual([(yield* onlyCheck).title, (yield* onlyCheck).writes], ["1 under way", 1])
      yield* untilQuiet
      assert.strictEqual((yield* onlyCheck).writes, 1)
      assert.deepStrictEqual(yield* requests, ["create"])
    })
  )

  scenario(
    "is there after 5 seconds where starting takes longer",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      yield* Faults.use(({ next }) => next("Workflows.start", delays("20 seconds")))
      yield* workers
      yield* deliver(sourceRun())
      // In steps, since a fiber that wakes within one finds the clock at its end.
      const passes = (tenths: number) => Effect.repeat(TestClock.adjust("100 millis"), { times: tenths - 1 })
      yield* passes(49)
      assert.deepStrictEqual(yield* checks, [])
      yield* passes(3)
      assert.include((yield* onlyCheck).text, "waits to be started")
      yield* passes(150)
      yield* untilQuiet
      assert.include((yield* onlyCheck).text, "running")
    })
  )

  scenario(
    "comes of a delivery, and again with each change",
    Effect.gen(function* () {
      const run = sourceRun()
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      yield* workers
      yield* deliver(run)
      yield* untilQuiet
      assert.strictEqual((yield* onlyCheck).title, "1 under way")
      yield* ended(run, "failure")
      yield* untilQuiet
      assert.deepStrictEqual([(yield* onlyCheck).conclusion, (yield* onlyCheck).title], ["failure", "1 failed"])
    })
  )

  scenario(
    "is written once for a burst of results, and not at all where nothing changed",
    Effect.gen(function* () {
      const run = yield* dispatched
      yield* reportedToTheEnd(run)
      yield* ended(run, "success")
      const verdict = yield* handed(run)
      assert.isAtMost(putOff(verdict), 5000, "the quiet time after the last write")
      yield* ended(run, "success", "failure", "success")
      yield* TestClock.adjust("5 seconds")
      for (let copy = 0; copy < 4; copy++) assert.deepStrictEqual(yield* handed(run), done)
      assert.deepStrictEqual(yield* requests, ["create", "update"])
      assert.strictEqual((yield* onlyCheck).conclusion, "failure")
    })
  )

  scenario(
    "costs a read and a query where it is up to date",
    Effect.gen(function* () {
      const { run } = yield* threeOrders
      yield* handed(run)
      assert.deepStrictEqual(yield* operationsOf(handed(run)), ["Table.get", "Table.query"])
    })
  )

  scenario(
    "goes on as another one after a replay, since GitHub opens none again",
    Effect.gen(function* () {
      const run = sourceRun()
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", target)
      yield* Faults.use(({ next }) => next("Workflows.start", refused(new NotFound({ message: "Not Found" }))))
      yield* workers
      yield* deliver(run)
      yield* untilQuiet
      assert.strictEqual((yield* onlyCheck).conclusion, "failure")
      yield* Replays.use(({ replay }) => replay(acceptance(run).deliveryId, "octocat")).pipe(
        Effect.provide(layerReplays)
      )
      yield* untilQuiet
      yield* ended(run, "success")
      yield* untilQuiet
      const all = yield* checks
      assert.deepStrictEqual(
        all.map(({ name, externalId, conclusion }) => [name, externalId, conclusion]),
        [
          ["dispatcher / ci.yml", runKey(run), "failure"],
          ["dispatcher / ci.yml", `${runKey(run)}#2`, "success"]
        ]
      )
    })
  )

  scenario(
    "is none where CREATE_CHECKS is false",
    Effect.gen(function* () {
      const run = yield* dispatched
      yield* handed(run)
      assert.deepStrictEqual(yield* requests, [])
      assert.lengthOf(yield* issues, 1)
    }),
    { createChecks: false }
  )
})

describe("a run that no rule is about", () => {
  const always = { outbound: [{ ...sourceOf("deploy").outbound[0], check: "always" }] }
  const run = sourceRun({ branch: "feature" })
  const delivered = Effect.fnUntraced(function* (source: object) {
    yield* set("acme/app", source)
    yield* workers
    yield* deliver(run)
    yield* untilQuiet
  })

  scenario(
    "has a skipped check run where a rule says check: always, and no issue",
    Effect.gen(function* () {
      yield* delivered(always)
      yield* deliver(run)
      yield* untilQuiet
      assert.strictEqual((yield* onlyCheck).conclusion, "skipped")
      assert.deepStrictEqual([yield* issues, yield* requests], [[], ["create"]])
    })
  )

  scenario(
    "has none where no rule says so",
    Effect.gen(function* () {
      yield* delivered(sourceOf("deploy"))
      assert.deepStrictEqual(yield* requests, [])
    })
  )
})

describe("an answer that was lost", () => {
  for (const [what, fault, expected] of [
    ["before", lostBeforeActing, ["create", "find", "create"]],
    ["after", lostAfterActing, ["create", "find", "update"]]
  ] as const) {
    scenario(
      `to a creation, ${what} GitHub acted, leaves one check run`,
      Effect.gen(function* () {
        const run = yield* dispatched
        yield* writing("create", fault)
        yield* reportedToTheEnd(run)
        yield* onlyCheck
        assert.deepStrictEqual(yield* requests, [...expected])
      })
    )
  }

  scenario(
    "to the creation of another one, after which all is as it was, leaves none open",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const given = yield* Checks
      const run = yield* dispatched
      yield* ended(run, "success", "success", "success")
      yield* reportedToTheEnd(run)
      // A worker sees the run open once more, and dies when GitHub has acted.
      yield* TestClock.adjust("5 seconds")
      const known = yield* ledger.knownCheck(runKey(run))
      const [first] = yield* checks
      if (first === undefined) return assert.fail("no check run")
      const claim = yield* ledger.claimCheck(run, known, { shown: "open", completed: false }, Duration.minutes(1))
      assert.strictEqual(claim?.number, 2)
      yield* given.create(run, `${runKey(run)}#2`, { ...first, conclusion: null })
      yield* reportedToTheEnd(run)
      assert.deepStrictEqual(
        (yield* checks).map(({ conclusion }) => conclusion),
        ["success", "success"]
      )
    })
  )
})

describe("a reporter that dies", () => {
  const steps = ["Table.get", "Table.query", "Table.get", "Table.transact", "Checks.create", "Table.transact"] as const
  for (const [index, call] of steps.entries()) {
    const occurrence = steps.slice(0, index + 1).filter((step) => step === call).length
    for (const acted of [false, true]) {
      scenario(
        `${acted ? "after" : "before"} step ${index}, ${call}: there is one check run, with the latest result`,
        Effect.gen(function* () {
          const { run, orders } = yield* threeOrders
          const faults = yield* Faults
          yield* faults.on(call, nth(occurrence, acted ? diesAfter : diesBefore))
          const made = yield* operationsOf(Effect.exit(handed(run)))
          assert.deepStrictEqual(made, steps.slice(0, index + 1))
          yield* faults.clear
          for (const order of orders) yield* dispatch.handle(dispatchMessage(order))
          yield* ended(run, "success", "failure", "success")
          yield* reportedToTheEnd(run)
          assert.strictEqual((yield* onlyCheck).conclusion, "failure")
        })
      )
    }
  }

  scenario(
    "of a bug at the check run keeps no report from its issue, which is written at the same time",
    Effect.gen(function* () {
      const [one, other] = [yield* dispatched, yield* dispatchedRun(2)]
      yield* writing("create", () => Effect.andThen(Effect.sleep("1 second"), Effect.die("a bug")))
      const handling = yield* Effect.forkChild(handed(one))
      yield* TestClock.adjust("0 seconds")
      assert.lengthOf(yield* issues, 1)
      yield* TestClock.adjust("1 second")
      assert.isAbove(putOff(yield* Fiber.join(handling)), 0)
      assert.deepStrictEqual(yield* checks, [])
      yield* TestClock.adjust("5 seconds")
      yield* Faults.use(({ next }) => next("Reports.update", () => Effect.die("a bug")))
      assert.isAbove(putOff(yield* handed(other)), 0)
      assert.strictEqual((yield* onlyCheck).conclusion, null, "the run that was started is not over")
    })
  )

  scenario(
    "while another works on the same run leaves one check run",
    Effect.gen(function* () {
      const run = yield* dispatched
      yield* Effect.forEach([1, 2, 3], () => handed(run), { concurrency: "unbounded" })
      yield* reportedToTheEnd(run)
      yield* onlyCheck
      assert.deepStrictEqual(yield* requests, ["create"])
    })
  )
})

describe("a repository that takes no check runs", () => {
  for (const message of ["Resource not accessible by integration", "Repository was archived so is read-only."]) {
    scenario(
      `since "${message}" is left alone for a day, which is logged once; its issue is written`,
      Effect.gen(function* () {
        yield* Faults.use(({ on }) => on("Checks.create", always(refused(new Forbidden({ message })))))
        const one = yield* dispatched
        assert.deepStrictEqual(yield* handed(one), done)
        yield* TestClock.adjust("5 seconds")
        const { run: other } = yield* planned({
          run: { runId: 2 },
          source: sourceOf("deploy"),
          targets: { "acme/deploy": target }
        })
        assert.deepStrictEqual(yield* handed(other), done)
        assert.deepStrictEqual(yield* requests, ["create"])
        assert.lengthOf(yield* issues, 1)
        const logged = (yield* Logs.use(({ lines }) => lines)).filter(({ text }) => text.startsWith("no check runs in"))
        assert.deepStrictEqual(
          logged.map(({ level }) => level),
          ["Warn"]
        )
        yield* TestClock.adjust("1 day")
        yield* handed(other)
        assert.deepStrictEqual(yield* requests, ["create", "create"])
      })
    )
  }

  scenario(
    "for now is asked again, and holds up no issue",
    Effect.gen(function* () {
      const run = yield* dispatched
      yield* writing("create", refused(new Unavailable({ message: "HTTP 503" })))
      assert.isAtLeast(putOff(yield* handed(run)), 2000)
      assert.lengthOf(yield* issues, 1)
      yield* reportedToTheEnd(run)
      yield* onlyCheck
    })
  )

  scenario(
    "for now at the last attempt gives up, so that no dead letter is left for what the next change repairs",
    Effect.gen(function* () {
      const { run } = yield* threeOrders
      yield* writing("create", refused(new Unavailable({ message: "HTTP 503" })))
      assert.deepStrictEqual(yield* handed(run, 16, true), done)
    })
  )
})

describe("what GitHub does not take", () => {
  scenario(
    "because the check run is gone is shown by another one",
    Effect.gen(function* () {
      const run = yield* dispatched
      yield* reportedToTheEnd(run)
      yield* WrittenChecks.use(({ clear }) => clear)
      yield* TestClock.adjust("5 seconds")
      yield* ended(run, "success", "success", "success")
      yield* reportedToTheEnd(run)
      const { conclusion, externalId } = yield* onlyCheck
      assert.deepStrictEqual([conclusion, externalId], ["success", `${runKey(run)}#2`])
    })
  )

  for (const [what, reason] of [
    ["the commit is gone", new Unprocessable({ message: "No commit found for SHA" })],
    ["the repository is not found", new NotFound({ message: "Not Found" })]
  ] as const)
    scenario(
      `because ${what} is not asked for again, and other runs are`,
      Effect.gen(function* () {
        const { run } = yield* threeOrders
        yield* writing("create", refused(reason))
        for (let copy = 0; copy < 3; copy++) assert.deepStrictEqual(yield* handed(run), done)
        assert.deepStrictEqual(yield* requests, ["create"])
        const other = yield* planned({
          run: { runId: 2 },
          source: sourceOf("deploy"),
          targets: { "acme/deploy": target }
        })
        yield* handed(other.run)
        yield* onlyCheck
      })
    )
})
