/**
 * Whether a target lets a candidate in: the target's own `dispatching.yml` decides, and silence means no.
 *
 * Each entry of each inbound rule is asked on its own; one that says yes to everything is enough. If none does, the denial is that of
 * the entry that came furthest, so the code does not depend on the order of the rules.
 */
import type { ConfigAnswer, DispatchingConfig, InboundRule, InboundTarget } from "./Config.ts"
import type { Check, Denied, RuleRef } from "./Decision.ts"
import { type Denial, type DenialCode, denialCodes } from "./Denial.ts"
import { type Candidate, ruleRef } from "./Matching.ts"
import { ownerOf, resolveRepository, sameWorkflow } from "./Names.ts"
import type { Target } from "./Order.ts"
import { matchesAny, matchesRepository } from "./Pattern.ts"
import { defaultBranchRef } from "./Policy.ts"
import { type Examination, examine, type Question } from "./Question.ts"
import type { SourceRun } from "./SourceRun.ts"

/** A candidate that its target agreed to. */
export interface Authorized {
  readonly _tag: "Authorized"
  readonly candidate: Candidate
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
}

const list = (items: Iterable<string>): string => [...items].join(", ") || "none"

/** `refs/heads/main` is the branch `main`. A tag written as `refs/tags/…` stays what it is: a rule for `main` means the branch. */
const plainRef = (ref: string): string => ref.replace(/^refs\/heads\//, "")

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

const branchAccepted =
  (run: SourceRun, { rule }: Entry, ref: RuleRef): Question =>
  () => {
    const branches = rule.source.branches
    const actual = run.branch ?? "no branch"
    const passed = branches === undefined || (run.branch !== null && matchesAny(branches, run.branch))
    return {
      check: { name: "inbound_branch", passed, expected: branches ? list(branches) : "any branch", actual, rule: ref },
      message: `${ref.repository} lets ${run.workflow} of ${run.repository} in only for ${list(branches ?? [])}; the run was for ${actual}.`
    }
  }

const refAccepted =
  (target: Target, entry: Entry, ref: RuleRef): Question =>
  () => {
    const refs = entry.target.refs
    const passed = refs === undefined || matchesAny(refs.map(plainRef), plainRef(target.ref))
    return {
      check: { name: "inbound_ref", passed, expected: refs ? list(refs) : "any ref", actual: target.ref, rule: ref },
      message: `${ref.repository} lets ${target.workflow} be started only on ${list(refs ?? [])}; the outbound rule wants ${target.ref}.`
    }
  }

const inputsAccepted =
  (candidate: Candidate, entry: Entry, ref: RuleRef): Question =>
  () => {
    const accepted = entry.target.acceptInputs
    const refused = Object.keys(candidate.inputs).filter((name) => !accepted.has(name))
    const actual = list(Object.keys(candidate.inputs))
    return {
      check: { name: "inputs_not_accepted", passed: refused.length === 0, expected: list(accepted), actual, rule: ref },
      message: `${ref.repository} does not accept the inputs ${list(refused)}; add them to accept_inputs there, or remove them here.`
    }
  }

const examineEntry = (candidate: Candidate, run: SourceRun, target: Target, answer: Found, entry: Entry): Examined => {
  const ref = ruleRef(target.repository, answer.path, entry.target.place)
  const named: Check = {
    name: "inbound_not_allowed",
    passed: true,
    expected: `${entry.rule.source.workflow} of ${entry.rule.source.repository} may start ${entry.target.workflow}`,
    actual: `${run.workflow} of ${run.repository}`,
    rule: ref
  }
  const { checks, denial } = examine([
    branchAccepted(run, entry, ref),
    refAccepted(target, entry, ref),
    inputsAccepted(candidate, entry, ref)
  ])
  return { checks: [named, ...checks], denial, ref }
}

const denied = (candidate: Candidate, target: Target, denial: Denial, checks: ReadonlyArray<Check>): Denied => ({
  _tag: "Denied",
  target,
  outbound: candidate.outbound,
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

const furthest = (examined: ReadonlyArray<Examined>): Examined | undefined =>
  [...examined].sort((a, b) => progress(b) - progress(a))[0]

const progress = ({ denial }: Examined): number =>
  denial === undefined ? denialCodes.length : denialCodes.indexOf(denial.code)

const authorizeByRules = (candidate: Candidate, run: SourceRun, answer: Found): Authorized | Denied => {
  const target = { ...candidate.target, ref: resolveRef(candidate.target.ref, answer) }
  const examined = entriesFor(answer.config, run, target).map((entry) =>
    examineEntry(candidate, run, target, answer, entry)
  )
  const best = furthest(examined)
  if (best === undefined) {
    const wanted = `${run.workflow} of ${run.repository} may start ${target.workflow}`
    return refuse(
      candidate,
      target,
      "inbound_not_allowed",
      `No inbound rule in ${answer.path} of ${target.repository} says that ${wanted}; its owners have to add one.`,
      `an inbound rule: ${wanted}`,
      `${answer.config.inbound.length} inbound rules, none of which says so`
    )
  }
  if (best.denial !== undefined) return denied(candidate, target, best.denial, best.checks)
  return { _tag: "Authorized", candidate, target, checks: [...candidate.checks, ...best.checks], inbound: best.ref }
}

/** Asks a candidate's target whether it lets the run in. */
export const authorize = (candidate: Candidate, run: SourceRun, answer: ConfigAnswer): Authorized | Denied => {
  const { repository } = candidate.target
  switch (answer._tag) {
    case "Found":
      return authorizeByRules(candidate, run, answer)
    case "Absent":
      return refuse(
        candidate,
        candidate.target,
        "target_config_absent",
        `${repository} has no dispatching.yml on its default branch, so it lets nobody in; its owners have to add an inbound rule.`,
        "a dispatching.yml on the default branch",
        "none"
      )
    case "Invalid": {
      const first = answer.issues[0]
      const problem = first ? `line ${first.line}: ${first.message}` : "it cannot be read"
      return refuse(
        candidate,
        candidate.target,
        "target_config_invalid",
        `${answer.path} of ${repository} has ${answer.issues.length} problems (${problem}), so it lets nobody in.`,
        `a valid ${answer.path}`,
        problem
      )
    }
    case "Unreachable":
      return refuse(
        candidate,
        candidate.target,
        "target_unreachable",
        `${repository} cannot be read (${answer.message}): it does not exist, or the App is not installed on it.`,
        "a repository that the App can read",
        answer.message
      )
  }
}
