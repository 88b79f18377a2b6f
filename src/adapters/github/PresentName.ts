/** Repositories are asked by their names, which change; their numbers do not. */
import { Effect } from "effect"
import type { SourceRun } from "../../domain/SourceRun.ts"
import type { GitHubError } from "../../ports/GitHubError.ts"

/** The name of a repository, as far as it is known, and its number. */
type Named = Pick<SourceRun, "repository" | "repositoryId">

/**
 * Asks by the name that is known, and where GitHub redirects from there to the same repository, by its present name; what is redirected
 * elsewhere, as an issue that was transferred, stays not found. The token goes to no address of GitHub's choice.
 * Cost: two requests more where the name is a former one.
 */
export const byPresentName = <Of extends Named, A>(
  of: Of,
  ask: (of: Of) => Effect.Effect<A, GitHubError>
): Effect.Effect<A, GitHubError> =>
  Effect.catch(ask(of), (error) => {
    const movedTo = error.reason._tag === "NotFound" ? error.reason.movedTo : undefined
    return movedTo?.repositoryId === of.repositoryId
      ? ask({ ...of, repository: movedTo.repository })
      : Effect.fail(error)
  })
