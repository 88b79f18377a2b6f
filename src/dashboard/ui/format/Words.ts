/**
 * The words that people read for what the service names with codes. Those of facts and their statuses come from the fact table; the other
 * tables are typed by the domain's own union, so a reason that is added there does not compile here until it has a name.
 */
import type { DeliveryRow, Health, QueueSample, Ranking, Window } from "../../../domain/Answers.ts"
import type { EdgeState } from "../../../domain/Chain.ts"
import type { DenialCode, ReasonCode, SkipCode } from "../../../domain/Denial.ts"
import type { FactType } from "../../../domain/Fact.ts"
import {
  type CountedStatus,
  countedStatuses,
  entryOf,
  factTable,
  factTypes,
  rowStatuses,
  type Status,
  statuses
} from "../../../domain/FactTable.ts"
import type { FailureCode } from "../../../domain/Outcome.ts"
import type { Conclusion } from "../../../domain/SourceRun.ts"

export type { CountedStatus, Status } from "../../../domain/FactTable.ts"

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): ReadonlyArray<Key> =>
  Object.keys(table) as Array<Key>

/** What a table has for a code, if the page knows it. */
const inTable = <A>(table: Readonly<Record<string, A>>, code: string): A | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined

const byStatus = <A>(of: (type: FactType) => A): Readonly<Record<Status, A>> =>
  Object.fromEntries(factTypes.map((type) => [entryOf(type).status, of(type)])) as Record<Status, A>

/** The statuses that are counted. */
export const countedNames = countedStatuses
/** The statuses that events can be searched by. */
export const searchedStatuses = rowStatuses
export const isCounted = (text: string): text is CountedStatus => countedNames.some((status) => status === text)
export const isStatus = (text: string): text is Status => statuses.some((status) => status === text)

export const statusLabels = byStatus((type) => entryOf(type).label)
/** A status in a word; one that this page does not know is shown as it is. */
export const statusLabel = (status: string): string => (isStatus(status) ? statusLabels[status] : status)
const typeNames: ReadonlyArray<string> = factTypes
const isFactType = (type: string): type is FactType => typeNames.includes(type)
/** The status of a fact; one of a type that this page does not know has the colour of not knowing. */
export const statusOfType = (type: string): Status => (isFactType(type) ? entryOf(type).status : "unknown")
/** A fact in a word; a type that this page does not know is shown as it is. */
export const factLabel = (type: string): string => (isFactType(type) ? entryOf(type).label : type)
/** What each status counts, in one sentence. */
export const statusHints = byStatus((type) => entryOf(type).sentence)
/** The icon of each status. */
export const statusIcons = byStatus((type) => factTable[type].icon)
/** The CloudEvents type that a status stands for. */
export const factTypeOf = byStatus((type) => type)

/** A word, and the status whose colour and icon it has. */
interface StatusWord {
  readonly status: Status
  readonly label: string
}
const deliveryStatuses: Readonly<Record<DeliveryRow["status"], StatusWord>> = {
  waiting: { status: "accepted", label: "Waiting for a plan" },
  open: { status: "queued", label: "Under way" },
  done: { status: "planned", label: "Planned" },
  trouble: { status: "planned", label: "Planned" },
  ignored: { status: "ignored", label: statusLabels.ignored },
  invalid: { status: "invalid", label: statusLabels.invalid },
  unreachable: { status: "unreachable", label: statusLabels.unreachable }
}
/** What became of a run; what this page has no word for is shown as it is. */
export const deliveryStatus = (status: string): StatusWord =>
  inTable(deliveryStatuses, status) ?? { status: "unknown", label: status }

const skipLabels: Readonly<Record<SkipCode, string>> = {
  source_fork: "Run of a fork",
  source_event: "Event not wanted",
  source_conclusion: "Conclusion not wanted",
  source_branch: "Branch not wanted",
  stale_run: "A newer run was planned"
}
const denialLabels: Readonly<Record<DenialCode, string>> = {
  source_not_allowlisted: "Source not on the allowlist",
  self_dispatch: "Would start itself",
  chain_too_deep: "Chain too deep",
  target_not_allowlisted: "Target not on the allowlist",
  inputs_invalid: "Inputs cannot be sent",
  too_many_owners: "Too many other owners",
  too_many_targets: "Too many targets",
  target_unreachable: "Target cannot be read",
  target_config_absent: "Target has no dispatching.yml",
  target_config_invalid: "Target's dispatching.yml is invalid",
  inbound_not_allowed: "No inbound rule",
  source_identity_changed: "Source's name changed hands",
  inbound_branch: "Branch not let in",
  inbound_ref: "Ref not let in",
  inputs_not_accepted: "Inputs not accepted",
  duplicate_target: "Same target twice",
  chain_too_long: "Chain too long",
  source_rule_removed: "Source removed its rule"
}
const failureLabels: Readonly<Record<FailureCode, string>> = {
  not_found: "GitHub: not found",
  forbidden: "GitHub: forbidden",
  unauthorized: "GitHub: unauthorized",
  unprocessable: "GitHub: unprocessable",
  rate_limited: "GitHub: rate limited",
  unavailable: "GitHub: unavailable"
}

const reasonLabels = { ...denialLabels, ...failureLabels }

/** Whether a reason is GitHub's refusal rather than a rule's. */
export const isFailureReason = (code: string): boolean => Object.hasOwn(failureLabels, code)

/** All reasons for which a target is denied, fails, or has consent withdrawn. */
export const reasonNames = keysOf(reasonLabels)

const lookUp = (table: Readonly<Record<string, string>>, code: string): string =>
  inTable(table, code) ?? code.replaceAll("_", " ")

/** A reason in words; a code that this page does not know is shown as it is. */
export const reasonLabel = (code: string): string => lookUp({ ...skipLabels, ...reasonLabels }, code)

const checkLabels: Readonly<Record<ReasonCode, string>> = {
  source_fork: "Own code, not a fork's",
  source_event: "Event",
  source_conclusion: "Conclusion",
  source_branch: "Branch",
  stale_run: "Newest run",
  source_not_allowlisted: "Source allowlist",
  self_dispatch: "No loop",
  chain_too_deep: "Depth of the chain",
  target_not_allowlisted: "Target allowlist",
  inputs_invalid: "Inputs",
  too_many_owners: "Number of other owners",
  too_many_targets: "Number of targets",
  target_unreachable: "Target readable",
  target_config_absent: "Target's dispatching.yml",
  target_config_invalid: "Target's dispatching.yml valid",
  inbound_not_allowed: "Inbound rule",
  source_identity_changed: "Whose name it is",
  inbound_branch: "Branch let in",
  inbound_ref: "Ref let in",
  inputs_not_accepted: "Inputs accepted",
  duplicate_target: "Named once",
  chain_too_long: "Starts of the chain",
  source_rule_removed: "Rule of the source"
}
/** What a check asked; its name is the code that a "no" would have meant. */
export const checkLabel = (name: string): string => lookUp(checkLabels, name)

/** A word for how a target does in a chain. */
interface ChainWord extends StatusWord {
  /** As the end of "2 …". */
  readonly counted: string
}
const chainStates: Readonly<Record<EdgeState, ChainWord>> = {
  failed: { status: "failed", label: "Failed", counted: "failed" },
  open: { status: "queued", label: "Not started yet", counted: "not started yet" },
  running: { status: "accepted", label: "Running", counted: "running" },
  refused: { status: "denied", label: "Refused", counted: "refused" },
  unseen: { status: "unknown", label: "End not known", counted: "not known" },
  succeeded: { status: "dispatched", label: "Succeeded", counted: "succeeded" }
}
/** The states of a chain's targets, failures first. */
export const chainStateNames = keysOf(chainStates)
/** How a target does; what this page has no word for is shown as it is. */
export const chainState = (state: string): ChainWord =>
  inTable(chainStates, state) ?? { status: "unknown", label: state, counted: state }
/** The icon of how a target does: its status's, but for what runs, which has been more than accepted. */
export const chainIcon = (state: string) => (state === "running" ? "play" : statusIcons[chainState(state).status])

/** How a run ended, in a word; a conclusion that this page does not know is shown as it is. */
export const conclusionLabel = (conclusion: string | null): string =>
  conclusion === null ? "No conclusion" : (inTable(conclusionLabels, conclusion) ?? conclusion)

/** How a run may end, as a clause of its own. */
export const conclusionLabels: Readonly<Record<Conclusion, string>> = {
  success: "Success",
  failure: "Failure",
  cancelled: "Cancelled",
  skipped: "Skipped",
  neutral: "Neutral",
  timed_out: "Timed out",
  action_required: "Action required",
  stale: "Stale",
  startup_failure: "Startup failure"
}

export const windowLabels: Readonly<Record<Window, string>> = {
  "15m": "15 minutes",
  "1h": "hour",
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days"
}

export const rankingLabels: Readonly<Record<Ranking, string>> = {
  sources: "Sources",
  targets: "Targets",
  workflows: "Workflows",
  movers: "Movers",
  versions: "Versions",
  results: "Results"
}

const healthLabels: Readonly<Record<Health["status"], string>> = {
  green: "All is well",
  amber: "Needs attention",
  red: "In trouble",
  unknown: "Not known"
}

/** How the service does, in a few words. */
export const healthLabel = (status: string): string => lookUp(healthLabels, status)

const queueLabels: Readonly<Record<QueueSample["name"], string>> = {
  plan: "Runs to plan",
  order: "Orders to dispatch",
  report: "Reports to write",
  fact: "Facts to record"
}
/** What a queue holds. */
export const queueLabel = (name: string): string => lookUp(queueLabels, name)
