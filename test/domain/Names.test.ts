import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import {
  asciiLowerCase,
  isWorkflowFileName,
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
  it.each([
    "a/b",
    "Octo-Org/hello.world",
    "emu_acme/_x",
    "-old/x",
    "old-/x",
    "old--er/x",
    "-/-",
    "mona-lisa_octo/app",
    `o/${"n".repeat(100)}`,
    "a/..b",
    "a/.github",
    "0/0"
  ])("is %s", (name) => assert.isTrue(isRepository(name)))

  it.each([
    "",
    "name",
    "/name",
    "owner/",
    "a/b/c",
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
    const problem = Result.getFailure(Schema.decodeUnknownResult(RepositoryName)("alone"))
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
    [".github/workflows/ci.yml@feature/x", "ci.yml"],
    [".github/workflows/ci.yml@fix@2/x.yml", "ci.yml"],
    // A file name may hold "@", and then it is the whole name.
    [".github/workflows/ci.yml@x.yml", "ci.yml@x.yml"],
    ["ci.yml@x.yml", "ci.yml@x.yml"],
    ["ci.yml@x.yml@main", "ci.yml@x.yml"],
    [".github/workflows/ci.yml@x.yml@refs/heads/main", "ci.yml@x.yml"],
    [".github/workflows/ci.yml@x.yml@refs/heads/ci.yml@y.yml", "ci.yml@x.yml"],
    ["ci.yml@refs/heads/x.yml", "ci.yml"],
    ["a@b.yaml", "a@b.yaml"],
    ["@.yml@main", "@.yml"],
    // No ref follows.
    [".github/workflows/ci.yml@", "ci.yml@"],
    ["ci.yml@/x", "ci.yml@/x"],
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

  /** Names of files with all that is odd in them, and refs with all that is odd in those. */
  const fileName = Schema.Array(Schema.Literals(["a", "@", ".yml", ".yaml", " ", "refs", "#", "ü", "\\", "-"])).check(
    Schema.isMaxLength(5)
  )
  const ref = Schema.Array(Schema.Literals(["a", "@", ".yml", "refs/heads/", "/", "ci.yml@"])).check(
    Schema.isMaxLength(5)
  )

  it.prop(
    "leaves a file's name as it is, in each form in which GitHub sends it",
    [fileName, ref],
    ([name, branch]) => {
      const file = `x${name.join("")}.yml`
      assert.isTrue(isWorkflowFileName(file))
      for (const path of [
        file,
        `.github/workflows/${file}`,
        `.github/workflows/${file}@refs/heads/b${branch.join("")}`
      ]) {
        assert.strictEqual(normalizeWorkflow(path), file)
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it("copes with anything, a million characters of it, too", () => {
    const [endings, ats] = [".yml".repeat(250_000), "@".repeat(1_000_000)]
    assert.strictEqual(normalizeWorkflow(endings), endings)
    assert.strictEqual(normalizeWorkflow(ats), ats)
    assert.strictEqual(normalizeWorkflow(`${endings}@${ats}`), endings)
  })
})

describe("WorkflowFile", () => {
  it("is the same in any case and any form", () => {
    // A Kelvin sign and a long s, which Unicode folds to k and s.
    assert.isFalse(sameWorkflow(workflow("\u212A8s.yml"), workflow("k8s.yml")))
    assert.isFalse(sameWorkflow(workflow("te\u017Ft.yml"), workflow("test.yml")))
    assert.isFalse(sameWorkflow(workflow("Ä.yml"), workflow("ä.yml")))
    assert.isTrue(sameWorkflow(workflow("CI.yml"), workflow(".github/workflows/ci.yml@refs/heads/main")))
    assert.isFalse(sameWorkflow(workflow("ci.yml"), workflow("ci.yaml")))
    assert.isFalse(sameWorkflow(workflow("ci.yml"), workflow("deep/ci.yml")))
    assert.strictEqual(workflowKey(workflow("CI.yml@main")), "ci.yml")
  })

  it("is well-formed", () => assert.throws(() => workflow("ci\ud800.yml")))
})

describe("asciiLowerCase", () => {
  it.prop("changes A to Z and nothing else", [Schema.String], ([text]) => {
    const lower = asciiLowerCase(text)
    assert.strictEqual(lower.length, text.length)
    for (let at = 0; at < text.length; at++) {
      const [was, is] = [text.charCodeAt(at), lower.charCodeAt(at)]
      assert.strictEqual(is, was >= 65 && was <= 90 ? was + 32 : was)
    }
  })
})
