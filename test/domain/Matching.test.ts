/** What the source's own rules say; each denial in full is in `Denial.test.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { type Candidate, isCandidate } from "../../src/domain/Decision.ts"
import { whyIgnored } from "../../src/domain/Matching.ts"
import { judge, type Situation } from "../fixtures/Plans.ts"
import { keyOf, type RunOverrides } from "../fixtures/Runs.ts"

interface Target {
  readonly repository?: string
  readonly workflow?: string
  readonly ref?: string
  readonly inputs?: Readonly<Record<string, string>>
}

/** An outbound rule for one target, `acme/deploy cd.yml` if nothing else is said. */
const rule = (source: object = {}, target: Target = {}) => ({
  source: { workflow: "ci.yml", ...source },
  targets: [{ repository: "deploy", workflow: "cd.yml", ...target }]
})

const match = (situation: Omit<Situation, "targets">) => judge(situation).matched

/** What becomes of a rule with a single target: `candidate`, a denial code, why it is skipped, or nothing. */
const verdict = (run: RunOverrides, source: object = {}, rest: Omit<Situation, "run" | "source"> = {}) => {
  const { matched, skipped } = judge({ run, source: { outbound: [rule(source)] }, ...rest })
  const [only, ...others] = matched
  assert.deepStrictEqual(others, [])
  if (skipped[0] !== undefined) {
    assert.deepStrictEqual([skipped.length, matched.length], [1, 0])
    return skipped[0].check.name
  }
  return only === undefined ? undefined : isCandidate(only) ? "candidate" : only.denial.code
}

const candidate = (situation: Omit<Situation, "targets">): Candidate => {
  const [only] = match(situation)
  return only !== undefined && isCandidate(only) ? only : assert.fail(JSON.stringify(only))
}

describe("An outbound rule is for a workflow", () => {
  it.each([
    ["ci.yml", "ci.yml"],
    ["CI.yml", ".github/workflows/ci.yml@refs/heads/main"],
    ["ci.yml", ".github/workflows/CI.YML"]
  ])("%s, also written as %s", (workflow, named) =>
    assert.strictEqual(verdict({ workflow }, { workflow: named }), "candidate")
  )

  it.each([
    ["ci.yaml", "ci.yml"],
    ["other.yml", "ci.yml"],
    ["deep/ci.yml", "ci.yml"],
    ["acme/shared/.github/workflows/ci.yml", "ci.yml"]
  ])("and says nothing about %s if it names %s", (workflow, named) =>
    assert.isUndefined(verdict({ workflow }, { workflow: named }))
  )

  it("of which there may be several", () => {
    const matched = match({
      source: { outbound: [rule(), rule({ workflow: "x.yml" }), rule({}, { workflow: "b.yml" })] }
    })
    assert.deepStrictEqual(
      matched.map(({ target, outbound }) => [target.workflow, outbound.path]),
      [
        ["cd.yml", "outbound[0].targets[0]"],
        ["b.yml", "outbound[2].targets[0]"]
      ]
    )
  })
})

describe("By default an outbound rule is for", () => {
  it.each<[string, RunOverrides, string]>([
    ["the default branch", { branch: "main", defaultBranch: "main" }, "candidate"],
    ["the default branch, whatever it is called", { branch: "trunk", defaultBranch: "trunk" }, "candidate"],
    ["no other branch", { branch: "main", defaultBranch: "trunk" }, "source_branch"],
    ["no branch of another case", { branch: "Main" }, "source_branch"],
    ["no run without branch", { branch: null }, "source_branch"],
    ["success", { conclusion: "success" }, "candidate"],
    ["no failure", { conclusion: "failure" }, "source_conclusion"],
    ["no skipped run", { conclusion: "skipped" }, "source_conclusion"],
    ["no conclusion that GitHub may invent", { conclusion: "glorious" }, "source_conclusion"],
    ["no run without conclusion", { conclusion: null }, "source_conclusion"],
    ["any event", { event: "schedule" }, "candidate"],
    ["any event that GitHub may invent", { event: "eclipse" }, "candidate"],
    ["no fork", { fork: true }, "source_fork"]
  ])("%s", (_, run, expected) => assert.strictEqual(verdict(run), expected))
})

describe("An outbound rule may name", () => {
  it.each<[string, RunOverrides, object, string]>([
    ["branches", { branch: "next" }, { branches: ["main", "next"] }, "candidate"],
    ["branches, and the default branch is then not meant", { branch: "main" }, { branches: ["next"] }, "source_branch"],
    ["patterns of branches", { branch: "release/1.2" }, { branches: ["release/*"] }, "candidate"],
    ["patterns, where * ends at a slash", { branch: "release/1/fix" }, { branches: ["release/*"] }, "source_branch"],
    ["patterns, where ** does not", { branch: "release/1/fix" }, { branches: ["release/**"] }, "candidate"],
    ["every branch, but not none", { branch: null }, { branches: ["**"] }, "source_branch"],
    ["conclusions", { conclusion: "failure" }, { conclusions: ["failure", "timed_out"] }, "candidate"],
    ["conclusions, and success is then not meant", {}, { conclusions: ["failure"] }, "source_conclusion"],
    [
      "conclusions, which no conclusion never is",
      { conclusion: null },
      { conclusions: ["failure"] },
      "source_conclusion"
    ],
    ["events", { event: "push" }, { events: ["push"] }, "candidate"],
    ["events, and others are then not meant", { event: "schedule" }, { events: ["push"] }, "source_event"]
  ])("%s", (_, run, source, expected) => assert.strictEqual(verdict(run, source), expected))

  it.each([
    { branches: ["**"] },
    { events: ["pull_request", "push", "pull_request_target"] },
    { conclusions: ["success", "failure", "cancelled"] }
  ])("whatever it wants, and still gets no run of a fork: %j", (source) => {
    for (const event of ["pull_request", "pull_request_target", "push", "workflow_run"]) {
      assert.strictEqual(verdict({ fork: true, event }, source), "source_fork")
    }
  })
})

describe("The target of an outbound rule", () => {
  it.each([
    ["deploy", "acme/deploy"],
    ["Deploy", "acme/Deploy"],
    ["other/deploy", "other/deploy"],
    ["ACME/deploy", "ACME/deploy"]
  ])("%s is %s, for a source of acme", (written, repository) => {
    const { target } = candidate({ source: { outbound: [rule({}, { repository: written })] } })
    assert.strictEqual<string>(target.repository, repository)
  })

  it.each([
    [undefined, "main", "main"],
    [undefined, "@default", "@default"],
    ["v1", "main", "v1"],
    ["@default", "main", "@default"]
  ])("with ref %s is on %s if that is the service's default: %s", (ref, defaultRef, expected) => {
    const source = { outbound: [rule({}, ref === undefined ? {} : { ref })] }
    assert.strictEqual(candidate({ source, policy: { defaultRef } }).target.ref, expected)
  })

  it("gets its inputs rendered for this run", () => {
    const inputs = {
      sha: "{{ source.sha }}",
      note: "{{source.repo}}#{{ source.run_id }} on {{ source.branch }}",
      fixed: "x"
    }
    assert.deepStrictEqual(candidate({ source: { outbound: [rule({}, { inputs })] } }).inputs, {
      sha: "acb5820ced9479c074f688cc328bf03f341a511d",
      note: "acme/app#30433642 on main",
      fixed: "x"
    })
  })

  it("is denied if an input cannot be rendered, even where it would not be needed", () => {
    const [denied] = match({
      run: { actor: null },
      source: { outbound: [rule({}, { inputs: { a: "{{ source.actor }}", b: "x" } })] }
    })
    assert.deepNestedInclude(denied, { "denial.code": "inputs_invalid" })
  })
})

describe("An allowlist", () => {
  it.each<[ReadonlyArray<string> | undefined, boolean]>([
    [undefined, true],
    [[], false],
    [["acme/app", "acme/deploy"], true],
    [["ACME/*"], true],
    [["*/*"], true],
    [["acme/a*", "*/deploy"], true],
    [["acme/ap"], false],
    [["*"], false],
    [["acm*"], false]
  ])("%j lets acme/app and acme/deploy pass: %s", (allowlist, passes) => {
    const source = verdict({}, {}, { policy: { sourceAllowlist: allowlist } })
    const target = verdict({}, {}, { policy: { targetAllowlist: allowlist } })
    assert.deepStrictEqual(
      [source, target],
      passes ? ["candidate", "candidate"] : ["source_not_allowlisted", "target_not_allowlisted"]
    )
  })

  it("of sources says nothing about targets, nor the other way round", () => {
    assert.strictEqual(verdict({}, {}, { policy: { sourceAllowlist: ["acme/app"] } }), "candidate")
    assert.strictEqual(verdict({}, {}, { policy: { targetAllowlist: ["acme/deploy"] } }), "candidate")
  })
})

describe("A chain of dispatches", () => {
  const own = { outbound: [rule({}, { repository: "App", workflow: "CI.yml" })] }

  it("never comes back to the run itself", () => {
    const [denied] = match({ source: own })
    assert.deepNestedInclude(denied, {
      "denial.code": "self_dispatch",
      "denial.message": "CI.yml of acme/App would start itself."
    })
  })

  it("may go on to another workflow of the same repository", () => {
    const source = { outbound: [rule({}, { repository: "app", workflow: "cd.yml" })] }
    assert.strictEqual(candidate({ source }).target.workflow as string, "cd.yml")
  })

  it.each([
    ["one step back", [keyOf("acme/deploy cd.yml")], "self_dispatch"],
    ["two steps back", [keyOf("acme/deploy cd.yml"), keyOf("acme/b b.yml")], "self_dispatch"],
    ["three steps back", [keyOf("Acme/Deploy CD.yml"), keyOf("acme/b b.yml"), keyOf("acme/c c.yml")], "self_dispatch"],
    ["another workflow", [keyOf("acme/deploy ci.yml")], "candidate"],
    ["another repository", [keyOf("other/deploy cd.yml")], "candidate"]
  ] as const)("never starts what already ran: %s", (_, before, expected) =>
    assert.strictEqual(verdict({}, {}, { before }), expected)
  )
})

describe("The cap on targets", () => {
  const fan = (names: ReadonlyArray<string>) => ({
    outbound: names.map((name) => rule({}, { repository: name }))
  })
  const kept = (names: ReadonlyArray<string>, maxTargets: number) =>
    match({ source: fan(names), policy: { maxTargets } })
      .filter(isCandidate)
      .map(({ target }) => target.repository as string)

  it("lets as many pass as it says", () => {
    assert.deepStrictEqual(kept(["c", "a", "b"], 3), ["acme/c", "acme/a", "acme/b"])
  })

  it("keeps the first by name, wherever they stand", () => {
    assert.deepStrictEqual(kept(["c", "a", "b"], 2), ["acme/a", "acme/b"])
    assert.deepStrictEqual(kept(["B", "C", "a"], 2), ["acme/B", "acme/a"])
  })

  it("counts target workflows, not rules: a target that two rules name counts once", () => {
    assert.deepStrictEqual(kept(["a", "A", "acme/a", "b"], 2), ["acme/a", "acme/A", "acme/a", "acme/b"])
  })

  it("does not count the targets of a rule that is skipped", () => {
    const source = { outbound: [rule({ branches: ["next"] }, { repository: "a" }), rule({}, { repository: "b" })] }
    const matched = match({ source, policy: { maxTargets: 1 } })
    assert.deepStrictEqual(matched.map(isCandidate), [true])
  })
})

describe("A run whose rules are all skipped", () => {
  const why = (run: RunOverrides, ...sources: ReadonlyArray<object>) => {
    const judged = judge({ run, source: { outbound: sources.map((source) => rule(source)) } })
    return whyIgnored(judged.run, judged.skipped)
  }

  it("is ignored for each different reason, given once", () =>
    assert.strictEqual(
      why({ branch: "feature" }, {}, {}, { branches: ["next"] }),
      "no outbound rule for ci.yml is about the run. The run was for feature; the rule wants main (the default branch). The run was for feature; the rule wants next."
    ))

  it("is ignored for no more than three of many reasons", () =>
    assert.match(
      why({}, ...["a", "b", "c", "d", "e"].map((branch) => ({ branches: [branch] }))),
      /wants a\. .* wants c\. And 2 reasons more\.$/
    ))
})

describe("A run that no rule is about is checked all the same", () => {
  const always = (source: object = {}) => ({ ...rule(source), check: "always" })
  const isChecked = (run: RunOverrides, ...outbound: ReadonlyArray<object>) =>
    judge({ run, source: { outbound } }).alwaysChecked

  it.each([
    ["its branch", { branch: "feature" }],
    ["its conclusion", { conclusion: "failure" }],
    ["the fork that it is for", { fork: true, event: "pull_request" }]
  ])("where one says so that is skipped for %s", (_, run) => {
    assert.isTrue(isChecked(run, always()))
    assert.isFalse(isChecked(run, rule()))
    assert.isTrue(isChecked(run, rule(), always()))
  })

  it("but not for another event than the rule's: the event's own run has the check", () => {
    assert.isFalse(isChecked({ event: "push" }, always({ events: ["pull_request"] })))
    assert.isTrue(isChecked({ event: "pull_request", branch: "x" }, always({ events: ["pull_request"] })))
  })

  it("and not by a rule that is about it, or about another workflow", () => {
    assert.isFalse(isChecked({}, always()))
    assert.isFalse(isChecked({ branch: "x" }, always({ workflow: "other.yml" })))
  })
})
