/**
 * Report: when the last order of a run has settled, the run is reported: in one issue per source workflow, or in the log. With each result
 * of what it started its row in the issue is written again. Never an issue per run, never twice the same for one run. The run's check run
 * is brought up to date at the same time, and before the run is over.
 *
 * An issue is written to at most every few seconds: runs that end meanwhile wait, and are reported together. A report that cannot be written
 * for good (no permission, issues switched off) goes to the log: it must not cost a dispatch.
 */
import { Clock, Duration, Effect } from "effect"
import type { OrderId } from "../domain/Order.ts"
import { isComplete, type Plan } from "../domain/Plan.ts"
import { isFinal, isNewer, isReportable, type OrderEnd, reportedRun } from "../domain/Report.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { LatestReport, RunReport } from "../ledger/Reports.ts"
import type { OrderStanding, RunState } from "../ledger/RunStates.ts"
import { dead, done, retry } from "../ports/WorkQueue.ts"
import type { ReportMessage } from "./Queues.ts"
import { reportCheck, soonest } from "./ReportCheck.ts"
import { announceReports, giveBack, logReport, publish, type ReceivedReport } from "./ReportPublish.ts"
import { Settings, Timing } from "./Settings.ts"
import * as Stage from "./Stage.ts"

/** What became of a run whose orders have all settled. */
const summarize = (plan: Plan, standings: ReadonlyArray<OrderStanding>) => {
  const ends = new Map<OrderId, OrderEnd>()
  for (const { order, outcome, result } of standings)
    if (outcome !== undefined) ends.set(order.id, { outcome, result: result?.result })
  return reportedRun(plan, ends)
}

/**
 * Whether targets or orders are still open; who settles the last order asks for the report. An allowed target without an order is open, too: a
 * query beside the transaction that stores both may show one of them.
 */
const isGoingOn = (plan: Plan, standings: ReadonlyArray<OrderStanding>) => {
  const known = new Set(standings.map(({ order }) => order.id))
  return (
    !isComplete(plan) ||
    standings.some(({ outcome }) => outcome === undefined) ||
    plan.decisions.some((decision) => decision._tag === "Allowed" && !known.has(decision.orderId))
  )
}

/** What the fact of a report is made of. */
const whereAndWhen = ({ at, issue }: LatestReport) => ({ at, issue })

/** The report of the plan's generation, or of a later one. */
const reportOf = ({ generation }: Pick<Plan, "generation">, latest: LatestReport | undefined) =>
  latest !== undefined && latest.generation >= generation ? latest : undefined

/** The first report of a run, and the one with which all its results are known, unless another copy of the message has logged it by now. */
const toLog = Effect.fnUntraced(function* (report: RunReport) {
  const ledger = yield* Ledger
  const earlier = reportOf(report.of, yield* ledger.latestReport(report.summary.key))
  if (earlier === undefined) {
    yield* logReport(report)
    yield* announceReports([yield* ledger.markReported(report.of, isFinal(report.summary))])
  } else if (!earlier.isLogged && isFinal(report.summary)) {
    yield* logReport(report)
    yield* ledger.markLogged(report.of)
  }
  return done
})

const toIssue = Effect.fnUntraced(function* (message: ReceivedReport, report: RunReport) {
  const ledger = yield* Ledger
  const { reportLease } = yield* Timing
  const answer = yield* ledger.claimReport(report, reportLease)
  if (answer._tag === "Claimed") {
    const { claim } = answer
    return yield* claim.reports.length > 0 ? publish(message, claim) : giveBack(claim)
  }
  if (message.lastAttempt) return yield* toLog(report)
  const left = Duration.millis(answer.until - (yield* Clock.currentTimeMillis))
  if (answer._tag === "Quiet") return yield* Stage.retryLater(message, "the issue was written to just now", left)
  return retry(Duration.min(left, yield* Stage.waitAfter(message.attempt)), "another worker writes to the issue")
})

/**
 * A run that was reported, and of which more may be known by now. One that the issue does not show any more is not written again; where it
 * was reported in the log only, the log has the last word.
 */
const reportAgain = Effect.fnUntraced(function* (message: ReceivedReport, report: RunReport, earlier: LatestReport) {
  const ledger = yield* Ledger
  const known = yield* ledger.shownReport(report.of.run)
  if (known === undefined) return earlier.issue === null ? yield* toLog(report) : done
  return known.isUnfinished || isNewer(report.summary, known.shown) ? yield* toIssue(message, report) : done
})

const reportRun = Effect.fnUntraced(function* (
  message: ReceivedReport,
  plan: Plan,
  { standings, report: latest }: Omit<RunState, "plan">
) {
  const { createIssues } = yield* Settings
  if (plan.ignored !== undefined) return done
  const earlier = reportOf(plan, latest)
  if (earlier !== undefined)
    yield* announceReports([{ of: { ...plan, generation: earlier.generation }, ...whereAndWhen(earlier) }])
  if (earlier === undefined && isGoingOn(plan, standings)) return done
  const summary = summarize(plan, standings)
  const report = { of: plan, summary }
  if (!isReportable(summary)) return done
  if (!createIssues) return yield* toLog(report)
  return yield* earlier === undefined ? toIssue(message, report) : reportAgain(message, report, earlier)
})

const handle = Effect.fnUntraced(function* (message: ReceivedReport) {
  const ledger = yield* Ledger
  const { createChecks } = yield* Settings
  const { run, whileGoingOn = false } = message.body
  if (whileGoingOn && (yield* ledger.isOver(run))) return done
  const check = createChecks ? yield* ledger.knownCheck(run) : undefined
  const { plan, ...state } = yield* ledger.runState(run)
  if (plan === undefined) return dead(`the ledger has no plan for run ${run}`)
  // Side by side, since GitHub takes its time for each; and each to its end, so that none leaves a lease behind because the other failed.
  const [checked, reported] = yield* Effect.all(
    [Effect.exit(reportCheck(message, plan, state.standings, check)), Effect.exit(reportRun(message, plan, state))],
    { concurrency: 2 }
  )
  return soonest(yield* checked, yield* reported)
})

/**
 * Report queue → Report, and with each run those that wait for the same issue. Three queries and four writes; one request to GitHub, two where people are
 * notified, and three more where the issue is full and replaced. Where all is well again, three more close the issue, and one for each 100 comments
 * beyond the first. Each run that waited adds a query and three writes, and no request. A result costs a query more and a write less, and is written
 * together with all others that come within a few seconds; one that is shown already costs two queries. A run that waits costs two queries and a
 * write each time it is looked at; in the log, a report costs two queries and a write. After an earlier attempt that did not end well, there is one
 * request more for issue and comment, to see what it left. The check run costs a read, and what `ReportCheck.ts` says.
 */
export const report = Stage.make({
  name: "Report",
  about: ({ version: _, whileGoingOn: __, ...run }: ReportMessage) => run,
  handle
})
