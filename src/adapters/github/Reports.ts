/**
 * Issues and their comments, written and found again.
 * https://docs.github.com/en/rest/issues
 *
 * What GitHub answers where an issue cannot be written to (what all requests have in common is in Reasons.ts). Report replaces what is
 * `NotFound`, and leaves alone for good what is `Forbidden` or `Unprocessable`: that report goes to the log. A test
 * reads this table and tries each of its rows.
 *
 * | answer | means | error | Report |
 * | --- | --- | --- | --- |
 * | 301 to an update or comment | transferred to another repository | `NotFound` | opens another issue |
 * | 404, 410 "This issue was deleted" | deleted, or made a discussion | `NotFound` | opens another issue |
 * | 403 "Commenting is disabled on issues with more than 2500 comments" | full | `NotFound` | opens another issue, and comments there; each refers to the other |
 * | 403 "Unable to create comment because issue is locked." | a person wants no more comments | `Forbidden` | goes on with the body |
 * | 410 "Issues has been disabled in this repository." | switched off | `Forbidden` | leaves it alone: no other request for this run |
 * | 403 "Repository was archived so is read-only." | archived | `Forbidden` | leaves it alone |
 * | 403 "Resource not accessible by integration" | no permission for issues, for a minute now | `Forbidden` | leaves it alone |
 * | 404 to opening an issue | the repository is gone | `NotFound` | leaves it alone |
 * | 422 | GitHub does not take the text | `Unprocessable` | leaves it alone |
 *
 * A repository that has another name now is asked by that (`byPresentName` in Requests.ts).
 */
import { Effect, Layer, Option, Schema, Stream } from "effect"
import { asciiLowerCase, ownerOf, shortNameOf } from "../../domain/Names.ts"
import { GitHubApp } from "../../ports/GitHubApp.ts"
import { Forbidden, GitHubError, type GitHubErrorReason, NotFound } from "../../ports/GitHubError.ts"
import { type Addressee, type Issue, Reports } from "../../ports/Reports.ts"
import { Installations } from "./Installations.ts"
import {
  decodeEachEntry,
  decodeEntries,
  fromFirstPage,
  fromLastPage,
  type ListingPage,
  perPage,
  readListingPage
} from "./Paging.ts"
import { byPresentName, type Call, type GitHubResponse } from "./Requests.ts"

const repositoryOf = ({ repository }: Addressee) => ({ owner: ownerOf(repository), repo: shortNameOf(repository) })

/** Of issues and comments alike; the author is null where the account is gone. */
const written = {
  body: Schema.optionalKey(Schema.NullOr(Schema.String)),
  user: Schema.NullOr(Schema.Struct({ login: Schema.String }))
}
const IssueView = Schema.Struct({ number: Schema.Int, html_url: Schema.String, ...written })
const Comment = Schema.Struct(written)
type Written = typeof Comment.Type

const decodeIssue = Schema.decodeUnknownEffect(IssueView)
const decodeIssues = decodeEntries("Reports.findIssue", IssueView)
const decodeComments = decodeEntries("Reports.findComments", Comment)
const decodeEachAuthor = decodeEachEntry("Reports.isOnlyOurs", Schema.Struct({ user: written.user }))
/** A comment that cannot be read counts as one of another author. */
const decodeAuthors = (data: unknown) =>
  Effect.map(decodeEachAuthor(data), ({ entries, unreadable }) => [
    ...entries,
    ...unreadable.map(() => ({ user: null }))
  ])

const toIssue = ({ number, html_url }: typeof IssueView.Type): Issue => ({ number, url: html_url })
const readIssue = ({ data }: GitHubResponse) => Effect.map(decodeIssue(data), toIssue)

const createCall = (to: Addressee, issue: { readonly title: string; readonly body: string }): Call<Issue> => ({
  operation: "Reports.create",
  api: "content",
  repeat: "harmful",
  send: (request) =>
    request("POST /repos/{owner}/{repo}/issues", { ...repositoryOf(to), title: issue.title, body: issue.body }),
  read: readIssue
})

// Setting the same body and state again changes nothing, so this write may be repeated.
const updateCall = (to: Addressee, issue: number, body: string, reopen: boolean): Call<Issue> => ({
  operation: "Reports.update",
  api: "content",
  repeat: "harmless",
  send: (request) =>
    request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
      ...repositoryOf(to),
      issue_number: issue,
      body,
      ...(reopen ? { state: "open" } : {})
    }),
  read: readIssue
})

// Closing a closed issue changes nothing.
const closeCall = (to: Addressee, issue: number): Call<void> => ({
  operation: "Reports.close",
  api: "content",
  repeat: "harmless",
  send: (request) =>
    request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
      ...repositoryOf(to),
      issue_number: issue,
      state: "closed",
      state_reason: "completed"
    }),
  read: () => Effect.void
})

const authorCall = (to: Addressee, issue: number): Call<typeof IssueView.Type> => ({
  operation: "Reports.isOnlyOurs",
  api: "rest",
  repeat: "harmless",
  send: (request) =>
    request("GET /repos/{owner}/{repo}/issues/{issue_number}", { ...repositoryOf(to), issue_number: issue }),
  read: ({ data }) => decodeIssue(data)
})

const commentCall = (to: Addressee, issue: number, body: string): Call<void> => ({
  operation: "Reports.comment",
  api: "content",
  repeat: "harmful",
  send: (request) =>
    request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...repositoryOf(to),
      issue_number: issue,
      body
    }),
  read: () => Effect.void
})

const issuesCall = (to: Addressee, creator: string, page: number): Call<ListingPage<typeof IssueView.Type>> => ({
  operation: "Reports.findIssue",
  api: "rest",
  repeat: "harmless",
  send: (request) =>
    request("GET /repos/{owner}/{repo}/issues", {
      ...repositoryOf(to),
      creator,
      state: "all",
      sort: "created",
      direction: "desc",
      per_page: perPage,
      page
    }),
  read: readListingPage(decodeIssues)
})

const commentsCall = <A>(
  operation: string,
  read: Call<ListingPage<A>>["read"],
  to: Addressee,
  issue: number,
  page: number
): Call<ListingPage<A>> => ({
  operation,
  api: "rest",
  repeat: "harmless",
  send: (request) =>
    request("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...repositoryOf(to),
      issue_number: issue,
      per_page: perPage,
      page
    }),
  read
})

/** What the answer means for the issue: see the table above. */
const meaning = (reason: GitHubErrorReason): GitHubErrorReason => {
  const { _tag, message } = reason
  if (_tag === "NotFound" && /issues has been disabled/i.test(message)) return new Forbidden({ message })
  if (_tag === "Forbidden" && /more than \d+ comments/i.test(message)) return new NotFound({ message })
  return reason
}

/** The newest issue of the App that has a report of ours is among these, unless it writes very many others. */
const mostIssuePages = 3
/** A comment that is looked for was written lately, so it is among the last. */
const mostCommentPages = 3
/** An issue takes 2500 comments. */
const allCommentPages = 25

const make = Effect.gen(function* () {
  const app = yield* GitHubApp
  const installations = yield* Installations
  const callFor = <A>(addressee: Addressee, call: (to: Addressee) => Call<A>) =>
    byPresentName(addressee, (to) =>
      installations
        .callOn(ownerOf(to.repository), to.installationId, call(to))
        .pipe(Effect.mapError(({ operation, reason }) => new GitHubError({ operation, reason: meaning(reason) })))
    )

  const isBy =
    (login: string) =>
    ({ user }: Pick<Written, "user">): boolean =>
      asciiLowerCase(user?.login ?? "") === asciiLowerCase(login)
  /** Anybody may quote a marker; only what the App itself wrote counts. */
  const isOurs =
    (marker: string, login: string) =>
    (text: Written): boolean =>
      isBy(login)(text) && (text.body ?? "").includes(marker)

  return Reports.of({
    /** Cost: 1 request. */
    create: (addressee, issue) => callFor(addressee, (to) => createCall(to, issue)),
    /** Cost: 1 request. */
    update: (addressee, issue, body, reopen) => callFor(addressee, (to) => updateCall(to, issue, body, reopen)),
    /** Cost: 1 request. */
    comment: (addressee, issue, body) => callFor(addressee, (to) => commentCall(to, issue, body)),
    /** Cost: 1 request for each 100 issues of the App, until it is found; at most 3. Once in a process 1 for our login. */
    findIssue: Effect.fnUntraced(function* (addressee, marker) {
      const login = yield* app.login
      const found = yield* fromFirstPage(mostIssuePages, (page) =>
        callFor(addressee, (to) => issuesCall(to, login, page))
      ).pipe(Stream.filter(isOurs(marker, login)), Stream.runHead)
      return Option.match(found, { onNone: () => null, onSome: toIssue })
    }),
    /** Cost: 1 request if the issue has up to 100 comments, otherwise at most 3. Once in a process 1 for our login. */
    findComments: Effect.fnUntraced(function* (addressee, issue, marker) {
      const login = yield* app.login
      return yield* fromLastPage(mostCommentPages, (page) =>
        callFor(addressee, (to) =>
          commentsCall("Reports.findComments", readListingPage(decodeComments), to, issue, page)
        )
      ).pipe(
        Stream.filter(isOurs(marker, login)),
        Stream.map(({ body }) => body ?? ""),
        Stream.runCollect
      )
    }),
    /** Cost: 2 requests if the issue has up to 100 comments, and 1 more for each 100; fewer where it is not only ours. */
    isOnlyOurs: Effect.fnUntraced(function* (addressee, issue) {
      const isByUs = isBy(yield* app.login)
      if (!isByUs(yield* callFor(addressee, (to) => authorCall(to, issue)))) return false
      const authors = readListingPage(decodeAuthors)
      const strangers = yield* fromFirstPage(allCommentPages, (page) =>
        callFor(addressee, (to) => commentsCall("Reports.isOnlyOurs", authors, to, issue, page))
      ).pipe(
        Stream.filter((comment) => !isByUs(comment)),
        Stream.runHead
      )
      return Option.isNone(strangers)
    }),
    /** Cost: 1 request. */
    close: (addressee, issue) => callFor(addressee, (to) => closeCall(to, issue))
  })
})

/** Needs `GitHubApp` for the name under which the App writes. */
export const layer: Layer.Layer<Reports, never, GitHubApp | Installations> = Layer.effect(Reports, make)
