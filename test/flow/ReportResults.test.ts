/** How the runs ended that were started: where it is shown, when people are notified, and when an issue is closed. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { Forbidden, Unavailable } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import {
  diesAfter,
  diesBefore,
  lostAfterActing,
  lostBeforeActing,
  nth,
  refused
} from "../../src/testing/FaultScript.ts"
import { Faults, type PortOperation } from "../../src/testing/fakes/Faults.ts"
import { WrittenIssues } from "../../src/testing/fakes/Reports.ts"
import { dispatchMessage, facts, Logs, operationsOf, planned, scenario } from "./Harness.ts"
import { target } from "./Orders.ts"
import { sourceOf } from "./Plans.ts"
import {
  deniedRun,
  dispatchedRun,
  ended,
  endedRun,
  handed,
  issues,
  reported,
  reportRequests,
  together,
  writing
} from "./Reportable.ts"

/** The only issue. */
const issue = Effect.gen(function* () {
  const [one, ...others] = yield* issues
  assert.deepStrictEqual(others, [], "one issue")
  return one ?? assert.fail("there is no issue")
})
const firstLines = Effect.map(issue, ({ comments }) => comments.map((comment) => comment.split("\n")[1]?.slice(2)))
const failure = "Something needs attention:"
const otherFailure = "Something else needs attention than before. What is wrong now:"
const recovery = "All is well again, as of this run:"
const reportLines = Effect.map(
  Logs.use(({ lines }) => lines),
  (lines) => lines.filter(({ text }) => text === "report").map(({ annotations }) => JSON.stringify(annotations.report))
)

describe("a result", () => {
  scenario(
    "is shown where the run stands; the run is reported as often as before",
    Effect.gen(function* () {
      const run = yield* dispatchedRun(1)
      yield* reported(run)
      const { body, url } = yield* issue
      assert.include(body, "⏳ [not over yet](https://github.com/acme/deploy/actions/runs/1000)")
      yield* ended(run, "success")
      assert.deepStrictEqual(yield* reported(run), done)
      assert.include((yield* issue).body, "✅ [success](https://github.com/acme/deploy/actions/runs/1000) in 1 min")
      yield* ended(run, "neutral", 2)
      yield* reported(run)
      assert.match((yield* issue).body, /neutral.* \(attempt 2\)/)
      assert.deepStrictEqual((yield* issue).comments, [])
      assert.deepStrictEqual(yield* reportRequests, ["create", "update", "update"])
      const published = yield* facts("dispatch.report.published")
      assert.deepStrictEqual(
        published.map(({ data }) => data.issue),
        [{ number: 1, url }]
      )
    })
  )

  scenario(
    "that the issue shows already costs two queries and no request",
    Effect.gen(function* () {
      const run = yield* endedRun(1, "success")
      assert.deepStrictEqual(yield* operationsOf(reported(run)), ["Table.query", "FactBus.publish", "Table.query"])
    }),
    { createChecks: false }
  )

  scenario(
    "that comes before the run is over waits for the report",
    Effect.gen(function* () {
      const { run, orders } = yield* planned({
        source: sourceOf("deploy", "docs"),
        targets: { "acme/deploy": target, "acme/docs": target }
      })
      const [first, second] = orders
      assert(first !== undefined && second !== undefined)
      yield* dispatch.handle(dispatchMessage(first))
      yield* ended(run, "success")
      assert.deepStrictEqual(yield* reported(run), done)
      assert.deepStrictEqual(yield* issues, [])
      yield* dispatch.handle(dispatchMessage(second))
      yield* reported(run)
      assert.match((yield* issue).body, /success[\s\S]*not over yet/)
    })
  )

  scenario(
    "of many runs at once is one request",
    Effect.gen(function* () {
      const runs = yield* Effect.forEach(Array(10).keys(), (id) => dispatchedRun(id + 1))
      yield* together(...runs)
      const before = (yield* reportRequests).length
      yield* Effect.forEach(runs, (run) => ended(run, "success"))
      yield* together(...runs)
      assert.isAtMost((yield* reportRequests).length - before, 2)
      assert.lengthOf((yield* issue).body.split("[success]"), 11)
    })
  )

  scenario(
    "of a run that is not shown any more is not written",
    Effect.gen(function* () {
      const run = yield* dispatchedRun(1)
      yield* reported(run)
      for (let id = 2; id <= 51; id++) yield* reported(yield* deniedRun(id))
      yield* ended(run, "failure")
      const before = (yield* reportRequests).length
      assert.deepStrictEqual(yield* reported(run), done)
      assert.lengthOf(yield* reportRequests, before)
    })
  )
})

describe("people are notified", () => {
  scenario(
    "of the first failure, of another one, and of the recovery, which closes the issue; a later failure opens it again",
    Effect.gen(function* () {
      const isOpen = Effect.map(issue, ({ open }) => open)
      yield* endedRun(1, "success")
      assert.deepStrictEqual([yield* firstLines, yield* isOpen], [[], true])
      for (const id of [2, 3]) yield* endedRun(id, "failure")
      assert.deepStrictEqual([yield* firstLines, yield* isOpen], [[failure], true])
      assert.include((yield* issue).comments[0] ?? "", "acme/app/actions/runs/2)")
      assert.match((yield* issue).body, /^.*\n❌ Something needs attention/)
      yield* endedRun(4, "cancelled")
      assert.deepStrictEqual([yield* firstLines, yield* isOpen], [[failure, otherFailure], true])
      for (const id of [5, 6]) yield* endedRun(id, "success")
      assert.deepStrictEqual([yield* firstLines, yield* isOpen], [[failure, otherFailure, recovery], false])
      assert.match((yield* issue).body, /^.*\n✅ All is well/)
      assert.include((yield* issue).comments[2] ?? "", "acme/app/actions/runs/5)")
      yield* endedRun(7, "failure")
      assert.deepStrictEqual([(yield* firstLines).at(-1), yield* isOpen], [failure, true])
    })
  )

  scenario(
    "of a run that they were notified of, once more when a result changes the situation",
    Effect.gen(function* () {
      const run = yield* endedRun(1, "failure")
      yield* ended(run, "success", 2)
      yield* reported(run)
      assert.deepStrictEqual(yield* firstLines, [failure, recovery])
      yield* ended(run, "failure", 3)
      yield* reported(run)
      assert.deepStrictEqual(yield* firstLines, [failure, recovery, failure])
    })
  )

  scenario(
    "and an issue in which another person wrote stays open",
    Effect.gen(function* () {
      const memory = yield* WrittenIssues
      yield* endedRun(1, "failure")
      yield* memory.answer((yield* issue).url, "I look after it.")
      yield* endedRun(2, "success")
      assert.deepStrictEqual([yield* firstLines, (yield* issue).open], [[failure, recovery], true])
    })
  )

  scenario(
    "and no issue is closed where that is switched off",
    Effect.gen(function* () {
      yield* endedRun(1, "failure")
      yield* endedRun(2, "success")
      assert.deepStrictEqual([yield* firstLines, (yield* issue).open], [[failure, recovery], true])
      assert.notInclude(yield* reportRequests, "isOnlyOurs")
    }),
    { closeIssues: false }
  )

  scenario(
    "although the issue cannot be closed, for good or at the last attempt",
    Effect.gen(function* () {
      yield* endedRun(1, "failure")
      yield* writing("close", refused(new Forbidden({ message: "no" })))
      yield* endedRun(2, "success")
      yield* endedRun(3, "failure")
      yield* writing("isOnlyOurs", refused(new Unavailable({ message: "down" })))
      const run = yield* dispatchedRun(4)
      yield* ended(run, "success")
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* handed(run, 16, true), done)
      assert.deepStrictEqual(yield* firstLines, [failure, recovery, failure, recovery])
      assert.isTrue((yield* issue).open)
    })
  )
})

/** All that is called while a result is reported that changes the situation. */
const calls: ReadonlyArray<readonly [PortOperation, number]> = [
  ["Table.query", 1],
  ["FactBus.publish", 1],
  ["Table.query", 2],
  ["Table.query", 3],
  ["Table.transact", 1],
  ["Table.query", 4],
  ["Reports.update", 1],
  ["Reports.comment", 1],
  ["Reports.isOnlyOurs", 1],
  ["Reports.close", 1],
  ["Table.transact", 2]
]
const faults = { diesBefore, diesAfter, lostBeforeActing, lostAfterActing }

describe("a report of a result that is broken off", () => {
  for (const [call, occurrence] of calls) {
    for (const [how, fault] of Object.entries(faults)) {
      if (how.startsWith("lost") && !call.startsWith("Reports")) continue
      for (const [conclusion, before] of [
        ["success", "failure"],
        ["failure", "success"]
      ] as const) {
        if (conclusion === "failure" && (call === "Reports.close" || call === "Reports.isOnlyOurs")) continue
        scenario(
          `at ${call} ${occurrence}, ${how}, notifies once of ${conclusion}, in one issue`,
          Effect.gen(function* () {
            const script = yield* Faults
            yield* endedRun(1, before)
            const run = yield* dispatchedRun(2)
            yield* reported(run)
            yield* ended(run, conclusion)
            yield* TestClock.adjust("5 seconds")
            const met = yield* script.calls
            yield* script.on(call, nth(occurrence, fault))
            yield* Effect.exit(handed(run))
            const made = (yield* script.calls).slice(met.length).filter(({ operation }) => operation === call)
            assert.isAtLeast(made.length, occurrence, "the fault was met")
            if (conclusion === "failure") assert.isTrue((yield* issue).open)
            yield* script.clear
            yield* together(run)
            assert.deepStrictEqual(yield* firstLines, conclusion === "success" ? [failure, recovery] : [failure])
            assert.strictEqual((yield* issue).open, conclusion === "failure")
            assert.lengthOf(yield* facts("dispatch.report.published"), 2)
          }),
          { createChecks: false }
        )
      }
    }
  }

  scenario(
    "before its comment notifies of what people were notified of before the last recovery",
    Effect.gen(function* () {
      const script = yield* Faults
      for (const [index, conclusion] of (["failure", "success"] as const).entries())
        yield* endedRun(index + 1, conclusion)
      const run = yield* dispatchedRun(3)
      yield* together(run)
      yield* ended(run, "failure")
      yield* TestClock.adjust("5 seconds")
      yield* script.on("Reports.comment", nth(1, diesBefore))
      yield* Effect.exit(handed(run))
      yield* script.clear
      yield* together(run)
      assert.deepStrictEqual(yield* firstLines, [failure, recovery, failure])
      assert.isTrue((yield* issue).open)
    })
  )

  for (const [how, fault] of [
    ["whose answer is lost", lostAfterActing],
    ["after which the reporter dies", diesAfter]
  ] as const) {
    scenario(
      `with a comment on a failure ${how} notifies of the recovery, where all is well before it is tried again`,
      Effect.gen(function* () {
        const run = yield* dispatchedRun(1)
        yield* reported(run)
        yield* ended(run, "failure")
        yield* TestClock.adjust("5 seconds")
        yield* writing("comment", fault)
        yield* Effect.exit(handed(run))
        assert.deepStrictEqual(yield* firstLines, [failure])
        yield* ended(run, "success", 2)
        yield* together(run)
        assert.deepStrictEqual(yield* firstLines, [failure, recovery])
        assert.isFalse((yield* issue).open)
        yield* endedRun(2, "failure")
        assert.deepStrictEqual(yield* firstLines, [failure, recovery, failure])
        assert.isTrue((yield* issue).open)
      }),
      { createChecks: false }
    )

    scenario(
      `with a comment on a recovery ${how} notifies of the failure that is back before it is tried again`,
      Effect.gen(function* () {
        yield* endedRun(1, "failure")
        const run = yield* dispatchedRun(2)
        yield* reported(run)
        yield* ended(run, "success")
        yield* TestClock.adjust("5 seconds")
        yield* writing("comment", fault)
        yield* Effect.exit(handed(run))
        assert.deepStrictEqual(yield* firstLines, [failure, recovery])
        yield* ended(run, "failure", 2)
        yield* together(run)
        const { comments, open } = yield* issue
        assert.deepStrictEqual(yield* firstLines, [failure, recovery, failure])
        assert.include(comments.at(-1) ?? "", "acme/app/actions/runs/2)")
        assert.isTrue(open)
      }),
      { createChecks: false }
    )
  }

  scenario(
    "with a comment whose answer is lost for good notifies of the recovery with the next run, also where GitHub could not be asked meanwhile",
    Effect.gen(function* () {
      const script = yield* Faults
      const run = yield* dispatchedRun(1)
      yield* reported(run)
      yield* ended(run, "failure")
      yield* TestClock.adjust("5 seconds")
      yield* writing("comment", lostAfterActing)
      yield* handed(run, 16, true)
      yield* ended(run, "success", 2)
      yield* TestClock.adjust("5 seconds")
      yield* script.on("Reports.findComments", nth(1, refused(new Unavailable({ message: "HTTP 502" }))))
      yield* handed(run, 16, true)
      yield* script.clear
      assert.deepStrictEqual(yield* firstLines, [failure])
      yield* endedRun(2, "success")
      assert.deepStrictEqual(yield* firstLines, [failure, recovery])
    }),
    { createChecks: false }
  )

  scenario(
    "with a comment that GitHub never got says nothing of what was over before it was tried again",
    Effect.gen(function* () {
      const run = yield* dispatchedRun(1)
      yield* reported(run)
      yield* ended(run, "failure")
      yield* TestClock.adjust("5 seconds")
      yield* writing("comment", lostBeforeActing)
      yield* Effect.exit(handed(run))
      yield* ended(run, "success", 2)
      yield* together(run)
      assert.deepStrictEqual(yield* firstLines, [])
    }),
    { createChecks: false }
  )

  scenario(
    "by a failure of a later run does not close the issue",
    Effect.gen(function* () {
      const script = yield* Faults
      yield* endedRun(1, "failure")
      const [well, broken] = [yield* dispatchedRun(2), yield* dispatchedRun(3)]
      yield* together(well, broken)
      yield* ended(well, "success")
      yield* script.on("Reports.comment", nth(1, diesAfter))
      yield* Effect.exit(handed(well))
      yield* script.clear
      yield* ended(broken, "cancelled")
      yield* together(broken, well)
      assert.isTrue((yield* issue).open)
      assert.deepStrictEqual(yield* firstLines, [failure, recovery, failure])
    })
  )
})

describe("in the log", () => {
  const two = Effect.gen(function* () {
    const { run, orders } = yield* planned({
      source: sourceOf("deploy", "docs"),
      targets: { "acme/deploy": target, "acme/docs": target }
    })
    for (const order of orders) yield* dispatch.handle(dispatchMessage(order))
    return run
  })

  scenario(
    "a run is reported first when it is over and then when all results are known, each once",
    Effect.gen(function* () {
      const run = yield* two
      yield* reported(run)
      yield* reported(run)
      assert.lengthOf(yield* reportLines, 1)
      yield* ended(run, "failure")
      for (const _ of [1, 2]) yield* reported(run)
      const lines = yield* reportLines
      assert.lengthOf(lines, 2)
      assert.include(lines[1] ?? "", "failure")
      yield* ended(run, "success", 2)
      yield* reported(run)
      assert.lengthOf(yield* reportLines, 2)
      assert.deepStrictEqual(yield* reportRequests, [])
      assert.lengthOf(yield* facts("dispatch.report.published"), 1)
    }),
    { createIssues: false }
  )

  scenario(
    "so is a run whose issue GitHub refuses, which is not asked for its results; the issue shows them later",
    Effect.gen(function* () {
      yield* writing("create", refused(new Forbidden({ message: "archived" })))
      const run = yield* dispatchedRun(1)
      yield* reported(run)
      yield* ended(run, "failure")
      for (const _ of [1, 2]) yield* reported(run)
      assert.lengthOf(yield* reportLines, 2)
      assert.deepStrictEqual(yield* reportRequests, ["create"])
      yield* reported(yield* dispatchedRun(2))
      assert.match((yield* issue).body, /not over yet[\s\S]*\[failure\]/)
    })
  )
})

describe("a reporter of a result that dies", () => {
  const steps = [
    "Table.query",
    "FactBus.publish",
    "Table.query",
    "Table.query",
    "Table.transact",
    "Table.query",
    "Reports.update",
    "Reports.comment",
    "Table.write",
    "Table.transact"
  ] as const
  for (const [index, call] of steps.entries()) {
    const occurrence = steps.slice(0, index + 1).filter((step) => step === call).length
    for (const acted of [false, true]) {
      scenario(
        `${acted ? "after" : "before"} step ${index}, ${call}: the next one writes what is left, and leaves no doubt`,
        Effect.gen(function* () {
          const [run, next] = [yield* dispatchedRun(1), yield* dispatchedRun(2)]
          yield* reported(run)
          yield* ended(run, "failure")
          yield* TestClock.adjust("5 seconds")
          const faults = yield* Faults
          yield* faults.on(call, nth(occurrence, acted ? diesAfter : diesBefore))
          const made = yield* operationsOf(Effect.exit(handed(run)))
          assert.deepStrictEqual(made, steps.slice(0, index + 1))
          yield* faults.clear
          yield* together(run)
          assert.include((yield* issue).body, "[failure](https://github.com/acme/deploy/actions/runs/1000)")
          assert.deepStrictEqual(yield* firstLines, [failure])
          yield* reported(next)
          yield* ended(next, "failure")
          const before = (yield* reportRequests).length
          yield* reported(next)
          assert.deepStrictEqual((yield* reportRequests).slice(before), ["update"])
          assert.deepStrictEqual(yield* firstLines, [failure])
        }),
        { createChecks: false }
      )
    }
  }
})
