/** Owners that shut the App out: noticed, named in health until a read works, and no obstacle to others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import * as AccessWatch from "../../src/flow/AccessWatch.ts"
import { readObstacles } from "../../src/ledger/Obstacles.ts"
import { Checks } from "../../src/ports/Checks.ts"
import { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { Forbidden, Unprocessable } from "../../src/ports/GitHubError.ts"
import { Reports } from "../../src/ports/Reports.ts"
import { Table } from "../../src/ports/Table.ts"
import { Workflows } from "../../src/ports/Workflows.ts"
import { refused } from "../../src/testing/FaultScript.ts"
import { Faults, layer as layerMemory, StoredConfigs } from "../../src/testing/fakes/Memory.ts"
import { order, repository, sourceRun } from "../fixtures/Runs.ts"

const app = repository("Acme/app")
const other = repository("other/app")
const refusal = (message: string, transient = false): ConfigAnswer => ({
  _tag: "Unreachable",
  reason: "forbidden",
  message,
  transient
})
const allowList =
  "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."
const shutOut = refusal(allowList)
const absent: ConfigAnswer = { _tag: "Absent" }

const subjects = Effect.gen(function* () {
  return (yield* readObstacles(yield* Table)).map(({ subject }) => subject)
})

const memory = layerMemory(
  new Map([
    [app, absent],
    [other, absent]
  ])
)

/** A test in which the first repository's answers are these, one for each read. */
const scenario = (
  what: string,
  body: (read: (answer: ConfigAnswer) => Effect.Effect<void>) => Effect.Effect<void, unknown, Table>
) =>
  it.effect(what, () =>
    Effect.gen(function* () {
      const configs = yield* ConfigSource
      const { set } = yield* StoredConfigs
      const load = Effect.orDie(configs.load([app, other], { owner: "acme", installationId: GitHubId.make("1") }))
      yield* body((answer) => Effect.andThen(set(app, answer), load))
    }).pipe(Effect.provide(Layer.provideMerge(AccessWatch.layer, memory)))
  )

describe("an owner that shuts the App out", () => {
  const words = [
    shutOut,
    refusal("Resource protected by organization SAML enforcement. You must grant your OAuth token access."),
    refusal("This installation has been suspended", true)
  ]
  for (const answer of words) {
    scenario(`is an obstacle, until a read works: ${"message" in answer ? answer.message.slice(0, 40) : ""}`, (read) =>
      Effect.gen(function* () {
        yield* read(absent)
        assert.deepStrictEqual(yield* subjects, [])
        yield* read(answer)
        assert.deepStrictEqual(yield* subjects, ["acme"])
        yield* read(absent)
        assert.deepStrictEqual(yield* subjects, [])
        yield* read(answer)
        assert.deepStrictEqual(yield* subjects, ["acme"])
      })
    )
  }

  scenario("stays one for a day after the latest refusal, however often it is read", (read) =>
    Effect.gen(function* () {
      yield* read(shutOut)
      yield* TestClock.adjust("23 hours")
      yield* read(shutOut)
      yield* TestClock.adjust("23 hours")
      assert.deepStrictEqual(
        (yield* readObstacles(yield* Table)).map(({ since }) => since),
        ["1970-01-01T00:00:00.000Z"]
      )
      yield* TestClock.adjust("2 hours")
      assert.deepStrictEqual(yield* subjects, [])
    })
  )

  scenario("is not one that refuses anything else", (read) =>
    Effect.gen(function* () {
      yield* read(refusal("Resource not accessible by integration"))
      assert.deepStrictEqual(yield* subjects, [])
    })
  )
})

describe("a start or a report that is refused because the owner shuts the App out", () => {
  const layerWatched = Layer.mergeAll(
    AccessWatch.layer,
    AccessWatch.layerWorkflows,
    AccessWatch.layerReports,
    AccessWatch.layerChecks
  ).pipe(Layer.provideMerge(memory))
  const to = sourceRun({ repository: "acme/app" })
  const shut = refused(new Forbidden({ message: allowList }))
  const start = Workflows.use((workflows) => Effect.exit(workflows.start(order(), () => true)))
  const find = Workflows.use((workflows) => Effect.exit(workflows.findStarted(order(), 0)))
  const create = Reports.use((reports) => Effect.exit(reports.create(to, { title: "t", body: "b" })))
  const readFiles = ConfigSource.use((configs) =>
    Effect.orDie(configs.load([app], { owner: "acme", installationId: GitHubId.make("1") }))
  )

  it.effect("is an obstacle; a start that works does not end it, a read of files that works does", () =>
    Effect.gen(function* () {
      const { next } = yield* Faults
      for (const [operation, request] of [
        ["Workflows.start", start],
        ["Workflows.findStarted", find]
      ] as const) {
        yield* readFiles
        yield* next(operation, shut)
        yield* request
        assert.deepStrictEqual(yield* subjects, ["acme"], operation)
        yield* request
        assert.deepStrictEqual(yield* subjects, ["acme"], operation)
        yield* readFiles
        assert.deepStrictEqual(yield* subjects, [], operation)
      }
      yield* next("Reports.create", shut)
      yield* create
      assert.deepStrictEqual(yield* subjects, ["acme"])
      yield* readFiles
      assert.deepStrictEqual(yield* subjects, [])
      yield* next("Checks.find", shut)
      yield* Checks.use((checks) => Effect.exit(checks.find(to, "dispatcher / ci.yml", "1")))
      assert.deepStrictEqual(yield* subjects, ["acme"])
    }).pipe(Effect.provide(layerWatched))
  )

  it.effect("is distinguished from a refusal that quotes what people wrote", () =>
    Effect.gen(function* () {
      const quoting = refused(new Unprocessable({ message: 'Unexpected inputs provided: ["SAML"]' }))
      yield* Faults.use(({ next }) => next("Workflows.start", quoting))
      yield* start
      assert.deepStrictEqual(yield* subjects, [])
    }).pipe(Effect.provide(layerWatched))
  )
})
