/**
 * The schema's issues with a `dispatching.yml`, taken apart into single problems in words for whoever writes YAML.
 *
 * Says what was found and what was expected, at the key or value that is meant: an unknown key at the key, a missing one at
 * its parent, anything else at the value.
 */
import { type SchemaAST, SchemaIssue } from "effect"
import { clipped, type Path, type Place, type Problem, placeAt, quoted } from "./ConfigProblem.ts"

const list = (words: ReadonlyArray<PropertyKey>): string => words.map(String).join(", ")

const literalsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Union" ? ast.types.flatMap((type) => (type._tag === "Literal" ? [String(type.literal)] : [])) : []

/** What a schema wants, as far as YAML has words for it. */
const wanted = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "String":
      return "a string"
    case "Arrays":
      return "a list"
    case "Objects":
      return "a mapping (key: value)"
    case "Union": {
      const literals = literalsOf(ast)
      const [first] = ast.types
      return literals.length > 0 ? `one of ${list(literals)}` : first === undefined ? "nothing" : wanted(first)
    }
    default:
      return "something else"
  }
}

const found = (value: unknown, place: Place): string => {
  if (value === null) return "nothing"
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list"
  if (typeof value === "object") return "a mapping"
  return `the ${typeof value} ${typeof value === "string" ? quoted(value) : clipped(place.source ?? String(value))}`
}

const advice = (value: unknown, expected: string): string => {
  if (expected === "a string" && (typeof value === "number" || typeof value === "boolean")) return "; put it in quotes"
  if (expected === "a list" && typeof value === "string") return "; put it in [ ]"
  return ""
}

/** Edits that turn one word into another: inserted, removed, replaced characters (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [index, char] of [...a].entries()) {
    const next = [index + 1]
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (char === b[at - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** `, did you mean "targets"?`, if one of the words is near enough or what the text begins or abbreviates. */
const suggestion = (text: string, words: ReadonlyArray<string>): string => {
  const lower = text.toLowerCase()
  if (lower.length < 3 || lower.length > 40) return ""
  const ranked = words
    .map((word) => ({ word, edits: word.startsWith(lower) ? 0 : distance(lower, word) }))
    .filter(({ word, edits }) => edits <= Math.ceil(word.length / 4))
    .toSorted((a, b) => a.edits - b.edits)
  return ranked[0] === undefined ? "" : `, did you mean ${quoted(ranked[0].word)}?`
}

/** `undefined` stands where YAML has no value that could be meant, which has then been reported already. */
const wrongValue = (
  issue: SchemaIssue.Issue,
  path: Path,
  expected: string,
  words: ReadonlyArray<string>,
  root: Place
): ReadonlyArray<Problem> => {
  const value = SchemaIssue.hasInput(issue) ? issue.input : undefined
  if (value === undefined) return []
  const place = placeAt(root, path)
  const message = () => {
    const suggested = typeof value === "string" ? suggestion(value, words) : ""
    return `expected ${expected}, found ${found(value, place)}${suggested}${advice(value, expected)}`
  }
  return [{ offset: value === null ? (place.key ?? place.value) : place.value, path, message }]
}

const missingKey = (path: Path, root: Place): Problem => {
  const parent = placeAt(root, path.slice(0, -1))
  return {
    offset: parent.key ?? parent.value,
    path,
    message: () => `missing key ${quoted(String(path.at(-1)))}`
  }
}

/** A mapping either has keys of its own, or any that look right. */
const unknownKey = (path: Path, ast: SchemaAST.AST, root: Place): Problem => {
  const place = placeAt(root, path)
  const name = String(path.at(-1))
  return {
    offset: place.key ?? place.value,
    path,
    message: () => {
      if (ast._tag !== "Objects") return `unknown key ${quoted(name)}`
      const [index] = ast.indexSignatures
      const check = index?.parameter.checks?.find((check) => check._tag === "Filter")
      if (check !== undefined) return `expected ${check.annotations?.expected}, found the key ${quoted(name)}`
      const keys = ast.propertySignatures.map((property) => String(property.name))
      const suggested = suggestion(name, keys)
      return `unknown key ${quoted(name)}${suggested}${suggested === "" ? "; expected" : " Expected"} one of ${list(keys)}`
    }
  }
}

/** All single problems in an issue that was made with `reportInput`, at their places. */
export const schemaProblems = (issue: SchemaIssue.Issue, root: Place): ReadonlyArray<Problem> => {
  const visit = (issue: SchemaIssue.Issue, path: Path, expected: string | undefined): ReadonlyArray<Problem> => {
    switch (issue._tag) {
      case "Pointer":
        return visit(issue.issue, [...path, ...issue.path], undefined)
      case "Filter":
        return visit(issue.issue, path, issue.filter.annotations?.expected)
      case "Encoding":
        return visit(issue.issue, path, expected)
      case "Composite":
        return issue.issues.flatMap((each) => visit(each, path, expected))
      case "MissingKey":
        return [missingKey(path, root)]
      case "UnexpectedKey":
        return [unknownKey(path, issue.ast, root)]
      case "AnyOf":
        return issue.issues.length > 0
          ? issue.issues.flatMap((each) => visit(each, path, expected))
          : wrongValue(issue, path, wanted(issue.ast), literalsOf(issue.ast), root)
      case "InvalidType":
        return wrongValue(issue, path, wanted(issue.ast), [], root)
      default:
        return wrongValue(issue, path, expected ?? "another value", [], root)
    }
  }
  return visit(issue, [], undefined)
}
