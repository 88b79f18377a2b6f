/**
 * Issues in a source repository, through which people are informed.
 *
 * The reasons of GitHubError say what is left to do: `NotFound` of an issue means that it takes no more (deleted, transferred, full), so
 * another one can take its place; `Forbidden` and `Unprocessable` mean that the repository, or this issue, is to be left alone.
 */
import { Context, Effect, Layer } from "effect"
import { repositoryKey } from "../domain/Names.ts"
import type { SourceRun } from "../domain/SourceRun.ts"
import { type Mishap, Script } from "../testing/FaultScript.ts"
import { GitHubError, NotFound } from "./GitHubError.ts"

/** An issue of the repository that is informed. */
export interface Issue {
  readonly number: number
  readonly url: string
}
/** The repository to inform, and the installation that may. */
export type Addressee = Pick<SourceRun, "repository" | "installationId">

/** Writes issues and comments, and finds them again. */
export class Reports extends Context.Service<
  Reports,
  {
    /** Opens an issue. `Ambiguous` if the answer was lost, `Forbidden` where issues are disabled. */
    readonly create: (
      to: Addressee,
      issue: { readonly title: string; readonly body: string }
    ) => Effect.Effect<Issue, GitHubError>
    /** Rewrites an issue's body, and opens it again if it was closed and `reopen` is true. `NotFound` if it cannot be used any more. */
    readonly update: (to: Addressee, issue: number, body: string, reopen: boolean) => Effect.Effect<Issue, GitHubError>
    /**
     * Adds a comment. `Ambiguous` if the answer was lost, `NotFound` if the issue cannot be used any more, `Forbidden` where it is locked.
     */
    readonly comment: (to: Addressee, issue: number, body: string) => Effect.Effect<void, GitHubError>
    /** The newest issue by this App whose body contains `marker`: what a lost answer to `create` may have left. */
    readonly findIssue: (to: Addressee, marker: string) => Effect.Effect<Issue | null, GitHubError>
    /** Those of the markers that stand in the latest comments of this App on the issue. `NotFound` if the issue was deleted. */
    readonly findComments: (
      to: Addressee,
      issue: number,
      markers: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyArray<string>, GitHubError>
  }
>()("dispatcher/ports/Reports") {}

/** An issue in memory. */
export interface WrittenIssue extends Issue {
  readonly repository: SourceRun["repository"]
  readonly title: string
  readonly body: string
  readonly open: boolean
  readonly comments: ReadonlyArray<string>
}

/** What {@link layerMemory} was asked and holds, what people do to it, and what goes wrong with it. */
export class WrittenIssues extends Context.Service<
  WrittenIssues,
  {
    /** All issues that were not deleted, in the order of their creation. */
    readonly all: Effect.Effect<ReadonlyArray<WrittenIssue>>
    readonly requests: Effect.Effect<ReadonlyArray<keyof Reports["Service"]>>
    /** What the next requests of a kind meet, one each. */
    readonly script: (operation: keyof Reports["Service"], ...mishaps: ReadonlyArray<Mishap>) => Effect.Effect<void>
    /** Closes the issue at this address, as a person might. */
    readonly close: (url: string) => Effect.Effect<void>
    /** Deletes the issue at this address, as a person might. */
    readonly delete: (url: string) => Effect.Effect<void>
  }
>()("dispatcher/ports/Reports/WrittenIssues") {}

const urlOf = ({ repository }: Addressee, number: number): string =>
  `https://github.com/${repositoryKey(repository)}/issues/${number}`

const makeMemory = Effect.sync(() => {
  const script = new Script<keyof Reports["Service"]>("Reports")
  const issues = new Map<string, WrittenIssue>()
  const lastNumber = new Map<string, number>()

  const create = (to: Addressee, { title, body }: { readonly title: string; readonly body: string }) =>
    Effect.sync((): Issue => {
      const key = repositoryKey(to.repository)
      const number = (lastNumber.get(key) ?? 0) + 1
      lastNumber.set(key, number)
      const issue = { number, url: urlOf(to, number) }
      issues.set(issue.url, { ...issue, repository: to.repository, title, body, open: true, comments: [] })
      return issue
    })
  const issueAt = (operation: string, url: string) =>
    Effect.suspend(() => {
      const issue = issues.get(url)
      return issue === undefined
        ? Effect.fail(
            new GitHubError({ operation: `Reports.${operation}`, reason: new NotFound({ message: "Not Found" }) })
          )
        : Effect.succeed(issue)
    })
  const change = (operation: string, url: string, how: (issue: WrittenIssue) => Partial<WrittenIssue>) =>
    Effect.map(issueAt(operation, url), (issue): Issue => {
      issues.set(url, { ...issue, ...how(issue) })
      return { number: issue.number, url }
    })
  const find = ({ repository }: Addressee, marker: string) =>
    Effect.sync((): Issue | null => {
      const key = repositoryKey(repository)
      const found = [...issues.values()].findLast(
        (issue) => repositoryKey(issue.repository) === key && issue.body.includes(marker)
      )
      return found === undefined ? null : { number: found.number, url: found.url }
    })

  return Context.make(Reports, {
    create: (to, issue) => script.request("create", create(to, issue)),
    update: (to, number, body, reopen) =>
      script.request(
        "update",
        change("update", urlOf(to, number), ({ open }) => ({ body, open: open || reopen }))
      ),
    comment: (to, number, body) =>
      script.request(
        "comment",
        Effect.asVoid(change("comment", urlOf(to, number), ({ comments }) => ({ comments: [...comments, body] })))
      ),
    findIssue: (to, marker) => script.request("findIssue", find(to, marker)),
    findComments: (to, number, markers) =>
      script.request(
        "findComments",
        Effect.map(issueAt("findComments", urlOf(to, number)), ({ comments }) =>
          markers.filter((marker) => comments.some((body) => body.includes(marker)))
        )
      )
  }).pipe(
    Context.add(WrittenIssues, {
      all: Effect.sync(() => [...issues.values()]),
      requests: script.requests,
      script: script.add,
      close: (url) => Effect.ignore(change("close", url, () => ({ open: false }))),
      delete: (url) => Effect.sync(() => void issues.delete(url))
    })
  )
})

/** Issues in memory; numbers count up in each repository, and a deleted issue's number is not given again. */
export const layerMemory: Layer.Layer<Reports | WrittenIssues> = Layer.effectContext(makeMemory)
