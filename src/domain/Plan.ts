/**
 * A plan: all decisions for one source run. It is stored before any of its orders is offered, and what it says never changes:
 * planning the same run again finds it and offers the same orders. Only targets that could not be asked yet are added later. Only
 * a replay makes a new plan in its place, of the next generation.
 */
import { Schema } from "effect"
import { Check, Decision, optionality, RuleRef, skippedRules } from "./Decision.ts"
import { ChainPlace, OrderId, Target, targetKey } from "./Order.ts"
import { Acceptance } from "./SourceRun.ts"

/** Something wrong with the source's own `dispatching.yml`, as kept in a plan. */
export const PlannedConfigIssue = Schema.Struct({
  line: Schema.Int,
  column: Schema.Int,
  path: Schema.String,
  message: Schema.String
})

/** What the source's own config turned out to be. Three different failures stay three different things. */
export const SourceConfig = Schema.TaggedUnion({
  Found: {},
  Absent: {
    /** What is there in the file's place, and what to do about it. */
    hint: Schema.optionalKey(Schema.String)
  },
  Invalid: { file: Schema.String, issues: Schema.Array(PlannedConfigIssue) },
  Unreachable: { message: Schema.String }
})
export type SourceConfig = typeof SourceConfig.Type

/** A candidate (`Matching.ts`) whose own config could not be read yet. */
export const PendingTarget = Schema.Struct({
  target: Target,
  outbound: RuleRef,
  checks: Schema.Array(Check),
  inputs: Schema.Record(Schema.String, Schema.String),
  ...optionality
})
export interface PendingTarget extends Schema.Schema.Type<typeof PendingTarget> {}

/** All decisions for one source run. */
export const Plan = Schema.Struct({
  ...Acceptance.fields,
  config: SourceConfig,
  decisions: Schema.Array(Decision),
  ...skippedRules,
  /** `always`: the run gets a check run although no rule is about it; absent otherwise, and in what earlier versions stored. */
  check: Schema.optionalKey(Schema.Literal("always")),
  /** Why there is nothing to do; absent where there is something. */
  ignored: Schema.optionalKey(Schema.String),
  /** Where the run stands in its chain; absent in what earlier versions stored. */
  chain: Schema.optionalKey(ChainPlace),
  /** When the latest decisions were made (RFC 3339, UTC); absent in what earlier versions stored. */
  plannedAt: Schema.optionalKey(Schema.String),
  /** How many decisions there were, and since when, before targets that had been out of reach were decided about. */
  earlier: Schema.optionalKey(Schema.Array(Schema.Struct({ decisions: Schema.Int, at: Schema.String }))),
  /** Orders that an earlier plan started or has under way, so this one leaves them alone; absent in the first plan. */
  kept: Schema.optionalKey(Schema.Array(OrderId)),
  /** Targets that could not be asked yet and will be asked again; the plan is complete when there are none. */
  pending: Schema.Array(PendingTarget)
})
export interface Plan extends Schema.Schema.Type<typeof Plan> {}

/** Whether an earlier plan had the target started, or has it under way. */
export const isKept = ({ kept = [] }: Plan, decision: Decision): boolean =>
  decision._tag === "Allowed" && kept.includes(decision.orderId)

/** A plan made anew in the place of an earlier one, in which the orders that are kept stay decided as they were. */
export const keeping = (draft: Plan, earlier: Plan, kept: ReadonlyArray<OrderId>): Plan => {
  const decided = earlier.decisions.filter((decision) => isKept({ ...earlier, kept }, decision))
  const targets = new Set(decided.map(({ target }) => targetKey(target)))
  const isOpen = ({ target }: { readonly target: Target }) => !targets.has(targetKey(target))
  const decisions = [...decided, ...draft.decisions.filter(isOpen)]
  return { ...draft, kept, decisions, pending: draft.pending.filter(isOpen) }
}

/** When the plan was made or, where targets were out of reach then, completed. */
export const plannedAt = (plan: Plan): string => plan.plannedAt ?? plan.acceptedAt

/** When the decision with this index was made. */
export const decidedAt = (plan: Plan, index: number): string =>
  plan.earlier?.find(({ decisions }) => index < decisions)?.at ?? plannedAt(plan)

/** A plan with its new decisions made at a time; `before` is the incomplete plan to which they were added. */
export const plannedSince = (plan: Plan, at: string, before: Plan | undefined): Plan => {
  if (before === undefined || before.decisions.length === 0) return { ...plan, plannedAt: at }
  const batch = { decisions: before.decisions.length, at: plannedAt(before) }
  return { ...plan, plannedAt: at, earlier: [...(before.earlier ?? []), batch] }
}

/** Whether every target has been decided about. */
export const isComplete = (plan: Plan): boolean => plan.pending.length === 0
