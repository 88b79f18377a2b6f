/**
 * Names of repositories as people type them, and links to GitHub. Addresses come from facts, so from outside: only http and https become links,
 * whatever a fact says. The address of a rule or a commit is made from the origin of the run's own page, so that it is right for GitHub Enterprise too.
 */

import type { RuleRef } from "../../../domain/Decision.ts"
import { repositoryPattern } from "../../../domain/Vocabulary.ts"
import type { Sent } from "../api/Sent.ts"

/** Whether text is a repository's full name, `owner/name`; what is not has no figures and cannot be asked about. */
export const isRepositoryName = (text: string): boolean => repositoryPattern.test(text)

/** Whether two names are one repository on GitHub. */
export const isSameRepository = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The address if it is one that a link may lead to. */
export const safeUrl = (address: string | null | undefined): string | undefined => {
  if (address === null || address === undefined || !URL.canParse(address)) return undefined
  const url = new URL(address)
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined
}

/** `https://github.com` of the page of a run there. */
export const originOf = (runUrl: string | null | undefined): string | undefined => {
  const safe = safeUrl(runUrl)
  return safe === undefined ? undefined : new URL(safe).origin
}

const path = (text: string): string => text.split("/").map(encodeURIComponent).join("/")

/** The line of a rule, on the default branch. */
export const ruleUrl = (origin: string, rule: Sent<RuleRef>): string =>
  `${origin}/${path(rule.repository)}/blob/HEAD/${path(rule.file)}#L${rule.line}`

/** A commit of a repository. */
export const commitUrl = (origin: string, repository: string, sha: string): string =>
  `${origin}/${path(repository)}/commit/${encodeURIComponent(sha)}`
