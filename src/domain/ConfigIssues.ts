/**
 * The schema's issues with a `dispatching.yml`, taken apart into single problems in words for whoever writes YAML.
 *
 * Says what was found and what was expected, at the key or value that is meant: an unknown key at the key, a missing one at
 * its parent, anything else at the value.
 */
import { type SchemaAST, SchemaIssue } from "effect"
import { clipped, type Path, type Place, type Problem, placeAt, quoted } from "./ConfigProblem.ts"
import { asciiLowerCase } from "./Names.ts"

/** What a schema expects: in words, and the words to choose from if it is one of a few. */
interface Expected {
  readonly words: string
  readonly choices: ReadonlyArray<string>
}

const words = (text: string): Expected => ({ words: text, choices: [] })

const oneOf = (choices: ReadonlyArray<string>): Expected => ({
  words: choices.length === 1 ? choices.join() : `one of ${choices.join(", ")}`,
  choices
})

const expectedBy = (ast: SchemaAST.AST): Expected => {
  switch (ast._tag) {
    case "String":
      return words("a string")
    case "Arrays":
      return words("a list")
    case "Objects":
      return words("a mapping (key: value)")
    case "Literal":
      return oneOf([String(ast.literal)])
    case "Union": {
      const { expected } = ast.annotations ?? {}
      if (typeof expected === "string") return words(expected)
      const choices = ast.types.flatMap((type) => (type._tag === "Literal" ? [String(type.literal)] : []))
      if (choices.length > 0) return oneOf(choices)
      // The other unions are `NullOr`: what may be left empty is best described by what it may contain.
      return ast.types[0] === undefined ? words("nothing") : expectedBy(ast.types[0])
    }
    default:
      return words("another value")
  }
}

const found = (value: unknown, place: Place): string => {
  if (value === null) return "nothing"
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list"
  if (typeof value === "object") return "a mapping"
  return `the ${typeof value} ${typeof value === "string" ? quoted(value) : clipped(place.source ?? String(value))}`
}

const advice = (value: unknown, expected: Expected): string => {
  if (typeof value === "string") {
    return expected.words === "a list" ? "; put it in [ ]" : suggestion(value, expected.choices)
  }
  return expected.words === "a string" && typeof value !== "object" ? "; put it in quotes" : ""
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

/** `, did you mean "targets"?`, if one of the choices is near enough or begins like this. */
const suggestion = (text: string, choices: ReadonlyArray<string>): string => {
  const lower = asciiLowerCase(text)
  if (lower.length < 3 || lower.length > 40) return ""
  const ranked = choices
    .map((word) => ({ word, edits: word.startsWith(lower) ? 0 : distance(lower, word) }))
    .filter(({ word, edits }) => edits <= Math.ceil(word.length / 4))
    .toSorted((a, b) => a.edits - b.edits)
  return ranked[0] === undefined ? "" : `, did you mean ${quoted(ranked[0].word)}?`
}

/** No problem if the value is `undefined`: that stands for an alias without meaning, which has been reported already. */
const wrongValue = (issue: SchemaIssue.Issue, path: Path, expected: Expected, root: Place): ReadonlyArray<Problem> => {
  const value = SchemaIssue.hasInput(issue) ? issue.input : undefined
  if (value === undefined) return []
  const place = placeAt(root, path)
  return [
    {
      offset: value === null ? (place.key ?? place.value) : place.value,
      path,
      message: () => `expected ${expected.words}, found ${found(value, place)}${advice(value, expected)}`
    }
  ]
}

const missingKey = (path: Path, root: Place): Problem => {
  const parent = placeAt(root, path.slice(0, -1))
  return { offset: parent.key ?? parent.value, path, message: () => `missing key ${quoted(String(path.at(-1)))}` }
}

/** A mapping has either keys of its own, or any that look right. */
const unknownKeyMessage = (name: string, ast: SchemaAST.AST): string => {
  if (ast._tag !== "Objects") return `unknown key ${quoted(name)}`
  const nameCheck = ast.indexSignatures[0]?.parameter.checks?.[0]
  if (nameCheck !== undefined) return `expected ${nameCheck.annotations?.expected}, found the key ${quoted(name)}`
  const keys = ast.propertySignatures.map((property) => String(property.name))
  const suggested = suggestion(name, keys)
  return `unknown key ${quoted(name)}${suggested}${suggested === "" ? "; expected" : " Expected"} one of ${keys.join(", ")}`
}

const unknownKey = (path: Path, ast: SchemaAST.AST, root: Place): Problem => {
  const place = placeAt(root, path)
  return { offset: place.key ?? place.value, path, message: () => unknownKeyMessage(String(path.at(-1)), ast) }
}

/** All single problems in an issue that was made with `reportInput`, at their places. */
export const schemaProblems = (issue: SchemaIssue.Issue, root: Place): ReadonlyArray<Problem> => {
  const visit = (issue: SchemaIssue.Issue, path: Path, expected: Expected): ReadonlyArray<Problem> => {
    switch (issue._tag) {
      case "Pointer":
        return visit(issue.issue, [...path, ...issue.path], expected)
      case "Filter":
        return visit(issue.issue, path, words(issue.filter.annotations?.expected ?? expected.words))
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
          : wrongValue(issue, path, expectedBy(issue.ast), root)
      case "InvalidType":
        return wrongValue(issue, path, expectedBy(issue.ast), root)
      default:
        return wrongValue(issue, path, expected, root)
    }
  }
  return visit(issue, [], words("another value"))
}
