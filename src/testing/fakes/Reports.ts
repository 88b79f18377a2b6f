/** Issues in memory. */
import { Context, Effect, Layer } from "effect"
import { repositoryKey } from "../../domain/Names.ts"
import type { SourceRun } from "../../domain/SourceRun.ts"
import { GitHubError, NotFound } from "../../ports/GitHubError.ts"
import { type Addressee, type Issue, Reports } from "../../ports/Reports.ts"

/** An issue in memory. */
export interface WrittenIssue extends Issue {
  readonly repository: SourceRun["repository"]
  readonly title: string
  readonly body: string
  readonly open: boolean
  /** The App's comments. */
  readonly comments: ReadonlyArray<string>
  /** Comments of other people. */
  readonly answers: ReadonlyArray<string>
}

/** What {@link layerMemory} holds, and what people do to it. */
export class WrittenIssues extends Context.Service<
  WrittenIssues,
  {
    /** All issues that were not deleted, in the order of their creation. */
    readonly all: Effect.Effect<ReadonlyArray<WrittenIssue>>
    /** Closes the issue at this address, as a person might. */
    readonly close: (url: string) => Effect.Effect<void>
    /** Comments on the issue at this address, as a person might. */
    readonly answer: (url: string, body: string) => Effect.Effect<void>
    /** Deletes the issue at this address, as a person might. */
    readonly delete: (url: string) => Effect.Effect<void>
  }
>()("dispatcher/testing/fakes/WrittenIssues") {}

const urlOf = ({ repository }: Addressee, number: number): string =>
  `https://github.com/${repositoryKey(repository)}/issues/${number}`

const makeMemory = Effect.sync(() => {
  const issues = new Map<string, WrittenIssue>()
  const lastNumber = new Map<string, number>()

  const create = (to: Addressee, { title, body }: { readonly title: string; readonly body: string }) =>
    Effect.sync((): Issue => {
      const key = repositoryKey(to.repository)
      const number = (lastNumber.get(key) ?? 0) + 1
      lastNumber.set(key, number)
      const issue = { number, url: urlOf(to, number) }
      issues.set(issue.url, { ...issue, repository: to.repository, title, body, open: true, comments: [], answers: [] })
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
    create,
    update: (to, number, body, reopen) =>
      change("update", urlOf(to, number), ({ open }) => ({ body, open: open || reopen })),
    comment: (to, number, body) =>
      Effect.asVoid(change("comment", urlOf(to, number), ({ comments }) => ({ comments: [...comments, body] }))),
    findIssue: find,
    findComments: (to, number, marker) =>
      Effect.map(issueAt("findComments", urlOf(to, number)), ({ comments }) =>
        comments.filter((body) => body.includes(marker))
      ),
    isOnlyOurs: (to, number) =>
      Effect.map(issueAt("isOnlyOurs", urlOf(to, number)), ({ answers }) => answers.length === 0),
    close: (to, number) => Effect.asVoid(change("close", urlOf(to, number), () => ({ open: false })))
  }).pipe(
    Context.add(WrittenIssues, {
      all: Effect.sync(() => [...issues.values()]),
      close: (url) => Effect.ignore(change("close", url, () => ({ open: false }))),
      answer: (url, body) => Effect.ignore(change("answer", url, ({ answers }) => ({ answers: [...answers, body] }))),
      delete: (url) => Effect.sync(() => void issues.delete(url))
    })
  )
})

/** Issues in memory; numbers count up in each repository, and a deleted issue's number is not given again. */
export const layerMemory: Layer.Layer<Reports | WrittenIssues> = Layer.effectContext(makeMemory)
