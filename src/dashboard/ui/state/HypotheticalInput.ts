/**
 * The run that the Explain view asks about, as far as it is filled in; what is left out is an ordinary, successful push to
 * the default branch. All of it is in the URL's query.
 */
import type { Conclusion } from "../../../domain/SourceRun.ts"
import { conclusions } from "../../../domain/Vocabulary.ts"
import { isRepositoryName } from "../format/GitHub.ts"

export interface HypotheticalInput {
  readonly repository: string | undefined
  readonly workflow: string | undefined
  readonly branch: string | undefined
  readonly conclusion: Conclusion | undefined
  readonly event: string | undefined
  readonly fork: boolean
}

export const nothingFilledIn: HypotheticalInput = {
  repository: undefined,
  workflow: undefined,
  branch: undefined,
  conclusion: undefined,
  event: undefined,
  fork: false
}

/** Longer names than this are no names. */
const longest = 255

/** Text without the space around it; nothing, if there is no more to it than that, or if it is no name at all. */
const name = (text: string | null | undefined): string | undefined => {
  const trimmed = text?.trim() ?? ""
  return trimmed === "" || trimmed.length > longest || /\p{Cc}/u.test(trimmed) ? undefined : trimmed
}

/** A repository's name, if that is what it is. */
export const repositoryIn = (text: string | null): string | undefined =>
  text !== null && isRepositoryName(text) ? text : undefined

/** Reads the run from a query. */
export const parseHypothetical = (given: URLSearchParams): HypotheticalInput => ({
  repository: repositoryIn(given.get("repository")),
  workflow: name(given.get("workflow")),
  branch: name(given.get("branch")),
  conclusion: conclusions.find((one) => one === given.get("conclusion")),
  event: name(given.get("event")),
  fork: given.get("fork") === "true"
})

/** The run as parameters of a query. */
export const supposedParameters = ({
  fork,
  ...said
}: HypotheticalInput): Readonly<Record<string, string | undefined>> => ({
  ...said,
  fork: fork ? "true" : undefined
})

/** The run as a query of its own: equal for equal runs, and empty for {@link nothingFilledIn}. */
export const formatHypothetical = (supposed: HypotheticalInput): string => {
  const pairs = new URLSearchParams()
  for (const [key, value] of Object.entries(supposedParameters(supposed)))
    if (value !== undefined) pairs.set(key, value)
  return `${pairs}`
}

/** What was typed, without space around it. */
export const tidied = (supposed: HypotheticalInput): HypotheticalInput => ({
  ...supposed,
  repository: name(supposed.repository),
  workflow: name(supposed.workflow),
  branch: name(supposed.branch),
  event: name(supposed.event)
})
