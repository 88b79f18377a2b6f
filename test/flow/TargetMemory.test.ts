/** Which configs are asked for together with a source's: what its rules asked for last, and nothing is decided by that. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plan } from "../../src/flow/Plan.ts"
import { mostNames, mostSources, TargetMemory } from "../../src/flow/TargetMemory.ts"
import { RateLimited } from "../../src/ports/GitHubError.ts"
import { refused } from "../../src/testing/FaultScript.ts"
import { absent, unreachable } from "../fixtures/Configs.ts"
import { policy } from "../fixtures/Plans.ts"
import { type RunOverrides, repository, sourceRun } from "../fixtures/Runs.ts"
import { loads, planMessage, putOff, scenario, set } from "./Harness.ts"
import { target } from "./Orders.ts"
import { configs, planOf, sourceOf } from "./Plans.ts"

let runs = 0
/** Plans another run of `acme/app`: what was asked for, and what became of each target. */
const planning = Effect.fnUntraced(function* (overrides: RunOverrides = {}) {
  const run = sourceRun({ runId: ++runs, ...overrides })
  const before = (yield* loads).length
  yield* plan.handle(planMessage(run))
  const stored = yield* planOf(run)
  const asked = (yield* loads).slice(before)
  const decided = (stored?.decisions ?? []).map(({ _tag, target: { repository } }) => `${_tag} ${repository}`)
  return { asked, decided, pending: stored?.pending.length }
})
const world = Effect.gen(function* () {
  yield* set("acme/app", sourceOf("deploy", "site"))
  yield* set("acme/deploy", target)
  yield* set("acme/site", target)
})
const both = ["Allowed acme/deploy", "Allowed acme/site"]

describe("planning a run of a source that was planned before", () => {
  scenario(
    "asks for its file and its targets' in one request",
    Effect.gen(function* () {
      yield* world
      const first = yield* planning()
      assert.deepStrictEqual(first.asked, [["acme/app"], ["acme/deploy", "acme/site"]])
      assert.deepStrictEqual(first.decided, both)
      const second = yield* planning()
      assert.deepStrictEqual(second.asked, [["acme/app", "acme/deploy", "acme/site"]])
      assert.deepStrictEqual(second.decided, both)
    })
  )

  scenario(
    "decides by the files as they are: the target's consent, and which targets the source names",
    Effect.gen(function* () {
      yield* world
      yield* planning()
      yield* set("acme/site", absent)
      assert.deepStrictEqual((yield* planning()).decided, ["Allowed acme/deploy", "Denied acme/site"])
      yield* set("acme/app", sourceOf("new", "deploy"))
      yield* set("acme/new", target)
      const changed = yield* planning()
      assert.deepStrictEqual(changed.asked, [["acme/app", "acme/deploy", "acme/site"], ["acme/new"]])
      assert.deepStrictEqual(changed.decided, ["Allowed acme/new", "Allowed acme/deploy"])
      assert.deepStrictEqual((yield* planning()).asked, [["acme/app", "acme/new", "acme/deploy"]])
    })
  )

  scenario(
    "asks for targets of other owners apart, each time",
    Effect.gen(function* () {
      yield* world
      yield* set("acme/app", sourceOf("deploy", "rival/vault"))
      assert.deepStrictEqual((yield* planning()).asked, [["acme/app"], ["acme/deploy", "rival/vault"]])
      for (let again = 0; again < 2; again++)
        assert.deepStrictEqual((yield* planning()).asked, [["acme/app", "acme/deploy"], ["rival/vault"]])
    })
  )

  scenario(
    "remembers for each workflow what its rules asked for, and keeps that over runs that no rule is about",
    Effect.gen(function* () {
      yield* world
      yield* planning()
      assert.deepStrictEqual((yield* planning({ workflow: "other.yml" })).asked, [["acme/app"]])
      const together = [["acme/app", "acme/deploy", "acme/site"]]
      const skipped = yield* planning({ branch: "feature" })
      assert.deepStrictEqual([skipped.asked, skipped.decided], [together, []])
      assert.deepStrictEqual((yield* planning()).asked, together)
    })
  )

  for (const [what, file] of [
    ["that has no file any more", absent],
    ["no rule of which names the workflow any more", { outbound: [] }]
  ] as const) {
    scenario(
      `asks for nothing else of a source ${what}`,
      Effect.gen(function* () {
        yield* world
        yield* planning()
        yield* set("acme/app", file)
        yield* planning()
        assert.deepStrictEqual((yield* planning()).asked, [["acme/app"]])
      })
    )
  }

  scenario(
    "asks once in an attempt for a target that is out of reach, which then waits",
    Effect.gen(function* () {
      yield* world
      yield* planning()
      yield* set("acme/site", unreachable("unavailable", "HTTP 502"))
      const { asked, decided, pending } = yield* planning()
      assert.deepStrictEqual(asked, [["acme/app", "acme/deploy", "acme/site"]])
      assert.deepStrictEqual([decided, pending], [["Allowed acme/deploy"], 1])
    })
  )

  scenario(
    "waits as long as GitHub wants it to, where the request fails",
    Effect.gen(function* () {
      yield* world
      yield* planning()
      yield* configs(refused(new RateLimited({ retryAfter: 300_000 })))
      const run = sourceRun({ runId: ++runs })
      assert.isAtLeast(putOff(yield* plan.handle(planMessage(run))), 300_000)
      assert.isUndefined(yield* planOf(run))
    })
  )

  scenario(
    "needs no request for a target in the source itself",
    Effect.gen(function* () {
      yield* set("acme/app", { ...sourceOf("app"), ...target })
      const { asked, decided } = yield* planning()
      assert.deepStrictEqual([asked, decided], [[["acme/app"]], ["Allowed acme/app"]])
    })
  )

  scenario(
    "asks twice where its rules ask for more than is remembered",
    Effect.gen(function* () {
      const names = Array.from({ length: mostNames + 1 }, (_, index) => `deploy-${index}`)
      yield* set("acme/app", sourceOf(...names))
      for (const name of names) yield* set(`acme/${name}`, target)
      for (let again = 0; again < 2; again++) assert.lengthOf((yield* planning()).asked, 2)
    }),
    { policy: policy({ maxTargets: 96 }) }
  )
})

describe("the memory", () => {
  const of = (name: string) => ({ repository: repository(`acme/${name}`), workflow: sourceRun().workflow })
  const deploy = [repository("acme/deploy")]

  it("forgets the source that was least recently used, and never holds more than it may", () => {
    const memory = new TargetMemory()
    for (let source = 0; source < mostSources; source++) memory.asked(of(`app-${source}`), deploy)
    assert.deepStrictEqual(memory.namesFor(of("app-0")), deploy)
    memory.asked(of("one-more"), deploy)
    const kept = Array.from({ length: mostSources }, (_, source) => memory.namesFor(of(`app-${source}`)).length > 0)
    assert.deepStrictEqual(kept.slice(0, 3), [true, false, true])
    assert.lengthOf(
      kept.filter((one) => one),
      mostSources - 1
    )
  })

  it("takes spellings of a name for one, and keeps nothing of other owners", () => {
    const memory = new TargetMemory()
    memory.asked(of("app"), [...deploy, repository("rival/vault")])
    assert.deepStrictEqual(memory.namesFor({ ...of("APP"), repository: repository("Acme/App") }), deploy)
    memory.asked(of("app"), [repository("rival/vault")])
    assert.deepStrictEqual(memory.namesFor(of("app")), [])
  })
})
