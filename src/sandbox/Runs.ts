/**
 * The life of workflow runs: started by a dispatch, completed by time or by a test, filtered as GitHub's lists are.
 */
import { commitSha } from "./Repositories.ts"
import { botOf, type GitRef, nextId, type Run, type SandboxRepository, type SandboxState } from "./State.ts"
import { runStatus } from "./Views.ts"
import { fileName } from "./WorkflowFile.ts"

/** What a new run is made of. */
export interface NewRun {
  readonly repository: SandboxRepository
  readonly workflowPath: string
  readonly workflowName: string
  readonly event: string
  readonly ref: GitRef
  readonly actor: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly fork?: string
}

const nextRunNumber = (repository: SandboxRepository, workflowPath: string): number => {
  const next = (repository.runCounts.get(workflowPath) ?? 0) + 1
  repository.runCounts.set(workflowPath, next)
  return next
}

/** Records a run that is queued now (epoch milliseconds) and goes on by itself as the scenario says. */
export const startRun = (state: SandboxState, options: NewRun, now: number): Run => {
  const { ref, inputs = {}, fork, ...rest } = options
  const pace = state.settings.runs
  const run: Run = {
    ...rest,
    id: nextId(state, "run"),
    runNumber: nextRunNumber(options.repository, options.workflowPath),
    attempt: 1,
    branch: ref.name,
    headSha: commitSha(options.repository, ref),
    inputs,
    fork,
    createdAt: now,
    startedAt: now,
    startsAt: pace === null ? Number.POSITIVE_INFINITY : now + pace.startAfterMillis,
    completesAt: pace === null ? Number.POSITIVE_INFINITY : now + pace.completeAfterMillis,
    conclusion: "success",
    course: undefined
  }
  state.runs.set(run.id, run)
  return run
}

/** Queues an attempt of a run now (epoch milliseconds), with no end in sight; 2 is the first re-run. */
export const startAttempt = (run: Run, attempt: number, now: number): void => {
  run.attempt = attempt
  run.startedAt = now
  run.startsAt = Number.POSITIVE_INFINITY
  run.completesAt = Number.POSITIVE_INFINITY
}

/** The runs of a repository, or of one of its workflows, newest first. */
export const runsOf = (state: SandboxState, repository: SandboxRepository, workflowPath?: string): ReadonlyArray<Run> =>
  [...state.runs.values()]
    .filter((run) => run.repository === repository && (workflowPath ?? run.workflowPath) === run.workflowPath)
    .reverse()

/** A part of one that differs from id to id, and is the same each time. */
const shareOf = (id: number): number => (id * 0.618_033_988_75) % 1

/** Whether GitHub's lists show a run: they may lag behind. */
export const isListed =
  ({ settings: { listRunsWithinMillis } }: Pick<SandboxState, "settings">, now: number) =>
  ({ id, createdAt }: Pick<Run, "id" | "createdAt">): boolean =>
    now >= createdAt + listRunsWithinMillis * shareOf(id)

/** Runs that the App started, oldest first; the workflow by file name. */
export const dispatchedRuns = (
  state: SandboxState,
  repository: string | undefined,
  workflow: string | undefined
): ReadonlyArray<Run> =>
  [...state.runs.values()].filter(
    (run) =>
      run.event === "workflow_dispatch" &&
      run.actor === botOf(state) &&
      (repository === undefined || run.repository.fullName.toLowerCase() === repository.toLowerCase()) &&
      (workflow === undefined || fileName(run.workflowPath) === fileName(workflow))
  )

type Between = (millis: number) => boolean

/** Only whole seconds are compared: GitHub keeps no finer time of a run. */
const secondsOf = (text: string): number => Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text) / 1000

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b
}

/**
 * GitHub's date search: `>=2026-01-02T03:04:05Z` and its kin, `from..to` with `*` for open ends, or one day.
 * A run was created at a whole second, so `>=` a later fraction of that second does not find it. undefined: not a date.
 * https://docs.github.com/en/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax#query-for-dates
 */
export const createdFilter = (text: string): Between | undefined => {
  const second = (millis: number): number => Math.floor(millis / 1000)
  const [, operator, date = ""] = /^(>=|<=|>|<)(.+)$/.exec(text) ?? []
  if (operator !== undefined) {
    const bound = secondsOf(date)
    const compare = comparisons[operator]
    return Number.isNaN(bound) || compare === undefined ? undefined : (millis) => compare(second(millis), bound)
  }
  const [from = "", to = from] = text.split("..")
  const start = from === "*" ? Number.NEGATIVE_INFINITY : secondsOf(from)
  const end = to === "*" ? Number.POSITIVE_INFINITY : secondsOf(to) + (to.length === 10 ? 86_399 : 0)
  if (Number.isNaN(start) || Number.isNaN(end)) return undefined
  return (millis) => second(millis) >= start && second(millis) <= end
}

/** Applies the query parameters of GitHub's run lists; a `created` that is no date finds nothing. */
export const filterRuns = (runs: ReadonlyArray<Run>, params: URLSearchParams, now: number): ReadonlyArray<Run> => {
  const same =
    (name: string, value: (run: Run) => string) =>
    (run: Run): boolean =>
      params.get(name) === null || params.get(name)?.toLowerCase() === value(run).toLowerCase()
  const created = params.get("created")
  const within = created === null ? () => true : (createdFilter(created) ?? (() => false))
  const status = params.get("status")
  const tests = [
    same("event", (run) => run.event),
    same("actor", (run) => run.actor),
    same("branch", (run) => run.branch),
    same("head_sha", (run) => run.headSha),
    (run: Run) => within(run.createdAt),
    (run: Run) =>
      status === null ||
      runStatus(run, now) === status ||
      (runStatus(run, now) === "completed" && run.conclusion === status)
  ]
  return runs.filter((run) => tests.every((test) => test(run)))
}
