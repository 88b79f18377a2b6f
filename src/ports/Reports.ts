/** Issues in a source repository, through which people are told. */
import { Context, type Effect } from "effect"
import type { SourceRun } from "../domain/SourceRun.ts"
import type { GitHubError } from "./GitHubError.ts"

/** An issue of the repository that is told. */
export interface Issue {
  readonly number: number
  readonly url: string
}
/** The repository to tell, and the installation that may. */
export type Addressee = Pick<SourceRun, "repository" | "installationId">

export class Reports extends Context.Service<
  Reports,
  {
    /** Opens an issue. `Ambiguous` if the answer was lost. */
    readonly create: (
      to: Addressee,
      issue: { readonly title: string; readonly body: string }
    ) => Effect.Effect<Issue, GitHubError>
    /** Rewrites an issue's body and opens it again if it was closed. `NotFound` if it was deleted. */
    readonly update: (to: Addressee, issue: number, body: string) => Effect.Effect<Issue, GitHubError>
    /** Adds a comment. `Ambiguous` if the answer was lost. */
    readonly comment: (to: Addressee, issue: number, body: string) => Effect.Effect<void, GitHubError>
    /** The newest issue by this App whose body contains `marker`: what a lost answer to `create` may have left. */
    readonly findIssue: (to: Addressee, marker: string) => Effect.Effect<Issue | null, GitHubError>
    /** Whether the issue has a comment by this App that contains `marker`. */
    readonly hasComment: (to: Addressee, issue: number, marker: string) => Effect.Effect<boolean, GitHubError>
  }
>()("dispatcher/ports/Reports") {}
