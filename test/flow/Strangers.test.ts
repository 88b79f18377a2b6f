/** What strangers' files may make the dispatcher ask of other owners, and names that changed hands. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { asksPerMinute, OwnerSpending } from "../../src/flow/OwnerBudget.ts"
import { plan } from "../../src/flow/Plan.ts"
import { done } from "../../src/ports/WorkQueue.ts"
import { policy } from "../fixtures/Plans.ts"
import { type RunOverrides, sourceRun } from "../fixtures/Runs.ts"
import { loads, planMessage, putOff, scenario, set } from "./Harness.ts"
import { planOf, sourceOf } from "./Plans.ts"

const inbound = (source: object = {}) => ({
  inbound: [{ source: { repository: "acme/app", workflow: "ci.yml", ...source }, targets: [{ workflow: "cd.yml" }] }]
})
/** Plans a run, and says what became of each target. */
const verdicts = Effect.fnUntraced(function* (overrides: RunOverrides = {}) {
  const run = sourceRun(overrides)
  yield* plan.handle(planMessage(run))
  const decisions = (yield* planOf(run))?.decisions ?? []
  return decisions.map((decision) => (decision._tag === "Allowed" ? "Allowed" : decision.denial.code))
})

describe("targets of other owners", () => {
  const refusals: ReadonlyArray<readonly [string, RunOverrides, object]> = [
    ["the rule is not about the run", { branch: "feature" }, {}],
    ["the run is a fork's", { fork: true }, {}],
    ["the source is not on the allowlist", {}, { sourceAllowlist: ["other/*"] }],
    ["the target is not on the allowlist", {}, { targetAllowlist: ["acme/*"] }]
  ]
  for (const [what, run, settings] of refusals) {
    scenario(
      `are not asked where ${what}`,
      Effect.gen(function* () {
        yield* set("acme/app", sourceOf("rival/vault"))
        yield* set("rival/vault", inbound())
        yield* verdicts(run)
        assert.deepStrictEqual(yield* loads, [["acme/app"]])
      }),
      { policy: policy(settings) }
    )
  }

  scenario(
    "are asked for the first owners by name, whatever rule names them",
    Effect.gen(function* () {
      const names = ["d/x", "b/x", "deploy", "a/x", "c/x"]
      yield* set("acme/app", {
        outbound: [
          ...sourceOf(...names).outbound,
          { source: { workflow: "other.yml" }, targets: [{ repository: "aa/x", workflow: "cd.yml" }] }
        ]
      })
      for (const name of names) yield* set(name.includes("/") ? name : `acme/${name}`, inbound())
      assert.deepStrictEqual(yield* verdicts(), ["too_many_owners", "Allowed", "Allowed", "Allowed", "too_many_owners"])
      assert.deepStrictEqual((yield* loads)[1], ["b/x", "acme/deploy", "a/x"])
    }),
    { policy: policy({ maxOtherOwners: 3 }) }
  )

  scenario(
    "wait for the next minute once an owner's budget is spent; those of the same owner do not",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("rival/vault", "deploy"))
      yield* set("rival/vault", inbound())
      yield* set("acme/deploy", inbound())
      for (let runId = 1; runId <= asksPerMinute; runId++) yield* verdicts({ runId })
      const run = sourceRun({ runId: 1000 })
      const verdict = yield* plan.handle(planMessage(run))
      assert.isAtLeast(putOff(verdict), 60_000)
      assert.deepStrictEqual((yield* loads).at(-1), ["acme/app", "acme/deploy"])
      assert.lengthOf((yield* planOf(run))?.pending ?? [], 1)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* plan.handle(planMessage(run, { attempt: 2 })), done)
      assert.deepStrictEqual(
        (yield* planOf(run))?.decisions.map(({ _tag }) => _tag),
        ["Allowed", "Allowed"]
      )
    }).pipe(Effect.provideService(OwnerSpending, { minute: -1, byOwner: new Map() }))
  )
})

describe("a name that changed hands", () => {
  const first: RunOverrides = { repositoryId: 1, ownerId: 10, runId: 1 }
  const other: RunOverrides = { repositoryId: 2, ownerId: 20, runId: 2 }

  scenario(
    "is let in no more, until the target's file says the new id",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("rival/vault"))
      yield* set("rival/vault", inbound())
      assert.deepStrictEqual(yield* verdicts(first), ["Allowed"])
      assert.deepStrictEqual(yield* verdicts(other), ["source_identity_changed"])
      yield* set("rival/vault", inbound({ id: "2" }))
      assert.deepStrictEqual(yield* verdicts({ ...other, runId: 3 }), ["Allowed"])
      assert.deepStrictEqual(yield* verdicts({ ...first, runId: 4 }), ["source_identity_changed"])
      yield* set("rival/vault", inbound())
      assert.deepStrictEqual(yield* verdicts({ ...other, runId: 5 }), ["Allowed"])
      assert.deepStrictEqual(yield* verdicts({ ...first, runId: 6 }), ["source_identity_changed"])
    })
  )

  scenario(
    "is recognised by the id of its owner, too",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("rival/vault"))
      yield* set("rival/vault", inbound())
      assert.deepStrictEqual(yield* verdicts(first), ["Allowed"])
      assert.deepStrictEqual(yield* verdicts({ ...first, ownerId: 11, runId: 2 }), ["source_identity_changed"])
    })
  )

  scenario(
    "is remembered only of those that were let in",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("rival/vault"))
      yield* set("rival/vault", inbound({ branches: ["release/*"] }))
      assert.deepStrictEqual(yield* verdicts(first), ["inbound_branch"])
      yield* set("rival/vault", inbound())
      assert.deepStrictEqual(yield* verdicts(other), ["Allowed"])
    })
  )

  scenario(
    "is let in once, of two that come at the same time",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("rival/vault"))
      yield* set("rival/vault", inbound())
      const both = yield* Effect.forEach([first, other], verdicts, { concurrency: 2 })
      assert.deepStrictEqual(both.flat().sort(), ["Allowed", "source_identity_changed"])
    })
  )

  scenario(
    "changes nothing within one owner, except where the file says an id",
    Effect.gen(function* () {
      yield* set("acme/app", sourceOf("deploy"))
      yield* set("acme/deploy", inbound())
      assert.deepStrictEqual(yield* verdicts(first), ["Allowed"])
      assert.deepStrictEqual(yield* verdicts(other), ["Allowed"])
      yield* set("acme/deploy", inbound({ id: "1" }))
      assert.deepStrictEqual(yield* verdicts({ ...other, runId: 3 }), ["source_identity_changed"])
    })
  )
})
