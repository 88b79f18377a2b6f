/**
 * What the source repository reads about a run: every target and what became of it. `ReportMarkdown.ts` writes it down.
 */
import { Schema } from "effect"
import type { Decision, Denied } from "./Decision.ts"
import { isSkip } from "./Denial.ts"
import { disclosed } from "./Disclosure.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import type { OrderId, Target } from "./Order.ts"
import type { Outcome, StartedRun } from "./Outcome.ts"
import type { Plan } from "./Plan.ts"
import { isGood, type RunResult } from "./RunResult.ts"
import { compareIds, GitHubId, Ordinal, RunKey, runKey } from "./SourceRun.ts"

/**
 * How the run ended that was started for a target: not yet as far as is known, with GitHub's conclusion of an attempt after so many
 * milliseconds, or it cannot be learned any more.
 */
export const ReportedResult = Schema.TaggedUnion({
  Running: {},
  Completed: { conclusion: Schema.NullOr(Schema.String), attempt: Ordinal, duration: Schema.NullOr(Schema.Int) },
  Lost: { message: Schema.String }
})
export type ReportedResult = typeof ReportedResult.Type

/** What became of one target. */
export const ReportedTarget = Schema.Struct({
  repository: RepositoryName,
  workflow: WorkflowFile,
  ref: Schema.String,
  status: Schema.Literals(["dispatched", "denied", "failed", "withdrawn", "unknown"]),
  /** Why it was denied, failed or withdrawn. */
  code: Schema.NullOr(Schema.String),
  message: Schema.NullOr(Schema.String),
  /** The started run. */
  url: Schema.NullOr(Schema.String),
  /** How that run ended; missing where GitHub did not name it, and in what earlier versions stored. */
  result: Schema.optionalKey(ReportedResult),
  /** Whether a person should look at it. */
  needsAttention: Schema.Boolean
})
export interface ReportedTarget extends Schema.Schema.Type<typeof ReportedTarget> {}

/** What became of one run. */
export const ReportedRun = Schema.Struct({
  key: RunKey,
  runId: GitHubId,
  attempt: Ordinal,
  url: Schema.String,
  branch: Schema.NullOr(Schema.String),
  sha: Schema.String,
  conclusion: Schema.NullOr(Schema.String),
  /** What is wrong with the source's own `dispatching.yml`, one sentence each. */
  configProblems: Schema.Array(Schema.String),
  targets: Schema.Array(ReportedTarget),
  /** How many more targets there are than are listed. */
  omitted: Schema.optionalKey(Schema.Int),
  /**
   * How far the results of all started runs are known, of listed targets and of others: `revision` grows with each result, `awaited` are
   * those that are still to come. Missing where nothing is followed, and in what earlier versions stored.
   */
  results: Schema.optionalKey(Schema.Struct({ revision: Schema.Int, awaited: Schema.Int }))
})
export interface ReportedRun extends Schema.Schema.Type<typeof ReportedRun> {}

/** Keeps a stored report small; GitHub's own messages are shorter. */
const short = (text: string): string => (text.length > 500 ? `${text.slice(0, 499).toWellFormed()}…` : text)

/** How an order ended, and the run that it started, as far as both are known. */
export interface OrderEnd {
  readonly outcome: Outcome
  readonly result?: RunResult | undefined
}

type Ending = Pick<ReportedTarget, "status" | "code" | "message" | "url" | "needsAttention" | "result">

/** What a side refused, in the plan or by withdrawing its consent before the start. */
const refused = (
  status: "denied" | "withdrawn",
  source: RepositoryName,
  refusal: Pick<Denied, "denial" | "target">
): Ending => {
  const { code, message } = disclosed(refusal, source)
  return { status, code, message: short(message), url: null, needsAttention: true }
}

const reportedResult = (result: RunResult | undefined): ReportedResult => {
  if (result === undefined) return { _tag: "Running" }
  if (result._tag === "Lost") return { _tag: "Lost", message: short(result.message) }
  const { conclusion, attempt, duration } = result
  return { _tag: "Completed", conclusion: conclusion === null ? null : short(conclusion), attempt, duration }
}

const isBad = (result: ReportedResult): boolean =>
  result._tag === "Lost" || (result._tag === "Completed" && !isGood(result.conclusion))

const dispatched = (started: StartedRun | null, result: RunResult | undefined): Ending => {
  const base = { status: "dispatched", code: null, message: null } as const
  if (started === null) return { ...base, url: null, needsAttention: false }
  const known = reportedResult(result)
  return { ...base, url: started.url, result: known, needsAttention: isBad(known) }
}

const ended = (source: RepositoryName, target: Target, end: OrderEnd | undefined): Ending => {
  const outcome = end?.outcome
  switch (outcome?._tag) {
    case "Dispatched":
      return dispatched(outcome.started, end?.result)
    case "Failed":
      return { status: "failed", code: outcome.code, message: short(outcome.message), url: null, needsAttention: true }
    case "Withdrawn":
      return refused("withdrawn", source, { target, denial: outcome })
    default: {
      const message = outcome?.message ?? "The order was never settled."
      return { status: "unknown", code: null, message: short(message), url: null, needsAttention: true }
    }
  }
}

const reportedTarget = (
  source: RepositoryName,
  decision: Decision,
  ends: ReadonlyMap<OrderId, OrderEnd>
): ReportedTarget => {
  if (decision._tag === "Allowed")
    return { ...decision.target, ...ended(source, decision.target, ends.get(decision.orderId)) }
  return { ...decision.target, ...refused("denied", source, decision) }
}

/** A fork's run names none: a stranger's pull request must not make the dispatcher write to an issue. */
const configProblems = ({ config, run }: Plan): ReadonlyArray<string> => {
  if (config._tag !== "Invalid" || run.fork) return []
  const shown = config.issues.slice(0, 20)
  const more = config.issues.length - shown.length
  const lines = shown.map((issue) => short(`${config.file}:${issue.line}:${issue.column}: ${issue.message}`))
  return more > 0 ? [...lines, `… and ${more} more`] : lines
}

/**
 * Most characters, as JSON, of one run's targets and of all runs that are kept for an issue. GitHub's issues hold 65,536 characters,
 * stored items 350 KiB.
 */
const room = { targets: 60_000, runs: 100_000 }

/** The first of the items: as many as there is room for, by their JSON. */
export const fitting = <A>(items: ReadonlyArray<A>, characters: number): ReadonlyArray<A> => {
  let left = characters
  const end = items.findIndex((item) => {
    left -= JSON.stringify(item).length
    return left < 0
  })
  return end === -1 ? items : items.slice(0, end)
}

/** What is reported although no action is needed. */
const isNews = (status: ReportedTarget["status"]): boolean => status === "dispatched" || status === "withdrawn"

const interest = ({ needsAttention, status }: ReportedTarget): number => (needsAttention ? 2 : isNews(status) ? 1 : 0)

const mostInterestingFirst = (a: ReportedTarget, b: ReportedTarget): number => interest(b) - interest(a)

/** All targets, or as many as there is room for: what people have to look at before what was started, and that before the rest. */
const shownTargets = (targets: ReadonlyArray<ReportedTarget>): Pick<ReportedRun, "targets" | "omitted"> => {
  if (fitting(targets, room.targets).length === targets.length) return { targets }
  const listed = fitting(targets.toSorted(mostInterestingFirst), room.targets)
  return { targets: listed, omitted: targets.length - listed.length }
}

/** Earlier versions stored a denial for each target of a rule that is not about the run. */
const isReported = (decision: Decision): boolean => decision._tag === "Allowed" || !isSkip(decision.denial)

/** A later attempt's result counts more than an earlier one's, and any more than none. */
const rankOf = (result: ReportedResult): number =>
  result._tag === "Running" ? 0 : result._tag === "Lost" ? 1 : result.attempt + 1

const knownResults = (targets: ReadonlyArray<ReportedTarget>): Pick<ReportedRun, "results"> => {
  const results = targets.map(({ result }) => result).filter((result) => result !== undefined)
  if (results.length === 0) return {}
  const revision = results.reduce((sum, result) => sum + rankOf(result), 0)
  return { results: { revision, awaited: results.filter(({ _tag }) => _tag === "Running").length } }
}

/** The report of a run whose orders have all settled, with the results that are known. */
export const reportedRun = (plan: Plan, ends: ReadonlyMap<OrderId, OrderEnd>): ReportedRun => {
  const targets = plan.decisions
    .filter(isReported)
    .map((decision) => reportedTarget(plan.run.repository, decision, ends))
  return { ...aboutRun(plan), ...shownTargets(targets), ...knownResults(targets) }
}

const aboutRun = (plan: Plan): Omit<ReportedRun, "targets" | "omitted" | "results"> => ({
  key: runKey(plan.run),
  runId: plan.run.runId,
  attempt: plan.run.attempt,
  url: plan.run.url,
  branch: plan.run.branch,
  sha: plan.run.sha,
  conclusion: plan.run.conclusion,
  configProblems: configProblems(plan)
})

/** Whether a report has more results than an earlier one of the same run and generation. */
export const isNewer = (report: ReportedRun, earlier: ReportedRun): boolean =>
  (report.results?.revision ?? 0) > (earlier.results?.revision ?? 0)

/** Whether all results are known of what a run started. */
export const isFinal = ({ results }: ReportedRun): boolean => (results?.awaited ?? 0) === 0

/** Whether a run is reported: something was started, consent was withdrawn, or a person has to act. */
export const isReportable = (run: ReportedRun): boolean =>
  run.configProblems.length > 0 || run.targets.some((target) => isNews(target.status) || target.needsAttention)

/** How many runs an issue shows, if there is room for them. */
export const reportedRuns = 50

/** The order in which an issue shows runs. */
export const newestFirst = (a: ReportedRun, b: ReportedRun): number =>
  compareIds(b.runId, a.runId) || b.attempt - a.attempt

/** The order in which runs happened. */
export const oldestFirst = (a: ReportedRun, b: ReportedRun): number => newestFirst(b, a)

/** Adds a run to those that an issue shows, newest first; a run that is there already is replaced. */
const withRun = (runs: ReadonlyArray<ReportedRun>, run: ReportedRun): ReadonlyArray<ReportedRun> =>
  fitting([run, ...runs.filter(({ key }) => key !== run.key)].sort(newestFirst).slice(0, reportedRuns), room.runs)

/** Adds several runs to those that an issue shows, as if each had been added by itself. */
export const withRuns = (
  shown: ReadonlyArray<ReportedRun>,
  added: ReadonlyArray<ReportedRun>
): ReadonlyArray<ReportedRun> => added.reduce(withRun, shown)
