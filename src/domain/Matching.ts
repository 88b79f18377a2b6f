/**
 * From a run and its repository's own rules to candidates: targets that nothing on the source's side speaks against. Only for these
 * anything is looked up. A rule that is not about the run is skipped, and its targets are not looked at.
 *
 * Pure and independent of the order of the rules: what becomes a candidate depends on the set of rules alone. What a rule asks of the run is
 * asked once per rule, however many targets it has, so that the work is bounded by the size of the file.
 */
import { Result } from "effect"
import { capOwners, capTargets } from "./Caps.ts"
import type { ConfigPath, DispatchingConfig, OutboundRule, OutboundTarget, RulePlace } from "./Config.ts"
import {
  type Candidate,
  type Check,
  type Denied,
  type MatchedRules,
  optionalityOf,
  type RuleRef,
  type Skipped
} from "./Decision.ts"
import { ownerOf, type RepositoryName, resolveRepository, workflowKey } from "./Names.ts"
import type { Chain, Target } from "./Order.ts"
import type { Policy } from "./Policy.ts"
import { denialOf, type Examination, examine } from "./Question.ts"
import { counted } from "./Sentence.ts"
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

/** The rules that name the run's workflow. */
const rulesFor = ({ run, config }: Pick<MatchInput, "run" | "config">): ReadonlyArray<OutboundRule> => {
  const workflow = workflowKey(run.workflow)
  return config.outbound.filter((rule) => workflowKey(rule.source.workflow) === workflow)
}

const refOf = ({ run, file }: MatchInput, { place }: OutboundRule): RuleRef => ruleRef(run.repository, file, place)

/** Whether a rule is about the run. */
const isAbout = ({ run, newest }: MatchInput, rule: OutboundRule, ref: RuleRef): Examination =>
  examine([
    Guards.notFromFork(run),
    Guards.sourceEvent(run, rule, ref),
    Guards.sourceConclusion(run, rule, ref),
    Guards.sourceBranch(run, rule, ref),
    Guards.notStale(run, newest, rule, ref)
  ])

/** What is asked of the source whatever its rules say. */
const isPermitted = ({ run, policy }: MatchInput): Examination => examine([Guards.sourceAllowlist(run, policy)])

const matchTarget = (input: MatchInput, ofRule: Examination, outboundTarget: OutboundTarget): Candidate | Denied => {
  const { run, policy, chain } = input
  const target: Target = {
    repository: resolveRepository(outboundTarget.repository, ownerOf(run.repository)) as RepositoryName,
    workflow: outboundTarget.workflow,
    ref: outboundTarget.ref ?? policy.defaultRef
  }
  const outbound = ruleRef(run.repository, input.file, outboundTarget.place)
  const optionality = optionalityOf(outboundTarget)
  if (ofRule.refusal !== undefined) {
    return { _tag: "Denied", target, outbound, ...optionality, checks: ofRule.checks, denial: denialOf(ofRule.refusal) }
  }
  const rendered = renderInputs(outboundTarget.inputs, run)
  const examined = examine([
    Guards.notInChain(run, target, chain, outbound),
    Guards.chainDepth(chain, policy),
    Guards.targetAllowlist(target, policy),
    Guards.inputsValid(rendered, outbound)
  ])
  const checks = [...ofRule.checks, ...examined.checks]
  if (examined.refusal !== undefined) {
    return { _tag: "Denied", target, outbound, ...optionality, checks, denial: denialOf(examined.refusal) }
  }
  return { target, outbound, ...optionality, checks, inputs: Result.getOrElse(rendered, () => ({})) }
}

/** Whether a rule for the run's workflow compares it with the newest run that was planned. */
export const asksForNewest = (input: Pick<MatchInput, "run" | "config">): boolean =>
  rulesFor(input).some(({ source }) => source.stale === "skip")

/** Whether the run becomes the newest one for a rule that asks: the rule is about it in everything. */
export const becomesNewest = (input: MatchInput): boolean =>
  isPermitted(input).refusal === undefined &&
  rulesFor(input).some(
    (rule) => rule.source.stale === "skip" && isAbout(input, rule, refOf(input, rule)).refusal === undefined
  )

/**
 * Whether a rule that is skipped wants the run to have a check run. A run of another event than the rule's is none of its business: on a commit
 * with runs of two events, its check run would stand in the place of the one that counts.
 */
const wantsCheck = ({ check }: OutboundRule, skippedBy: Check): boolean =>
  check === "always" && skippedBy.name !== "source_event"

/**
 * The rules for the run's workflow: those that are skipped, and all targets of the others, which are candidates or denied by the source's
 * own side. A rule that is skipped costs the same however many targets it has.
 */
export const matchRun = (input: MatchInput): MatchedRules => {
  const permitted = isPermitted(input)
  const skipped: Array<Skipped> = []
  let alwaysChecked = false
  const matched = rulesFor(input).flatMap((rule) => {
    const ref = refOf(input, rule)
    const { checks, refusal } = isAbout(input, rule, ref)
    if (refusal !== undefined) {
      skipped.push({ rule: ref, ...refusal })
      alwaysChecked ||= wantsCheck(rule, refusal.check)
      return []
    }
    const ofRule = { checks: [...checks, ...permitted.checks], refusal: permitted.refusal }
    return rule.targets.map((target) => matchTarget(input, ofRule, target))
  })
  return { skipped, matched: capTargets(capOwners(matched, input), input.policy.maxTargets), alwaysChecked }
}

/** How many different reasons a sentence gives. */
const mostReasons = 3

/** Why there is nothing to do for a run whose rules are all skipped, at least one. The same reason for several rules is given once. */
export const whyIgnored = ({ workflow }: SourceRun, skipped: ReadonlyArray<Skipped>): string => {
  const reasons = [...new Set(skipped.map(({ message }) => message))]
  const more = reasons.length - mostReasons
  const rest = more > 0 ? [`And ${counted(more, "reason")} more.`] : []
  return [`no outbound rule for ${workflow} is about the run.`, ...reasons.slice(0, mostReasons), ...rest].join(" ")
}
