/**
 * Why a rule is not about a run, and why a target was not started: stable codes, each with a sentence that a person can act on.
 *
 * A denial is a value. Codes are part of the public contract (facts, reports, dashboard): add, never rename.
 */
import { Schema } from "effect"

/** Why a rule is skipped, in the order in which it is asked: the run is not one that the rule is about. */
export const skipCodes = ["source_fork", "source_event", "source_conclusion", "source_branch", "stale_run"] as const
/** One of {@link skipCodes}. */
export type SkipCode = (typeof skipCodes)[number]

/** All denial codes, in the order in which the rules are asked. A rule that is skipped denies nothing. */
export const denialCodes = [
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
/** One of {@link denialCodes}: what programs distinguish denials by. */
export type DenialCode = (typeof denialCodes)[number]

/** Everything that is asked on the way to a decision, in order. */
export const reasonCodes = [...skipCodes, ...denialCodes] as const
/** One of {@link reasonCodes}: what a "no" means, a skipped rule or a denial. */
export const ReasonCode = Schema.Literals(reasonCodes)
export type ReasonCode = typeof ReasonCode.Type

/**
 * A denial: its code, and a sentence that says what was found and what would have been needed. No rule denies by a code of
 * {@link skipCodes} any more; what earlier versions stored may have one.
 */
export const Denial = Schema.Struct({ code: ReasonCode, message: Schema.String })
export interface Denial extends Schema.Schema.Type<typeof Denial> {}

const skips: ReadonlySet<ReasonCode> = new Set(skipCodes)

/** Whether an earlier version denied what is skipped now: reports have no row for it. */
export const isSkip = ({ code }: Denial): boolean => skips.has(code)
