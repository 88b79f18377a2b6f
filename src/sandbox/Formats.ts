/**
 * Times and addresses as GitHub writes them.
 */
import type { SandboxRepository, SandboxState } from "./State.ts"

/** GitHub's timestamps have whole seconds. */
export const timestamp = (millis: number): string => new Date(millis).toISOString().replace(/\.\d{3}Z$/, "Z")

/** The API address of a repository. */
export const apiUrl = (state: SandboxState, repository: SandboxRepository): string =>
  `${state.url}/repos/${repository.fullName}`

/** The page of a repository. */
export const htmlUrl = (state: SandboxState, repository: SandboxRepository): string =>
  `${state.url}/${repository.fullName}`
