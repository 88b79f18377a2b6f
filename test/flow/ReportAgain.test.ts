/** Reports that are written more than once: answers that were lost, reporters that died or were slow, and several of them at once. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { SourceRun } from "../../src/domain/SourceRun.ts"
import { FactBusError } from "../../src/ports/FactBus.ts"
import { RateLimited, Unavailable } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import {
  always,
  atMost,
  delays,
  diesAfter,
  diesBefore,
  each,
  failsBefore,
  lostAfterActing,
  lostBeforeActing,
  nth,
  refused
} from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { facts, operationsOf, putOff, scenario } from "./Harness.ts"
import {
  deniedRun,
  dispatchedRun,
  handed,
  handedToTheEnd,
  isReported,
  issues,
  reportRequests,
  together,
  writing
} from "./Reportable.ts"

const writtenOnce = Effect.fnUntraced(function* (run: SourceRun) {
  const [issue, ...others] = yield* issues
  assert.deepStrictEqual(others, [], "one issue")
  assert.lengthOf(issue?.comments ?? [], 1, "one comment")
  assert.isTrue(yield* isReported(run))
  assert.lengthOf(yield* facts("dispatch.report.published"), 1)
})

describe("an answer that was lost", () => {
  const cases = [
    ["create", lostBeforeActing, ["create", "findIssue", "create", "findComments", "comment"]],
    ["create", lostAfterActing, ["create", "findIssue", "update", "findComments", "comment"]],
    ["comment", lostBeforeActing, ["create", "comment", "update", "findComments", "comment"]],
    ["comment", lostAfterActing, ["create", "comment", "update", "findComments"]]
  ] as const
  for (const [operation, fault, requests] of cases) {
    scenario(
      `to ${operation}, ${fault === lostAfterActing ? "after" : "before"} GitHub acted, repeats nothing that is there`,
      Effect.gen(function* () {
        const run = yield* deniedRun(1)
        yield* writing(operation, fault)
        yield* together(run)
        yield* writtenOnce(run)
        assert.deepStrictEqual(yield* reportRequests, [...requests])
      })
    )
  }

  scenario(
    "at the last attempt goes to the log; the next run finds the issue that was left",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      yield* writing("create", lostAfterActing)
      assert.deepStrictEqual(yield* handed(run, 16, true), done)
      assert.isTrue(yield* isReported(run))
      yield* together(yield* dispatchedRun(2))
      const [issue, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      assert.include(issue?.body ?? "", "acme/app/actions/runs/2")
    })
  )
})

describe("GitHub that has no time", () => {
  scenario(
    "is asked again, not before it wants to be",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      yield* writing(
        "create",
        refused(new RateLimited({ retryAfter: 120_000 })),
        refused(new Unavailable({ message: "" }))
      )
      assert.isAtLeast(putOff(yield* handed(run)), 120_000)
      assert.isFalse(yield* isReported(run))
      yield* together(run)
      yield* writtenOnce(run)
    })
  )
})

describe("a reporter that dies", () => {
  const steps = [
    "Table.query",
    "Table.query",
    "Table.transact",
    "Table.query",
    "Reports.create",
    "Reports.comment",
    "Table.write",
    "Table.transact",
    "Table.transact",
    "FactBus.publish"
  ] as const
  for (const [index, call] of steps.entries()) {
    const occurrence = steps.slice(0, index + 1).filter((step) => step === call).length
    for (const acted of [false, true]) {
      scenario(
        `${acted ? "after" : "before"} step ${index}, ${call}: the next one writes what is left to write`,
        Effect.gen(function* () {
          const run = yield* deniedRun(1)
          const faults = yield* Faults
          yield* faults.on(call, nth(occurrence, acted ? diesAfter : diesBefore))
          const made = yield* operationsOf(Effect.exit(handed(run)))
          assert.deepStrictEqual(made, steps.slice(0, index + 1))
          yield* faults.clear
          yield* together(run)
          yield* writtenOnce(run)
        }),
        { createChecks: false }
      )
    }
  }

  scenario(
    "holds up the reports of other runs only until its lease ends",
    Effect.gen(function* () {
      const [one, other] = [yield* deniedRun(2), yield* dispatchedRun(1)]
      const faults = yield* Faults
      yield* faults.on("Reports.create", always(diesAfter))
      yield* Effect.exit(handed(one))
      yield* faults.clear
      yield* together(other)
      assert.isTrue(yield* isReported(other))
      yield* together(one)
      const [issue, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      assert.lengthOf(issue?.comments ?? [], 1)
      assert.include(issue?.body ?? "", "acme/app/actions/runs/1")
      assert.include(issue?.body ?? "", "acme/app/actions/runs/2")
    })
  )

  scenario(
    "or a bus that is down, does not keep the fact from being published",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      const faults = yield* Faults
      yield* faults.on("FactBus.publish", always(failsBefore(new FactBusError({ message: "down" }))))
      putOff(yield* handed(run))
      assert.isTrue(yield* isReported(run))
      assert.deepStrictEqual(yield* facts("dispatch.report.published"), [])
      yield* faults.clear
      yield* TestClock.adjust("1 minute")
      yield* together(run)
      yield* writtenOnce(run)
    })
  )
})

describe("reports at the same time", () => {
  /** So many ids of runs. */
  const range = (count: number) => Array.from({ length: count }, (_, index) => index + 101)

  scenario(
    "of thirty runs of one workflow become one issue",
    Effect.gen(function* () {
      yield* Faults.use(({ on }) => on("Reports.update", always(delays("1 second"))))
      const runs = yield* Effect.forEach(range(30), (id) => dispatchedRun(id))
      yield* together(...runs)
      for (const run of runs) assert.isTrue(yield* isReported(run))
      const [issue, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      const rows = [...(issue?.body.matchAll(/acme\/app\/actions\/runs\/(\d+)/g) ?? [])].map(([, id]) => Number(id))
      assert.deepStrictEqual(
        rows,
        Array.from({ length: 30 }, (_, index) => 130 - index)
      )
    })
  )

  /** What is to be true of many runs, every other one of which was refused in the same way. */
  const shownOnce = Effect.fnUntraced(function* (runs: ReadonlyArray<SourceRun>) {
    for (const run of runs) assert.isTrue(yield* isReported(run))
    const [issue, ...others] = yield* issues
    assert.deepStrictEqual(others, [])
    assert.lengthOf(issue?.comments ?? [], 1)
    for (const { runId } of runs) {
      assert.lengthOf((issue?.body ?? "").split(`/runs/${runId})`), 2, `run ${runId} in the body`)
    }
    assert.lengthOf(yield* facts("dispatch.report.published"), runs.length)
  })
  const someRuns = (count: number) =>
    Effect.forEach(range(count), (id) => (id % 2 === 0 ? deniedRun(id) : dispatchedRun(id)))

  scenario(
    "of fifty runs of one workflow are a few requests, and no report asks GitHub that others took along",
    Effect.gen(function* () {
      const runs = yield* someRuns(50)
      yield* together(...runs)
      yield* shownOnce(runs)
      assert.deepStrictEqual(yield* reportRequests, ["create", "update", "comment", "update"])
    })
  )

  scenario(
    "of fifty runs wait while GitHub takes no more content, ask it once for each time that it says, and catch up",
    Effect.gen(function* () {
      const runs = yield* someRuns(50)
      const limit = refused(new RateLimited({ retryAfter: 600_000 }))
      yield* writing("create", limit, limit)
      yield* together(...runs)
      yield* shownOnce(runs)
      assert.deepStrictEqual((yield* reportRequests).filter((request) => request === "create").length, 3)
      assert.isAtMost((yield* reportRequests).length, 11)
    })
  )

  const killed = ["Reports.create", "Reports.update", "Reports.comment", "FactBus.publish", "Table.transact"] as const
  for (const call of killed) {
    for (const acted of [false, true]) {
      scenario(
        `of sixteen runs survive deaths ${acted ? "after" : "before"} ${call}`,
        Effect.gen(function* () {
          const runs = yield* someRuns(16)
          const faults = yield* Faults
          yield* faults.on(call, atMost(4, each(3, acted ? diesAfter : diesBefore, 1)))
          const survivors = Effect.forEach(runs, (run) => Effect.exit(handedToTheEnd(run)), {
            concurrency: "unbounded"
          })
          for (let life = 0; life < 3; life++) {
            const all = yield* Effect.forkChild(survivors)
            yield* TestClock.adjust("2 hours")
            yield* Fiber.await(all)
          }
          assert.include(yield* faults.operations, call)
          yield* shownOnce(runs)
          assert.isAtMost((yield* reportRequests).length, 10)
        })
      )
    }
  }

  scenario(
    "of one run, by several copies of its message, are one",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      const faults = yield* Faults
      yield* faults.on("Table.query", always(delays(0, "1 second")))
      yield* together(run, run, run)
      yield* faults.clear
      yield* writtenOnce(run)
      assert.deepStrictEqual(yield* reportRequests, ["create", "comment"])
    })
  )

  scenario(
    "wait for a slow one, which gives up before its lease ends",
    Effect.gen(function* () {
      const [slowRun, other] = [yield* deniedRun(2), yield* dispatchedRun(1)]
      yield* Faults.use(({ next }) => next("Reports.create", delays("5 minutes")))
      yield* together(slowRun, other)
      const [issue, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      assert.lengthOf(issue?.comments ?? [], 1)
      assert.isTrue(yield* isReported(slowRun))
      assert.isTrue(yield* isReported(other))
    })
  )

  scenario(
    "do not lose a run whose reporter lost its lease",
    Effect.gen(function* () {
      const [one, other] = [yield* deniedRun(2), yield* dispatchedRun(1)]
      // Issue and comment are written; then publishing the fact takes longer than the lease.
      yield* Faults.use(({ next }) => next("FactBus.publish", delays("90 seconds")))
      yield* together(one, other)
      const [issue, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      assert.lengthOf(issue?.comments ?? [], 1)
      assert.include(issue?.body ?? "", "acme/app/actions/runs/1")
      assert.include(issue?.body ?? "", "acme/app/actions/runs/2")
      assert.isTrue(yield* isReported(one))
    })
  )
})
