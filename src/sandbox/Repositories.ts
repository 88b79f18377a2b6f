/**
 * Finding things in a repository as git and GitHub do: the repository by name, refs, files, and the ids of what is there.
 */
import { createHash } from "node:crypto"
import type { GitRef, Installation, SandboxRepository, SandboxState } from "./State.ts"

export const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex")

/** The commit that a ref points to: changes with its files, and with nothing else. */
export const commitSha = (repository: SandboxRepository, ref: GitRef): string => {
  ref.commit ??= sha1(JSON.stringify([repository.fullName, [...ref.files].sort(([a], [b]) => (a < b ? -1 : 1))]))
  repository.commits.add(ref.commit)
  return ref.commit
}

/** Puts a file on a ref, or takes it away, which makes a new commit. */
export const writeFile = (ref: GitRef, path: string, text: string | null): void => {
  if (text === null) ref.files.delete(path)
  else ref.files.set(path, text)
  ref.commit = undefined
}

/** The commit that a ref or a commit's own id leads to, if there is one. Only commits that were shown to a client are found by id. */
export const findCommit = (repository: SandboxRepository, name: string): string | undefined => {
  const ref = findRef(repository, name)
  if (ref !== undefined) return commitSha(repository, ref)
  return repository.commits.has(name) ? name : undefined
}

/** The git id of a file's content. */
export const blobSha = (text: string): string => sha1(`blob ${Buffer.byteLength(text)}\0${text}`)

export const findRepository = (state: SandboxState, owner: string, name: string): SandboxRepository | undefined =>
  state.repositories.get(`${owner}/${name}`.toLowerCase())

/** Whether the repository has this full name, or had it before it was renamed. */
export const isCalled = (
  { repositories, formerNames }: Pick<SandboxState, "repositories" | "formerNames">,
  repository: SandboxRepository,
  fullName: string
): boolean => [repositories, formerNames].some((named) => named.get(fullName.toLowerCase()) === repository)

/** The installation on the account that owns the repository, if it covers the repository. */
export const covers = (installation: Installation, repository: SandboxRepository): boolean =>
  installation.account.toLowerCase() === repository.owner.toLowerCase() &&
  (installation.selected === "all" || installation.selected.has(repository.name.toLowerCase()))

/** Finds a branch or tag by short or full name; `HEAD` is the default branch. A branch wins over a tag of its name. */
export const findRef = (repository: SandboxRepository, name: string): GitRef | undefined => {
  if (name === "HEAD") return repository.refs.get(`heads/${repository.defaultBranch}`)
  if (name.startsWith("refs/")) return repository.refs.get(name.slice("refs/".length))
  return repository.refs.get(`heads/${name}`) ?? repository.refs.get(`tags/${name}`)
}

/** A repository without a push: it has no branch yet. */
export const isEmpty = (repository: SandboxRepository): boolean =>
  [...repository.refs.values()].every((ref) => ref.files.size === 0)
