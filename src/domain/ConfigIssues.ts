/**
 * The schema's issues with a `dispatching.yml`, taken apart into single problems in words for authors of YAML.
 *
 * Says what was found and what was expected, at the key or value that is meant: an unknown key at the key, a missing one at
 * its parent, anything else at the value.
 */
import { type Schema, type SchemaAST, SchemaIssue } from "effect"
import type { Instead } from "./ConfigForm.ts"
import { clipped, type Path, type Place, type Problem, placeAt, quoted } from "./ConfigProblem.ts"
import { nearest } from "./Nearest.ts"

/** What a schema expects: in words, and the words to choose from if it is one of a few. */
interface Expected {
  readonly words: string
  readonly choices: ReadonlyArray<string>
  /** What to write in the place of a text that is not this. */
  readonly instead?: Instead
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
      const choices = ast.types.flatMap((type) => (type._tag === "Literal" ? [String(type.literal)] : []))
      const { expected } = ast.annotations ?? {}
      if (typeof expected === "string") return { words: expected, choices }
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
    const instead = expected.instead?.(value) ?? value
    if (instead !== value && instead !== "") return `; write ${quoted(instead)}`
    return expected.words === "a list" ? "; put it in [ ]" : suggestion(value, expected.choices)
  }
  return expected.words === "a string" && typeof value !== "object" ? "; put it in quotes" : ""
}

/** `, did you mean "targets"?`, if one of the choices is near enough. */
const suggestion = (text: string, choices: ReadonlyArray<string>): string => {
  const word = nearest(text, choices)
  return word === undefined ? "" : `, did you mean ${quoted(word)}?`
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

const isInstead = (value: unknown): value is Instead => typeof value === "function"

const expectedByFilter = (annotations: Schema.Annotations.Filter | undefined, expected: Expected): Expected => {
  const instead: unknown = annotations?.instead
  const said = words(annotations?.expected ?? expected.words)
  return isInstead(instead) ? { ...said, instead } : said
}

/** All single problems in an issue that was made with `reportInput`, at their places. */
export const schemaProblems = (issue: SchemaIssue.Issue, root: Place): ReadonlyArray<Problem> => {
  const visit = (issue: SchemaIssue.Issue, path: Path, expected: Expected): ReadonlyArray<Problem> => {
    switch (issue._tag) {
      case "Pointer":
        return visit(issue.issue, [...path, ...issue.path], expected)
      case "Filter":
        return visit(issue.issue, path, expectedByFilter(issue.filter.annotations, expected))
      case "Encoding":
        return visit(issue.issue, path, expected)
      case "Composite": {
        // Of what is wrong with one text the first is enough: mended, it often mends the rest.
        const issues = issue.ast._tag === "String" ? issue.issues.slice(0, 1) : issue.issues
        return issues.flatMap((each) => visit(each, path, expected))
      }
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
