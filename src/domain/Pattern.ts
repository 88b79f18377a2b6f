/**
 * Patterns for branches, refs and repositories: GitHub's filter patterns reduced to `*` and `**`.
 *
 * `*` stands for any run of characters except `/`, `**` for any run of characters, everything else for itself. Patterns and texts both
 * come from strangers, so matching never backtracks: it is linear in the text, with one step for each 32 characters of the pattern.
 */
import { Result, Schema } from "effect"
import { asciiLowerCase, type RepositoryName } from "./Names.ts"

type Matcher = (text: string) => boolean
type Bits = Uint32Array<ArrayBuffer>

const setBit = (bits: Bits, at: number) => {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31))
}
const hasBit = (bits: Bits, at: number): boolean => ((bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0

/** A pattern as an automaton: state `n` has read the first `n` characters that are no wildcards. */
interface Automaton {
  readonly states: number
  /** By character: the states that it leads on from. */
  readonly steps: ReadonlyMap<string, Bits>
  /** The states that a wildcard follows, which any character but `/`, or any at all, leaves where they are. */
  readonly star: Bits
  readonly doubleStar: Bits
}

const automatonOf = (pattern: string): Automaton => {
  const literals = pattern.replaceAll("*", "").length
  const empty = (): Bits => new Uint32Array((literals >>> 5) + 1)
  const steps = new Map<string, Bits>()
  const [star, doubleStar] = [empty(), empty()]
  let state = 0
  for (const part of pattern.match(/\*+|[^*]+/g) ?? []) {
    if (part.startsWith("*")) {
      setBit(star, state)
      if (part.length > 1) setBit(doubleStar, state)
      continue
    }
    for (const character of part.split("")) {
      const from = steps.get(character) ?? empty()
      setBit(from, state)
      steps.set(character, from)
      state += 1
    }
  }
  return { states: literals + 1, steps, star, doubleStar }
}

/** The states after one more character; false if there is none. */
const advance = (reached: Bits, from: Bits | undefined, stays: Bits): boolean => {
  let carry = 0
  let alive = 0
  for (let word = 0; word < reached.length; word++) {
    const before = reached[word] ?? 0
    const moved = from === undefined ? 0 : before & (from[word] ?? 0)
    const after = (moved << 1) | carry | (before & (stays[word] ?? 0))
    carry = moved >>> 31
    reached[word] = after
    alive |= after
  }
  return alive !== 0
}

const compile = (pattern: string): Matcher => {
  const { states, steps, star, doubleStar } = automatonOf(pattern)
  return (text) => {
    const reached: Bits = new Uint32Array(star.length)
    setBit(reached, 0)
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at)
      if (!advance(reached, steps.get(character), character === "/" ? doubleStar : star)) return false
    }
    return hasBit(reached, states - 1)
  }
}

/** Most characters of the patterns that stay compiled; compiled they take some hundred times as much memory. */
const keptCharacters = 64 * 1024
const kept = new Map<string, Matcher>()
let characters = 0

/** Configs stay cached and are asked about every run, so each pattern is compiled once as long as there is room. */
const compiled = (pattern: string): Matcher => {
  const known = kept.get(pattern)
  if (known !== undefined) return known
  if (characters + pattern.length > keptCharacters) {
    kept.clear()
    characters = 0
  }
  const matcher = compile(pattern)
  kept.set(pattern, matcher)
  characters += pattern.length
  return matcher
}

/** Whether `pattern` matches the whole of `text`. With regard to case, as git refs are. */
export const matchesPattern = (pattern: string, text: string): boolean =>
  pattern.includes("*") ? compiled(pattern)(text) : pattern === text

/** Whether at least one of the patterns matches the whole of `text`. */
export const matchesAny = (patterns: ReadonlyArray<string>, text: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, text))

/**
 * Whether a pattern `owner/name`, already resolved with `resolveRepository`, matches a repository. Without case.
 *
 * Where `*` may stand is up to the caller: rules allow it in the name, allowlists anywhere.
 */
export const matchesRepository = (pattern: string, repository: RepositoryName): boolean =>
  matchesPattern(asciiLowerCase(pattern), asciiLowerCase(repository))

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
