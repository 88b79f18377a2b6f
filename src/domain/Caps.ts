/**
 * Caps on what one file makes the dispatcher look up. Each keeps the first by name, so that it neither depends on the order of the rules
 * nor lets a config make us ask thousands of repositories, or spend what belongs to other owners.
 */

import type { DispatchingConfig } from "./Config.ts"
import type { Denied } from "./Decision.ts"
import { type Candidate, isCandidate, type Matched, optionalityOf, rankOf } from "./Decision.ts"
import type { DenialCode } from "./Denial.ts"
import { ownerOf, type RepositoryName, resolveRepository } from "./Names.ts"
import { type TargetKey, targetKey } from "./Order.ts"
import type { Policy } from "./Policy.ts"
import { counted } from "./Sentence.ts"
import type { SourceRun } from "./SourceRun.ts"

/** Most rules of one file that are asked about one target workflow; one of them becomes the order. */
export const maxRulesPerTarget = 10

const ownerKey = (repository: string): string => ownerOf(repository as RepositoryName).toLowerCase()

interface Refusal {
  readonly code: DenialCode
  readonly expected: string
  readonly actual: string
  readonly message: string
}

const refused = (candidate: Candidate, { code, expected, actual, message }: Refusal): Denied => ({
  _tag: "Denied",
  target: candidate.target,
  outbound: candidate.outbound,
  ...optionalityOf(candidate),
  checks: [...candidate.checks, { name: code, passed: false, expected, actual }],
  denial: { code, message }
})

/** Denies every candidate that is not kept. */
const keeping = (matched: Matched, isKept: (candidate: Candidate) => boolean, refusal: Refusal): Matched =>
  matched.map((entry) => (isCandidate(entry) && !isKept(entry) ? refused(entry, refusal) : entry))

/** The cap on owners other than the source's, counted over all rules of the file. */
export const capOwners = (
  matched: Matched,
  { run, config, policy }: { readonly run: SourceRun; readonly config: DispatchingConfig; readonly policy: Policy }
): Matched => {
  const own = ownerOf(run.repository)
  const isOther = ({ target }: Matched[number]) => ownerKey(target.repository) !== ownerKey(run.repository)
  // Most files name no other owner, and most runs are none that a rule is about: their targets need not be gone through.
  if (!matched.some((entry) => isCandidate(entry) && isOther(entry))) return matched
  const named = config.outbound.flatMap(({ targets }) =>
    targets.map(({ repository }) => ownerKey(resolveRepository(repository, own)))
  )
  const others = [...new Set(named)].filter((owner) => owner !== ownerKey(run.repository)).sort()
  if (others.length <= policy.maxOtherOwners) return matched
  const kept = new Set([ownerKey(run.repository), ...others.slice(0, policy.maxOtherOwners)])
  const expected = `targets of at most ${counted(policy.maxOtherOwners, "other owner")}`
  const actual = counted(others.length, "other owner")
  return keeping(matched, ({ target }) => kept.has(ownerKey(target.repository)), {
    code: "too_many_owners",
    expected,
    actual,
    message: `The file names repositories of ${actual}; this service looks at ${expected} (DISPATCH_MAX_OTHER_OWNERS), the first by name.`
  })
}

const firstByRank = (candidates: ReadonlyArray<Candidate>): ReadonlySet<Candidate> => {
  const byTarget = new Map<TargetKey, Array<readonly [string, Candidate]>>()
  for (const candidate of candidates) {
    const key = targetKey(candidate.target)
    const ranked = byTarget.get(key) ?? []
    ranked.push([rankOf(candidate), candidate])
    byTarget.set(key, ranked)
  }
  const first = [...byTarget.values()].flatMap((ranked) =>
    ranked
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .slice(0, maxRulesPerTarget)
      .map(([, candidate]) => candidate)
  )
  return new Set(first)
}

/** The cap on distinct target workflows, and on the rules for one of them. */
export const capTargets = (matched: Matched, maxTargets: number): Matched => {
  const candidates = matched.filter(isCandidate)
  const keys = [...new Set(candidates.map(({ target }) => targetKey(target)))].sort()
  const kept = new Set(keys.slice(0, maxTargets))
  const expected = `at most ${counted(maxTargets, "target workflow")}`
  const actual = counted(keys.length, "target workflow")
  const few = keeping(matched, ({ target }) => kept.has(targetKey(target)), {
    code: "too_many_targets",
    expected,
    actual,
    message: `The run has ${actual}; this service starts ${expected} per run (DISPATCH_MAX_TARGETS_PER_RUN), the first by name.`
  })
  if (candidates.length <= maxRulesPerTarget) return few
  const first = firstByRank(candidates)
  return keeping(few, (candidate) => first.has(candidate), {
    code: "too_many_targets",
    expected: `at most ${counted(maxRulesPerTarget, "rule")} for one target workflow`,
    actual: "more",
    message: `The file has more than ${maxRulesPerTarget} rules that start this target workflow for this run; only the first ${maxRulesPerTarget} by ref and inputs are asked.`
  })
}
