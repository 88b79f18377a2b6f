/** Decisions and orders by example; laws are in `PlanningLaws.test.ts`, each denial in full in `Denial.test.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { ConfigAnswer, DispatchingConfig } from "../../src/domain/Config.ts"
import { Decision, type RuleRef } from "../../src/domain/Decision.ts"
import { matchRun } from "../../src/domain/Matching.ts"
import { repositoryKey, WorkflowFile } from "../../src/domain/Names.ts"
import { chainOf, Order, TargetKey } from "../../src/domain/Order.ts"
import { decide, targetRepositories } from "../../src/domain/Planning.ts"
import { absent } from "../fixtures/Configs.ts"
import { judge, policy, type Situation } from "../fixtures/Plans.ts"
import { acceptance, keyOf, sourceRun } from "../fixtures/Runs.ts"

interface Wanted {
  readonly repository?: string
  readonly workflow?: string
  readonly ref?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly optional?: boolean
}

/** A source that wants all of these at once. */
const wanting = (...wanted: ReadonlyArray<Wanted>) => ({
  outbound: [
    {
      source: { workflow: "ci.yml" },
      targets: wanted.map((one) => ({ repository: "deploy", workflow: "cd.yml", ...one }))
    }
  ]
})

/** A target that lets `ci.yml` of `acme/app` start `cd.yml`. */
const open = (target: object = {}) => ({
  inbound: [{ source: { repository: "acme/app", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", ...target }] }]
})

/** What became of each wanted target: the denial code, or `allowed`. */
const verdicts = (situation: Situation): ReadonlyArray<string> =>
  judge(situation).decisions.map((decision) => (decision._tag === "Denied" ? decision.denial.code : "allowed"))

const placeOf = ({ repository, path }: RuleRef): string => `${repository} ${path}`

const survives = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, value: unknown) =>
  assert.deepStrictEqual<unknown>(Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(value))), value)

describe("An allowed target", () => {
  const situation: Situation = {
    source: wanting({ ref: "@default", inputs: { sha: "{{ source.sha }}" } }),
    targets: { "acme/deploy": open({ accept_inputs: ["sha"] }) },
    before: [keyOf("acme/lib test.yml")]
  }

  it("is an order, with all that is needed to start it", () => {
    assert.deepStrictEqual<unknown>(judge(situation).orders, [
      {
        id: "1296269/30433642/1/acme/deploy/cd.yml",
        ...acceptance(),
        target: { repository: "acme/deploy", workflow: "cd.yml", ref: "main" },
        inputs: { sha: "acb5820ced9479c074f688cc328bf03f341a511d" },
        chain: { root: "1296269/30433642/1", depth: 2, parent: null, lineage: ["acme/lib/test.yml", "acme/app/ci.yml"] }
      }
    ])
  })

  it("is a decision that names both rules, the order and everything that was asked", () => {
    const [decision] = judge(situation).decisions
    if (decision?._tag !== "Allowed") return assert.fail("it was not allowed")
    assert.strictEqual<string>(decision.orderId, "1296269/30433642/1/acme/deploy/cd.yml")
    assert.strictEqual(placeOf(decision.outbound), "acme/app outbound[0].targets[0]")
    assert.strictEqual(placeOf(decision.inbound), "acme/deploy inbound[0].targets[0]")
    assert.isTrue(decision.checks.every(({ passed }) => passed))
    survives(Decision, decision)
  })
})

describe("One target that several rules name", () => {
  it("is started once, whatever the spelling", () => {
    const situation = {
      source: wanting({}, { repository: "Acme/Deploy" }, { workflow: ".github/workflows/CD.yml@refs/heads/main" }),
      targets: { "acme/deploy": open() }
    }
    assert.strictEqual(judge(situation).orders.length, 1)
    assert.deepStrictEqual(verdicts(situation).toSorted(), ["allowed", "duplicate_target", "duplicate_target"])
  })

  it.each<[string, Wanted, Wanted]>([
    ["refs", { ref: "main" }, { ref: "next" }],
    ["inputs", { inputs: { sha: "a" } }, { inputs: { sha: "b" } }],
    ["names of inputs", { inputs: { by: "z" } }, { inputs: { sha: "a" } }],
    ["numbers of inputs", {}, { inputs: { sha: "a" } }]
  ])("with different %s gets those of the same rule, whatever their order", (_, first, second) => {
    const targets = { "acme/deploy": open({ accept_inputs: ["sha", "by"] }) }
    const one = judge({ source: wanting(first, second), targets })
    const other = judge({ source: wanting(second, first), targets })
    assert.deepStrictEqual(one.orders, other.orders)
    const tags = one.decisions.map(({ _tag }) => _tag)
    assert.sameMembers(tags, ["Allowed", "Denied"])
    assert.deepStrictEqual(
      other.decisions.map(({ _tag }) => _tag),
      tags.toReversed()
    )
  })

  it("does not mind the order in which inputs are written", () => {
    const targets = { "acme/deploy": open({ accept_inputs: ["a", "b"] }) }
    const [one, other] = [{ inputs: { a: "1", b: "2" } }, { inputs: { b: "2", a: "1" } }]
    for (const source of [wanting(one, other), wanting(other, one)]) {
      assert.deepStrictEqual(verdicts({ source, targets }), ["allowed", "duplicate_target"])
    }
  })

  it("is started by the one that the target accepts", () => {
    const situation = {
      source: wanting({ inputs: { secret: "x" } }, { inputs: { sha: "x" } }, { ref: "elsewhere" }),
      targets: { "acme/deploy": open({ accept_inputs: ["sha"], refs: ["main"] }) }
    }
    assert.deepStrictEqual(verdicts(situation), ["inputs_not_accepted", "allowed", "inbound_ref"])
    assert.deepStrictEqual(judge(situation).orders[0]?.inputs, { sha: "x" })
  })

  it("is no duplicate of another workflow, or of another repository", () => {
    const both = {
      inbound: [
        { source: { repository: "*", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }, { workflow: "x.yml" }] }
      ]
    }
    const situation = {
      source: wanting({}, { workflow: "x.yml" }, { repository: "other" }),
      targets: { "acme/deploy": both, "acme/other": both }
    }
    assert.deepStrictEqual(verdicts(situation), ["allowed", "allowed", "allowed"])
  })
})

describe("Decisions", () => {
  it("stand in the order of the rules, and one target's trouble is not another's", () => {
    const situation = {
      source: wanting({ repository: "gone" }, {}, { repository: "silent" }, { repository: "app", workflow: "ci.yml" }),
      targets: { "acme/deploy": open(), "acme/silent": absent }
    }
    assert.deepStrictEqual(verdicts(situation), [
      "target_unreachable",
      "allowed",
      "target_config_absent",
      "self_dispatch"
    ])
  })

  it("about a repository's own other workflow need its own consent too", () => {
    const source = { ...wanting({ repository: "app" }), ...open() }
    assert.deepStrictEqual(verdicts({ source, targets: { "acme/app": source } }), ["allowed"])
    assert.deepStrictEqual(verdicts({ source, targets: { "acme/app": wanting({}) } }), ["inbound_not_allowed"])
  })

  it("need the config of every candidate's repository, once each", () => {
    const { matched } = judge({ source: wanting({}, { repository: "Deploy" }, { repository: "b" }, { ref: "x" }) })
    assert.deepStrictEqual<ReadonlyArray<string>>(
      targetRepositories(matched).map((name) => name.toLowerCase()),
      ["acme/deploy", "acme/b"]
    )
  })

  it("need no config of targets that are denied already", () => {
    const { matched } = judge({ run: { fork: true }, source: wanting({}) })
    assert.deepStrictEqual(targetRepositories(matched), [])
  })

  it("about nothing are none", () => {
    assert.deepStrictEqual(judge({ source: "" }).decisions, [])
    assert.deepStrictEqual(judge({ source: { outbound: [] } }).orders, [])
  })
})

/** A config whose texts are any texts at all, most of which `parseConfig` would never let through. */
const anyConfig = (next: () => string): DispatchingConfig => {
  const place = { path: next(), line: 1 }
  const list = () => [next(), next()]
  return {
    outbound: [ownWorkflow, next].map((file) => ({
      place,
      source: {
        workflow: WorkflowFile.make(file().toWellFormed()),
        branches: ["**"],
        conclusions: undefined,
        events: undefined,
        stale: undefined
      },
      targets: [next, () => "acme/deploy"].map((repository) => ({
        place,
        repository: repository(),
        workflow: WorkflowFile.make(next().toWellFormed()),
        ref: next(),
        inputs: new Map([[next(), next()]]),
        optional: false
      })),
      check: undefined
    })),
    inbound: [next, () => "*"].map((repository) => ({
      place,
      source: {
        repository: repository(),
        workflow: WorkflowFile.make(next().toWellFormed()),
        id: undefined,
        branches: list()
      },
      targets: [
        { place, workflow: WorkflowFile.make(next().toWellFormed()), acceptInputs: new Set(list()), refs: list() }
      ]
    }))
  }
}
const ownWorkflow = () => "ci.yml"

describe("Judging", () => {
  it.prop("never throws, whatever the texts are", [Schema.NonEmptyArray(Schema.NonEmptyString)], ([texts]) => {
    let count = 0
    const next = () => texts[count++ % texts.length] ?? "x"
    const run = { ...sourceRun({ branch: next() }), sha: next(), event: next(), actor: next() }
    const config = anyConfig(next)
    const allowlists = { sourceAllowlist: ["**", next()], targetAllowlist: ["**/**", next()] }
    const { matched } = matchRun({
      run,
      config,
      file: "dispatching.yml",
      policy: policy({ ...allowlists, defaultRef: next(), maxTargets: 2 }),
      chain: { ...chainOf(run), lineage: [TargetKey.make(next())] }
    })
    const found: ConfigAnswer = { _tag: "Found", config, path: "dispatching.yml", defaultBranch: next() }
    const answers = new Map(targetRepositories(matched).map((name) => [repositoryKey(name), found]))
    const { decisions } = decide({ acceptance: acceptance(run), matched, answers, chain: chainOf(run) })
    assert.isAtLeast(decisions.length, 2)
  })

  it("decides about 500 targets and as many inbound rules (what that takes: Effort.test.ts)", () => {
    const many = Array.from({ length: 500 }, (_, index) => `r${index}`)
    const inbound = many.map((repository) => ({
      source: { repository, workflow: "ci.yml" },
      targets: [{ workflow: "cd.yml" }]
    }))
    const targets = { [`acme/${many[0]}`]: { inbound: inbound.slice(0, 400) } }
    const source = wanting(...many.map((repository) => ({ repository })))
    assert.strictEqual(judge({ source, targets, policy: { maxTargets: 99 } }).decisions.length, 500)
  })

  it("gives what survives the way through the ledger and the queue", () => {
    const { decisions, orders } = judge({
      run: { branch: "ünï¢ode/\u{1f680}", actor: null },
      source: {
        outbound: [{ source: { workflow: "ci.yml", branches: ["**"] }, targets: wanting({}).outbound[0]?.targets }]
      },
      targets: { "acme/deploy": open() }
    })
    for (const decision of decisions) survives(Decision, decision)
    for (const order of orders) survives(Order, order)
    assert.strictEqual(orders.length, 1)
  })
})

describe("An optional target", () => {
  const optionals = (situation: Situation) => judge(situation).decisions.map(({ optional }) => optional)
  const open2 = { "acme/deploy": open(), "acme/other": absent }

  it("is so in its decision, allowed or denied, and only then", () => {
    const source = wanting({ optional: true }, { repository: "other", optional: true }, { repository: "none" })
    const { decisions } = judge({ source, targets: open2 })
    assert.deepStrictEqual(
      decisions.map(({ _tag, optional }) => [_tag, optional]),
      [
        ["Allowed", true],
        ["Denied", true],
        ["Denied", undefined]
      ]
    )
    for (const decision of decisions) survives(Decision, decision)
  })

  it("is so after each cap", () => {
    const source = wanting({ optional: true }, { workflow: "a.yml", optional: true })
    assert.deepStrictEqual(optionals({ source, targets: open2, policy: { maxTargets: 1 } }), [true, true])
    assert.deepStrictEqual(
      optionals({ source: wanting({ optional: true }), targets: open2, before: [keyOf("acme/a b.yml")], starts: 200 }),
      [true]
    )
  })

  it("is required where another rule for the same workflow makes it so, whatever their order", () => {
    for (const wanted of [[{ optional: true }, {}] as const, [{}, { optional: true }] as const]) {
      const { decisions } = judge({ source: wanting(...wanted), targets: open2 })
      assert.isUndefined(decisions.find(({ _tag }) => _tag === "Allowed")?.optional)
    }
  })
})
