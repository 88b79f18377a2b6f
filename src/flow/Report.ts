/**
 * Report: when the last order of a run has settled, the source repository is told, once: in one issue per source workflow, or in the
 * log. Never an issue per run, never twice for one run.
 *
 * A report that cannot be written for good (no permission, issues switched off) goes to the log: it must not cost a dispatch.
 */
import { Clock, Duration, Effect, Option } from "effect"
import { reportPublished } from "../domain/Fact.ts"
import type { OrderId } from "../domain/Order.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Plan } from "../domain/Plan.ts"
import { isWorthTelling, needsComment, type ReportedRun, reportedRun, withRun } from "../domain/Report.ts"
import { commentBody, commentMarker, issueBody, issueMarker, issueTitle } from "../domain/ReportMarkdown.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { type Issue, Reports } from "../ports/Reports.ts"
import type { TableError } from "../ports/Table.ts"
import { dead, done, type OrderMessage, type Received, retry } from "../ports/WorkQueue.ts"
import { Ledger } from "../store/Ledger.ts"
import type { ReportClaim } from "../store/ledger/Reporting.ts"
import { Settings, Timing, telling } from "./Settings.ts"
import { retryLater, waitAfter } from "./Waiting.ts"

type ReportMessage = Received<Extract<OrderMessage, { readonly _tag: "PublishReport" }>>

/** What became of a run whose orders have all settled. */
const summarize = Effect.fnUntraced(function* (run: RunKey, plan: Plan) {
  const ledger = yield* Ledger
  const standings = yield* ledger.standings(run)
  const outcomes = new Map<OrderId, Outcome>()
  for (const { order, outcome } of standings) if (outcome !== undefined) outcomes.set(order.id, outcome)
  return reportedRun(plan, outcomes)
})

/** The report as one structured log record. */
const logReport = (summary: ReportedRun) => Effect.logInfo("report").pipe(Effect.annotateLogs({ report: summary }))

const tell = Effect.fnUntraced(function* (plan: Plan, issue: Issue | null) {
  const facts = yield* FactBus
  const now = yield* telling
  yield* facts.publish([reportPublished(plan, issue, now)])
})

/** An issue for a workflow that has none: one that a lost answer left behind, or a new one. */
const openIssue = Effect.fnUntraced(function* ({ run, doubtful, issue }: ReportClaim, body: string) {
  const reports = yield* Reports
  const left = doubtful ? yield* reports.findIssue(run, issueMarker(run.workflow)) : null
  return left === null || left.number === issue?.number
    ? yield* reports.create(run, { title: issueTitle(run.workflow), body })
    : yield* reports.update(run, left.number, body)
})

/** The issue of the workflow with the new body in it; one that was deleted is opened anew. */
const writeIssue = Effect.fnUntraced(function* (claim: ReportClaim, runs: ReadonlyArray<ReportedRun>) {
  const reports = yield* Reports
  const { run, issue } = claim
  const body = issueBody(run.repository, run.workflow, runs)
  if (issue === null) return yield* openIssue(claim, body)
  return yield* reports
    .update(run, issue.number, body)
    .pipe(Effect.catchReason("GitHubError", "NotFound", () => openIssue(claim, body)))
})

const writeComment = Effect.fnUntraced(function* (claim: ReportClaim, issue: Issue, summary: ReportedRun) {
  const reports = yield* Reports
  const marker = commentMarker(summary.key)
  const written = claim.doubtful && (yield* reports.hasComment(claim.run, issue.number, marker))
  if (!written) yield* reports.comment(claim.run, issue.number, commentBody(summary))
})

/** Writes issue and comment under the lease of `claim`; remembers both only when both are written. */
const publish = Effect.fnUntraced(function* (claim: ReportClaim, plan: Plan, summary: ReportedRun) {
  const ledger = yield* Ledger
  const runs = withRun(claim.runs, summary)
  const issue = yield* writeIssue(claim, runs)
  if (needsComment(summary, claim.runs[0])) yield* writeComment(claim, issue, summary)
  yield* tell(plan, issue)
  yield* ledger.settleReport(claim, issue, runs)
  return done
})

/** After GitHub did not take a report: later, or to the log. */
const afterFailure = Effect.fnUntraced(function* (
  message: ReportMessage,
  claim: ReportClaim,
  plan: Plan,
  summary: ReportedRun,
  error: GitHubError
) {
  const ledger = yield* Ledger
  if (error.isTransient && !message.lastAttempt) {
    yield* ledger.releaseReport(claim)
    yield* Effect.logWarning("report is tried again", error)
    return yield* retryLater(message, error.message, error.retryAfter)
  }
  yield* Effect.logError("report goes to the log; GitHub does not take it", error)
  yield* logReport(summary)
  yield* tell(plan, null)
  yield* ledger.settleReport(claim, claim.issue, withRun(claim.runs, summary))
  return done
})

const toIssue = Effect.fnUntraced(function* (message: ReportMessage, plan: Plan, summary: ReportedRun) {
  const ledger = yield* Ledger
  const { lease } = yield* Timing
  const answer = yield* ledger.claimReport(plan.run, lease)
  if (answer._tag === "Held") {
    const left = Duration.millis(answer.until - (yield* Clock.currentTimeMillis))
    const soon = yield* waitAfter(1)
    return retry(Duration.min(left, soon), "somebody else writes to the issue")
  }
  const { claim } = answer
  return yield* publish(claim, plan, summary).pipe(
    Effect.catchTag("GitHubError", (error) => afterFailure(message, claim, plan, summary, error))
  )
})

const toLog = Effect.fnUntraced(function* (plan: Plan, summary: ReportedRun) {
  const ledger = yield* Ledger
  yield* logReport(summary)
  yield* tell(plan, null)
  yield* ledger.markReported(summary.key)
  return done
})

const act = Effect.fnUntraced(function* (message: ReportMessage) {
  const ledger = yield* Ledger
  const { createIssues } = yield* Settings
  const { run } = message.body
  const stored = yield* ledger.plan(run)
  const progress = yield* ledger.progress(run)
  if (Option.isNone(stored) || Option.isNone(progress)) return dead(`the ledger has no plan for run ${run}`)
  const plan = stored.value.value
  const summary = yield* summarize(run, plan)
  if (progress.value.value.reported) return done
  if (!isWorthTelling(summary)) {
    yield* ledger.markReported(run)
    return done
  }
  const work = createIssues ? toIssue(message, plan, summary) : toLog(plan, summary)
  return yield* Effect.annotateLogs(work, {
    deliveryId: plan.deliveryId,
    source: plan.run.repository,
    workflow: plan.run.workflow
  })
})

/** Reports one run. Three table reads, two transactions; one request to GitHub, two where people should be notified. */
export const report = Effect.fn("Report")(
  act,
  (effect, message) =>
    Effect.catch(effect, (error: TableError | FactBusError) =>
      Effect.logWarning("reporting is tried again", error).pipe(Effect.andThen(retryLater(message, error.message)))
    ),
  (effect, { body: { run } }) => Effect.annotateLogs(effect, { run })
)
