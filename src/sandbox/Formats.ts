/**
 * Times and addresses as GitHub writes them.
 */
import { Clock, Effect } from "effect"
import type { SandboxRepository, SandboxState } from "./State.ts"

/** GitHub's timestamps have whole seconds. */
export const timestamp = (millis: number): string => new Date(millis).toISOString().replace(/\.\d{3}Z$/, "Z")

/** GitHub's time (epoch milliseconds) for what happens outside of a request; a request's own clock is GitHub's already. */
export const githubTime = ({ settings }: Pick<SandboxState, "settings">): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (now) => now + settings.clockAheadSeconds * 1000)

/** The API address of a repository. */
export const apiUrl = (state: SandboxState, repository: SandboxRepository): string =>
  `${state.url}/repos/${repository.fullName}`

/** The page of a repository. */
export const htmlUrl = (state: SandboxState, repository: SandboxRepository): string =>
  `${state.url}/${repository.fullName}`
