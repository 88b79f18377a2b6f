/**
 * Names of repositories and workflow files.
 *
 * GitHub treats both without regard to the case of ASCII letters, so nothing may compare them with `===`: compare keys, show names.
 * A name keeps the spelling of its author; its key is what equality, order ids and table keys are made of.
 */
import { Hash, Schema } from "effect"
import { repositoryPattern } from "./Vocabulary.ts"

/**
 * The text with `A` to `Z` in lower case and nothing else changed: what names compare by.
 *
 * `toLowerCase` folds more, such as the Kelvin sign (U+212A) to `k`, and would make one workflow of two files.
 */
export const asciiLowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** `owner/name`, spelled as its author spelled it. */
export const RepositoryName = Schema.String.check(
  Schema.isPattern(repositoryPattern, { expected: "a repository as owner/name" })
).pipe(Schema.brand("RepositoryName"))
export type RepositoryName = typeof RepositoryName.Type

/** A repository name in lower case: two names are one repository exactly if their keys are equal. */
export type RepositoryKey = string & { readonly RepositoryKey: unique symbol }

/** The key of a repository: its name without case. */
export const repositoryKey = (name: RepositoryName): RepositoryKey => asciiLowerCase(name) as RepositoryKey

/** Whether two names are one repository on GitHub. */
export const sameRepository = (a: RepositoryName, b: RepositoryName): boolean => repositoryKey(a) === repositoryKey(b)

/** The account (user or organisation) that owns a repository. */
export const ownerOf = (name: RepositoryName): string => name.slice(0, name.indexOf("/"))

/** Whether two repositories belong to one account. */
export const sameOwner = (a: RepositoryName, b: RepositoryName): boolean =>
  asciiLowerCase(ownerOf(a)) === asciiLowerCase(ownerOf(b))

/** A repository's name without its owner. */
export const shortNameOf = (name: RepositoryName): string => name.slice(name.indexOf("/") + 1)

/** The repository that `text` names, where a name without an owner belongs to `owner`. */
export const resolveRepository = (text: string, owner: string): string =>
  text.includes("/") ? text : `${owner}/${text}`

/** No surrogate stands alone. What is not well-formed has no UTF-8, so that no store, queue or address can hold it. */
export const wellFormed = Schema.isPattern(/^\P{Cs}*$/u, { expected: "well-formed text, without lone surrogates" })

/**
 * What identifies a workflow within a repository: the file's name for `.github/workflows/ci.yml`, GitHub's own path
 * (`dynamic/pages/pages-build-deployment`) for workflows that have no file.
 */
export const WorkflowFile = Schema.NonEmptyString.check(wellFormed).pipe(Schema.brand("WorkflowFile"))
export type WorkflowFile = typeof WorkflowFile.Type

/** A workflow file in lower case: two spellings are one file exactly if their keys are equal. */
export type WorkflowKey = string & { readonly WorkflowKey: unique symbol }

/** The key of a workflow file: its name without case. */
export const workflowKey = (file: WorkflowFile): WorkflowKey => asciiLowerCase(file) as WorkflowKey

/** Whether two spellings are one workflow file. */
export const sameWorkflow = (a: WorkflowFile, b: WorkflowFile): boolean => workflowKey(a) === workflowKey(b)

/** `.github/workflows/`, or that of another repository, whose workflows GitHub names in full. */
const workflowFolder = /^(?:[^/@]+\/[^/@]+\/)?\.github\/workflows\//i
const workflowEnding = /[^/]\.ya?ml$/i

/** The part before the last `@` that a ref follows: before it ends a file name, and behind it something stands. */
const withoutRef = (text: string): string => {
  const slash = text.indexOf("/")
  // A file name holds no "/", so the "@" that ends it stands before the first one; and what has none and ends like a file is a file.
  if (slash === -1 && workflowEnding.test(text)) return text
  const head = slash === -1 ? text : text.slice(0, slash)
  const last = Array.from(head.matchAll(/[^/]\.ya?ml(?=@.)/gis)).at(-1)
  return last === undefined ? text : text.slice(0, last.index + last[0].length)
}

/**
 * Strips what does not distinguish workflows: `.github/workflows/` before the file name and `@ref` behind it.
 *
 * GitHub sends `workflow_run.path` with and without the ref (`….yml`, `….yml@main`, `….yml@refs/heads/main`); people write all forms. A
 * file name may hold `@`: `ci.yml@x.yml` is a file, so a branch called `x.yml` is written in full, `ci.yml@refs/heads/x.yml`.
 */
export const normalizeWorkflow = (path: string): string => {
  const folder = workflowFolder.exec(path)?.[0] ?? ""
  const file = withoutRef(path.slice(folder.length))
  const isOwn = folder.startsWith(".")
  return (isOwn ? file : folder + file) || path
}

/** Whether a normalised workflow is a file that a rule may name: whatever GitHub runs. */
export const isWorkflowFileName = (file: string): boolean => /^[^/\p{Cc}\p{Cs}]+\.ya?ml$/iu.test(file)

/** Longer than any real name, in UTF-16 units. */
const longest = 250
const kept = 200

/**
 * Text from outside as a part of a table key: itself, or its beginning and a hash where it is long, so that every store takes the key. Well-formed,
 * and at most 750 bytes of UTF-8.
 */
export const keyText = (text: string): string => {
  if (text.length <= longest) return text.toWellFormed()
  return `${text.slice(0, kept).toWellFormed()}~${(Hash.string(text) >>> 0).toString(36)}`
}
