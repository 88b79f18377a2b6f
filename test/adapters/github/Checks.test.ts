/** Check runs: what is sent for them, whose are found, and what GitHub answers where there can be none. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { CheckRun } from "../../../src/domain/CheckRun.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { type CheckedCommit, Checks } from "../../../src/ports/Checks.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import {
  json,
  overFetch,
  overSandbox,
  played,
  reasonOfFailure,
  repository,
  requestsSeen,
  tokenAnswer
} from "./support.ts"

const on: CheckedCommit = {
  repository: repository("acme/source"),
  repositoryId: GitHubId.make("700000001"),
  installationId: GitHubId.make("101"),
  sha: "main"
}
const open: CheckRun = { name: "dispatcher / ci.yml", conclusion: null, title: "1 under way", summary: "s", text: "t" }
const ended: CheckRun = {
  ...open,
  conclusion: "neutral",
  title: "1 refused",
  detailsUrl: "https://x.test/admin?journey=1"
}

describe("a check run", () => {
  it.live("is created, found and updated with one request each, and one for the token", () =>
    Effect.gen(function* () {
      const checks = yield* Checks
      const { checkRuns } = yield* Sandbox
      const id = yield* checks.create(on, "1/2/3", open)
      const shown = Effect.map(checkRuns("acme/source"), (all) =>
        all.map(({ name, externalId, status, conclusion, detailsUrl, output }) => ({
          name,
          externalId,
          status,
          conclusion,
          detailsUrl,
          output
        }))
      )
      assert.containSubset(yield* shown, [
        {
          name: open.name,
          externalId: "1/2/3",
          status: "in_progress",
          conclusion: null,
          output: { title: "1 under way", summary: "s", text: "t" }
        }
      ])
      assert.deepStrictEqual(yield* checks.find(on, open.name, "1/2/3"), Option.some(id))
      yield* checks.update(on, id, ended)
      assert.containSubset(yield* shown, [
        { status: "completed", conclusion: "neutral", detailsUrl: ended.detailsUrl, output: { title: "1 refused" } }
      ])
      assert.deepStrictEqual(yield* requestsSeen, [
        "POST /app/installations/101/access_tokens",
        "POST /repos/acme/source/check-runs",
        "GET /repos/acme/source/commits/main/check-runs",
        `PATCH /repos/acme/source/check-runs/${id}`
      ])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("of a repository that is called otherwise meanwhile is the same one", () =>
    Effect.gen(function* () {
      const checks = yield* Checks
      const { checkRuns, renameRepository } = yield* Sandbox
      const id = yield* checks.create(on, "1/2/3", open)
      yield* renameRepository("acme/source", "elsewhere")
      yield* checks.update(on, id, ended)
      assert.deepStrictEqual(yield* checks.find(on, open.name, "1/2/3"), Option.some(id))
      yield* checks.create(on, "1/3/1", open)
      assert.containSubset(yield* checkRuns("acme/elsewhere"), [{ conclusion: "neutral" }, { conclusion: null }])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("of another App is not taken for ours", () => {
    const listed = (id: number, slug: string) => ({ id, external_id: "1", app: { slug } })
    const { fetch } = played((request) =>
      request.url.includes("access_tokens")
        ? tokenAnswer("t")
        : json(200, {
            total_count: 2,
            check_runs: [listed(1, "another-app"), { id: 2, external_id: null, app: null }, listed(3, "Dispatcher-App")]
          })
    )
    return Effect.gen(function* () {
      const checks = yield* Checks
      assert.deepStrictEqual(yield* checks.find(on, open.name, "1"), Option.some(GitHubId.make("3")))
      assert.isTrue(Option.isNone(yield* checks.find(on, open.name, "2")))
    }).pipe(Effect.provide(overFetch(fetch)))
  })
})

describe("where there can be no check run", () => {
  const create = Checks.use((checks) => checks.create(on, "1", open))

  it.live("because the repository is archived, it says so", () =>
    Effect.gen(function* () {
      yield* Sandbox.use(({ changeRepository }) => changeRepository("acme/source", { archived: true }))
      assert.strictEqual((yield* reasonOfFailure(create))._tag, "Forbidden")
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("because another repository is where GitHub redirects to, it is not found", () =>
    Effect.gen(function* () {
      yield* Sandbox.use(({ renameRepository }) => renameRepository("acme/source", "elsewhere"))
      const checks = yield* Checks
      const reason = yield* reasonOfFailure(checks.create({ ...on, repositoryId: GitHubId.make("1") }, "1", open))
      assert.strictEqual(
        `${reason._tag}: ${reason.message}`,
        "NotFound: it was renamed or moved and is called acme/elsewhere now"
      )
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("because the commit or the check run is gone, it says so", () =>
    Effect.gen(function* () {
      const checks = yield* Checks
      const commit = yield* reasonOfFailure(checks.create({ ...on, sha: "f".repeat(40) }, "1", open))
      assert.strictEqual(commit._tag, "Unprocessable")
      assert.include(commit.message, "No commit found for SHA")
      const gone = yield* reasonOfFailure(checks.update(on, GitHubId.make("999"), ended))
      assert.strictEqual(gone._tag, "NotFound")
    }).pipe(Effect.provide(overSandbox()))
  )
})
