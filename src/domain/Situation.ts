/**
 * What is wrong with what a source workflow starts, as of its latest runs, and whether people should be notified of it: once when it goes
 * wrong, once each time when something else is wrong, and once when all is well again. Pure.
 */
import { Hash, Schema } from "effect"
import { keyText } from "./Names.ts"
import { type TargetKey, targetKey } from "./Order.ts"
import { fitting, oldestFirst, type ReportedRun, type ReportedTarget, withRuns } from "./Report.ts"

/** What people were last notified of: the problems of that situation, and how many notifications there were until then. */
export const Notified = Schema.Struct({ problems: Schema.Array(Schema.String), count: Schema.Int })
export interface Notified extends Schema.Schema.Type<typeof Notified> {}

/** A digest of problems: what a comment has of them. */
export const problemsDigest = (problems: ReadonlyArray<string>): number => Hash.string(problems.join("\n\n")) >>> 0

/** What a comment on GitHub says that people were notified of: the number of that notification, and the digest of its problems. */
export interface LatestNotice {
  readonly count: number
  readonly digest: number
}

/** How a source workflow stands. */
export interface Situation {
  /** What is wrong, each target with its denial, failure or bad conclusion; sorted, so that equal situations have equal problems. */
  readonly problems: ReadonlyArray<string>
  /** The runs in which that was found, newest first, with nothing else in them. */
  readonly wrong: ReadonlyArray<ReportedRun>
  /** Whether each target of the newest run has come to an end, in that run or an earlier one. */
  readonly isKnown: boolean
}

/** Most characters, as JSON, of the problems that are kept for an issue. */
const roomForProblems = 30_000

/** The beginning of all problems with the same; no name of a workflow file has a line end. */
const about = (what: string): string => `${keyText(what)}\n`
const problem = (what: string, why: string): string => about(what) + keyText(why)

const whatIsWrong = ({ code, result, status }: ReportedTarget): string => {
  if (result?._tag === "Completed") return result.conclusion ?? "no conclusion"
  return result?._tag === "Lost" ? "lost" : (code ?? status)
}
const targetProblem = (target: ReportedTarget): string => problem(targetKey(target), whatIsWrong(target))

/** All mistakes of a file are one problem, so that a longer file does not make a longer list. */
const configProblem = ({ configProblems }: ReportedRun): ReadonlyArray<string> =>
  configProblems.length === 0 ? [] : [problem("dispatching.yml", String(Hash.string(configProblems.join("\n")) >>> 0))]

const hasEnded = ({ result }: ReportedTarget): boolean => result?._tag !== "Running"

/**
 * The targets that are looked at: those of the newest run of each branch, since rules differ by branch. Others were in older runs only, so
 * their rules are gone.
 */
const currentTargets = (runs: ReadonlyArray<ReportedRun>): ReadonlyArray<TargetKey> => {
  const isNewest = ({ branch }: ReportedRun, index: number) =>
    runs.findIndex((other) => other.branch === branch) === index
  return runs.filter(isNewest).flatMap((run) => run.targets.map(targetKey))
}

/** The ends that count, by run: of each target the newest; and the targets that have not ended in any run. */
const latestEnds = (runs: ReadonlyArray<ReportedRun>) => {
  const open = new Set(currentTargets(runs))
  const found: Array<{ readonly run: ReportedRun; readonly targets: ReadonlyArray<ReportedTarget> }> = []
  for (const run of runs) {
    const targets = run.targets.filter((target) => hasEnded(target) && open.has(targetKey(target)))
    for (const target of targets) open.delete(targetKey(target))
    found.push({ run, targets })
  }
  return { found, open }
}

const stillWrong = (open: ReadonlySet<TargetKey>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  known.filter((one) => [...open].some((key) => one.startsWith(about(key))))

/**
 * How a source workflow stands: for each target, how the newest run ended in which it came to an end. What is not over leaves things as they were: as earlier runs ended, or else as the problems that are `known` have it. `runs` are newest first.
 */
export const situationOf = (runs: ReadonlyArray<ReportedRun>, known: ReadonlyArray<string>): Situation => {
  const { found, open } = latestEnds(runs)
  const wrong = found
    .map(({ run, targets }, index) => ({
      ...run,
      configProblems: index === 0 ? run.configProblems : [],
      targets: targets.filter(({ needsAttention }) => needsAttention),
      omitted: 0
    }))
    .filter(({ configProblems, targets }) => configProblems.length + targets.length > 0)
  const problems = wrong.flatMap((run) => [...configProblem(run), ...run.targets.map(targetProblem)])
  const distinct = [...new Set([...problems, ...stillWrong(open, known)])].sort()
  const [newest] = runs
  const isKnown = newest !== undefined && !newest.targets.some((target) => open.has(targetKey(target)))
  return { problems: fitting(distinct, roomForProblems), wrong, isKnown }
}

/** Why people are notified: something went wrong, something else is wrong than they know of, or nothing is wrong any more. */
export type SituationChange = "failure" | "other failure" | "recovery"

const isSame = (some: ReadonlyArray<string>, others: ReadonlyArray<string>): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index])

/** What is between two lists of problems that differ. */
const kindOf = (problems: ReadonlyArray<string>, known: ReadonlyArray<string>): SituationChange => {
  if (problems.length === 0) return "recovery"
  return known.length === 0 ? "failure" : "other failure"
}

/** What has changed against the problems that are known, if anything. While it is not known how things end, nothing has become well. */
const changeOf = (
  { problems, isKnown }: Pick<Situation, "problems" | "isKnown">,
  known: ReadonlyArray<string>
): SituationChange | undefined => {
  if (isSame(problems, known) || (problems.length === 0 && !isKnown)) return undefined
  return kindOf(problems, known)
}

/** Whether all is well. */
export const isWell = ({ problems, isKnown }: Situation): boolean => isKnown && problems.length === 0

/** What people were notified of by earlier versions, which commented on each run with a problem. */
export const notifiedBefore = (runs: ReadonlyArray<ReportedRun>): Notified => ({
  problems: situationOf(runs, []).problems,
  count: 0
})

/** An issue to which reports are added. */
interface Shown {
  readonly runs: ReadonlyArray<ReportedRun>
  /** As people know it, or are to be notified of it. */
  readonly situation: Situation
}

const withReport = ({ runs, situation }: Shown, run: ReportedRun): Shown => {
  const more = withRuns(runs, [run])
  const next = situationOf(more, situation.problems)
  const isChanged = changeOf(next, situation.problems) !== undefined
  return { runs: more, situation: isChanged ? next : { ...situation, isKnown: next.isKnown } }
}

/** What it comes to that reports were added to an issue. */
export interface Advance extends Shown {
  readonly change: SituationChange | undefined
  /** Whether a comment on GitHub notifies of it already. */
  readonly isSaid: boolean
  /** Whether people were last notified of something else, and it is not known yet whether that is over. */
  readonly isInDoubt: boolean
  /** What people know, once they are notified of the change. */
  readonly notified: Notified
}

/**
 * Adds reports to what an issue shows, the oldest first. Together they lead to what adding each by itself would, but people are notified
 * once, of what it came to.
 */
export const advance = (
  runs: ReadonlyArray<ReportedRun>,
  added: ReadonlyArray<ReportedRun>,
  before: Notified
): Advance => {
  const { isKnown } = situationOf(runs, before.problems)
  const start: Shown = { runs, situation: { problems: before.problems, wrong: [], isKnown } }
  const end = added.toSorted(oldestFirst).reduce(withReport, start)
  const { problems } = end.situation
  const change = isSame(problems, before.problems) ? undefined : kindOf(problems, before.problems)
  const notified = change === undefined ? before : { problems, count: before.count + 1 }
  return { ...end, change, isSaid: false, isInDoubt: false, notified }
}

/**
 * The same where a comment that is not known to be written says something of later than what people were known to be notified of: they know of
 * that, so what they are notified of is what has changed since then.
 */
export const advanceFrom = (known: Advance, before: Notified, { count, digest }: LatestNotice): Advance => {
  if (count <= before.count) return known
  const { problems, isKnown } = known.situation
  if (digest === problemsDigest(problems)) {
    return { ...known, change: kindOf(problems, before.problems), isSaid: true, notified: { problems, count } }
  }
  if (problems.length === 0 && !isKnown) return { ...known, change: undefined, isInDoubt: true, notified: before }
  const { wrong } = situationOf(known.runs, problems)
  const wasWell = digest === problemsDigest([])
  const change = problems.length === 0 ? "recovery" : wasWell ? "failure" : "other failure"
  return { ...known, situation: { problems, wrong, isKnown }, change, notified: { problems, count: count + 1 } }
}
