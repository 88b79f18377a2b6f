/**
 * From a run and its repository's own rules to candidates: targets that nothing on the source's side speaks against.
 *
 * Pure and independent of the order of the rules: what becomes a candidate depends on the set of rules alone.
 */
import { Result } from "effect"
import type { ConfigPath, DispatchingConfig, OutboundRule, OutboundTarget, RulePlace } from "./Config.ts"
import type { Check, Denied, RuleRef } from "./Decision.ts"
import { ownerOf, type RepositoryName, resolveRepository, workflowKey } from "./Names.ts"
import { type Chain, type Target, targetKey } from "./Order.ts"
import type { Policy } from "./Policy.ts"
import { counted, examine } from "./Question.ts"
import * as Guards from "./SourceGuards.ts"
import type { SourceRun } from "./SourceRun.ts"
import { renderInputs } from "./Template.ts"

/** A target that the source may start, if the target agrees. */
export interface Candidate {
  readonly target: Target
  readonly outbound: RuleRef
  readonly checks: ReadonlyArray<Check>
  readonly inputs: Readonly<Record<string, string>>
}

/** What the source's own rules say about a run, in the order of the rules. */
export type Matched = ReadonlyArray<Candidate | Denied>

/** Whether something matched is still to be asked of the target. */
export const isCandidate = (matched: Candidate | Denied): matched is Candidate => !("_tag" in matched)

/** A run, the rules of its repository, and how it came about. */
export interface MatchInput {
  readonly run: SourceRun
  readonly config: DispatchingConfig
  readonly file: ConfigPath
  readonly policy: Policy
  /** The chain that the run's orders belong to. */
  readonly chain: Chain
}

/** Names a rule of a repository's config. */
export const ruleRef = (repository: RepositoryName, file: ConfigPath, place: RulePlace): RuleRef => ({
  repository,
  file,
  path: place.path,
  line: place.line
})

const matchTarget = (input: MatchInput, rule: OutboundRule, outboundTarget: OutboundTarget): Candidate | Denied => {
  const { run, policy } = input
  const target: Target = {
    repository: resolveRepository(outboundTarget.repository, ownerOf(run.repository)) as RepositoryName,
    workflow: outboundTarget.workflow,
    ref: outboundTarget.ref ?? policy.defaultRef
  }
  const outbound = ruleRef(run.repository, input.file, outboundTarget.place)
  const ruleItself = ruleRef(run.repository, input.file, rule.place)
  const rendered = renderInputs(outboundTarget.inputs, run)
  const { checks, denial } = examine([
    Guards.notFromFork(run),
    Guards.sourceEvent(run, rule, ruleItself),
    Guards.sourceConclusion(run, rule, ruleItself),
    Guards.sourceBranch(run, rule, ruleItself),
    Guards.sourceAllowlist(run, policy),
    Guards.notInChain(run, target, input.chain, outbound),
    Guards.targetAllowlist(target, policy),
    Guards.inputsValid(rendered, outbound)
  ])
  if (denial !== undefined) return { _tag: "Denied", target, outbound, checks, denial }
  return { target, outbound, checks, inputs: Result.getOrElse(rendered, () => ({})) }
}

/**
 * The cap on targets, applied to distinct target workflows in the order of their keys, so that it neither depends on the order of the
 * rules nor lets a config make us read thousands of repositories.
 */
const capTargets = (matched: Matched, maxTargets: number): Matched => {
  const keys = [...new Set(matched.filter(isCandidate).map(({ target }) => targetKey(target)))].sort()
  if (keys.length <= maxTargets) return matched
  const kept = new Set(keys.slice(0, maxTargets))
  return matched.map((entry) => {
    if (!isCandidate(entry) || kept.has(targetKey(entry.target))) return entry
    const expected = `at most ${counted(maxTargets, "target workflow")}`
    const actual = counted(keys.length, "target workflow")
    return {
      _tag: "Denied",
      target: entry.target,
      outbound: entry.outbound,
      checks: [...entry.checks, { name: "too_many_targets", passed: false, expected, actual }],
      denial: {
        code: "too_many_targets",
        message: `The run has ${actual}; this service starts ${expected} per run (DISPATCH_MAX_TARGETS_PER_RUN), the first by name.`
      }
    }
  })
}

/** All targets of the rules for the run's workflow: candidates, and those that the source's own rules deny. */
export const matchRun = (input: MatchInput): Matched => {
  const workflow = workflowKey(input.run.workflow)
  const matched = input.config.outbound
    .filter((rule) => workflowKey(rule.source.workflow) === workflow)
    .flatMap((rule) => rule.targets.map((target) => matchTarget(input, rule, target)))
  return capTargets(matched, input.policy.maxTargets)
}
