/**
 * Places in the text of a `dispatching.yml`, and problems at them: what all steps of reading one have in common.
 *
 * Steps speak of offsets and key paths; only the end of the way turns those into lines, columns and `outbound[0].targets`.
 */
import { LineCounter } from "yaml"
import type { ConfigIssue } from "./Config.ts"
import { withInvisiblesShown } from "./Invisible.ts"

/** Most problems that are reported one by one; one more issue says how many there are besides. */
const maxIssues = 100
const maxShownLength = 60

/** The way to a value: mapping keys and list indexes. */
export type Path = ReadonlyArray<PropertyKey>

/** Where a value stands: offsets into the text, and the places of all that it contains. */
export interface Place {
  /** Where the value's key starts; undefined for list items and for the document itself. */
  readonly key: number | undefined
  readonly value: number
  /** A number or other plain scalar as written, such as `1.20`; undefined for lists and mappings. */
  readonly source: string | undefined
  readonly children: ReadonlyMap<PropertyKey, Place>
}

/** Something wrong at an offset of the text. */
export interface Problem {
  readonly offset: number
  readonly path: Path
  /** Made on demand: a file may have thousands of problems, of which few are shown. */
  readonly message: (lineOf: (offset: number) => number) => string
}

/** Text from outside, cut if long. */
export const clipped = (text: string): string =>
  text.length > maxShownLength ? `${text.slice(0, maxShownLength).toWellFormed()}…` : text

/** Text from outside, quoted, cut if long, and with invisible characters as their escapes. */
export const quoted = (text: string): string => withInvisiblesShown(JSON.stringify(clipped(text)))

/** A path as people write it: `outbound[0].targets[1].workflow`. */
export const showPath = (path: Path): string =>
  path.reduce<string>((shown, key) => {
    if (typeof key === "number") return `${shown}[${key}]`
    const name = String(key)
    if (!/^[\w-]{1,60}$/.test(name)) return `${shown}[${quoted(name)}]`
    return shown === "" ? name : `${shown}.${name}`
  }, "")

/** The place of a path, or of the last value on the way to it that there is. */
export const placeAt = (root: Place, path: Path): Place => {
  let place = root
  for (const key of path) place = place.children.get(key) ?? place
  return place
}

/** Gives line and column of an offset, both from 1; columns in UTF-16 units, as editors count them. */
export type Locator = (offset: number) => { readonly line: number; readonly col: number }

/** The locator of a text. */
export const locatorOf = (text: string): Locator => {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) lines.addNewLine(end + 1)
  return lines.linePos
}

/** Problems as issues, in the order of the text, no more than anybody reads. */
export const toIssues = (problems: ReadonlyArray<Problem>, locate: Locator): ReadonlyArray<ConfigIssue> => {
  const issueAt = (offset: number, path: string, message: string): ConfigIssue => {
    const { line, col } = locate(offset)
    return { line, column: col, path, message }
  }
  const lineOf = (offset: number) => locate(offset).line
  const sorted = problems.toSorted((a, b) => a.offset - b.offset)
  const issues = sorted
    .slice(0, maxIssues)
    .map(({ offset, path, message }) => issueAt(offset, showPath(path), message(lineOf)))
  const next = sorted[maxIssues]
  return next === undefined
    ? issues
    : [...issues, issueAt(next.offset, "", `and ${sorted.length - maxIssues} more problems from here on`)]
}
