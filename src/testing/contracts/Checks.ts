/**
 * What every layer of Checks keeps to. To hold one of your own to it:
 *
 *     checksContract("my checks", myChecksLayer, aCommitOfAcmeShop, realTime)
 *
 * It must be able to write to `acme/shop`, on the commit that is given; the App's installation on `acme` has the id of {@link acmeInstallation}.
 * All tests share the layer; each writes check runs of its own.
 */
import { randomUUID } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import type { CheckRun } from "../../domain/CheckRun.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { type CheckedCommit, Checks } from "../../ports/Checks.ts"
import { acmeInstallation } from "./ConfigSource.ts"
import type { ContractTime } from "./Time.ts"

const open: CheckRun = {
  name: "dispatcher / ci.yml",
  conclusion: null,
  title: "1 under way",
  summary: "What is started.",
  text: "| Target |\n| --- |\n| acme/deploy |",
  detailsUrl: "https://dispatcher.example.com/admin?journey=1"
}
const ended: CheckRun = { ...open, conclusion: "failure", title: "1 failed" }

/** Registers the contract's tests for a layer of Checks; `commit` is one of `acme/shop`. */
export const checksContract = <E>(
  name: string,
  checksLayer: Layer.Layer<Checks, E>,
  commit: string,
  time: Pick<ContractTime, "virtual">
): void =>
  layer(checksLayer, { excludeTestServices: !time.virtual, timeout: "60 seconds" })(
    `Checks contract: ${name}`,
    (it) => {
      const on: CheckedCommit = {
        repository: RepositoryName.make("acme/shop"),
        repositoryId: GitHubId.make("1"),
        installationId: acmeInstallation.installationId,
        sha: commit
      }

      it.effect("creates check runs, and finds each by its external id, however many have its name", () =>
        Effect.gen(function* () {
          const checks = yield* Checks
          const [one, other] = [randomUUID(), randomUUID()]
          assert.isTrue(Option.isNone(yield* checks.find(on, open.name, one)))
          const first = yield* checks.create(on, one, open)
          const second = yield* checks.create(on, other, ended)
          assert.notStrictEqual(first, second)
          assert.deepStrictEqual(yield* checks.find(on, open.name, one), Option.some(first))
          assert.deepStrictEqual(yield* checks.find(on, open.name, other), Option.some(second))
          assert.isTrue(Option.isNone(yield* checks.find(on, "another name", one)))
        })
      )
      it.effect("updates a check run, which stays the same one", () =>
        Effect.gen(function* () {
          const checks = yield* Checks
          const externalId = randomUUID()
          const id = yield* checks.create(on, externalId, open)
          yield* checks.update(on, id, ended)
          yield* checks.update(on, id, { ...ended, conclusion: "success" })
          assert.deepStrictEqual(yield* checks.find(on, open.name, externalId), Option.some(id))
        })
      )
      it.effect("does not find a check run that is not there", () =>
        Effect.gen(function* () {
          const checks = yield* Checks
          const error = yield* Effect.flip(checks.update(on, GitHubId.make("999999999"), ended))
          assert.strictEqual(error.reason._tag, "NotFound")
        })
      )
    }
  )
