/**
 * Whether a target lets a candidate in: the target's own `dispatching.yml` decides, and silence means no.
 *
 * Each entry of each inbound rule is asked on its own; one that says yes to everything is enough. If none does, the denial is that of
 * the entry that came furthest, so the code does not depend on the order of the rules.
 */

import { Order } from "effect"
import type { ConfigAnswer, DispatchingConfig, InboundRule, InboundTarget, UnreachableReason } from "./Config.ts"
import { type Candidate, type Check, type Denied, optionalityOf, type RuleRef } from "./Decision.ts"
import { type Denial, type DenialCode, reasonCodes } from "./Denial.ts"
import { ruleRef } from "./Matching.ts"
import { ownerOf, resolveRepository, sameWorkflow, type WorkflowFile } from "./Names.ts"
import type { Target } from "./Order.ts"
import { matchesAny, matchesRepository } from "./Pattern.ts"
import { defaultBranchRef } from "./Policy.ts"
import { denialOf, type Examination, examine, type Question } from "./Question.ts"
import { counted, listed, sentence } from "./Sentence.ts"
import { identityOf, type SourceIdentity, sameSource } from "./SourceIdentity.ts"
import type { SourceRun } from "./SourceRun.ts"

/** A candidate that its target agreed to. */
export interface Authorized {
  readonly _tag: "Authorized"
  readonly candidate: Candidate
  /** What is started: the workflow as its owners spell it, which matters where two files differ in case only. */
  readonly target: Target
  readonly checks: ReadonlyArray<Check>
  readonly inbound: RuleRef
}

type Found = Extract<ConfigAnswer, { readonly _tag: "Found" }>
interface Entry {
  readonly rule: InboundRule
  readonly target: InboundTarget
}
interface Examined extends Examination {
  readonly ref: RuleRef
  /** The target workflow as the inbound rule spells it. */
  readonly workflow: WorkflowFile
}

/** A ref, or a pattern of refs, in full: `main` means `refs/heads/main`, never `refs/tags/main`. */
const fullRef = (ref: string): string => (ref.startsWith("refs/") ? ref : `refs/heads/${ref}`)

const resolveRef = (ref: string, answer: Found): string => (ref === defaultBranchRef ? answer.defaultBranch : ref)

/** Inbound entries that are about this source and this workflow, each with its place in the file. */
const entriesFor = (config: DispatchingConfig, run: SourceRun, target: Target): ReadonlyArray<Entry> =>
  config.inbound
    .filter(
      ({ source }) =>
        sameWorkflow(source.workflow, run.workflow) &&
        matchesRepository(resolveRepository(source.repository, ownerOf(target.repository)), run.repository)
    )
    .flatMap((rule) =>
      rule.targets
        .filter(({ workflow }) => sameWorkflow(workflow, target.workflow))
        .map((entry) => ({ rule, target: entry }))
    )

/** Whether the source's name still belongs to whom it was let in for: by the rule's `id`, else by what is remembered. */
const identityAccepted =
  (run: SourceRun, { rule }: Entry, remembered: SourceIdentity | "hypothetical" | undefined, ref: RuleRef): Question =>
  () => {
    const { id } = rule.source
    const actual = remembered === "hypothetical" ? "not known of a hypothetical run" : `repository ${run.repositoryId}`
    const answer = (passed: boolean, expected: string, message: string) => ({
      check: { name: "source_identity_changed" as const, passed, expected, actual, rule: ref },
      message
    })
    if (id !== undefined) {
      return answer(
        remembered === "hypothetical" || run.repositoryId === id,
        `repository ${id}`,
        `${ref.repository} lets ${run.repository} in only as repository ${id}; it is repository ${run.repositoryId}.`
      )
    }
    if (remembered === undefined || remembered === "hypothetical")
      return answer(true, "the repository of this name", "")
    return answer(
      sameSource(remembered, identityOf(run)),
      `repository ${remembered.repositoryId}, which was first let in under this name`,
      `${run.repository} was another repository, or had another owner, when ${ref.repository} let it in; its owners have to write id: "${run.repositoryId}" into the inbound rule if they mean this one.`
    )
  }

const branchAccepted =
  (run: SourceRun, { rule }: Entry, ref: RuleRef): Question =>
  () => {
    const branches = rule.source.branches
    const actual = run.branch ?? "no branch"
    const passed = branches === undefined || (run.branch !== null && matchesAny(branches, run.branch))
    return {
      check: {
        name: "inbound_branch",
        passed,
        expected: branches ? listed(branches) : "any branch",
        actual,
        rule: ref
      },
      message: `${ref.repository} lets ${run.workflow} of ${run.repository} in only for ${listed(branches ?? [])}; the run was for ${actual}.`
    }
  }

const refAccepted =
  (target: Target, answer: Found, entry: Entry, ref: RuleRef): Question =>
  () => {
    const refs = entry.target.refs?.map((pattern) => resolveRef(pattern, answer))
    const passed = refs === undefined || matchesAny(refs.map(fullRef), fullRef(target.ref))
    return {
      check: { name: "inbound_ref", passed, expected: refs ? listed(refs) : "any ref", actual: target.ref, rule: ref },
      message: `${ref.repository} lets ${target.workflow} be started only on ${listed(refs ?? [])}; the outbound rule wants ${target.ref}.`
    }
  }

const inputsAccepted =
  (candidate: Candidate, entry: Entry, ref: RuleRef): Question =>
  () => {
    const accepted = entry.target.acceptInputs
    const refused = Object.keys(candidate.inputs).filter((name) => !accepted.has(name))
    const actual = listed(Object.keys(candidate.inputs))
    return {
      check: {
        name: "inputs_not_accepted",
        passed: refused.length === 0,
        expected: listed(accepted),
        actual,
        rule: ref
      },
      message: `${ref.repository} does not accept the inputs ${listed(refused)}; add them to accept_inputs there, or remove them here.`
    }
  }

const examineEntry = (
  candidate: Candidate,
  run: SourceRun,
  target: Target,
  answer: Found,
  remembered: SourceIdentity | "hypothetical" | undefined,
  entry: Entry
): Examined => {
  const ref = ruleRef(target.repository, answer.path, entry.target.place)
  const named: Check = {
    name: "inbound_not_allowed",
    passed: true,
    expected: `${entry.rule.source.workflow} of ${entry.rule.source.repository} may start ${entry.target.workflow}`,
    actual: `${run.workflow} of ${run.repository}`,
    rule: ref
  }
  const { checks, refusal } = examine([
    identityAccepted(run, entry, remembered, ref),
    branchAccepted(run, entry, ref),
    refAccepted(target, answer, entry, ref),
    inputsAccepted(candidate, entry, ref)
  ])
  return { checks: [named, ...checks], refusal, ref, workflow: entry.target.workflow }
}

const denied = (candidate: Candidate, target: Target, denial: Denial, checks: ReadonlyArray<Check>): Denied => ({
  _tag: "Denied",
  target,
  outbound: candidate.outbound,
  ...optionalityOf(candidate),
  checks: [...candidate.checks, ...checks],
  denial
})

const refuse = (
  candidate: Candidate,
  target: Target,
  code: DenialCode,
  message: string,
  expected: string,
  actual: string
): Denied => denied(candidate, target, { code, message }, [{ name: code, passed: false, expected, actual }])

const progress = ({ refusal }: Examined): number =>
  refusal === undefined ? reasonCodes.length : reasonCodes.indexOf(refusal.check.name)

/** Of entries that came equally far, one that spells the workflow as the source does comes first. */
const furthestFirst = (target: Target): Order.Order<Examined> =>
  Order.combineAll([
    Order.mapInput(Order.flip(Order.Number), progress),
    Order.mapInput(Order.Boolean, ({ workflow }: Examined) => workflow !== target.workflow),
    Order.mapInput(Order.String, ({ workflow }: Examined) => workflow)
  ])

const authorizeByRules = (
  candidate: Candidate,
  run: SourceRun,
  answer: Found,
  remembered: SourceIdentity | "hypothetical" | undefined
): Authorized | Denied => {
  const target = { ...candidate.target, ref: resolveRef(candidate.target.ref, answer) }
  const examined = entriesFor(answer.config, run, target).map((entry) =>
    examineEntry(candidate, run, target, answer, remembered, entry)
  )
  const [best] = examined.toSorted(furthestFirst(target))
  if (best === undefined) {
    const wanted = `${run.workflow} of ${run.repository} may start ${target.workflow}`
    // With the ref as the source wrote it: what "@default" stands for is for those whom a rule of the target names.
    return refuse(
      candidate,
      candidate.target,
      "inbound_not_allowed",
      `No inbound rule in ${answer.path} of ${target.repository} says that ${wanted}; its owners have to add one.`,
      `an inbound rule: ${wanted}`,
      `${counted(answer.config.inbound.length, "inbound rule")}, none of which says so`
    )
  }
  if (best.refusal !== undefined) return denied(candidate, target, denialOf(best.refusal), best.checks)
  return {
    _tag: "Authorized",
    candidate,
    target: { ...target, workflow: best.workflow },
    checks: [...candidate.checks, ...best.checks],
    inbound: best.ref
  }
}

const unreachable: Record<UnreachableReason, string> = {
  not_found: "it does not exist, or the App is not installed on it",
  not_installed: "the App is not installed there",
  forbidden: "the App is not permitted to",
  unavailable: "GitHub could not be asked; another run of the source workflow asks again"
}

/** Asks a candidate's target whether it lets the run in; `remembered` is whom it first let in under the source's name, if it did. */
export const authorize = (
  candidate: Candidate,
  run: SourceRun,
  answer: ConfigAnswer,
  remembered?: SourceIdentity | "hypothetical"
): Authorized | Denied => {
  const { repository } = candidate.target
  switch (answer._tag) {
    case "Found":
      return authorizeByRules(candidate, run, answer, remembered)
    case "Absent":
      return refuse(
        candidate,
        candidate.target,
        "target_config_absent",
        `${repository} has no dispatching.yml on its default branch, so it lets no source in; its owners have to add an inbound rule.`,
        "a dispatching.yml on the default branch",
        answer.hint ?? "none"
      )
    case "Invalid": {
      // The message gets into issues that others read, so it quotes nothing of the file; the check does, for operators.
      const first = answer.issues[0]
      const problem = first ? `line ${first.line}: ${first.message}` : "it cannot be read"
      return refuse(
        candidate,
        candidate.target,
        "target_config_invalid",
        `${answer.path} of ${repository} has ${counted(answer.issues.length, "problem")}, so it lets no source in; its owners find them with dispatcher validate.`,
        `a valid ${answer.path}`,
        problem
      )
    }
    case "Unreachable":
      return refuse(
        candidate,
        candidate.target,
        "target_unreachable",
        sentence(`${repository} cannot be read: ${unreachable[answer.reason]} (${answer.message})`),
        "a repository that the App can read",
        answer.message
      )
  }
}
