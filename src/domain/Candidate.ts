/** What the source's own rules make of a run: rules that are skipped, candidates, which are still to be asked of the target, and denials. */
import type { Check, Denied, RuleRef, Skipped } from "./Decision.ts"
import type { Target } from "./Order.ts"

/** A target that the source may start, if the target agrees. */
export interface Candidate {
  readonly target: Target
  readonly outbound: RuleRef
  readonly checks: ReadonlyArray<Check>
  readonly inputs: Readonly<Record<string, string>>
}

/** What the source's own rules make of the targets of those that are about a run, in the order of the rules. */
export type Matched = ReadonlyArray<Candidate | Denied>

/** All rules for a run's workflow. */
export interface MatchedRules {
  /** The rules that are not about the run, in the order of the file. */
  readonly skipped: ReadonlyArray<Skipped>
  /** The targets of the others. */
  readonly matched: Matched
}

/** Whether something matched is still to be asked of the target. */
export const isCandidate = (matched: Candidate | Denied): matched is Candidate => !("_tag" in matched)

/** What distinguishes two rules for one target workflow, whatever their order in the file. */
export const rankOf = ({ target, inputs }: Pick<Candidate, "target" | "inputs">): string =>
  JSON.stringify([target.ref, Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1)), target])
