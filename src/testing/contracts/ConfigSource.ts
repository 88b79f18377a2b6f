/**
 * What every layer of the ConfigSource keeps to. To hold one of your own to it, say how it is made for repositories that hold these files:
 *
 *     configSourceContract("my source", (repositories) => mySourceLayer(repositories), realTime)
 *
 * All tests share the layer; they only read.
 */

import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, type Layer } from "effect"
import type { ConfigAnswer, ConfigPath } from "../../domain/Config.ts"
import { RepositoryName, repositoryKey } from "../../domain/Names.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { ConfigSource, type KnownInstallation } from "../../ports/ConfigSource.ts"
import type { ContractTime } from "./Time.ts"

/** A repository that the source must have. Its default branch is `main`. */
export interface GivenRepository {
  readonly name: RepositoryName
  /** Its `dispatching.yml`, and where that is; null: it has none. */
  readonly file: { readonly path: ConfigPath; readonly text: string } | null
}

/** The installation that the suite claims to know: the others, of `globex`, have to be looked up where there are any. */
export const acmeInstallation: KnownInstallation = { owner: "acme", installationId: GitHubId.make("101") }

const given = (name: string, text: string | null, path: ConfigPath = "dispatching.yml"): GivenRepository => ({
  name: RepositoryName.make(name),
  file: text === null ? null : { path, text }
})

const outbound =
  "outbound:\n  - source: { workflow: ci.yml }\n    targets: [{ repository: deploy, workflow: cd.yml }]\n"

const repositories: ReadonlyArray<GivenRepository> = [
  given("acme/shop", outbound),
  given("acme/deploy", "inbound: []\n", ".github/dispatching.yml"),
  given("acme/empty", ""),
  given("acme/plain", null),
  given("acme/broken", `${outbound}inbuond: []\n`),
  given("globex/deploy", "inbound: []\n")
]

const load = Effect.fnUntraced(function* (...names: ReadonlyArray<string>) {
  const source = yield* ConfigSource
  const asked = names.map((name) => RepositoryName.make(name))
  const answers = yield* source.load(asked, acmeInstallation)
  return asked.map((name) => answers.get(repositoryKey(name)))
})

const tags = (answers: ReadonlyArray<ConfigAnswer | undefined>) => answers.map((answer) => answer?._tag)

/** Registers the contract's tests for a layer that `sourceLayer` makes of the repositories that there shall be. */
export const configSourceContract = <E>(
  name: string,
  sourceLayer: (repositories: ReadonlyArray<GivenRepository>) => Layer.Layer<ConfigSource, E>,
  time: Pick<ContractTime, "virtual">
): void =>
  layer(sourceLayer(repositories), { excludeTestServices: !time.virtual, timeout: "60 seconds" })(
    `ConfigSource contract: ${name}`,
    (it) => {
      it.effect("gives configs with the file that they are from and the default branch", () =>
        Effect.gen(function* () {
          const [shop, deploy] = yield* load("acme/shop", "acme/deploy")
          assert.containSubset(shop, { _tag: "Found", path: "dispatching.yml", defaultBranch: "main" })
          assert.containSubset(shop, { config: { outbound: [{ source: { workflow: "ci.yml" } }], inbound: [] } })
          assert.containSubset(deploy, { _tag: "Found", path: ".github/dispatching.yml", defaultBranch: "main" })
        })
      )
      it.effect("distinguishes what is there, absent, invalid and out of reach, one repository beside the other", () =>
        Effect.gen(function* () {
          const names = ["acme/shop", "acme/empty", "acme/plain", "acme/broken", "acme/missing", "globex/deploy"]
          assert.deepStrictEqual(tags(yield* load(...names)), [
            "Found",
            "Found",
            "Absent",
            "Invalid",
            "Unreachable",
            "Found"
          ])
        })
      )
      it.effect("says what is wrong with an invalid config, and where", () =>
        Effect.gen(function* () {
          const [broken] = yield* load("acme/broken")
          assert.containSubset(broken, { _tag: "Invalid", path: "dispatching.yml", issues: [{ line: 4, column: 1 }] })
        })
      )
      it.effect("does not let anybody wait for a repository that does not exist", () =>
        Effect.gen(function* () {
          const [missing] = yield* load("acme/missing")
          assert.containSubset(missing, { _tag: "Unreachable", reason: "not_found", transient: false })
        })
      )
      it.effect("knows repositories by name without case, and answers once for each", () =>
        Effect.gen(function* () {
          const source = yield* ConfigSource
          const spellings = ["Acme/Shop", "acme/shop", "ACME/SHOP", "GLOBEX/Deploy"].map((text) =>
            RepositoryName.make(text)
          )
          const answers = yield* source.load(spellings, { ...acmeInstallation, owner: "ACME" })
          assert.sameMembers([...answers.keys()], ["acme/shop", "globex/deploy"])
          assert.deepStrictEqual(tags([...answers.values()]), ["Found", "Found"])
        })
      )
      it.effect("gives each of many loads of one moment its own answers, also when others are interrupted", () =>
        Effect.gen(function* () {
          const names = ["acme/shop", "acme/broken", "acme/missing", "globex/deploy"]
          const fibers = yield* Effect.forEach([...names, ...names], (name) => Effect.forkChild(load(name)))
          yield* Effect.yieldNow
          yield* Fiber.interruptAll(fibers.slice(0, 2))
          const answers = yield* Effect.forEach(fibers.slice(2), Fiber.join)
          const words: ReturnType<typeof tags> = ["Unreachable", "Found", "Found", "Invalid", "Unreachable", "Found"]
          assert.deepStrictEqual(answers.flatMap(tags), words)
        })
      )
      it.effect("answers nothing to no question", () =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* load(), [])
        })
      )
    }
  )
