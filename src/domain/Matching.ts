/**
 * From a run and its repository's own rules to candidates: targets that nothing on the source's side speaks against. Only for these
 * anything is looked up.
 *
 * Pure and independent of the order of the rules: what becomes a candidate depends on the set of rules alone. What a rule asks of the run is
 * asked once per rule, however many targets it has, so that the work is bounded by the size of the file.
 */
import { Result } from "effect"
import type { Candidate, Matched } from "./Candidate.ts"
import { capOwners, capTargets } from "./Caps.ts"
import type { ConfigPath, DispatchingConfig, OutboundRule, OutboundTarget, RulePlace } from "./Config.ts"
import type { Denied, RuleRef } from "./Decision.ts"
import { ownerOf, type RepositoryName, resolveRepository, workflowKey } from "./Names.ts"
import type { Chain, Target } from "./Order.ts"
import type { Policy } from "./Policy.ts"
import { type Examination, examine } from "./Question.ts"
import * as Guards from "./SourceGuards.ts"
import type { RunPosition, SourceRun } from "./SourceRun.ts"
import { renderInputs } from "./Template.ts"

/** A run, the rules of its repository, and how it came about. */
export interface MatchInput {
  readonly run: SourceRun
  readonly config: DispatchingConfig
  readonly file: ConfigPath
  readonly policy: Policy
  /** The chain that the run's orders belong to. */
  readonly chain: Chain
  /** The newest run of the workflow and branch that was planned, where a rule asks for it ({@link asksForNewest}) and there is one. */
  readonly newest?: RunPosition | undefined
}

/** Names a rule of a repository's config. */
export const ruleRef = (repository: RepositoryName, file: ConfigPath, place: RulePlace): RuleRef => ({
  repository,
  file,
  path: place.path,
  line: place.line
})

/** The rules that are about the run's workflow. */
const rulesAbout = ({ run, config }: Pick<MatchInput, "run" | "config">): ReadonlyArray<OutboundRule> => {
  const workflow = workflowKey(run.workflow)
  return config.outbound.filter((rule) => workflowKey(rule.source.workflow) === workflow)
}

/** What a rule asks of the run, whatever the target. */
const examineRule = ({ run, policy, file, newest }: MatchInput, rule: OutboundRule): Examination => {
  const ref = ruleRef(run.repository, file, rule.place)
  return examine([
    Guards.notFromFork(run),
    Guards.sourceEvent(run, rule, ref),
    Guards.sourceConclusion(run, rule, ref),
    Guards.sourceBranch(run, rule, ref),
    Guards.notStale(run, newest, rule, ref),
    Guards.sourceAllowlist(run, policy)
  ])
}

const matchTarget = (input: MatchInput, ofRule: Examination, outboundTarget: OutboundTarget): Candidate | Denied => {
  const { run, policy, chain } = input
  const target: Target = {
    repository: resolveRepository(outboundTarget.repository, ownerOf(run.repository)) as RepositoryName,
    workflow: outboundTarget.workflow,
    ref: outboundTarget.ref ?? policy.defaultRef
  }
  const outbound = ruleRef(run.repository, input.file, outboundTarget.place)
  if (ofRule.denial !== undefined) {
    return { _tag: "Denied", target, outbound, checks: ofRule.checks, denial: ofRule.denial }
  }
  const rendered = renderInputs(outboundTarget.inputs, run)
  const examined = examine([
    Guards.notInChain(run, target, chain, outbound),
    Guards.chainDepth(chain, policy),
    Guards.targetAllowlist(target, policy),
    Guards.inputsValid(rendered, outbound)
  ])
  const checks = [...ofRule.checks, ...examined.checks]
  if (examined.denial !== undefined) return { _tag: "Denied", target, outbound, checks, denial: examined.denial }
  return { target, outbound, checks, inputs: Result.getOrElse(rendered, () => ({})) }
}

/** Whether a rule about the run's workflow compares it with the newest run that was planned. */
export const asksForNewest = (input: Pick<MatchInput, "run" | "config">): boolean =>
  rulesAbout(input).some(({ source }) => source.stale === "skip")

/** Whether the run becomes the newest one for a rule that asks: the rule is about it in everything. */
export const becomesNewest = (input: MatchInput): boolean =>
  rulesAbout(input).some((rule) => rule.source.stale === "skip" && examineRule(input, rule).denial === undefined)

/** All targets of the rules for the run's workflow: candidates, and those that the source's own rules deny. */
export const matchRun = (input: MatchInput): Matched => {
  const matched = rulesAbout(input).flatMap((rule) => {
    const ofRule = examineRule(input, rule)
    return rule.targets.map((target) => matchTarget(input, ofRule, target))
  })
  return capTargets(capOwners(matched, input), input.policy.maxTargets)
}
