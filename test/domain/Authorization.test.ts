/** What the target's own rules say; each denial in full is in `Denial.test.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { authorize } from "../../src/domain/Authorization.ts"
import type { Decision } from "../../src/domain/Decision.ts"
import { isCandidate } from "../../src/domain/Decision.ts"
import { found } from "../fixtures/Configs.ts"
import { judge } from "../fixtures/Plans.ts"
import { type RunOverrides, sourceRun } from "../fixtures/Runs.ts"

interface Case {
  readonly run?: RunOverrides
  /** The target that the source wants. */
  readonly wants?: {
    readonly repository?: string
    readonly workflow?: string
    readonly ref?: string
    readonly inputs?: object
  }
  readonly defaultRef?: string
  readonly inbound: ReadonlyArray<object>
  readonly defaultBranch?: string
}

/** An inbound rule for one workflow: `ci.yml` of `app` may start `cd.yml`, if nothing else is said. */
const rule = (source: object = {}, target: object = {}) => ({
  source: { repository: "app", workflow: "ci.yml", ...source },
  targets: [{ workflow: "cd.yml", ...target }]
})

/** The decision about `acme/deploy`, or the target that the source wants. */
const decisionOn = ({ run = {}, wants = {}, defaultRef = "main", inbound, defaultBranch = "main" }: Case): Decision => {
  const target = { repository: "acme/deploy", workflow: "cd.yml", ...wants }
  const { decisions } = judge({
    run,
    source: { outbound: [{ source: { workflow: "ci.yml", branches: ["**"] }, targets: [target] }] },
    targets: { [target.repository]: found({ inbound }, { defaultBranch }) },
    policy: { defaultRef }
  })
  return decisions[0] ?? assert.fail("nothing was decided")
}

const verdict = (about: Case): string => {
  const decision = decisionOn(about)
  return decision._tag === "Denied" ? decision.denial.code : "allowed"
}

describe("A target without a fitting inbound rule", () => {
  it.each<[string, ReadonlyArray<object>]>([
    ["no rules at all", []],
    ["a rule for another repository", [rule({ repository: "application" })]],
    ["a rule for another workflow of the source", [rule({ workflow: "test.yml" })]],
    ["a rule for another workflow of its own", [rule({}, { workflow: "test.yml" })]],
    [
      "rules that fit only together",
      [rule({ repository: "app" }, { workflow: "x.yml" }), rule({ repository: "x" }, { workflow: "cd.yml" })]
    ],
    [
      "rules with source and target exchanged",
      [rule({ repository: "deploy", workflow: "cd.yml" }, { workflow: "ci.yml" })]
    ]
  ])("lets no source in: %s", (_, inbound) => assert.strictEqual(verdict({ inbound }), "inbound_not_allowed"))

  it("does not let its own workflows in either", () => {
    const decision = decisionOn({ run: { repository: "acme/deploy" }, inbound: [] })
    assert.deepNestedInclude(decision, { "denial.code": "inbound_not_allowed" })
  })
})

describe("An inbound rule names the source", () => {
  it.each([
    ["app", "acme/app", "acme/deploy"],
    ["APP", "Acme/App", "ACME/Deploy"],
    ["acme/app", "acme/app", "acme/deploy"],
    ["acme/app", "acme/app", "other/deploy"],
    ["*", "acme/app", "acme/deploy"],
    ["a*", "acme/app", "acme/deploy"],
    ["*p*", "acme/app", "acme/deploy"],
    ["acme/*", "acme/app", "other/deploy"],
    ["**", "acme/app", "acme/deploy"]
  ])("%s and lets %s into %s", (named, repository, target) => {
    const about = { run: { repository }, wants: { repository: target }, inbound: [rule({ repository: named })] }
    assert.strictEqual(verdict(about), "allowed")
  })

  it.each([
    // Without owner it is the target's own owner, never the source's.
    ["app", "evil/app", "acme/deploy"],
    ["app", "acme/app", "other/deploy"],
    ["*", "evil/app", "acme/deploy"],
    ["**", "evil/app", "acme/deploy"],
    ["acme/app", "evil/app", "acme/deploy"],
    ["acme/*", "acme-evil/app", "acme/deploy"],
    ["acme/*", "evil/app", "evil/deploy"],
    ["ap", "acme/app", "acme/deploy"],
    ["app", "acme/app-evil", "acme/deploy"],
    ["a.p", "acme/app", "acme/deploy"],
    ["*-app", "acme/app", "acme/deploy"]
  ])("%s and keeps %s out of %s", (named, repository, target) => {
    const about = { run: { repository }, wants: { repository: target }, inbound: [rule({ repository: named })] }
    assert.strictEqual(verdict(about), "inbound_not_allowed")
  })

  it.each([
    ["ci.yml", "CI.yml"],
    ["CI.yml", "ci.yml"],
    ["ci.yml", ".github/workflows/ci.yml@refs/heads/main"]
  ])("workflow without case, folder and ref: %s is %s", (workflow, named) =>
    assert.strictEqual(verdict({ run: { workflow }, inbound: [rule({ workflow: named })] }), "allowed")
  )
})

describe("An inbound rule names the workflow to start", () => {
  it.each([
    ["cd.yml", "CD.yml", "CD.yml"],
    [".github/workflows/CD.yml", "cd.yml", "cd.yml"],
    ["cd.yml", ".github/workflows/cd.yml@refs/heads/main", "cd.yml"]
  ])("without case: %s is %s, and what is started is spelled as the target spells it: %s", (wanted, named, started) => {
    const decision = decisionOn({ wants: { workflow: wanted }, inbound: [rule({}, { workflow: named })] })
    assert.deepInclude(decision, { _tag: "Allowed" })
    assert.strictEqual<string>(decision.target.workflow, started)
  })

  it.each([
    ["cd.yml", ["CD.yml", "cd.yml", "Cd.yml"], "cd.yml"],
    ["cD.yml", ["cd.yml", "CD.yml", "Cd.yml"], "CD.yml"]
  ])("%s among spellings %j: %s, whatever their order", (wanted, spellings, started) => {
    for (const order of [spellings, spellings.toReversed()]) {
      const inbound = order.map((workflow) => rule({}, { workflow }))
      assert.strictEqual<string>(decisionOn({ wants: { workflow: wanted }, inbound }).target.workflow, started)
    }
  })

  it("and says so in the decision", () => {
    const decision = decisionOn({ inbound: [rule({ repository: "other" }), rule()] })
    assert.deepNestedInclude(decision, { "inbound.path": "inbound[1].targets[0]", "inbound.repository": "acme/deploy" })
    assert.deepNestedInclude(
      decision.checks.find(({ name }) => name === "inbound_not_allowed"),
      { expected: "ci.yml of app may start cd.yml", actual: "ci.yml of acme/app", "rule.path": "inbound[1].targets[0]" }
    )
  })
})

describe("An inbound rule may be stricter than the source about branches", () => {
  it.each<[string | null, ReadonlyArray<string> | undefined, string]>([
    ["main", undefined, "allowed"],
    ["anything", undefined, "allowed"],
    ["main", ["main"], "allowed"],
    ["Main", ["main"], "inbound_branch"],
    ["release/1", ["main", "release/*"], "allowed"],
    ["release/1/x", ["main", "release/*"], "inbound_branch"],
    ["next", ["main"], "inbound_branch"]
  ])("%s with %j: %s", (branch, branches, expected) =>
    assert.strictEqual(verdict({ run: { branch }, inbound: [rule({ branches })] }), expected)
  )

  it("which a run without branch never satisfies, even if a source should ever ask for one", () => {
    const { matched } = judge({ source: { outbound: [rule({ repository: undefined }, { repository: "deploy" })] } })
    const [candidate] = matched.filter(isCandidate)
    if (candidate === undefined) return assert.fail("there is a candidate")
    const answer = found({ inbound: [rule({ branches: ["**"] })] })
    assert.strictEqual(authorize(candidate, sourceRun(), answer)._tag, "Authorized")
    assert.strictEqual(authorize(candidate, sourceRun({ branch: null }), answer)._tag, "Denied")
  })
})

describe("An inbound rule may restrict refs", () => {
  it.each<[string, ReadonlyArray<string> | undefined, string]>([
    ["v1", undefined, "allowed"],
    ["main", ["main"], "allowed"],
    ["refs/heads/main", ["main"], "allowed"],
    ["main", ["refs/heads/main"], "allowed"],
    ["refs/tags/main", ["main"], "inbound_ref"],
    ["main", ["refs/tags/main"], "inbound_ref"],
    ["refs/tags/v1", ["refs/tags/*"], "allowed"],
    ["v1", ["v*"], "allowed"],
    ["refs/heads/v1", ["v*"], "allowed"],
    ["release/1", ["*"], "inbound_ref"],
    ["release/1", ["**"], "allowed"],
    ["main", ["v1", "main"], "allowed"],
    ["MAIN", ["main"], "inbound_ref"],
    // Branches, all of them, are no tags.
    ["refs/tags/v1", ["refs/heads/**"], "inbound_ref"],
    ["refs/tags/v1", ["**"], "inbound_ref"],
    ["refs/heads/refs/tags/v1", ["refs/tags/v1"], "inbound_ref"],
    ["refs/tags/v1", ["refs/heads/refs/tags/v1"], "inbound_ref"],
    ["refs/heads/main", ["refs/**"], "allowed"],
    ["main", ["**/main"], "inbound_ref"]
  ])("%s with %j: %s", (ref, refs, expected) =>
    assert.strictEqual(verdict({ wants: { ref }, inbound: [rule({}, { refs })] }), expected)
  )

  it.each([
    ["@default", "main", "trunk", "trunk"],
    ["@default", "main", "main", "main"],
    [undefined, "@default", "trunk", "trunk"],
    [undefined, "main", "trunk", "main"],
    ["v1", "@default", "trunk", "v1"]
  ])("ref %s, service default %s, default branch %s: started on %s", (ref, defaultRef, defaultBranch, expected) => {
    const decision = decisionOn({
      wants: ref === undefined ? {} : { ref },
      defaultRef,
      defaultBranch,
      inbound: [rule()]
    })
    assert.strictEqual(decision.target.ref, expected)
  })

  it("which is about the branch that @default means", () => {
    const about = { wants: { ref: "@default" }, defaultBranch: "trunk" }
    assert.strictEqual(verdict({ ...about, inbound: [rule({}, { refs: ["trunk"] })] }), "allowed")
    assert.strictEqual(verdict({ ...about, inbound: [rule({}, { refs: ["@default"] })] }), "allowed")
    assert.strictEqual(verdict({ ...about, inbound: [rule({}, { refs: ["main"] })] }), "inbound_ref")
  })
})

describe("An inbound rule names the inputs that it accepts", () => {
  it.each<[object, ReadonlyArray<string> | undefined, string]>([
    [{}, undefined, "allowed"],
    [{}, [], "allowed"],
    [{}, ["sha"], "allowed"],
    [{ sha: "x" }, ["sha"], "allowed"],
    [{ sha: "x", by: "y" }, ["by", "sha", "more"], "allowed"],
    [{ sha: "x" }, undefined, "inputs_not_accepted"],
    [{ sha: "x" }, [], "inputs_not_accepted"],
    [{ sha: "x", by: "y" }, ["sha"], "inputs_not_accepted"],
    [{ SHA: "x" }, ["sha"], "inputs_not_accepted"],
    [{ constructor: "x" }, ["sha"], "inputs_not_accepted"],
    [{ toString: "x" }, [], "inputs_not_accepted"]
  ])("%j with %j: %s", (inputs, accept_inputs, expected) =>
    assert.strictEqual(verdict({ wants: { inputs }, inbound: [rule({}, { accept_inputs })] }), expected)
  )
})

describe("Several inbound rules", () => {
  const wants = { ref: "v1", inputs: { sha: "x" } }
  const strictBranch = rule({ branches: ["next"] })
  const strictRef = rule({}, { refs: ["main"] })
  const strictInputs = rule()
  const fitting = rule({}, { accept_inputs: ["sha"] })

  it("let in what one of them lets in, wherever it stands", () => {
    for (const inbound of [
      [fitting, strictBranch, strictRef],
      [strictBranch, strictRef, fitting]
    ]) {
      assert.strictEqual(verdict({ wants, inbound }), "allowed")
    }
  })

  it("never let in what each of them lets in only in part", () => {
    const inbound = [rule({}, { refs: ["main"], accept_inputs: ["sha"] }), rule({}, { refs: ["v1"] })]
    assert.strictEqual(verdict({ wants, inbound }), "inputs_not_accepted")
  })

  it.each([
    [[strictBranch, strictRef, strictInputs], "inputs_not_accepted"],
    [[strictBranch, strictRef], "inbound_ref"],
    [[strictBranch, rule({ repository: "other" })], "inbound_branch"]
  ])("deny with what came furthest, wherever it stands: %#", (inbound, expected) => {
    assert.strictEqual(verdict({ wants, inbound }), expected)
    assert.strictEqual(verdict({ wants, inbound: inbound.toReversed() }), expected)
  })

  it("may be one rule with several targets", () => {
    const inbound = [{ ...rule(), targets: [{ workflow: "cd.yml" }, { workflow: "CD.yml", accept_inputs: ["sha"] }] }]
    assert.deepNestedInclude(decisionOn({ wants, inbound }), { "inbound.path": "inbound[0].targets[1]" })
  })
})
