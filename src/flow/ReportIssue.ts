/**
 * What Report writes to GitHub: the issue of a source workflow, and its comments. Repeated after a lost answer, it finds by hidden markers
 * what is there already; an issue that takes no more is replaced.
 */
import { Duration, Effect } from "effect"
import type { ReportedRun } from "../domain/Report.ts"
import { commentMarkerStart, issueMarker, issueTitle, latestNotice, replacedBody } from "../domain/ReportMarkdown.ts"
import type { KnownIssue, ReportClaim } from "../ledger/Reports.ts"
import { type Issue, Reports } from "../ports/Reports.ts"

/** What is written to an issue. */
export interface IssueText {
  readonly body: (follows: Issue | undefined) => string
  /** What notifies people, with the marker in it. */
  readonly comment: { readonly marker: string; readonly body: string } | undefined
  /** An issue that was closed stays closed until something else goes wrong. */
  readonly reopens: boolean
  /** Whether the issue is closed, if only the App wrote in it. */
  readonly closes: boolean
}

/** The workflow's issue, with the one that it replaced. */
export type OurIssue = NonNullable<KnownIssue["issue"]>
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
      : yield* reports.update(run, left.number, body, text.reopens)
  return following(opened, follows)
})

/** The issue of the workflow with the new body in it; one that cannot be used any more is replaced. */
export const writeIssue = Effect.fnUntraced(function* (claim: ReportClaim, text: IssueText) {
  const reports = yield* Reports
  const { run, issue } = claim
  if (issue === null) return yield* openIssue(claim, text)
  return yield* reports.update(run, issue.number, text.body(issue.follows), text.reopens).pipe(
    Effect.map((updated) => following(updated, issue.follows)),
    Effect.catchReason("GitHubError", "NotFound", () => openIssue(claim, text))
  )
})

/**
 * What people were last notified of in an issue, by its comments; undefined where all that was written to it is known. One request, in doubt
 * only.
 */
export const latestNoticeIn = Effect.fnUntraced(function* ({ run, unfinished }: ReportClaim, { number }: Issue) {
  if (unfinished.length === 0) return undefined
  const reports = yield* Reports
  return yield* reports.findComments(run, number, commentMarkerStart).pipe(
    Effect.map(latestNotice),
    Effect.catchReason("GitHubError", "NotFound", () => Effect.undefined)
  )
})

/** Notifies people; where the issue takes no comments any more, in another one, unless an earlier attempt did there. */
export const writeComment = Effect.fnUntraced(function* (claim: ReportClaim, issue: OurIssue, text: IssueText) {
  const { comment } = text
  if (comment === undefined) return issue
  const { run, unfinished } = claim
  const reports = yield* Reports
  const another = Effect.gen(function* () {
    const next = yield* openIssue({ ...claim, issue }, text, issue)
    const written = unfinished.length === 0 ? [] : yield* reports.findComments(run, next.number, comment.marker)
    if (written.length === 0) yield* reports.comment(run, next.number, comment.body)
    return next
  })
  return yield* reports.comment(run, issue.number, comment.body).pipe(
    Effect.as(issue),
    Effect.catchReason("GitHubError", "NotFound", () => another)
  )
})

/** Closes an issue when all is well, unless another author wrote in it: that person decides. */
export const closeIssue = Effect.fnUntraced(function* ({ run }: ReportClaim, { number }: Issue, { closes }: IssueText) {
  if (!closes) return
  const reports = yield* Reports
  if (yield* reports.isOnlyOurs(run, number)) yield* reports.close(run, number)
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
