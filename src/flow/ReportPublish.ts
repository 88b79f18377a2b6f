/**
 * Publishes what a worker may report of a source workflow: writes its issue, stores what was reported where, and publishes the facts of that.
 *
 * People are notified when the situation of the workflow has changed since they last were, so of a burst of reports at most once. What GitHub
 * does not take goes to the log.
 */
import { Duration, Effect } from "effect"
import { reportPublished } from "../domain/Fact.ts"
import { isFinal, type ReportedRun, withRuns } from "../domain/Report.ts"
import { commentBody, commentMarker, issueBody } from "../domain/ReportMarkdown.ts"
import { type Advance, advance, advanceFrom, type Notified, notifiedBefore } from "../domain/Situation.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { ClaimedReport, KnownIssue, MadeReport, ReportClaim, RunReport } from "../ledger/Reports.ts"
import { FactBus } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import type { Issue } from "../ports/Reports.ts"
import { done, type Received, retry } from "../ports/WorkQueue.ts"
import type { ReportMessage } from "./Queues.ts"
import {
  closeIssue,
  type IssueText,
  latestNoticeIn,
  type OurIssue,
  referTo,
  writeComment,
  writeIssue
} from "./ReportIssue.ts"
import { withinLease } from "./ReportLease.ts"
import { publisher, Settings, Timing } from "./Settings.ts"
import * as Stage from "./Stage.ts"

/** A run to report. */
export type ReceivedReport = Received<ReportMessage>

/** The report as one structured log record. */
export const logReport = ({ summary }: RunReport) =>
  Effect.logInfo("report").pipe(Effect.annotateLogs({ report: summary }))

/** Publishes reports as they are stored. */
export const announceReports = Effect.fnUntraced(function* (made: ReadonlyArray<MadeReport>) {
  const facts = yield* FactBus
  const by = yield* publisher
  yield* facts.publish(made.map(({ of, ...report }) => reportPublished(of, report, by)))
})

/** What a write of the issue came to: what it shows, the reports that were made, and where. */
interface Ending {
  readonly known: KnownIssue
  readonly finished: ReadonlyArray<ClaimedReport>
  /** Where they are shown; null stands for the log. */
  readonly shownIn: Issue | null
  /** Whether GitHub may have more than what is known. */
  readonly inDoubt?: boolean
}

/** Stores which runs were reported, and where, and publishes that; a worker that lost the lease meanwhile has to look again. */
const settle = Effect.fnUntraced(function* (claim: ReportClaim, { known, finished, shownIn, inDoubt = false }: Ending) {
  const ledger = yield* Ledger
  const { recheck, reportEvery: quiet } = yield* Timing
  const where = shownIn === null ? null : { number: shownIn.number, url: shownIn.url }
  const made = yield* ledger.settleReport(claim, known, { finished, where, inDoubt, quiet })
  if (made === undefined) return retry(recheck, "the lease was lost")
  if (made.length > 0) yield* announceReports(made)
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

const endsWith = (message: ReceivedReport, error: GitHubError): boolean => message.lastAttempt || !error.isTransient

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

const withReports = (claim: ReportClaim, reports: ReadonlyArray<RunReport>): ReadonlyArray<ReportedRun> =>
  withRuns(
    claim.runs,
    reports.map(({ summary }) => summary)
  )

/** The first report of a run goes to the log, and the one with which all its results are known; none in between. */
const isLogged =
  ({ runs }: ReportClaim) =>
  ({ isFirst, summary }: ClaimedReport): boolean => {
    const shown = runs.find(({ key }) => key === summary.key)
    return isFirst || (isFinal(summary) && (shown === undefined || !isFinal(shown)))
  }

/** To the log, with what the issue shows once GitHub takes it again. */
const logInstead = Effect.fnUntraced(function* (
  claim: ReportClaim,
  finished: ReadonlyArray<ClaimedReport>,
  ending: Pick<KnownIssue, "complaint"> & Pick<Ending, "inDoubt">
) {
  yield* Effect.forEach(finished.filter(isLogged(claim)), logReport)
  const { complaint, inDoubt = false } = ending
  return yield* settle(claim, {
    known: { ...claim, runs: withReports(claim, finished), complaint },
    finished,
    shownIn: null,
    // What an earlier attempt may have written was not looked at.
    inDoubt: inDoubt || claim.unfinished.length > 0
  })
})

/** What is to be written: what people knew before, what it came to since, and the texts of that. */
interface WritingPlan extends Advance {
  readonly before: Notified
  readonly text: IssueText
}

const withText = Effect.fnUntraced(function* ({ run }: ReportClaim, before: Notified, made: Advance) {
  const { closeIssues } = yield* Settings
  const { runs, situation, change, isSaid, notified } = made
  const body = (follows: Issue | undefined) => issueBody(run.repository, run.workflow, runs, situation, follows)
  const comment =
    change === undefined || isSaid
      ? undefined
      : { marker: commentMarker(notified), body: commentBody(change, situation, notified, runs) }
  const text: IssueText = {
    body,
    comment,
    reopens: change !== undefined && change !== "recovery",
    closes: closeIssues && change === "recovery"
  }
  return { ...made, before, text } satisfies WritingPlan
})

/** What the issue says with these reports, and what people are to be notified of. */
const planOf = (claim: ReportClaim) => {
  const before = claim.notified ?? notifiedBefore(claim.runs)
  const added = claim.reports.map(({ summary }) => summary)
  return withText(claim, before, advance(claim.runs, added, before))
}

/** The plan as the comments on the issue have it, where not all that was written is known; an issue that is to be open then is opened. */
const withoutDoubt = Effect.fnUntraced(function* (claim: ReportClaim, issue: OurIssue, plan: WritingPlan) {
  const said = yield* latestNoticeIn(claim, issue)
  if (said === undefined) return { plan, issue }
  const better: WritingPlan = yield* withText(claim, plan.before, advanceFrom(plan, plan.before, said))
  if (!better.text.reopens || plan.text.reopens) return { plan: better, issue }
  return { plan: better, issue: yield* writeIssue({ ...claim, issue }, better.text) }
})

/** The issue shows the run, but people could not be notified. */
const withoutComment = Effect.fnUntraced(function* (
  message: ReceivedReport,
  claim: ReportClaim & { readonly issue: OurIssue },
  { before, notified, isInDoubt }: WritingPlan,
  error: GitHubError
) {
  const complaint = { about: "comment", message: error.message } as const
  yield* complain(claim, complaint, Effect.logError("the issue shows the run, but its comment was refused", error))
  const finished = givenUp(message, claim, error)
  return yield* settle(claim, {
    known: {
      issue: claim.issue,
      runs: withReports(claim, finished),
      complaint,
      // What is refused for good is not tried again until something else is to be said.
      notified: error.isTransient ? before : notified
    },
    finished,
    shownIn: claim.issue,
    inDoubt: isInDoubt || error.reason._tag === "Ambiguous"
  })
})

/** Writes issue and comment under the lease of `claim`; remembers both only when both are written, or refused for good. */
export const publish = Effect.fnUntraced(function* (message: ReceivedReport, claim: ReportClaim) {
  const { complaint: before, reports } = claim
  // GitHub is asked again with the next run, not with each result of those that are in the log.
  if (before?.about === "issue" && !reports.some(({ isFirst }) => isFirst))
    return yield* logInstead(claim, reports, { complaint: before })
  const first: WritingPlan = yield* planOf(claim)
  const written = yield* Effect.result(withinLease("Report", claim)(writeIssue(claim, first.text)))
  if (written._tag === "Failure") {
    const { failure: error } = written
    if (!endsWith(message, error)) return yield* releaseAndRetry(message, claim, error)
    const complaint = { about: "issue", message: error.message } as const
    yield* complain(claim, complaint, Effect.logError("report goes to the log; GitHub does not take it", error))
    const inDoubt = error.reason._tag === "Ambiguous"
    return yield* logInstead(claim, givenUp(message, claim, error), { complaint, inDoubt })
  }
  const checked = yield* Effect.result(withinLease("Report", claim)(withoutDoubt(claim, written.success, first)))
  if (checked._tag === "Failure") {
    const { failure: error } = checked
    const withIssue = { ...claim, issue: written.success }
    if (!endsWith(message, error)) return yield* releaseAndRetry(message, withIssue, error)
    return yield* withoutComment(message, withIssue, { ...first, isInDoubt: true }, error)
  }
  const { plan, issue: replaced } = checked.success
  const { runs, notified, text } = plan
  const commented = yield* Effect.result(withinLease("Report", claim)(writeComment(claim, replaced, text)))
  if (commented._tag === "Failure") {
    const { failure: error } = commented
    const withIssue = { ...claim, issue: replaced }
    if (!endsWith(message, error)) return yield* releaseAndRetry(message, withIssue, error)
    return yield* withoutComment(message, withIssue, plan, error)
  }
  const issue = commented.success
  const closed = yield* Effect.result(withinLease("Report", claim)(closeIssue(claim, issue, text)))
  if (closed._tag === "Failure") {
    const { failure: error } = closed
    if (!endsWith(message, error)) return yield* releaseAndRetry(message, { ...claim, issue }, error)
    yield* Effect.logInfo("the issue stays open although all is well", error)
  }
  // A run without a comment does not show whether comments are taken.
  const complaint = text.comment === undefined && !plan.isSaid && before?.about === "comment" ? before : undefined
  const verdict = yield* settle(claim, {
    known: { issue, runs, notified, complaint },
    finished: reports,
    shownIn: issue,
    inDoubt: plan.isInDoubt
  })
  if (verdict === done && issue.number !== replaced.number) yield* referTo(claim, replaced, issue, runs)
  return verdict
})

/** Gives an issue back to which nothing was written: all that waited for it is shown. */
export const giveBack = (claim: ReportClaim) => settle(claim, { known: claim, finished: [], shownIn: claim.issue })
