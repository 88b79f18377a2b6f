/** What the source repository shows: one issue per workflow, kept up to date; a comment where a person has to act. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RunConclusion } from "../../src/sandbox/RunCourse.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { completeAndDeliver, idle, startedFor, until } from "./Journeys.ts"
import { fleet, inbound } from "./Scenarios.ts"
import { world } from "./World.ts"

const targets = ["acme/deploy", "acme/docs"]
const issues = Sandbox.use(({ issues }) => issues("acme/shop"))

/** A run and all that follows from it. */
const run = Effect.fnUntraced(function* (wanted: Parameters<typeof completeAndDeliver>[0] = {}) {
  const { payload } = yield* completeAndDeliver(wanted)
  yield* idle
  return payload
})
/** The issue, which is to be the only one. */
const onlyIssue = Effect.gen(function* () {
  const [issue, ...others] = yield* issues
  assert.deepStrictEqual(others, [])
  return issue ?? assert.fail("there is no issue")
})
const refuse = Sandbox.use(({ putFile }) => putFile("acme/docs", "dispatching.yml", "inbound: []"))
const agree = Sandbox.use(({ putFile }) => putFile("acme/docs", "dispatching.yml", inbound("acme/shop")))

describe("the report of a workflow's runs", () => {
  it.live("is one issue with every run and links to what was started; no one is notified while all is well", () =>
    Effect.gen(function* () {
      const payloads = [yield* run(), yield* run(), yield* run()]
      const { body, comments, author } = yield* onlyIssue
      assert.strictEqual(author, "dispatcher-e2e[bot]")
      assert.deepStrictEqual(comments, [])
      for (const payload of payloads) {
        for (const { htmlUrl } of yield* startedFor(payload)) assert.include(body ?? "", htmlUrl)
        assert.strictEqual((body ?? "").split(`[${payload.workflow_run.id}]`).length, 2, "each run is listed once")
      }
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is commented where a target refuses, and only then", () =>
    Effect.gen(function* () {
      yield* run()
      yield* refuse
      const refused = yield* run()
      yield* agree
      yield* run()
      const { comments, body } = yield* onlyIssue
      assert.strictEqual(comments.length, 1)
      assert.include(comments[0]?.body ?? "", `[${refused.workflow_run.id}]`)
      assert.include(comments[0]?.body ?? "", "inbound&#95;not&#95;allowed")
      assert.notInclude(comments[0]?.body ?? "", "acme/deploy", "what went well needs no attention")
      assert.include(body ?? "", "inbound&#95;not&#95;allowed")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is not written by runs that need no attention", () =>
    Effect.gen(function* () {
      yield* run({ conclusion: "failure" })
      yield* run({ branch: "feature" })
      yield* run({ event: "pull_request", fork: "stranger/shop" })
      yield* run({ workflow: "lint.yml" })
      assert.deepStrictEqual(yield* issues, [])
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("reports a broken dispatching.yml once, however many runs follow", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.putFile("acme/shop", "dispatching.yml", "outbound:\n  - sources: {}\n")
      yield* run()
      yield* run()
      const { comments } = yield* onlyIssue
      assert.strictEqual(comments.length, 1)
      assert.include(comments[0]?.body ?? "", "dispatching")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("stays closed if a person closed it, until there is something to act on", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* run()
      yield* sandbox.closeIssue("acme/shop", 1)
      const well = yield* run()
      assert.strictEqual((yield* onlyIssue).state, "closed")
      assert.include((yield* onlyIssue).body ?? "", `[${well.workflow_run.id}]`)
      yield* refuse
      yield* run()
      assert.strictEqual((yield* onlyIssue).state, "open")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  const replacing = {
    "410, deleted": Sandbox.use(({ deleteIssue }) => deleteIssue("acme/shop", 1)),
    "301, transferred": Sandbox.use(({ transferIssue }) => transferIssue("acme/shop", 1, "acme/docs"))
  }
  for (const [answer, change] of Object.entries(replacing)) {
    it.live(`goes on in another issue where GitHub answers ${answer}`, () =>
      Effect.gen(function* () {
        yield* run()
        yield* change
        yield* run()
        yield* run()
        assert.strictEqual((yield* onlyIssue).number, 2)
        assert.strictEqual((yield* onlyIssue).body?.split("/actions/runs/").length, 1 + 3 + 3 * targets.length)
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }

  it.live("goes on in another issue where GitHub answers 403, 2500 comments; people are notified there", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* run()
      yield* sandbox.fillIssue("acme/shop", 1)
      yield* refuse
      yield* run()
      yield* run()
      const [full, next, ...others] = yield* issues
      assert.deepStrictEqual(others, [])
      assert.strictEqual(full?.comments.length, 2500)
      assert.strictEqual(next?.comments.length, 1)
      assert.match(
        next?.body ?? "",
        /goes on from \[issue 1\]\(http\S+\/acme\/shop\/issues\/1\)/,
        "after two runs, too"
      )
      assert.match(
        full?.body ?? "",
        /^This issue takes no more comments: reports go on in \[issue 2\]\(http\S+\/issues\/2\)/
      )
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("goes on in another issue although the full one takes no last text", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* run()
      yield* sandbox.fillIssue("acme/shop", 1)
      yield* refuse
      let updates = 0
      yield* sandbox.injectFault({
        // The report's own update is the first, the reference to the new issue the second.
        path: ({ method, path }) => method === "PATCH" && path === "/repos/acme/shop/issues/1" && ++updates > 1,
        answer: { status: 403, body: { message: "Issue is locked" } },
        times: "always"
      })
      yield* run()
      yield* run()
      const [full, next, ...others] = yield* issues
      assert.deepStrictEqual([others, next?.comments.length, updates], [[], 1, 2])
      assert.notInclude(full?.body ?? "", "reports go on in")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("goes on without comments where GitHub answers 403, locked", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* run()
      yield* sandbox.lockIssue("acme/shop", 1)
      yield* refuse
      const refused = yield* run()
      assert.deepStrictEqual((yield* onlyIssue).comments, [])
      assert.include((yield* onlyIssue).body ?? "", `[${refused.workflow_run.id}]`)
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  const leaving = { "410, issues disabled": { issues: false }, "403, archived": { archived: true } }
  for (const [answer, change] of Object.entries(leaving)) {
    it.live(`leaves its issue alone where GitHub answers ${answer}`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* run()
        const before = (yield* sandbox.requests).length
        yield* sandbox.changeRepository("acme/shop", change)
        yield* run()
        const asked = (yield* sandbox.requests).slice(before).filter(({ path }) => path.includes("/issues"))
        assert.strictEqual(asked.length, 1, "a refusal for good is not tried again")
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }

  for (const drop of ["before", "after"] as const) {
    it.live(`is written once although the connection breaks ${drop} GitHub acted`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* refuse
        yield* sandbox.injectFault(
          { method: "POST", path: "/repos/acme/shop/issues", drop },
          { method: "POST", path: "/repos/acme/shop/issues/*/comments", drop }
        )
        yield* run()
        assert.strictEqual((yield* onlyIssue).comments.length, 1)
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }

  it.live("is one issue although runs end at once", () =>
    Effect.gen(function* () {
      const runs = yield* Effect.replicateEffect(completeAndDeliver(), 5, { concurrency: "unbounded" })
      yield* idle
      const { body } = yield* onlyIssue
      for (const { payload } of runs) assert.include(body ?? "", `[${payload.workflow_run.id}]`)
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("costs no dispatch where issues are switched off", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.changeRepository("acme/shop", { issues: false })
      const payload = yield* run()
      assert.strictEqual((yield* startedFor(payload)).length, targets.length)
      const asked = (yield* sandbox.requests).filter(({ path }) => path.endsWith("/issues"))
      assert.strictEqual(asked.length, 1, "a refusal for good is not tried again")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is no issue where CREATE_ISSUES is false", () =>
    Effect.gen(function* () {
      const payload = yield* run()
      assert.strictEqual((yield* startedFor(payload)).length, targets.length)
      assert.deepStrictEqual(yield* issues, [])
    }).pipe(Effect.provide(world(fleet(targets), { CREATE_ISSUES: false })))
  )
})

describe("the results of what was started", () => {
  const soon = (conclusion: RunConclusion) => ({ ends: "later", afterMillis: 50, conclusion }) as const
  /** The runs of `acme/deploy` end one after the other as given, shortly after they were started. */
  const ending = (first: RunConclusion, ...others: ReadonlyArray<RunConclusion>) =>
    world(
      fleet(["acme/deploy"], {
        startedRuns: {
          workflows: [
            {
              repository: "acme/deploy",
              workflow: "cd.yml",
              courses: [soon(first), ...others.map(soon)]
            }
          ]
        }
      })
    )
  /** A run, and its report with the result. */
  const runToTheEnd = Effect.fnUntraced(function* () {
    const payload = yield* run()
    yield* until(onlyIssue, ({ body }) => !(body ?? "").includes("not over yet"))
    yield* idle
    return payload
  })
  const standing = Effect.map(onlyIssue, ({ comments, state }) => [
    state,
    ...comments.map(({ body }) => /^(?:❌|✅) (All is well|Something)/m.exec(body)?.[1])
  ])

  it.live("notify of the first failure and of the recovery, which closes the issue until something fails again", () =>
    Effect.gen(function* () {
      yield* runToTheEnd()
      assert.deepStrictEqual(yield* standing, ["open"])
      yield* runToTheEnd()
      assert.deepStrictEqual(yield* standing, ["open", "Something"])
      yield* runToTheEnd()
      assert.deepStrictEqual(yield* standing, ["open", "Something"])
      const recovered = yield* runToTheEnd()
      assert.deepStrictEqual(yield* standing, ["closed", "Something", "All is well"])
      const { body, comments } = yield* onlyIssue
      assert.include(comments[1]?.body ?? "", `[${recovered.workflow_run.id}]`)
      assert.match(body ?? "", /✅ All is well\.[\s\S]*✅ \[success\]/)
      yield* runToTheEnd()
      assert.deepStrictEqual(yield* standing, ["open", "Something", "All is well", "Something"])
    }).pipe(Effect.provide(ending("success", "failure", "failure", "success", "failure")))
  )

  it.live("leave an issue open in which a person wrote", () =>
    Effect.gen(function* () {
      yield* runToTheEnd()
      yield* Sandbox.use(({ commentOnIssue }) => commentOnIssue("acme/shop", 1, "I look after it."))
      yield* runToTheEnd()
      assert.deepStrictEqual(yield* standing, ["open", "Something", undefined, "All is well"])
    }).pipe(Effect.provide(ending("failure", "success")))
  )
})
