/**
 * Why a target was not started: stable codes, each with a sentence that a person can act on.
 *
 * A denial is a value. Codes are part of the public contract (facts, reports, dashboard): add, never rename.
 */
import { Schema } from "effect"

/**
 * All denial codes, in the order in which the rules are asked. The routine ones come first, so that a run that no rule is about never
 * causes more than a routine denial.
 */
export const denialCodes = [
  "source_fork",
  "source_event",
  "source_conclusion",
  "source_branch",
  "stale_run",
  "source_not_allowlisted",
  "self_dispatch",
  "chain_too_deep",
  "target_not_allowlisted",
  "inputs_invalid",
  "too_many_owners",
  "too_many_targets",
  "target_unreachable",
  "target_config_absent",
  "target_config_invalid",
  "inbound_not_allowed",
  "source_identity_changed",
  "inbound_branch",
  "inbound_ref",
  "inputs_not_accepted",
  "duplicate_target",
  "chain_too_long",
  // Never a denial of a plan: an order that waited is withdrawn for it.
  "source_rule_removed"
] as const
/** One of {@link denialCodes}: what programs tell denials apart by. */
export const DenialCode = Schema.Literals(denialCodes)
export type DenialCode = typeof DenialCode.Type

/** A denial: its code, and a sentence that says what was found and what would have been needed. */
export const Denial = Schema.Struct({ code: DenialCode, message: Schema.String })
export interface Denial extends Schema.Schema.Type<typeof Denial> {}

/**
 * Denials by which a rule merely says that it is not about this run (a feature branch, a failed build, a fork).
 *
 * They are recorded like all others, but nobody needs to act on them, so they alone never cause a report: a stranger's
 * pull request must not be able to make the dispatcher write to an issue.
 */
const routine: ReadonlySet<DenialCode> = new Set([
  "source_fork",
  "source_event",
  "source_conclusion",
  "source_branch",
  "stale_run"
])

/** Whether a denial is ordinary, so that no person needs to be told. */
export const isRoutine = (denial: Denial): boolean => routine.has(denial.code)
