/**
 * Issues in a source repository, through which people are informed.
 *
 * The reasons of GitHubError say what is left to do: `NotFound` of an issue means that it takes no more (deleted, transferred, full), so
 * another one can take its place; `Forbidden` and `Unprocessable` mean that the repository, or this issue, is to be left alone.
 */
import { Context, type Effect } from "effect"
import type { SourceRun } from "../domain/SourceRun.ts"
import type { GitHubError } from "./GitHubError.ts"

/** An issue of the repository that is informed. */
export interface Issue {
  readonly number: number
  readonly url: string
}
/** The repository to inform, and the installation that may. */
export type Addressee = Pick<SourceRun, "repository" | "repositoryId" | "installationId">

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
    /** The texts of the latest comments of this App on the issue that contain `marker`. `NotFound` if the issue was deleted. */
    readonly findComments: (
      to: Addressee,
      issue: number,
      marker: string
    ) => Effect.Effect<ReadonlyArray<string>, GitHubError>
    /** Whether this App alone wrote the issue and its comments. `NotFound` if it was deleted. */
    readonly isOnlyOurs: (to: Addressee, issue: number) => Effect.Effect<boolean, GitHubError>
    /** Closes an issue as completed; nothing where it is closed. `NotFound` if it cannot be used any more. */
    readonly close: (to: Addressee, issue: number) => Effect.Effect<void, GitHubError>
  }
>()("dispatcher/ports/Reports") {}
