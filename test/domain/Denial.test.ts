/** Every code of a denial, or of a rule that is skipped: how it comes about, what it says, and what was asked on the way to it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { boundedSkipped, type Check, type RuleRef } from "../../src/domain/Decision.ts"
import {
  Denial,
  type DenialCode,
  denialCodes,
  type ReasonCode,
  reasonCodes,
  type SkipCode,
  skipCodes
} from "../../src/domain/Denial.ts"
import { absent, invalid, unreachable } from "../fixtures/Configs.ts"
import { judge, type Situation } from "../fixtures/Plans.ts"
import { keyOf, repository } from "../fixtures/Runs.ts"

const outbound = `outbound:
  - source:
      workflow: ci.yml
    targets:
      - repository: deploy
        workflow: cd.yml
`
const inbound = `inbound:
  - source:
      repository: app
      workflow: ci.yml
    targets:
      - workflow: cd.yml
`
const agreed: Situation = { source: outbound, targets: { "acme/deploy": inbound } }

const rule = (name: string, path: string, line: number): RuleRef => ({
  repository: repository(name),
  file: "dispatching.yml",
  path,
  line
})
const outboundRule = rule("acme/app", "outbound[0]", 2)
const outboundTarget = rule("acme/app", "outbound[0].targets[0]", 5)
const inboundTarget = rule("acme/deploy", "inbound[0].targets[0]", 6)

interface Example {
  readonly situation: Situation
  readonly message: string
  /** The check that failed, without its name. */
  readonly check: Omit<Check, "name" | "passed">
  /** Position of the denied decision. */
  readonly at?: number
}

const skips: Record<SkipCode, Example> = {
  source_fork: {
    situation: { ...agreed, run: { fork: true } },
    message: "The run was for a fork of acme/app; runs of forks never start anything.",
    check: { expected: "a run of the repository's own code", actual: "a run of a fork's code" }
  },
  source_event: {
    situation: {
      ...agreed,
      run: { event: "pull_request" },
      source: outbound.replace("    targets", "      events: [push, schedule]\n    targets")
    },
    message: "The run was started by pull_request; the rule wants push, schedule.",
    check: { expected: "push, schedule", actual: "pull_request", rule: outboundRule }
  },
  source_conclusion: {
    situation: { ...agreed, run: { conclusion: "failure" } },
    message: "The run ended with failure; the rule wants success.",
    check: { expected: "success", actual: "failure", rule: outboundRule }
  },
  source_branch: {
    situation: { ...agreed, run: { branch: "feature" } },
    message: "The run was for feature; the rule wants main (the default branch).",
    check: { expected: "main (the default branch)", actual: "feature", rule: outboundRule }
  },
  stale_run: {
    situation: {
      ...agreed,
      run: { runNumber: 7 },
      newest: { runNumber: 8, createdAt: "2026-11-01T00:00:00Z" },
      source: outbound.replace("workflow: ci.yml", "workflow: ci.yml\n      stale: skip")
    },
    message:
      "The run is older (run 7) than the newest one of its branch that was planned (run 8 of 2026-11-01T00:00:00Z); the rule skips such runs.",
    check: { expected: "no run older than run 8 of 2026-11-01T00:00:00Z", actual: "run 7", rule: outboundRule }
  }
}

const examples: Record<Exclude<DenialCode, "source_rule_removed">, Example> = {
  source_not_allowlisted: {
    situation: { ...agreed, policy: { sourceAllowlist: ["acme/lib", "other/*"] } },
    message: "acme/app is not in SOURCE_REPO_ALLOWLIST of this service; ask its operators to add it.",
    check: { expected: "acme/lib, other/*", actual: "acme/app" }
  },
  self_dispatch: {
    situation: { ...agreed, before: [keyOf("acme/deploy CD.yml")] },
    message:
      "cd.yml of acme/deploy already ran in the chain of dispatches that led to this run, and would start it again.",
    check: {
      expected: "a workflow that did not lead to this run",
      actual: "acme/deploy/cd.yml → acme/app/ci.yml",
      rule: outboundTarget
    }
  },
  target_not_allowlisted: {
    situation: { ...agreed, policy: { targetAllowlist: [] } },
    message: "acme/deploy is not in TARGET_REPO_ALLOWLIST of this service; ask its operators to add it.",
    check: { expected: "none", actual: "acme/deploy" }
  },
  inputs_invalid: {
    situation: {
      ...agreed,
      run: { actor: null },
      source: `${outbound}        inputs: { by: "{{ source.actor }}" }`
    },
    message: 'The inputs cannot be sent: Input "by" uses source.actor, which this run does not have.',
    check: {
      expected: "at most 25 inputs, 65,535 characters, known variables, no control characters, no empty values",
      actual: 'Input "by" uses source.actor, which this run does not have.',
      rule: outboundTarget
    }
  },
  chain_too_deep: {
    situation: {
      ...agreed,
      before: [keyOf("acme/a ci.yml"), keyOf("acme/b ci.yml")],
      policy: { maxChainDepth: 2 }
    },
    message:
      "The chain of dispatches that led to this run would become 3 deep; this service lets it become 2 (DISPATCH_MAX_CHAIN_DEPTH).",
    check: { expected: "at most 2 dispatches deep", actual: "3" }
  },
  too_many_owners: {
    situation: {
      ...agreed,
      source: `${outbound}      - { repository: a/a, workflow: cd.yml }\n      - { repository: b/b, workflow: cd.yml }`,
      policy: { maxOtherOwners: 1 }
    },
    message:
      "The file names repositories of 2 other owners; this service looks at targets of at most 1 other owner (DISPATCH_MAX_OTHER_OWNERS), the first by name.",
    check: { expected: "targets of at most 1 other owner", actual: "2 other owners" },
    at: 2
  },
  source_identity_changed: {
    situation: { ...agreed, remembered: { "acme/deploy": { repositoryId: 99 } } },
    message:
      'acme/app was another repository, or had another owner, when acme/deploy let it in; its owners have to write id: "1296269" into the inbound rule if they mean this one.',
    check: {
      expected: "repository 99, which was first let in under this name",
      actual: "repository 1296269",
      rule: inboundTarget
    }
  },
  chain_too_long: {
    situation: { ...agreed, before: [keyOf("acme/a ci.yml")], policy: { maxChainStarts: 7 }, starts: 7 },
    message:
      "The chain of dispatches that led to this run has reserved 7 starts; this service lets a chain have 7 (DISPATCH_MAX_CHAIN_STARTS).",
    check: { expected: "at most 7 starts of one chain", actual: "7 starts" }
  },
  too_many_targets: {
    situation: {
      ...agreed,
      source: `${outbound}      - { repository: another, workflow: cd.yml }`,
      policy: { maxTargets: 1 }
    },
    message:
      "The run has 2 target workflows; this service starts at most 1 target workflow per run (DISPATCH_MAX_TARGETS_PER_RUN), the first by name.",
    check: { expected: "at most 1 target workflow", actual: "2 target workflows" }
  },
  target_unreachable: {
    situation: {
      ...agreed,
      targets: { "acme/deploy": unreachable("not_found", "Could not resolve to a Repository.") }
    },
    message:
      "acme/deploy cannot be read: it does not exist, or the App is not installed on it (Could not resolve to a Repository).",
    check: { expected: "a repository that the App can read", actual: "Could not resolve to a Repository." }
  },
  target_config_absent: {
    situation: { ...agreed, targets: { "acme/deploy": absent } },
    message:
      "acme/deploy has no dispatching.yml on its default branch, so it lets no source in; its owners have to add an inbound rule.",
    check: { expected: "a dispatching.yml on the default branch", actual: "none" }
  },
  target_config_invalid: {
    situation: { ...agreed, targets: { "acme/deploy": invalid('missing key "workflow"', "unknown key") } },
    message:
      "dispatching.yml of acme/deploy has 2 problems, so it lets no source in; its owners find them with dispatcher validate.",
    check: { expected: "a valid dispatching.yml", actual: 'line 1: missing key "workflow"' }
  },
  inbound_not_allowed: {
    situation: { ...agreed, targets: { "acme/deploy": inbound.replace("repository: app", "repository: other") } },
    message:
      "No inbound rule in dispatching.yml of acme/deploy says that ci.yml of acme/app may start cd.yml; its owners have to add one.",
    check: {
      expected: "an inbound rule: ci.yml of acme/app may start cd.yml",
      actual: "1 inbound rule, none of which says so"
    }
  },
  inbound_branch: {
    situation: {
      ...agreed,
      run: { branch: "next" },
      source: outbound.replace("    targets", '      branches: ["*"]\n    targets'),
      targets: { "acme/deploy": inbound.replace("workflow: ci.yml", "workflow: ci.yml\n      branches: [main]") }
    },
    message: "acme/deploy lets ci.yml of acme/app in only for main; the run was for next.",
    check: { expected: "main", actual: "next", rule: { ...inboundTarget, line: 7 } }
  },
  inbound_ref: {
    situation: { ...agreed, targets: { "acme/deploy": `${inbound}        refs: [v1, release/*]` } },
    message: "acme/deploy lets cd.yml be started only on v1, release/*; the outbound rule wants main.",
    check: { expected: "v1, release/*", actual: "main", rule: inboundTarget }
  },
  inputs_not_accepted: {
    situation: {
      source: `${outbound}        inputs: { sha: x, mode: y, by: z }`,
      targets: { "acme/deploy": `${inbound}        accept_inputs: [sha]` }
    },
    message: "acme/deploy does not accept the inputs mode, by; add them to accept_inputs there, or remove them here.",
    check: { expected: "sha", actual: "sha, mode, by", rule: inboundTarget }
  },
  duplicate_target: {
    situation: { ...agreed, source: `${outbound}      - { repository: Acme/Deploy, workflow: CD.yml, ref: next }` },
    message:
      "cd.yml of Acme/Deploy is started once per run, by outbound[0].targets[0] (line 5); this rule names it again.",
    check: { expected: "one rule per target workflow", actual: "outbound[0].targets[0] (line 5)" },
    at: 1
  }
}

/** Codes of denials: `source_rule_removed` only ever withdraws an order (Consent.test.ts). */
const planned = denialCodes.filter((code) => code !== "source_rule_removed")

/** What is asked before each question, in order: all codes that would have been denials, except those that need no asking. */
const askedBefore = (code: ReasonCode): ReadonlyArray<ReasonCode> => {
  const unasked: ReadonlyArray<ReasonCode> = [
    "duplicate_target",
    "too_many_owners",
    "too_many_targets",
    "target_unreachable",
    "target_config_absent",
    "target_config_invalid"
  ]
  return reasonCodes.slice(0, reasonCodes.indexOf(code)).filter((each) => !unasked.includes(each))
}

describe("Denial", () => {
  it("is nothing at all where both sides agree", () => {
    const { decisions, orders } = judge(agreed)
    assert.deepStrictEqual(
      decisions.map(({ _tag }) => _tag),
      ["Allowed"]
    )
    assert.strictEqual(orders.length, 1)
    assert.deepStrictEqual(
      decisions[0]?.checks.map(({ name, passed }) => [name, passed]),
      askedBefore("duplicate_target").map((name) => [name, true])
    )
  })

  it.each(planned)("%s says why, and what was looked at", (code) => {
    const { situation, message, check, at = 0 } = examples[code]
    const decision = judge(situation).decisions[at]
    if (decision?._tag !== "Denied") return assert.fail(`nothing was denied: ${JSON.stringify(decision)}`)
    assert.deepStrictEqual(decision.denial, { code, message })
    assert.deepStrictEqual(decision.checks.at(-1), { name: code, passed: false, ...check })
    assert.deepStrictEqual(
      decision.checks.slice(0, -1).map(({ name, passed }) => [name, passed]),
      askedBefore(code).map((name) => [name, true])
    )
  })

  it.each(["workflow_run", "pull_request_target", "issue_comment", "issues"])(
    "is none for %s, which anybody may cause: the rule is skipped unless it names the event",
    (event) => {
      const named = outbound.replace("workflow: ci.yml", `workflow: ci.yml\n      events: [${event}]`)
      const codeOf = (source: string) => {
        const { decisions, skipped } = judge({ ...agreed, run: { event }, source })
        return skipped[0]?.check.name ?? decisions[0]?._tag
      }
      assert.strictEqual(codeOf(outbound), "source_event")
      assert.strictEqual(codeOf(named), "Allowed")
    }
  )

  it("is none for a stranger's run, whatever else speaks against it: the rule is skipped", () => {
    const everythingWrong: Situation = {
      run: { fork: true, conclusion: "failure", branch: "feature", actor: null },
      source: `${outbound}        inputs: { by: "{{ source.actor }}" }`,
      targets: { "acme/deploy": absent },
      policy: { sourceAllowlist: [], targetAllowlist: [], maxTargets: 1 },
      before: [keyOf("acme/deploy cd.yml")]
    }
    const { decisions, skipped } = judge(everythingWrong)
    assert.deepStrictEqual(decisions, [])
    assert.deepStrictEqual(
      skipped.map(({ check }) => check.name),
      ["source_fork"]
    )
  })

  it.each(skipCodes)("%s, which earlier versions denied by, still decodes", (code) => {
    const stored = { code, message: "The run was for feature; the rule wants main." }
    assert.deepStrictEqual(Schema.decodeUnknownSync(Denial)(stored), stored)
  })

  it.each([
    ["not_found", "it does not exist, or the App is not installed on it"],
    ["not_installed", "the App is not installed there"],
    ["forbidden", "the App is not permitted to"],
    ["unavailable", "GitHub could not be asked; another run of the source workflow asks again"]
  ] as const)("names the cause of target_unreachable: %s", (reason, cause) => {
    const [decision] = judge({ ...agreed, targets: { "acme/deploy": unreachable(reason, "HTTP 5xx") } }).decisions
    assert.deepInclude(decision, {
      denial: { code: "target_unreachable", message: `acme/deploy cannot be read: ${cause} (HTTP 5xx).` }
    })
  })

  it("is target_unreachable for a repository that was not asked", () => {
    const [decision] = judge({ source: outbound }).decisions
    assert.deepNestedInclude(decision, { "denial.code": "target_unreachable" })
  })
})

describe("A skipped rule", () => {
  it.each(skipCodes)("says by %s why, and what was looked at", (code) => {
    const { situation, message, check } = skips[code]
    const { skipped, decisions } = judge(situation)
    assert.deepStrictEqual(decisions, [])
    assert.deepStrictEqual(skipped, [{ rule: outboundRule, check: { name: code, passed: false, ...check }, message }])
  })

  it("names the first 20 of many, and how many more there are", () => {
    const rules = Array.from({ length: 50 }, () => ({
      source: { workflow: "ci.yml", branches: ["next"] },
      targets: [{ repository: "r", workflow: "w.yml" }]
    }))
    const { skipped } = judge({ source: { outbound: rules } })
    assert.deepStrictEqual(boundedSkipped(skipped), { skipped: skipped.slice(0, 20), moreSkipped: 30 })
    assert.deepStrictEqual(boundedSkipped(skipped.slice(0, 20)), { skipped: skipped.slice(0, 20) })
    assert.deepStrictEqual(boundedSkipped([]), {})
  })

  it("stays small however long the lists of a rule are", () => {
    const names = (prefix: string) => Array.from({ length: 300 }, (_, index) => `${prefix}${index}`)
    const [skipped] = judge({
      run: { branch: "feature" },
      source: {
        outbound: [
          { source: { workflow: "ci.yml", branches: names("b") }, targets: [{ repository: "r", workflow: "w.yml" }] }
        ]
      }
    }).skipped
    assert.deepInclude(skipped, {
      message: "The run was for feature; the rule wants b0, b1, b2, b3, b4, b5, b6, b7, b8, b9 and 290 more."
    })
  })
})
