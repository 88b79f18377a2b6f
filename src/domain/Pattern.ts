/**
 * Patterns for branches, refs and repositories: GitHub's filter patterns reduced to `*` and `**`.
 *
 * `*` stands for any run of characters except `/`, `**` for any run of characters, everything else for itself. Patterns and
 * texts both come from strangers, so matching never backtracks: its time is bounded by the product of both lengths.
 */
import { Result, Schema } from "effect"
import type { RepositoryName } from "./Names.ts"

/** From the positions of a text that a pattern reaches, to those that it reaches with one more part; 1 where it does. */
type Advance = (text: string, reached: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>

/** `*` or `**`: from a reached position every later one, `*` only up to the next `/`. */
const wildcard =
  (crossesSlash: boolean): Advance =>
  (text, reached) => {
    const next = new Uint8Array(reached.length)
    let open = false
    for (let at = 0; at < reached.length; at++) {
      if (!crossesSlash && at > 0 && text[at - 1] === "/") open = false
      if (reached[at] === 1) open = true
      if (open) next[at] = 1
    }
    return next
  }

const literal =
  (part: string): Advance =>
  (text, reached) => {
    const next = new Uint8Array(reached.length)
    for (let at = 0; at + part.length < reached.length; at++) {
      if (reached[at] === 1 && text.startsWith(part, at)) next[at + part.length] = 1
    }
    return next
  }

const advanceBy = (part: string): Advance => (part.startsWith("*") ? wildcard(part.length > 1) : literal(part))

/** Whether `pattern` matches the whole of `text`. With regard to case, as git refs are. */
export const matchesPattern = (pattern: string, text: string): boolean => {
  if (!pattern.includes("*")) return pattern === text
  let reached = new Uint8Array(text.length + 1)
  reached[0] = 1
  for (const part of pattern.match(/\*+|[^*]+/g) ?? []) reached = advanceBy(part)(text, reached)
  return reached[text.length] === 1
}

/** Whether at least one of the patterns matches the whole of `text`. */
export const matchesAny = (patterns: ReadonlyArray<string>, text: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, text))

/**
 * Whether a pattern `owner/name`, already resolved with `resolveRepository`, matches a repository. Without case.
 *
 * Where `*` may stand is for whoever accepts the pattern to say: rules allow it in the name, allowlists anywhere.
 */
export const matchesRepository = (pattern: string, repository: RepositoryName): boolean =>
  matchesPattern(pattern.toLowerCase(), repository.toLowerCase())

/** An entry of an allowlist: `owner/name`, with `*` anywhere in either. */
export const AllowlistPattern = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_*-]{1,100}\/[A-Za-z0-9._*-]{1,100}$/u, {
    expected: "a repository as owner/name, where * stands for any characters"
  })
).pipe(Schema.brand("AllowlistPattern"))
export type AllowlistPattern = typeof AllowlistPattern.Type

const isAllowlistPattern = Schema.is(AllowlistPattern)

const allowlistProblem = (entry: string, position: number): string => {
  if (entry === "") return `entry ${position} is empty`
  const shown = JSON.stringify(entry.length > 60 ? `${entry.slice(0, 60)}…` : entry)
  const problem = `entry ${position}, ${shown}, is not a repository as owner/name with * for any characters`
  if (entry === "*") return `${problem}; for every repository write */*`
  return entry.includes("/") ? problem : `${problem}; for every repository of an owner write owner/*`
}

/**
 * Reads a comma-separated allowlist, such as `SOURCE_REPO_ALLOWLIST`. Blank text is an empty list.
 *
 * Fails with one phrase for each malformed entry: what a mistyped entry was to let in or keep out cannot be guessed.
 */
export const parseAllowlist = (text: string): Result.Result<ReadonlyArray<AllowlistPattern>, ReadonlyArray<string>> => {
  const entries = text.trim() === "" ? [] : text.split(",").map((entry) => entry.trim())
  const problems = entries.flatMap((entry, index) =>
    isAllowlistPattern(entry) ? [] : [allowlistProblem(entry, index + 1)]
  )
  return problems.length > 0 ? Result.fail(problems) : Result.succeed(entries.filter(isAllowlistPattern))
}
