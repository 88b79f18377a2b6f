/** Reads `dispatching.yml` from the default branches of repositories. */
import { Context, type Effect } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import type { RepositoryKey, RepositoryName } from "../domain/Names.ts"
import type { GitHubId } from "../domain/SourceRun.ts"
import type { GitHubError } from "./GitHubError.ts"

/** The answers by repository key: one for every repository that was asked for. */
export type ConfigAnswers = ReadonlyMap<RepositoryKey, ConfigAnswer>

/** What is known about the App's installations before asking; saves looking them up. */
export interface KnownInstallation {
  readonly owner: string
  readonly installationId: GitHubId
}

/** What repositories let happen, by their own word. */
export class ConfigSource extends Context.Service<
  ConfigSource,
  {
    /**
     * Loads the configs of any number of repositories. A repository that cannot be read is an answer (`Unreachable`), so that one never
     * holds up the others; the error is for when nothing could be asked at all.
     */
    readonly load: (
      repositories: ReadonlyArray<RepositoryName>,
      known: KnownInstallation
    ) => Effect.Effect<ConfigAnswers, GitHubError>
  }
>()("dispatcher/ports/ConfigSource") {}
