/**
 * Whose name it is. A rule names a source by `owner/name`, and a name may change hands: an account is renamed or deleted, and another owner
 * registers it. So the ids under which a pair of names was first let in across owners are remembered.
 *
 * Within one owner nothing is remembered: the target's file is read with the installation of the source's own account, and an installation
 * reaches the repositories of its account only, whatever name that account has by now.
 */
import { Schema } from "effect"
import type { RepositoryKey } from "./Names.ts"
import { GitHubId, type SourceRun } from "./SourceRun.ts"

/** A source repository and its owner, by GitHub's ids. */
export const SourceIdentity = Schema.Struct({
  repositoryId: GitHubId,
  /** Absent where the run was stored before it was read. */
  ownerId: Schema.optionalKey(GitHubId)
})
export interface SourceIdentity extends Schema.Schema.Type<typeof SourceIdentity> {}

/**
 * Under which ids the targets first let the source's name in, by target; those that never did are missing. Of a run that is only supposed
 * no file has an id, so nothing is compared.
 */
export type RememberedSources = ReadonlyMap<RepositoryKey, SourceIdentity> | "hypothetical"

/** The identity of a run's repository. */
export const identityOf = ({ repositoryId, ownerId }: SourceRun): SourceIdentity => ({
  repositoryId,
  ...(ownerId === undefined ? {} : { ownerId })
})

/** Whether two are one repository of one owner; an owner that is not known is any. */
export const sameSource = (a: SourceIdentity, b: SourceIdentity): boolean =>
  a.repositoryId === b.repositoryId && (a.ownerId === undefined || b.ownerId === undefined || a.ownerId === b.ownerId)
