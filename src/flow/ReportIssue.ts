/**
 * What Report writes to GitHub: the issue of a source workflow, and its comments. Repeated after a lost answer, it finds by hidden markers
 * what is there already; an issue that takes no more is replaced.
 */
import { Duration, Effect } from "effect"
import type { ReportedRun } from "../domain/Report.ts"
import { commentBodies, commentMarker, issueMarker, issueTitle, replacedBody } from "../domain/ReportMarkdown.ts"
import type { KnownIssue, ReportClaim } from "../ledger/Reports.ts"
import { type Issue, Reports } from "../ports/Reports.ts"

/** What is written to an issue: its text, the runs that people are notified of, and with them whether it is opened again. */
export interface IssueText {
  readonly body: (follows: Issue | undefined) => string
  readonly notable: ReadonlyArray<ReportedRun>
}
/** An issue that a person closed stays closed until there is something to act on. */
const reopens = ({ notable }: IssueText): boolean => notable.length > 0

/** The workflow's issue, with the one that it replaced. */
type OurIssue = NonNullable<KnownIssue["issue"]>
const following = ({ number, url }: Issue, follows: Issue | undefined): OurIssue =>
  follows === undefined ? { number, url } : { number, url, follows: { number: follows.number, url: follows.url } }

/** An issue for a workflow that has none, or none that takes more: one that a lost answer left behind, or a new one. */
const openIssue = Effect.fnUntraced(function* (
  { run, unfinished, issue }: ReportClaim,
  text: IssueText,
  follows?: Issue | undefined
) {
  const reports = yield* Reports
  const body = text.body(follows)
  const left = unfinished.length > 0 ? yield* reports.findIssue(run, issueMarker(run.workflow)) : null
  const opened =
    left === null || left.number === issue?.number
      ? yield* reports.create(run, { title: issueTitle(run.workflow), body })
      : yield* reports.update(run, left.number, body, reopens(text))
  return following(opened, follows)
})

/** The issue of the workflow with the new body in it; one that cannot be used any more is replaced. */
export const writeIssue = Effect.fnUntraced(function* (claim: ReportClaim, text: IssueText) {
  const reports = yield* Reports
  const { run, issue } = claim
  if (issue === null) return yield* openIssue(claim, text)
  return yield* reports.update(run, issue.number, text.body(issue.follows), reopens(text)).pipe(
    Effect.map((updated) => following(updated, issue.follows)),
    Effect.catchReason("GitHubError", "NotFound", () => openIssue(claim, text))
  )
})

/** Comments on those runs that were not commented on before. */
const commentOn = Effect.fnUntraced(function* (
  { run, unfinished }: ReportClaim,
  { number }: Issue,
  notable: ReadonlyArray<ReportedRun>
) {
  const reports = yield* Reports
  const begun = notable.filter(({ key }) => unfinished.includes(key)).map(({ key }) => commentMarker(key))
  const written = begun.length === 0 ? [] : yield* reports.findComments(run, number, begun)
  const left = notable.filter(({ key }) => !written.includes(commentMarker(key)))
  for (const body of commentBodies(left)) yield* reports.comment(run, number, body)
})

/** Notifies people of runs that need them, once; where the issue takes no comments any more, in another one. */
export const writeComments = Effect.fnUntraced(function* (claim: ReportClaim, issue: OurIssue, text: IssueText) {
  if (text.notable.length === 0) return issue
  const another = Effect.gen(function* () {
    const next = yield* openIssue({ ...claim, issue }, text, issue)
    yield* commentOn(claim, next, text.notable)
    return next
  })
  return yield* commentOn(claim, issue, text.notable).pipe(
    Effect.as(issue),
    Effect.catchReason("GitHubError", "NotFound", () => another)
  )
})

/** The reports are written by then, so this neither waits for long nor fails. */
const referenceWithin = Duration.seconds(10)

/** Has an issue that was replaced refer to the one that took its place, where GitHub still takes its text. One request. */
export const referTo = Effect.fnUntraced(function* (
  { run }: ReportClaim,
  replaced: Issue,
  by: Issue,
  runs: ReadonlyArray<ReportedRun>
) {
  const reports = yield* Reports
  const body = replacedBody(run.repository, run.workflow, runs, by)
  yield* reports.update(run, replaced.number, body, false).pipe(
    Effect.timeout(referenceWithin),
    Effect.catch((error) => Effect.logInfo("the issue that was replaced does not refer to the new one", error))
  )
})
