/**
 * A decision about a target: allowed, or denied with a reason, together with everything that was looked at; and what the source's own rules
 * make of a run on the way there: rules that are skipped, candidates, which are still to be asked of the target, and denials.
 *
 * Reports, the dashboard, facts and a dry run explain a decision from this one value; nothing recomputes it.
 */
import { Schema } from "effect"
import { Denial, ReasonCode } from "./Denial.ts"
import { RepositoryName } from "./Names.ts"
import { OrderId, Target } from "./Order.ts"

/** A rule of a `dispatching.yml`. */
export const RuleRef = Schema.Struct({
  repository: RepositoryName,
  /** The file, `dispatching.yml` or `.github/dispatching.yml`. */
  file: Schema.String,
  /** `outbound[0].targets[1]` */
  path: Schema.String,
  /** From 1. */
  line: Schema.Int
})
export interface RuleRef extends Schema.Schema.Type<typeof RuleRef> {}

/** One question that was asked on the way to a decision, and its answer. */
export const Check = Schema.Struct({
  /** What was asked, such as `source_branch`: the reason that a "no" would have been. */
  name: ReasonCode,
  passed: Schema.Boolean,
  /** What was needed, for people. */
  expected: Schema.String,
  /** What was found, for people. */
  actual: Schema.String,
  /** The rule that asked; absent for settings of the service. */
  rule: Schema.optionalKey(RuleRef)
})
export interface Check extends Schema.Schema.Type<typeof Check> {}

/** A rule that is not about the run: no decision about its targets, which are not even looked at. */
export const Skipped = Schema.Struct({
  rule: RuleRef,
  /** What was asked in vain. */
  check: Check,
  /** What was found and what would have been needed. */
  message: Schema.String
})
export interface Skipped extends Schema.Schema.Type<typeof Skipped> {}

/** The rules that are not about a run, as plans and facts hold them: both absent where there are none. */
export const skippedRules = {
  /** The first 20, in the order of the file. */
  skipped: Schema.optionalKey(Schema.Array(Skipped)),
  /** How many more there are; absent if none. */
  moreSkipped: Schema.optionalKey(Schema.Int)
}
/** The rules that are not about a run. */
export interface SkippedRules extends Schema.Struct.Type<typeof skippedRules> {}

/** How many rules that are not about a run are listed. */
const mostSkipped = 20

/** The first of the rules that are not about a run, and how many more there are. */
export const boundedSkipped = (all: ReadonlyArray<Skipped>): SkippedRules => ({
  ...(all.length === 0 ? {} : { skipped: all.slice(0, mostSkipped) }),
  ...(all.length <= mostSkipped ? {} : { moreSkipped: all.length - mostSkipped })
})

/** Whether the source's rule has `optional: true` for the target; absent where it does not, and in what earlier versions stored. */
export const optionality = { optional: Schema.optionalKey(Schema.Boolean) }
/** Whether what becomes of a target is optional. */
export interface Optionality extends Schema.Struct.Type<typeof optionality> {}
/** Passes on whether a target is optional. */
export const optionalityOf = ({ optional }: { readonly optional?: boolean }): Optionality =>
  optional === true ? { optional } : {}

const common = { target: Target, outbound: RuleRef, checks: Schema.Array(Check), ...optionality }

/** Allowed (an order exists), or denied with a reason. */
export const Decision = Schema.TaggedUnion({
  Allowed: { ...common, inbound: RuleRef, orderId: OrderId },
  Denied: { ...common, denial: Denial }
})
export type Decision = typeof Decision.Type
/** A decision with an order. */
export type Allowed = Extract<Decision, { readonly _tag: "Allowed" }>
/** A decision with a reason why not. */
export type Denied = Extract<Decision, { readonly _tag: "Denied" }>

/** A target that the source may start, if the target agrees. */
export interface Candidate extends Optionality {
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
  /** Whether a rule that is skipped wants the run to have a check run all the same. */
  readonly alwaysChecked: boolean
}

/** Whether something matched is still to be asked of the target. */
export const isCandidate = (matched: Candidate | Denied): matched is Candidate => !("_tag" in matched)

/** What distinguishes two rules for one target workflow, whatever their order in the file. */
export const rankOf = ({ target, inputs }: Pick<Candidate, "target" | "inputs">): string =>
  JSON.stringify([target.ref, Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1)), target])
