/** What is written in the Explain view: kept as it was, asked about only when it is a question, and explained as text. */
import { assert, describe, it } from "@effect/vitest"
import { decoders } from "../../../src/dashboard/ui/api/Decoders.ts"
import { explanationText } from "../../../src/dashboard/ui/export/ExplanationText.ts"
import { verdictOf } from "../../../src/dashboard/ui/format/Verdict.ts"
import {
  type ExplainDraft,
  editorOf,
  emptyDraft,
  formatDraft,
  givenText,
  parseDraft,
  problemsOf,
  requestOf,
  withFile,
  withoutFile,
  withTarget
} from "../../../src/dashboard/ui/state/Draft.ts"
import { exampleDraft } from "../../../src/dashboard/ui/state/Example.ts"
import { explained } from "../browser/StubRules.ts"
import { understood } from "./Understood.ts"

const about = (repository: string, changes: Partial<ExplainDraft> = {}): ExplainDraft => ({
  ...emptyDraft,
  supposed: { ...emptyDraft.supposed, repository },
  ...changes
})

describe("a draft", () => {
  it("is kept as it was, and what was not kept by this page is an empty one", () => {
    assert.deepStrictEqual(parseDraft(formatDraft(exampleDraft)), exampleDraft)
    for (const odd of [null, "", "{", "[]", '{"hypothetical":1}', JSON.stringify({ ...exampleDraft, targets: [1] })]) {
      assert.deepStrictEqual(parseDraft(odd), emptyDraft)
    }
  })

  it("asks with what was typed, tidied, and leaves out what is the usual", () => {
    assert.deepStrictEqual(requestOf(about(" acme/shop ")), { run: { repository: "acme/shop", workflow: "ci.yml" } })
  })

  it("gives the texts that are not blank, by the names of their repositories", () => {
    const named = withFile(withTarget(withTarget(about("acme/shop", { source: "a" })), "acme/x"), "1", {
      repository: " acme/deploy ",
      text: "b"
    })
    const request = requestOf(named)
    assert.deepStrictEqual(request?.configs, { "acme/shop": "a", "acme/deploy": "b" })
    assert.strictEqual(request?.defaultBranch, "main")
    assert.strictEqual(request && givenText(request, "ACME/Deploy"), "b")
    assert.strictEqual(editorOf(named, "Acme/X"), "2")
    assert.deepStrictEqual(requestOf(withoutFile(named, "1"))?.configs, { "acme/shop": "a" })
  })

  it("is no question without full names, or with two files for one repository", () => {
    assert.isUndefined(requestOf(emptyDraft))
    assert.isDefined(problemsOf(about("shop")).repository)
    const targets = ["", "deploy", "acme/shop", "acme/deploy", "Acme/Deploy"].map((repository, index) => ({
      id: `${index}`,
      repository,
      text: "x"
    }))
    const draft = about("acme/shop", { targets })
    assert.deepStrictEqual([...problemsOf(draft).targets.keys()], ["0", "1", "2", "4"])
    assert.isUndefined(requestOf(draft))
  })
})

describe("an explanation in words", () => {
  const explanation = async (draft: ExplainDraft) => understood(decoders.explanation, await explained(requestOf(draft)))
  const verdict = async (draft: ExplainDraft) => verdictOf(await explanation(draft)).text

  it("is a sentence for each way in which it may end", async () => {
    const other = { ...emptyDraft.supposed, repository: "acme/shop", workflow: "other.yml" }
    assert.strictEqual(await verdict(exampleDraft), "1 of 2 targets would be started")
    assert.strictEqual(await verdict(about("acme/docs")), "acme/docs has no dispatching.yml")
    assert.strictEqual(await verdict(about("acme/deploy")), "acme/deploy starts nothing")
    assert.strictEqual(await verdict(about("acme/nowhere")), "The dispatching.yml of acme/nowhere cannot be read")
    assert.strictEqual(await verdict(about("a/b", { source: "no" })), "The dispatching.yml of a/b is not valid")
    assert.strictEqual(await verdict({ ...emptyDraft, supposed: other }), "No rule is about other.yml")
    const failed = { ...exampleDraft, supposed: { ...exampleDraft.supposed, conclusion: "failure" as const } }
    assert.strictEqual(await verdict(failed), "No rule for ci.yml is about such a run")
  })

  it("is text with every check, for an issue or a chat", async () => {
    const text = explanationText(await explanation(exampleDraft))
    assert.match(text, /^ci\.yml of acme\/shop on main, started by push, ends with success\n1 of 2 targets/)
    assert.include(text, "acme/deploy cd.yml@main would be started\n")
    assert.include(text, "acme/docs publish.yml@main would be denied: inbound_not_allowed\n")
    assert.match(text, / {4}NO {2}inbound_not_allowed: expected an inbound rule/)
    const mistaken = await explanation(about("a/b", { source: "outbound: 1" }))
    assert.match(explanationText(mistaken), /dispatching\.yml:1:11: .*expected a list/)
  })
})
