/**
 * Report: when the last order of a run has settled, the run is reported, once: in one issue per source workflow, or in the
 * log. Never an issue per run, never twice for one run. Before and after that its check run is brought up to date.
 *
 * An issue is written to at most every few seconds: runs that end meanwhile wait, and are reported together. A report that cannot be written
 * for good (no permission, issues switched off) goes to the log: it must not cost a dispatch.
 */
import { Clock, Duration, Effect, Option } from "effect"
import { reportPublished } from "../domain/Fact.ts"
import type { OrderId } from "../domain/Order.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Plan } from "../domain/Plan.ts"
import { isReportable, reportedRun, withRuns } from "../domain/Report.ts"
import { issueBody } from "../domain/ReportMarkdown.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { KnownIssue, MadeReport, ReportClaim, RunReport } from "../ledger/Reports.ts"
import { FactBus } from "../ports/FactBus.ts"
import { Ambiguous, GitHubError } from "../ports/GitHubError.ts"
import type { Issue } from "../ports/Reports.ts"
import { dead, done, type Received, retry } from "../ports/WorkQueue.ts"
import { isRunOver } from "./Completion.ts"
import type { ReportMessage } from "./Queues.ts"
import { reportCheck, soonest } from "./ReportCheck.ts"
import { type IssueText, referTo, writeComments, writeIssue } from "./ReportIssue.ts"
import { publisher, Settings, Timing } from "./Settings.ts"
import * as Stage from "./Stage.ts"

/** A run to report. */
export type ReceivedReport = Received<ReportMessage>

/** What became of a run whose orders have all settled. */
const summarize = Effect.fnUntraced(function* (run: RunKey, plan: Plan) {
  const ledger = yield* Ledger
  const standings = yield* ledger.standings(run)
  const outcomes = new Map<OrderId, Outcome>()
  for (const { order, outcome } of standings) if (outcome !== undefined) outcomes.set(order.id, outcome)
  return reportedRun(plan, outcomes)
})

/** The report as one structured log record. */
const logReport = ({ summary }: RunReport) => Effect.logInfo("report").pipe(Effect.annotateLogs({ report: summary }))

/** Publishes reports as they are stored. */
const announce = Effect.fnUntraced(function* (made: ReadonlyArray<MadeReport>) {
  const facts = yield* FactBus
  const by = yield* publisher
  yield* facts.publish(made.map(({ of, ...report }) => reportPublished(of, report, by)))
})

/**
 * Whether there is nothing to do for this message: the run was reported already, by another copy of it or with other runs, which is published
 * once more; or orders are open, since the report was asked for because of the check run or a replay opened them once more, and the worker
 * that settles the last of them asks again.
 */
const isDealtWith = Effect.fnUntraced(function* (run: RunKey, plan: Plan) {
  const ledger = yield* Ledger
  const latest = yield* ledger.latestReport(run)
  if (latest !== undefined && latest.generation >= plan.generation) {
    const { generation, ...report } = latest
    yield* announce([{ of: { ...plan, generation }, ...report }])
    return true
  }
  return Option.exists(yield* ledger.progress(run), ({ value }) => !isRunOver(value))
})

/** Ends what is written to GitHub well before the lease does, so that no other worker writes at the same time. */
const withinLease =
  ({ until }: ReportClaim) =>
  <A, R>(writing: Effect.Effect<A, GitHubError, R>) =>
    Effect.gen(function* () {
      const { visibleAfter } = yield* Timing
      const left = until - (yield* Clock.currentTimeMillis) - Duration.toMillis(visibleAfter)
      const reason = new Ambiguous({ message: "no answer while the lease lasted" })
      const orElse = () => Effect.fail(new GitHubError({ operation: "Report", reason }))
      return yield* Effect.timeoutOrElse(writing, { duration: Duration.millis(Math.max(0, left)), orElse })
    })

/** Stores which runs were reported, and where, and publishes that; a worker that lost the lease meanwhile has to look again. */
const settle = Effect.fnUntraced(function* (
  claim: ReportClaim,
  known: KnownIssue,
  { finished, issue, inDoubt = false }: { finished: ReadonlyArray<RunReport>; issue: Issue | null; inDoubt?: boolean }
) {
  const ledger = yield* Ledger
  const { recheck, reportEvery: quiet } = yield* Timing
  const where = issue === null ? null : { number: issue.number, url: issue.url }
  const made = yield* ledger.settleReport(claim, known, { finished, where, inDoubt, quiet })
  if (made === undefined) return retry(recheck, "the lease was lost")
  yield* announce(made)
  return done
})

/** Gives the issue back; a lost answer may take a moment to show. Until GitHub wants to be asked again, no other worker asks either. */
const releaseAndRetry = Effect.fnUntraced(function* (message: ReceivedReport, claim: ReportClaim, error: GitHubError) {
  const ledger = yield* Ledger
  const { recheck } = yield* Timing
  yield* Effect.logWarning("report is tried again", error)
  const asked = error.reason._tag === "Ambiguous" ? recheck : error.retryAfter
  yield* ledger.releaseReport(claim, asked ?? Duration.zero)
  return yield* Stage.retryLater(message, error.message, asked)
})

const isFinal = (message: ReceivedReport, error: GitHubError): boolean => message.lastAttempt || !error.isTransient

/** What GitHub does not take is an error in the log once, not with every run. */
const complain = Effect.fnUntraced(function* (
  claim: ReportClaim,
  complaint: NonNullable<KnownIssue["complaint"]>,
  loudly: Effect.Effect<void>
) {
  const { about, message } = complaint
  const isKnown = claim.complaint?.about === about && claim.complaint.message === message
  yield* isKnown ? Effect.logInfo("GitHub still does not take it", message) : loudly
})

/** The reports that this message may give up: all that GitHub refuses, but only its own where just its time is over. */
const givenUp = (message: ReceivedReport, { reports }: ReportClaim, error: GitHubError) =>
  error.isTransient ? reports.filter(({ summary }) => summary.key === message.body.run) : reports

/** Writes issue and comments under the lease of `claim`; remembers both only when both are written, or refused for good. */
const publish = Effect.fnUntraced(function* (message: ReceivedReport, claim: ReportClaim) {
  const summaries = claim.reports.map(({ summary }) => summary)
  const { runs, notable } = withRuns(claim.runs, summaries)
  const { repository, workflow } = claim.run
  const text: IssueText = { body: (follows) => issueBody(repository, workflow, runs, follows), notable }
  const written = yield* Effect.result(withinLease(claim)(writeIssue(claim, text)))
  if (written._tag === "Failure") {
    const { failure: error } = written
    if (!isFinal(message, error)) return yield* releaseAndRetry(message, claim, error)
    const complaint = { about: "issue", message: error.message } as const
    yield* complain(claim, complaint, Effect.logError("report goes to the log; GitHub does not take it", error))
    const finished = givenUp(message, claim, error)
    yield* Effect.forEach(finished, logReport)
    const kept = withRuns(
      claim.runs,
      finished.map(({ summary }) => summary)
    ).runs
    const inDoubt = error.reason._tag === "Ambiguous"
    return yield* settle(claim, { issue: claim.issue, runs: kept, complaint }, { finished, issue: null, inDoubt })
  }
  const commented = yield* Effect.result(withinLease(claim)(writeComments(claim, written.success, text)))
  if (commented._tag === "Success") {
    const issue = commented.success
    // A run without a comment does not show whether comments are taken.
    const complaint = notable.length === 0 && claim.complaint?.about === "comment" ? claim.complaint : undefined
    const known = { issue, runs, ...(complaint === undefined ? {} : { complaint }) }
    const verdict = yield* settle(claim, known, { finished: claim.reports, issue })
    const replaced = written.success
    if (verdict === done && issue.number !== replaced.number) yield* referTo(claim, replaced, issue, runs)
    return verdict
  }
  const { failure: error } = commented
  const issue = written.success
  if (!isFinal(message, error)) return yield* releaseAndRetry(message, { ...claim, issue }, error)
  const complaint = { about: "comment", message: error.message } as const
  yield* complain(claim, complaint, Effect.logError("the issue shows the run, but its comment was refused", error))
  const finished = givenUp(message, claim, error)
  const shown = error.isTransient
    ? withRuns(
        claim.runs,
        finished.map(({ summary }) => summary)
      ).runs
    : runs
  return yield* settle(claim, { issue, runs: shown, complaint }, { finished, issue })
})

const toLog = Effect.fnUntraced(function* (report: RunReport) {
  const ledger = yield* Ledger
  yield* logReport(report)
  yield* announce([yield* ledger.markReported(report.of)])
  return done
})

const toIssue = Effect.fnUntraced(function* (message: ReceivedReport, report: RunReport) {
  const ledger = yield* Ledger
  const { reportLease } = yield* Timing
  const answer = yield* ledger.claimReport(report, reportLease)
  if (answer._tag === "Claimed") {
    const { claim } = answer
    if (claim.reports.length > 0) return yield* publish(message, claim)
    return yield* settle(claim, claim, { finished: [], issue: claim.issue })
  }
  if (message.lastAttempt) return yield* toLog(report)
  const left = Duration.millis(answer.until - (yield* Clock.currentTimeMillis))
  if (answer._tag === "Quiet") return yield* Stage.retryLater(message, "the issue was written to just now", left)
  return retry(Duration.min(left, yield* Stage.waitAfter(message.attempt)), "another worker writes to the issue")
})

const reportRun = Effect.fnUntraced(function* (message: ReceivedReport, plan: Plan) {
  const { createIssues } = yield* Settings
  const { run } = message.body
  if (plan.ignored !== undefined || (yield* isDealtWith(run, plan))) return done
  const summary = yield* summarize(run, plan)
  const report = { of: plan, summary }
  if (!isReportable(summary)) return done
  return yield* createIssues ? toIssue(message, report) : toLog(report)
})

const handle = Effect.fnUntraced(function* (message: ReceivedReport) {
  const ledger = yield* Ledger
  const { createChecks } = yield* Settings
  const { run } = message.body
  const check = createChecks ? yield* ledger.knownCheck(run) : undefined
  const stored = yield* ledger.plan(run)
  if (Option.isNone(stored)) return dead(`the ledger has no plan for run ${run}`)
  const plan = stored.value.value
  return soonest(yield* reportCheck(message, plan, check), yield* reportRun(message, plan))
})

/**
 * Report queue → Report, and with each run those that wait for the same issue. Seven reads and three queries, and two transactions, of one and three
 * writes; one request to GitHub, two where people should be notified, and three more where the issue is full and replaced. Each run that waited adds one read and two writes, and no request.
 * A run that waits costs four reads, a query and a write each time it is looked at, and two reads once it was reported with others. After an
 * earlier attempt that did not end well, there is one request more for issue and comment, to see what it left. The check run costs what `ReportCheck.ts` says.
 */
export const report = Stage.make({
  name: "Report",
  about: ({ version: _, ...run }: ReportMessage) => run,
  handle
})
