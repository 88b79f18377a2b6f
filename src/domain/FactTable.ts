/**
 * What each fact type means, in one table: how it is counted and searched, what it does to the work of its run, whether it makes a row in
 * lists of events, and its words for people. Statuses, counters, folds, event rows, searches, the page's icons and words, CSV and the
 * command line's texts come from here; the schema of each type stands in `Fact.ts`, and the types of both hold them together. This file
 * needs no schemas at run time, so the page can load it. Pure.
 */
import type { SkippedRules } from "./Decision.ts"
import type { Fact, FactType } from "./Fact.ts"
import { durationText } from "./Sentence.ts"

/**
 * What a fact does to the work of its run.
 *
 * | part | does |
 * | --- | --- |
 * | `accepts`, `replays` | the run waits for a plan of the fact's generation |
 * | `plans` | the run has a plan |
 * | `ends` | the run has no plan and gets none, and the status says why |
 * | `allows` | the target waits for its outcome |
 * | `denies` | the target is decided about, and nothing will come of it |
 * | `settles` | the target has its outcome, which was tried for |
 * | `withdraws` | the target has its outcome: nothing was tried |
 * | `results` | the run that was started for the target ended, or is lost |
 * | `notes` | nothing; the journey has it, and nothing else depends on it |
 * | `precedes` | nothing; it is counted, at a time before the run was accepted |
 */
export type FactPart =
  | "accepts"
  | "replays"
  | "plans"
  | "ends"
  | "allows"
  | "denies"
  | "settles"
  | "withdraws"
  | "results"
  | "notes"
  | "precedes"

/** A fact of one type. */
export type FactOf<Type extends FactType> = Extract<Fact, { readonly type: Type }>

/** What a fact type means. */
export interface FactEntry<Data> {
  /** The counter that it adds to, unless its part is `notes`, and the status by which its events are searched. No two types share one. */
  readonly status: string
  readonly part: FactPart
  /** Its place among the facts of a run, or of a target of it. */
  readonly stage: number
  /** Whether it is a row in lists of events. */
  readonly row: boolean
  /** In a word. */
  readonly label: string
  /** The name of its icon on the page. */
  readonly icon: string
  readonly tone: "good" | "bad" | "warning" | "plain" | "quiet"
  /** What its counter counts. */
  readonly sentence: string
  /** What happened in this case; null where the type says it all. */
  readonly message: (data: Data) => string | null
  /** Where to look. */
  readonly url: (data: Data) => string | null
  /** The denial, withdrawal or failure code by which it is searched and ranked. */
  readonly reason: (data: Data) => string | null
}

const none = (): null => null
const message = (data: { readonly message: string }): string => data.message
const reason = (data: { readonly code: string }): string => data.code
const plain = { message: none, url: none, reason: none }
/** The rules that are not about the run, each with why. */
const skippedText = ({ skipped = [], moreSkipped = 0 }: SkippedRules): string => {
  const rules = skipped.map(({ rule, message }) => `; skipped ${rule.path} (${rule.file}:${rule.line}): ${message}`)
  return rules.join("") + (moreSkipped > 0 ? `; skipped ${moreSkipped} rules more` : "")
}
/** How an attempt of a started run ended, and after how long. */
const conclusionText = (conclusion: string | null, attempt: number, duration: number | null): string => {
  const which = attempt === 1 ? "" : ` of attempt ${attempt}`
  const took = duration === null ? "" : ` in ${durationText(duration)}`
  return `${conclusion ?? "no conclusion"}${which}${took}`
}
const times = (count: number): string => (count === 1 ? "once" : `${count} times`)

/** What each fact type means. */
export const factTable = {
  "dispatch.request.accepted": {
    ...plain,
    status: "accepted",
    part: "accepts",
    stage: 1,
    row: false,
    label: "Accepted",
    icon: "accepted",
    tone: "plain",
    sentence: "Source runs that were verified and stored",
    url: ({ runUrl }) => runUrl
  },
  "dispatch.plan.created": {
    ...plain,
    status: "planned",
    part: "plans",
    stage: 3,
    row: false,
    label: "Planned",
    icon: "planned",
    tone: "plain",
    sentence: "Source runs for which every target was decided about",
    message: ({ allowed, denied, ...rules }) => `${allowed} allowed, ${denied} denied${skippedText(rules)}`
  },
  "dispatch.request.ignored": {
    ...plain,
    status: "ignored",
    part: "ends",
    stage: 3,
    row: true,
    label: "Ignored",
    icon: "ignored",
    tone: "quiet",
    sentence: "Source runs for which there was nothing to do",
    message: (data) => data.reason
  },
  "dispatch.config.invalid": {
    ...plain,
    status: "invalid",
    part: "ends",
    stage: 3,
    row: true,
    label: "Invalid",
    icon: "invalid",
    tone: "bad",
    sentence: "Source runs whose own dispatching.yml is invalid",
    message: (data) => `${data.file}:${data.line}: ${data.message}`
  },
  "dispatch.config.unreachable": {
    ...plain,
    status: "unreachable",
    part: "ends",
    stage: 3,
    row: true,
    label: "Unreachable",
    icon: "unreachable",
    tone: "bad",
    sentence: "Source runs whose own dispatching.yml could not be read",
    message
  },
  "dispatch.target.queued": {
    ...plain,
    status: "queued",
    part: "allows",
    stage: 4,
    row: false,
    label: "Queued",
    icon: "queued",
    tone: "plain",
    sentence: "Targets that both sides agreed to"
  },
  "dispatch.trigger.succeeded": {
    ...plain,
    status: "dispatched",
    part: "settles",
    stage: 5,
    row: true,
    label: "Dispatched",
    icon: "dispatched",
    tone: "good",
    sentence: "Targets whose workflow GitHub started",
    url: ({ started }) => started?.url ?? null
  },
  "dispatch.target.denied": {
    ...plain,
    status: "denied",
    part: "denies",
    stage: 4,
    row: true,
    label: "Denied",
    icon: "denied",
    tone: "warning",
    sentence: "Targets that a rule refused",
    message,
    reason
  },
  "dispatch.trigger.failed": {
    ...plain,
    status: "failed",
    part: "settles",
    stage: 5,
    row: true,
    label: "Failed",
    icon: "failed",
    tone: "bad",
    sentence: "Targets that GitHub refused to start, or that stayed out of reach",
    message,
    reason
  },
  "dispatch.trigger.withdrawn": {
    ...plain,
    status: "withdrawn",
    part: "withdraws",
    stage: 5,
    row: true,
    label: "Withdrawn",
    icon: "withdrawn",
    tone: "warning",
    sentence: "Targets that waited, until one side withdrew its consent",
    message,
    reason
  },
  "dispatch.trigger.unknown": {
    ...plain,
    status: "unknown",
    part: "settles",
    stage: 5,
    row: true,
    label: "Unknown",
    icon: "unknown",
    tone: "bad",
    sentence: "Targets whose start GitHub neither confirmed nor lets us look up",
    message
  },
  "dispatch.run.completed": {
    ...plain,
    status: "completed",
    part: "results",
    stage: 6,
    row: true,
    label: "Completed",
    icon: "completed",
    tone: "plain",
    sentence: "Started workflow runs whose end is known",
    message: ({ conclusion, startedAttempt, duration }) => conclusionText(conclusion, startedAttempt, duration),
    url: ({ started }) => started.url
  },
  "dispatch.run.lost": {
    ...plain,
    status: "lost",
    part: "results",
    stage: 6,
    row: true,
    label: "Lost",
    icon: "lost",
    tone: "warning",
    sentence: "Started workflow runs whose end cannot be learned",
    message,
    url: ({ started }) => started.url
  },
  "dispatch.report.published": {
    ...plain,
    status: "reported",
    part: "notes",
    stage: 7,
    row: false,
    label: "Reported",
    icon: "reported",
    tone: "plain",
    sentence: "Source runs that were reported to their repository",
    url: ({ issue }) => issue?.url ?? null
  },
  "dispatch.replay.requested": {
    ...plain,
    status: "replayed",
    part: "replays",
    stage: 2,
    row: true,
    label: "Replayed",
    icon: "replayed",
    tone: "plain",
    sentence: "Requests to plan a source run again",
    message: ({ by }) => `by ${by}`
  },
  "dispatch.delivery.redelivered": {
    ...plain,
    status: "redelivered",
    part: "precedes",
    stage: 0,
    row: true,
    label: "Redelivered",
    icon: "redelivered",
    tone: "warning",
    sentence: "Deliveries that never arrived, and that GitHub was asked to send again",
    message: ({ acceptedAt, asked }) => `lost at ${acceptedAt}; asked for ${times(asked)}`
  }
} as const satisfies { readonly [Type in FactType]: FactEntry<FactOf<Type>["data"]> }

/** The status of a fact: its counter, and the word that events are searched by. */
export type Status = (typeof factTable)[FactType]["status"]

/** The status of a fact that is counted. */
export type CountedStatus = {
  [Type in FactType]: (typeof factTable)[Type]["part"] extends "notes" ? never : (typeof factTable)[Type]["status"]
}[FactType]

/** The status of a run that has no plan and gets none. */
export type EndStatus = {
  [Type in FactType]: (typeof factTable)[Type]["part"] extends "ends" ? (typeof factTable)[Type]["status"] : never
}[FactType]

/** A fact of how a started run ended. */
export type ResultFact = {
  [Type in FactType]: (typeof factTable)[Type]["part"] extends "results" ? FactOf<Type> : never
}[FactType]

/** The status of a target: what was decided about it, or how its order ended. */
export type TargetStatus = {
  [Type in FactType]: (typeof factTable)[Type]["part"] extends "allows" | "denies" | "settles" | "withdraws"
    ? (typeof factTable)[Type]["status"]
    : never
}[FactType]

/** What the type of a fact means, with its data. */
type EntryOf<Type extends FactType> = FactEntry<FactOf<Type>["data"]> & { readonly status: Status }
/** What the type of a fact means. */
export const entryOf = <Type extends FactType>(type: Type): EntryOf<Type> => factTable[type] as unknown as EntryOf<Type>

/** All fact types, in the order in which people read them. */
export const factTypes = Object.keys(factTable) as ReadonlyArray<FactType>
/** All statuses, in the same order. */
export const statuses: ReadonlyArray<Status> = factTypes.map((type) => entryOf(type).status)
/** The statuses of facts that are counted. */
export const countedStatuses = factTypes
  .map((type) => entryOf(type))
  .flatMap(({ part, status }) => (part === "notes" ? [] : status)) as ReadonlyArray<CountedStatus>
/** The types that make rows in lists of events, which so can be searched by them. */
export const rowTypes: ReadonlyArray<FactType> = factTypes.filter((type) => entryOf(type).row)
/** Their statuses, which are the same question. */
export const rowStatuses: ReadonlyArray<Status> = rowTypes.map((type) => entryOf(type).status)
/** The statuses of runs that have no plan and get none. */
export const endStatuses = factTypes
  .map((type) => entryOf(type))
  .flatMap(({ part, status }) => (part === "ends" ? status : [])) as ReadonlyArray<EndStatus>
const targetParts: ReadonlySet<FactPart> = new Set(["allows", "denies", "settles", "withdraws"])
/** The statuses of targets. */
export const targetStatuses = factTypes
  .map((type) => entryOf(type))
  .flatMap(({ part, status }) => (targetParts.has(part) ? status : [])) as ReadonlyArray<TargetStatus>
