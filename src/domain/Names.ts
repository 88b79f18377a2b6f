/**
 * Names of repositories and workflow files.
 *
 * GitHub treats both without regard to case, so nothing may compare them with `===`: compare keys, show names.
 * A name keeps the spelling in which somebody wrote it; its key is what equality, order ids and table keys are made of.
 */
import { Schema } from "effect"

const repositoryPattern = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,99})\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/

/** `owner/name`, spelled as its author spelled it. */
export const RepositoryName = Schema.String.check(
  Schema.isPattern(repositoryPattern, { expected: "a repository as owner/name" })
).pipe(Schema.brand("RepositoryName"))
export type RepositoryName = typeof RepositoryName.Type

/** A repository name in lower case: two names are one repository exactly if their keys are equal. */
export type RepositoryKey = string & { readonly RepositoryKey: unique symbol }

/** The key of a repository: its name without case. */
export const repositoryKey = (name: RepositoryName): RepositoryKey => name.toLowerCase() as RepositoryKey

/** Whether two names are one repository on GitHub. */
export const sameRepository = (a: RepositoryName, b: RepositoryName): boolean => repositoryKey(a) === repositoryKey(b)

/** The account (user or organisation) that owns a repository. */
export const ownerOf = (name: RepositoryName): string => name.slice(0, name.indexOf("/"))

/** Whether two repositories belong to one account. */
export const sameOwner = (a: RepositoryName, b: RepositoryName): boolean =>
  ownerOf(a).toLowerCase() === ownerOf(b).toLowerCase()

/** A repository's name without its owner. */
export const shortNameOf = (name: RepositoryName): string => name.slice(name.indexOf("/") + 1)

/** The repository that `text` names, where a name without an owner belongs to `owner`. */
export const resolveRepository = (text: string, owner: string): string =>
  text.includes("/") ? text : `${owner}/${text}`

/**
 * What identifies a workflow within a repository: the file's name for `.github/workflows/ci.yml`, GitHub's own path
 * (`dynamic/pages/pages-build-deployment`) for workflows that have no file.
 */
export const WorkflowFile = Schema.NonEmptyString.pipe(Schema.brand("WorkflowFile"))
export type WorkflowFile = typeof WorkflowFile.Type

/** A workflow file in lower case: two spellings are one file exactly if their keys are equal. */
export type WorkflowKey = string & { readonly WorkflowKey: unique symbol }

/** The key of a workflow file: its name without case. */
export const workflowKey = (file: WorkflowFile): WorkflowKey => file.toLowerCase() as WorkflowKey

/** Whether two spellings are one workflow file. */
export const sameWorkflow = (a: WorkflowFile, b: WorkflowFile): boolean => workflowKey(a) === workflowKey(b)

const workflowFolder = /^\.github\/workflows\//i
const refSuffix = /^(.*?\.ya?ml)@.*$/is

/**
 * Strips what does not tell workflows apart: `.github/workflows/` before the file name and `@ref` behind it.
 *
 * GitHub sends `workflow_run.path` with and without the ref; people write all three forms.
 */
export const normalizeWorkflow = (path: string): string =>
  path.replace(refSuffix, "$1").replace(workflowFolder, "") || path

/** Whether a normalised workflow is a file that a rule may name. */
export const isWorkflowFileName = (file: string): boolean => /^[^/\s@]+\.ya?ml$/i.test(file)
