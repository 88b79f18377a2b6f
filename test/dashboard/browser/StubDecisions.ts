/** Decisions and outcomes of the made-up week: who is let in, who is refused by which rule, and how GitHub answers. */
import type { Check, Decision, RuleRef, Skipped } from "../../../src/domain/Decision.ts"
import type { DenialCode, ReasonCode } from "../../../src/domain/Denial.ts"
import type { RepositoryName } from "../../../src/domain/Names.ts"
import { orderId, type Target } from "../../../src/domain/Order.ts"
import type { FailureCode, Outcome } from "../../../src/domain/Outcome.ts"
import { GitHubId, type SourceRun } from "../../../src/domain/SourceRun.ts"
import { pick, type Random } from "./StubRandom.ts"

/** The repository whose targets fail. */
const failingSource = "acme/checkout"

const rule = (name: RepositoryName, path: string, line: number): RuleRef => ({
  repository: name,
  file: "dispatching.yml",
  path,
  line
})

const check = (name: ReasonCode, expected: string, actual: string, by?: RuleRef, passed = true): Check => ({
  name,
  passed,
  expected,
  actual,
  ...(by === undefined ? {} : { rule: by })
})

/** What is asked about a target that is let in. */
const checksFor = (run: SourceRun, target: Target, outbound: RuleRef, inbound: RuleRef): ReadonlyArray<Check> => [
  check("source_not_allowlisted", "acme/*", run.repository),
  check("source_fork", "a run of the repository's own code", "its own code"),
  check("source_event", "any event", run.event, outbound),
  check("source_conclusion", "success", run.conclusion ?? "no conclusion", outbound),
  check("source_branch", "main, release/*", run.branch ?? "no branch", outbound),
  check("inputs_invalid", "at most 25 inputs, known variables, no empty values", "1 input", outbound),
  check(
    "inbound_not_allowed",
    `ci.yml of ${run.repository} may start ${target.workflow}`,
    `ci.yml of ${run.repository}`,
    inbound
  ),
  check("inbound_ref", "main", target.ref, inbound),
  check("inputs_not_accepted", "sha", "sha", inbound)
]

const denials: Readonly<
  Partial<Record<DenialCode, (run: SourceRun, target: Target) => readonly [string, string, string]>>
> = {
  inbound_not_allowed: (run, target) => [
    `an inbound rule: ci.yml of ${run.repository} may start ${target.workflow}`,
    "2 inbound rules, none of which says so",
    `No inbound rule in dispatching.yml of ${target.repository} says that ci.yml of ${run.repository} may start ${target.workflow}; its owners have to add one.`
  ],
  target_config_absent: (_, target) => [
    "a dispatching.yml on the default branch",
    "none",
    `${target.repository} has no dispatching.yml on its default branch, so it lets no source in; its owners have to add an inbound rule.`
  ]
}

const denied = (run: SourceRun, target: Target, outbound: RuleRef, inbound: RuleRef, code: DenialCode): Decision => {
  const [expected, actual, message] = denials[code]?.(run, target) ?? ["something else", "this", "It was refused."]
  const all = checksFor(run, target, outbound, inbound)
  const asked = all.findIndex(({ name }) => name === code)
  const by = code === "target_config_absent" || code === "inbound_not_allowed" ? undefined : outbound
  const before = asked === -1 ? all.slice(0, 6) : all.slice(0, asked)
  return {
    _tag: "Denied",
    target,
    outbound,
    denial: { code, message },
    checks: [...before, check(code, expected, actual, by, false)]
  }
}

const failures: readonly [readonly [FailureCode, string], ...ReadonlyArray<readonly [FailureCode, string]>] = [
  ["not_found", "Not Found: the workflow is not on the default branch, or the App may not see it."],
  ["unprocessable", 'Unexpected inputs provided: ["sha"]'],
  ["unavailable", "502 Bad Gateway, 6 times in 4 minutes"]
]

export const outcomeOf = (random: Random, source: string, target: Target): Outcome => {
  const luck = random()
  const troubled = source === failingSource
  if (luck < (troubled ? 0.62 : 0.02)) {
    const [code, message] = troubled ? failures[0] : pick(random, failures)
    return { _tag: "Failed", code, message }
  }
  if (luck > 0.994)
    return { _tag: "Unknown", message: "The answer was lost, and GitHub could not be asked whether it acted." }
  if (luck > 0.98)
    return {
      _tag: "Withdrawn",
      code: "inbound_not_allowed",
      message: `When the order was to be started, the dispatching.yml of ${target.repository} had no inbound rule for ${source} any more.`
    }
  const id = 20_000_000_000 + Math.floor(random() * 1_000_000_000)
  return {
    _tag: "Dispatched",
    started: { id: GitHubId.make(String(id)), url: `https://github.com/${target.repository}/actions/runs/${id}` }
  }
}

const denialOf = (random: Random, target: Target): DenialCode | undefined => {
  if (target.repository === "acme/payments") return random() < 0.8 ? "inbound_not_allowed" : undefined
  return target.repository === "acme/release-notes" && random() < 0.3 ? "target_config_absent" : undefined
}

/** Why the rule of a source is not about a run; undefined if it is. */
export const skippedBy = (run: SourceRun): Skipped | undefined => {
  const ref = rule(run.repository, "outbound[0]", 2)
  if (run.conclusion !== "success") {
    return {
      rule: ref,
      check: check("source_conclusion", "success", `${run.conclusion}`, ref, false),
      message: `The run ended with ${run.conclusion}; the rule wants success.`
    }
  }
  if (run.branch === "main") return undefined
  return {
    rule: ref,
    check: check("source_branch", "main, release/*", run.branch ?? "no branch", ref, false),
    message: `The run was for ${run.branch}; the rule wants main, release/*.`
  }
}

export const decide = (random: Random, run: SourceRun, target: Target, place: number): Decision => {
  const outbound = rule(run.repository, `outbound[0].targets[${place}]`, 6 + place * 3)
  const inbound = rule(target.repository, "inbound[0].targets[0]", 7)
  const code = denialOf(random, target)
  return code === undefined
    ? {
        _tag: "Allowed",
        target,
        outbound,
        inbound,
        orderId: orderId(run, target),
        checks: checksFor(run, target, outbound, inbound)
      }
    : denied(run, target, outbound, inbound, code)
}
