import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import {
  normalizeWorkflow,
  ownerOf,
  RepositoryName,
  repositoryKey,
  resolveRepository,
  sameRepository,
  sameWorkflow,
  shortNameOf,
  workflowKey
} from "../../src/domain/Names.ts"
import { repository, workflow } from "../fixtures/Runs.ts"

const isRepository = Schema.is(RepositoryName)

describe("RepositoryName", () => {
  it.each(["a/b", "Octo-Org/hello.world", "emu_acme/_x", `o/${"n".repeat(100)}`, "a/..b", "a/.github", "0/0"])(
    "is %s",
    (name) => assert.isTrue(isRepository(name))
  )

  it.each([
    "",
    "name",
    "/name",
    "owner/",
    "a/b/c",
    "-a/b",
    "a.b/c",
    "a/b c",
    " a/b",
    "a/b\n",
    "a/.",
    "a/..",
    "a/*",
    "*/b",
    "ä/b",
    "a/\u212A",
    `o/${"n".repeat(101)}`
  ])("is not %j", (name) => assert.isFalse(isRepository(name)))

  it("says what it expects", () => {
    const problem = Result.getFailure(Schema.decodeUnknownResult(RepositoryName)("nobody"))
    assert.include(String(problem), "a repository as owner/name")
  })

  it("is the same in any case, and nothing else is", () => {
    assert.isTrue(sameRepository(repository("Acme/App"), repository("acme/APP")))
    assert.isFalse(sameRepository(repository("acme/app"), repository("acme/apps")))
    assert.isFalse(sameRepository(repository("acme/app"), repository("acne/app")))
    assert.strictEqual(repositoryKey(repository("Acme/App")), "acme/app")
  })

  it("falls into owner and name, and is completed by an owner", () => {
    assert.strictEqual(ownerOf(repository("Acme/App")), "Acme")
    assert.strictEqual(shortNameOf(repository("Acme/App")), "App")
    assert.strictEqual(resolveRepository("app", "acme"), "acme/app")
    assert.strictEqual(resolveRepository("other/app", "acme"), "other/app")
    assert.strictEqual(resolveRepository("*", "acme"), "acme/*")
  })
})

describe("normalizeWorkflow", () => {
  it.each([
    ["ci.yml", "ci.yml"],
    [".github/workflows/ci.yml", "ci.yml"],
    [".github/workflows/ci.yml@refs/heads/main", "ci.yml"],
    ["ci.yml@main", "ci.yml"],
    [".GitHub/Workflows/CI.YAML@refs/tags/v1", "CI.YAML"],
    [".github/workflows/ci.yml@refs/heads/fix@2.yml", "ci.yml"],
    [".github/workflows/ci.yml@", "ci.yml"],
    // Not a file of the repository's own folder: nothing that a rule may name.
    [".github/workflows/deep/ci.yml", "deep/ci.yml"],
    ["acme/shared/.github/workflows/ci.yml@main", "acme/shared/.github/workflows/ci.yml"],
    ["dynamic/pages/pages-build-deployment", "dynamic/pages/pages-build-deployment"],
    ["BuildFailed", "BuildFailed"],
    // Never empty, whatever comes.
    [".github/workflows/", ".github/workflows/"],
    ["@main", "@main"]
  ])("makes of %s: %s", (path, file) => assert.strictEqual(normalizeWorkflow(path), file))

  it.prop("is never empty", [Schema.NonEmptyString], ([path]) => assert.isAbove(normalizeWorkflow(path).length, 0))

  it("is quick about anything", () => {
    const started = performance.now()
    normalizeWorkflow(".yml".repeat(250_000))
    normalizeWorkflow("@".repeat(1_000_000))
    assert.isBelow(performance.now() - started, 1000)
  })
})

describe("WorkflowFile", () => {
  it("is the same in any case and any form", () => {
    assert.isTrue(sameWorkflow(workflow("CI.yml"), workflow(".github/workflows/ci.yml@refs/heads/main")))
    assert.isFalse(sameWorkflow(workflow("ci.yml"), workflow("ci.yaml")))
    assert.isFalse(sameWorkflow(workflow("ci.yml"), workflow("deep/ci.yml")))
    assert.strictEqual(workflowKey(workflow("CI.yml@main")), "ci.yml")
  })
})
