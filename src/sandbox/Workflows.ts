/**
 * The workflows of a repository: GitHub knows those whose file is on the default branch, each by an id that it keeps.
 */
import { findRef } from "./Repositories.ts"
import { nextId, type SandboxRepository, type SandboxState } from "./State.ts"
import { declaredName, fileName } from "./WorkflowFile.ts"

/** A workflow as the API lists it. */
export interface Workflow {
  readonly id: number
  readonly path: string
  readonly name: string
  readonly disabled: boolean
}

const pattern = /^\.github\/workflows\/[^/]+\.ya?ml$/

/** A workflow keeps its id for good, even when its file goes. */
export const workflowId = (state: SandboxState, repository: SandboxRepository, path: string): number => {
  const known = repository.workflowIds.get(path)
  if (known !== undefined) return known
  const id = nextId(state, "workflow")
  repository.workflowIds.set(path, id)
  return id
}

/** The workflow at a path; a file without a name of its own, or none at all, is called by its path. */
export const workflowAt = (state: SandboxState, repository: SandboxRepository, path: string): Workflow => ({
  id: workflowId(state, repository, path),
  path,
  name: declaredName(findRef(repository, "HEAD")?.files.get(path) ?? "") ?? path,
  disabled: repository.disabledWorkflows.has(fileName(path))
})

const paths = (repository: SandboxRepository): ReadonlyArray<string> =>
  [...(findRef(repository, "HEAD")?.files.keys() ?? [])].filter((path) => pattern.test(path))

/** All workflows of a repository. */
export const workflows = (state: SandboxState, repository: SandboxRepository): ReadonlyArray<Workflow> =>
  paths(repository).map((path) => workflowAt(state, repository, path))

/** Finds a workflow by file name or by id; file names are compared with case, as git does. */
export const findWorkflow = (state: SandboxState, repository: SandboxRepository, key: string): Workflow | undefined => {
  const path = paths(repository).find(
    (candidate) => fileName(candidate) === key || String(workflowId(state, repository, candidate)) === key
  )
  return path === undefined ? undefined : workflowAt(state, repository, path)
}
