/**
 * Check runs on commits of a source repository, through which pull requests learn what became of what they started elsewhere.
 *
 * The reasons of GitHubError say what is left to do: `Forbidden` means that the repository takes no check runs of ours (no permission, or it
 * is archived), `NotFound` of an update that the check run is not there any more, and `Unprocessable` that the commit takes none.
 */
import { Context, type Effect, type Option } from "effect"
import type { CheckRun } from "../domain/CheckRun.ts"
import type { GitHubId, SourceRun } from "../domain/SourceRun.ts"
import type { GitHubError } from "./GitHubError.ts"

/** The commit that is checked, in a repository as it was called when the run ended, and the installation that may. */
export type CheckedCommit = Pick<SourceRun, "repository" | "repositoryId" | "installationId" | "sha">

/** Writes check runs, and finds them again. */
export class Checks extends Context.Service<
  Checks,
  {
    /** Creates a check run beside those of the same name. `Ambiguous` if the answer was lost: {@link find} it before it is created again. */
    readonly create: (of: CheckedCommit, externalId: string, check: CheckRun) => Effect.Effect<GitHubId, GitHubError>
    /**
     * Has a check run show something else; harmless to repeat. One that is completed stays so: GitHub answers a change of its status with
     * success and does not make it, so what is open again needs another check run.
     */
    readonly update: (of: CheckedCommit, id: GitHubId, check: CheckRun) => Effect.Effect<void, GitHubError>
    /** The check run of this App with that name and external id on the commit: what a lost answer to `create` may have left. */
    readonly find: (
      of: CheckedCommit,
      name: string,
      externalId: string
    ) => Effect.Effect<Option.Option<GitHubId>, GitHubError>
  }
>()("dispatcher/ports/Checks") {}
