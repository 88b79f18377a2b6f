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
import { Ambiguous, GitHubError } from "../ports/GitHubError.ts"
import { type Issue, Reports } from "../ports/Reports.ts"
import type { TableError } from "../ports/Table.ts"
import { dead, done, type Received, type ReportMessage, retry, type Verdict } from "../ports/WorkQueue.ts"
import { Ledger } from "../store/Ledger.ts"
import type { KnownIssue, ReportClaim } from "../store/ledger/Reporting.ts"
import { isOver } from "./Completion.ts"
import { Settings, Timing, telling } from "./Settings.ts"
import { retryLater, waitAfter } from "./Waiting.ts"

type Message = Received<ReportMessage>

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

/** Whether the run was told already: by another copy of this message. */
const isTold = Effect.fnUntraced(function* (run: RunKey) {
  const ledger = yield* Ledger
  const progress = yield* ledger.progress(run)
  return Option.isSome(progress) && progress.value.value.reported
})

/** Whether a replay opened orders once more since somebody asked for the report; then whoever settles the last of them asks again. */
const isOpen = Effect.fnUntraced(function* (run: RunKey, { generation }: Plan) {
  if (generation === 0) return false
  const ledger = yield* Ledger
  const progress = yield* ledger.progress(run)
  return Option.isSome(progress) && !isOver(progress.value.value)
})

/** An issue for a workflow that has none: one that a lost answer left behind, or a new one. */
const openIssue = Effect.fnUntraced(function* ({ run, unfinished, issue }: ReportClaim, body: string) {
  const reports = yield* Reports
  const left = unfinished.length > 0 ? yield* reports.findIssue(run, issueMarker(run.workflow)) : null
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

/** Notifies people of a run that needs them, once. */
const writeComment = Effect.fnUntraced(function* (claim: ReportClaim, issue: Issue, summary: ReportedRun) {
  const reports = yield* Reports
  const { run, runs, unfinished } = claim
  if (!needsComment(summary, runs[0])) return
  const { number } = issue
  const begun = unfinished.includes(summary.key)
  const written = begun && (yield* reports.hasComment(run, number, commentMarker(summary.key)))
  if (!written) yield* reports.comment(run, number, commentBody(summary))
})

/** Ends what is written to GitHub well before the lease does, so that nobody else writes at the same time. */
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

/** Remembers that the run was told, and where; whoever lost the lease meanwhile has to look again. */
const settle = Effect.fnUntraced(function* (claim: ReportClaim, known: KnownIssue, inDoubt?: boolean) {
  const ledger = yield* Ledger
  const { recheck } = yield* Timing
  return (yield* ledger.settleReport(claim, known, inDoubt)) ? done : retry(recheck, "the lease was lost")
})

/** Gives the issue back; a lost answer may take a moment to show. */
const comeBack = Effect.fnUntraced(function* (message: Message, claim: ReportClaim, error: GitHubError) {
  const ledger = yield* Ledger
  const { recheck } = yield* Timing
  yield* Effect.logWarning("report is tried again", error)
  yield* ledger.releaseReport(claim)
  const asked = error.reason._tag === "Ambiguous" ? recheck : error.retryAfter
  return yield* retryLater(message, error.message, asked)
})

const isFinal = (message: Message, error: GitHubError): boolean => message.lastAttempt || !error.isTransient

/** Writes issue and comment under the lease of `claim`; remembers both only when both are written, or refused for good. */
const publish = Effect.fnUntraced(function* (message: Message, claim: ReportClaim, plan: Plan, summary: ReportedRun) {
  const runs = withRun(claim.runs, summary)
  const written = yield* Effect.result(withinLease(claim)(writeIssue(claim, runs)))
  if (written._tag === "Failure") {
    const { failure: error } = written
    if (!isFinal(message, error)) return yield* comeBack(message, claim, error)
    yield* Effect.logError("report goes to the log; GitHub does not take it", error)
    yield* logReport(summary)
    yield* tell(plan, null)
    return yield* settle(claim, { issue: claim.issue, runs }, error.reason._tag === "Ambiguous")
  }
  const issue = written.success
  const commented = yield* Effect.result(withinLease(claim)(writeComment(claim, issue, summary)))
  if (commented._tag === "Failure") {
    const { failure: error } = commented
    if (!isFinal(message, error)) return yield* comeBack(message, { ...claim, issue }, error)
    yield* Effect.logError("the issue shows the run, but nobody was notified", error)
  }
  yield* tell(plan, issue)
  return yield* settle(claim, { issue, runs })
})

const toLog = Effect.fnUntraced(function* (plan: Plan, summary: ReportedRun) {
  const ledger = yield* Ledger
  if (yield* isTold(summary.key)) return done
  yield* logReport(summary)
  yield* tell(plan, null)
  yield* ledger.markReported(plan)
  return done
})

const toIssue = Effect.fnUntraced(function* (message: Message, plan: Plan, summary: ReportedRun) {
  const ledger = yield* Ledger
  const { reportLease } = yield* Timing
  const answer = yield* ledger.claimReport(plan, reportLease)
  if (answer._tag === "Held") {
    if (message.lastAttempt) return yield* toLog(plan, summary)
    const left = Duration.millis(answer.until - (yield* Clock.currentTimeMillis))
    return retry(Duration.min(left, yield* waitAfter(message.attempt)), "somebody else writes to the issue")
  }
  // Asked under the lease: a copy of this message may have been dealt with since this one was received.
  if (yield* isTold(summary.key)) return yield* settle(answer.claim, answer.claim)
  return yield* publish(message, answer.claim, plan, summary)
})

/** Whatever fails for now gives the message back to its queue. */
const orTryAgain =
  (message: Message) =>
  <R>(work: Effect.Effect<Verdict, TableError | FactBusError, R>) =>
    Effect.catch(work, (error) =>
      Effect.logWarning("reporting is tried again", error).pipe(Effect.andThen(retryLater(message, error.message)))
    )

const act = Effect.fnUntraced(function* (message: Message) {
  const ledger = yield* Ledger
  const { createIssues } = yield* Settings
  const { run } = message.body
  const stored = yield* ledger.plan(run)
  if (Option.isNone(stored)) return dead(`the ledger has no plan for run ${run}`)
  const plan = stored.value.value
  const work = Effect.gen(function* () {
    if (yield* isOpen(run, plan)) return done
    const summary = yield* summarize(run, plan)
    if (isWorthTelling(summary)) return yield* createIssues ? toIssue(message, plan, summary) : toLog(plan, summary)
    yield* ledger.markReported(plan)
    return done
  })
  return yield* work.pipe(
    orTryAgain(message),
    Effect.annotateLogs({
      deliveryId: plan.deliveryId,
      source: plan.run.repository,
      workflow: plan.run.workflow
    })
  )
})

/**
 * Reports one run. Four table reads (five after a replay) and two transactions, of one and two writes; one request to GitHub, two where
 * people should be notified. After an earlier attempt that did not end well, one more for each of them, to see what it left.
 */
export const report = Effect.fn("Report")(
  act,
  (effect, message) => orTryAgain(message)(effect),
  (effect, { body: { run } }) => Effect.annotateLogs(effect, { run })
)
