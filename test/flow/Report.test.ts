/** What people read: one issue per source workflow, a comment where a person has to act, and nothing that was not asked for. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { report } from "../../src/flow/Report.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { Forbidden, NotFound } from "../../src/ports/GitHubError.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { delays, refused } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { WrittenIssues } from "../../src/testing/fakes/Reports.ts"
import { absent } from "../fixtures/Configs.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { facts, Logs, operationsOf, planned, reportMessage, scenario } from "./Harness.ts"
import { sourceOf } from "./Plans.ts"
import {
  deniedRun,
  dispatchedRun,
  failedRun,
  invalidRun,
  isReported,
  issues,
  reported,
  reportRequests,
  together,
  writing
} from "./Reportable.ts"

describe("the issue of a source workflow", () => {
  scenario(
    "is opened for the first run, with a link to what it started and without notifying anybody",
    Effect.gen(function* () {
      const run = yield* dispatchedRun(1)
      assert.deepStrictEqual(yield* reported(run), done)
      const [issue, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      assert.strictEqual(issue?.title, "Dispatches after ci.yml")
      assert.include(issue?.body ?? "", "https://github.com/acme/deploy/actions/runs/1000")
      assert.deepStrictEqual(issue?.comments, [])
      const [fact] = yield* facts("dispatch.report.published")
      assert.deepStrictEqual(fact?.data.issue, { number: 1, url: issue?.url ?? "" })
      assert.isTrue(yield* isReported(run))
    })
  )

  scenario(
    "waits for an order that was not seen beside its plan",
    Effect.gen(function* () {
      const run = yield* dispatchedRun(1)
      const ledger = yield* Ledger.Ledger
      const early: typeof ledger = {
        ...ledger,
        runState: (key) => Effect.map(ledger.runState(key), (state) => ({ ...state, standings: [] }))
      }
      assert.deepStrictEqual(yield* Effect.provideService(reported(run), Ledger.Ledger, early), done)
      assert.deepStrictEqual(yield* issues, [])
      assert.isFalse(yield* isReported(run))
    })
  )

  scenario(
    "costs three queries, four writes and one request, besides what the check run costs",
    Effect.gen(function* () {
      const run = yield* dispatchedRun(1)
      assert.deepStrictEqual(yield* operationsOf(reported(run)), [
        "Table.query",
        "Table.query",
        "Table.transact",
        "Table.query",
        "Reports.create",
        "Table.write",
        "Table.transact",
        "Table.transact",
        "FactBus.publish"
      ])
    }),
    { createChecks: false }
  )

  scenario(
    "is rewritten for the next runs, newest first, and each workflow has its own",
    Effect.gen(function* () {
      for (const id of [1, 3, 2]) yield* reported(yield* dispatchedRun(id))
      yield* reported(yield* deniedRun(4, { workflow: "nightly.yml" }))
      const [issue, other] = yield* issues
      assert.strictEqual(other?.title, "Dispatches after nightly.yml")
      const rows = [...(issue?.body.matchAll(/acme\/app\/actions\/runs\/(\d)/g) ?? [])].map(([, id]) => id)
      assert.deepStrictEqual(rows, ["3", "2", "1"])
      assert.deepStrictEqual(yield* reportRequests, ["create", "update", "update", "create", "comment"])
    })
  )

  scenario(
    "stays closed if a person closed it, until there is something to act on",
    Effect.gen(function* () {
      const memory = yield* WrittenIssues
      const state = Effect.map(issues, (all) => all.map(({ open, number }) => ({ open, number })))
      yield* reported(yield* dispatchedRun(1))
      yield* memory.close((yield* issues)[0]?.url ?? "")
      yield* reported(yield* dispatchedRun(2))
      assert.deepStrictEqual(yield* state, [{ open: false, number: 1 }])
      assert.include((yield* issues)[0]?.body ?? "", "acme/app/actions/runs/2")
      yield* reported(yield* deniedRun(3))
      assert.deepStrictEqual(yield* state, [{ open: true, number: 1 }])
    })
  )

  scenario(
    "is replaced if a person deleted it, or if it takes no more comments",
    Effect.gen(function* () {
      const memory = yield* WrittenIssues
      yield* reported(yield* dispatchedRun(1))
      yield* memory.delete((yield* issues)[0]?.url ?? "")
      yield* reported(yield* dispatchedRun(3))
      yield* reported(yield* dispatchedRun(4))
      assert.deepStrictEqual(
        (yield* issues).map(({ number }) => number),
        [2]
      )
      assert.include((yield* issues)[0]?.body ?? "", "acme/app/actions/runs/1")
      yield* writing("comment", refused(new NotFound({ message: "Commenting is disabled" })))
      yield* reported(yield* deniedRun(5))
      yield* reported(yield* dispatchedRun(6))
      const [full, next] = yield* issues
      assert.deepStrictEqual(full?.comments, [])
      assert.lengthOf(next?.comments ?? [], 1)
      assert.include(next?.body ?? "", "acme/app/actions/runs/6")
      assert.include(next?.body ?? "", `goes on from [issue ${full?.number}](${full?.url})`)
      assert.include(full?.body ?? "", `reports go on in [issue ${next?.number}](${next?.url})`)
    })
  )
})

describe("a large report", () => {
  scenario(
    "fits into issue and ledger, and names first what people have to look at",
    Effect.gen(function* () {
      const names = Array.from({ length: 500 }, (_, index) => `a-repository-with-quite-a-long-name-${index}`)
      const targets = Object.fromEntries(names.map((name) => [`acme/${name}`, absent]))
      for (const runId of [1, 2, 3]) {
        const { run } = yield* planned({ run: { runId }, source: sourceOf(...names), targets })
        assert.deepStrictEqual(yield* reported(run), done)
      }
      const [issue] = yield* issues
      assert.isBelow(issue?.body.length ?? 0, 65_536)
      assert.lengthOf(issue?.comments ?? [], 1)
      assert.match(issue?.comments[0] ?? "", /target&#95;config&#95;absent/)
    })
  )
})

describe("people are notified", () => {
  scenario(
    "once of a run in which a target was denied or failed",
    Effect.gen(function* () {
      for (const run of [yield* deniedRun(1), yield* failedRun(2)]) {
        yield* reported(run)
        yield* reported(run)
      }
      const [issue] = yield* issues
      assert.lengthOf(issue?.comments ?? [], 2)
      assert.include(issue?.comments[0] ?? "", "target&#95;config&#95;absent")
      assert.include(issue?.comments[1] ?? "", "not&#95;found")
    })
  )

  scenario(
    "of an invalid config once, not with every run",
    Effect.gen(function* () {
      for (const id of [1, 2, 3]) yield* reported(yield* invalidRun(id, "unknown key targts"))
      assert.lengthOf((yield* issues)[0]?.comments ?? [], 1)
      yield* reported(yield* invalidRun(4, "unknown key sorce"))
      assert.lengthOf((yield* issues)[0]?.comments ?? [], 2)
    })
  )

  const routine = {
    "a feature branch": { branch: "feature" },
    "a failed build": { conclusion: "failure" },
    "a fork": { fork: true }
  }
  for (const [what, overrides] of Object.entries(routine)) {
    scenario(
      `never of ${what}, which is no problem; not even an issue is opened`,
      Effect.gen(function* () {
        const run = yield* deniedRun(1, overrides)
        assert.deepStrictEqual(yield* reported(run), done)
        assert.deepStrictEqual(yield* issues, [])
        assert.isFalse(yield* isReported(run))
        assert.deepStrictEqual(yield* facts("dispatch.report.published"), [])
      })
    )
  }

  scenario(
    "never by a stranger's fork, even of an invalid config",
    Effect.gen(function* () {
      yield* reported(yield* invalidRun(1, "unknown key targts", { fork: true }))
      assert.deepStrictEqual(yield* issues, [])
    })
  )
})

describe("a report that GitHub does not take", () => {
  for (const reason of [
    new Forbidden({ message: "Resource not accessible by integration" }),
    new NotFound({ message: "Issues are disabled for this repo" })
  ]) {
    scenario(
      `for good goes to the log, and the next run tries again: ${reason._tag}`,
      Effect.gen(function* () {
        const run = yield* deniedRun(1)
        yield* writing("create", refused(reason))
        assert.deepStrictEqual(yield* reported(run), done)
        assert.isTrue(yield* isReported(run))
        const record = (yield* Logs.use(({ lines }) => lines)).find(({ text }) => text === "report")
        assert.containsAllKeys(record?.annotations ?? {}, ["deliveryId", "source", "workflow", "run", "report"])
        assert.isNull((yield* facts("dispatch.report.published"))[0]?.data.issue)
        yield* reported(yield* dispatchedRun(2))
        const [issue] = yield* issues
        assert.include(issue?.body ?? "", "acme/app/actions/runs/1")
      })
    )
  }

  scenario(
    "in part, because it refuses comments, does not cost the issue",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      yield* writing("comment", refused(new Forbidden({ message: "locked" })))
      assert.deepStrictEqual(yield* reported(run), done)
      assert.isTrue(yield* isReported(run))
      yield* reported(yield* dispatchedRun(2))
      assert.lengthOf(yield* issues, 1)
    })
  )

  scenario(
    "is one error in the log, however many runs follow",
    Effect.gen(function* () {
      const refusal = refused(new Forbidden({ message: "archived" }))
      yield* writing("create", refusal, refusal, refusal)
      for (const id of [1, 2, 3]) yield* reported(yield* deniedRun(id))
      const errors = Effect.map(
        Logs.use(({ lines }) => lines),
        (lines) => lines.filter(({ level }) => level === "Error")
      )
      assert.lengthOf(yield* errors, 1)
      yield* reported(yield* deniedRun(4))
      yield* writing("update", refusal)
      yield* reported(yield* deniedRun(5))
      assert.lengthOf(yield* errors, 2)
    })
  )

  scenario(
    "as a comment is one error, and not tried again until something else goes wrong",
    Effect.gen(function* () {
      const refusal = refused(new Forbidden({ message: "locked" }))
      yield* writing("comment", refusal, refusal)
      for (const id of [1, 2]) yield* reported(yield* deniedRun(id))
      assert.deepStrictEqual(yield* reportRequests, ["create", "comment", "update"])
      for (const id of [3, 4]) yield* reported(yield* failedRun(id))
      const errors = (yield* Logs.use(({ lines }) => lines)).filter(({ text }) => text.includes("comment was refused"))
      assert.deepStrictEqual(
        errors.map(({ level }) => level),
        ["Error"]
      )
      assert.deepStrictEqual((yield* reportRequests).slice(3), ["update", "comment", "update"])
    })
  )
})

describe("without issues", () => {
  scenario(
    "the same report is a log record, once",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      yield* reported(run)
      yield* reported(run)
      assert.deepStrictEqual(yield* reportRequests, [])
      const records = (yield* Logs.use(({ lines }) => lines)).filter(({ text }) => text === "report")
      assert.lengthOf(records, 1)
      assert.include(records[0]?.all ?? "", "target_config_absent")
      assert.lengthOf(yield* facts("dispatch.report.published"), 1)
    }),
    { createIssues: false }
  )

  scenario(
    "once also where another copy of the message comes while the check run is written",
    Effect.gen(function* () {
      const run = yield* deniedRun(1)
      yield* Faults.use(({ next }) => next("Checks.create", delays("1 second")))
      yield* together(run, run)
      const records = (yield* Logs.use(({ lines }) => lines)).filter(({ text }) => text === "report")
      assert.lengthOf(records, 1)
      assert.lengthOf(yield* facts("dispatch.report.published"), 1)
    }),
    { createIssues: false }
  )

  scenario(
    "and without a plan there is nothing to report, which a person has to look at",
    Effect.gen(function* () {
      assert.strictEqual((yield* report.handle(reportMessage(sourceRun())))._tag, "Dead")
    })
  )
})
