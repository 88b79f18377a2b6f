/**
 * What every layer of Reports keeps to. To hold one of your own to it:
 *
 *     reportsContract("my reports", myReportsLayer, realTime, { comment, isOpen })
 *
 * It must be able to write to the repositories `acme/shop` and `acme/bare`; the App's installation on `acme` has the id of
 * {@link acmeInstallation}. All tests share the layer; each writes issues of its own. {@link Person} is another author.
 */
import { randomUUID } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { RepositoryName } from "../../domain/Names.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import type { GitHubError } from "../../ports/GitHubError.ts"
import { type Addressee, type Issue, Reports } from "../../ports/Reports.ts"
import { acmeInstallation } from "./ConfigSource.ts"
import type { ContractTime } from "./Time.ts"

const addressee = (name: string): Addressee => ({
  repository: RepositoryName.make(name),
  repositoryId: GitHubId.make("1"),
  installationId: acmeInstallation.installationId
})
const shop = addressee("acme/shop")

/** Where the suite writes nothing. */
const bare = addressee("acme/bare")

const freshMarker = () => `<!-- contract:${randomUUID()} -->`
const create = (body: string, title = "Dispatches after ci.yml") =>
  Reports.use((reports) => reports.create(shop, { title, body }))
const found = (marker: string, where = shop) => Reports.use((reports) => reports.findIssue(where, marker))

const assertNotFound = Effect.fnUntraced(function* <A, R>(call: Effect.Effect<A, GitHubError, R>) {
  assert.strictEqual((yield* Effect.flip(call)).reason._tag, "NotFound")
})

/** What a person does to issues of `acme/shop`, and sees of them. */
export interface Person<R> {
  /** Comments on it. */
  readonly comment: (issue: Issue) => Effect.Effect<void, unknown, R>
  /** Whether it is open. */
  readonly isOpen: (issue: Issue) => Effect.Effect<boolean, unknown, R>
}

/** Registers the contract's tests for a layer of Reports. */
export const reportsContract = <R, E>(
  name: string,
  reportsLayer: Layer.Layer<Reports | R, E>,
  time: Pick<ContractTime, "virtual">,
  person: Person<R>
): void =>
  layer(reportsLayer, { excludeTestServices: !time.virtual, timeout: "60 seconds" })(
    `Reports contract: ${name}`,
    (it) => {
      it.effect("opens issues, each with a number and an address of its own", () =>
        Effect.gen(function* () {
          const issues: ReadonlyArray<Issue> = [yield* create("one"), yield* create("one")]
          assert.strictEqual(new Set(issues.map(({ number }) => number)).size, 2)
          for (const { number, url } of issues) assert.match(url, new RegExp(`/${number}$`))
        })
      )
      it.effect("finds the newest issue with a marker in the repository, or none", () =>
        Effect.gen(function* () {
          const marker = freshMarker()
          assert.isNull(yield* found(marker))
          yield* create(`${marker}\nfirst`)
          const second = yield* create(`second\n${marker}`)
          yield* create("third")
          assert.deepStrictEqual(yield* found(marker), second)
          assert.deepStrictEqual(yield* found(marker, addressee("Acme/SHOP")), second)
          assert.isNull(yield* found(marker, bare))
        })
      )
      it.effect("rewrites an issue, which stays the same one", () =>
        Effect.gen(function* () {
          const reports = yield* Reports
          const [before, after] = [freshMarker(), freshMarker()]
          const issue = yield* create(before)
          assert.deepStrictEqual(yield* reports.update(shop, issue.number, after, true), issue)
          assert.isNull(yield* found(before))
          assert.deepStrictEqual(yield* found(after), issue)
        })
      )
      it.effect("comments on an issue, and finds its comments by their markers", () =>
        Effect.gen(function* () {
          const reports = yield* Reports
          const marker = freshMarker()
          const [issue, other] = [yield* create("one"), yield* create("other")]
          assert.deepStrictEqual(yield* reports.findComments(shop, issue.number, marker), [])
          yield* reports.comment(shop, issue.number, `run 1\n${marker}`)
          yield* reports.comment(shop, issue.number, "run 2")
          assert.deepStrictEqual(yield* reports.findComments(shop, issue.number, marker), [`run 1\n${marker}`])
          assert.deepStrictEqual(yield* reports.findComments(shop, other.number, marker), [])
          assert.isNull(yield* found(marker))
        })
      )
      it.effect("closes an issue, also once more, and opens it again where that is asked for", () =>
        Effect.gen(function* () {
          const reports = yield* Reports
          const issue = yield* create("one")
          assert.isTrue(yield* person.isOpen(issue))
          for (const _ of [1, 2]) {
            yield* reports.close(shop, issue.number)
            assert.isFalse(yield* person.isOpen(issue))
          }
          yield* reports.update(shop, issue.number, "two", false)
          assert.isFalse(yield* person.isOpen(issue))
          yield* reports.update(shop, issue.number, "three", true)
          assert.isTrue(yield* person.isOpen(issue))
        })
      )
      it.effect("knows whether anybody else wrote in an issue", () =>
        Effect.gen(function* () {
          const reports = yield* Reports
          const [issue, other] = [yield* create("one"), yield* create("other")]
          assert.isTrue(yield* reports.isOnlyOurs(shop, issue.number))
          yield* reports.comment(shop, issue.number, "ours")
          assert.isTrue(yield* reports.isOnlyOurs(shop, issue.number))
          yield* person.comment(issue)
          yield* reports.comment(shop, issue.number, "ours, too")
          assert.isFalse(yield* reports.isOnlyOurs(shop, issue.number))
          assert.isTrue(yield* reports.isOnlyOurs(shop, other.number))
        })
      )
      it.effect("does not find an issue that is not there", () =>
        Effect.gen(function* () {
          const reports = yield* Reports
          yield* assertNotFound(reports.update(bare, 999_999, "anything", false))
          yield* assertNotFound(reports.comment(bare, 999_999, "anything"))
          yield* assertNotFound(reports.findComments(bare, 999_999, "anything"))
          yield* assertNotFound(reports.isOnlyOurs(bare, 999_999))
          yield* assertNotFound(reports.close(bare, 999_999))
        })
      )
    }
  )
