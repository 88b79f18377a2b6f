/** Owners that shut the App out: noticed, named in health until a read works, and in nobody's way. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import { type RepositoryKey, repositoryKey } from "../../src/domain/Names.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import * as AccessWatch from "../../src/flow/AccessWatch.ts"
import { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { Table } from "../../src/ports/Table.ts"
import { layerMemory as layerTable } from "../../src/ports/TableMemory.ts"
import { readObstacles } from "../../src/store/Obstacles.ts"
import { repository } from "../fixtures/Runs.ts"

const app = repository("Acme/app")
const other = repository("other/app")
const refusal = (message: string, transient = false): ConfigAnswer => ({
  _tag: "Unreachable",
  reason: "forbidden",
  message,
  transient
})
const shutOut = refusal(
  "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."
)
const absent: ConfigAnswer = { _tag: "Absent" }

const subjects = Effect.gen(function* () {
  return (yield* readObstacles(yield* Table)).map(({ subject }) => subject)
})

/** A test in which the first repository's answers are these, one for each read. */
const scenario = (
  what: string,
  body: (read: (answer: ConfigAnswer) => Effect.Effect<void>) => Effect.Effect<void, unknown, Table>
) =>
  it.effect(what, () => {
    let next: ConfigAnswer = absent
    const answers = Layer.succeed(ConfigSource, {
      load: () =>
        Effect.sync(
          () =>
            new Map<RepositoryKey, ConfigAnswer>([
              [repositoryKey(app), next],
              [repositoryKey(other), absent]
            ])
        )
    })
    return Effect.gen(function* () {
      const configs = yield* ConfigSource
      yield* body((answer) =>
        Effect.suspend(() => {
          next = answer
          return Effect.orDie(configs.load([app, other], { owner: "acme", installationId: GitHubId.make("1") }))
        })
      )
    }).pipe(Effect.provide(AccessWatch.layer.pipe(Layer.provide(answers), Layer.provideMerge(layerTable))))
  })

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
