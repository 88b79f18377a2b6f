/**
 * The words of a GraphQL document: names, punctuation, strings and numbers, each with its place.
 * https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary.Lexical-Tokens
 */

export interface Location {
  readonly line: number
  readonly column: number
}

export interface Token {
  readonly kind: "name" | "punctuation" | "string" | "number" | "end"
  readonly text: string
  readonly location: Location
}

/** A document that cannot be read, in GitHub's words. */
export class GraphQlSyntaxError {
  readonly _tag = "GraphQlSyntaxError"
  readonly message: string
  readonly location: Location
  constructor(message: string, location: Location) {
    this.message = message
    this.location = location
  }
}

const ignored = /(?:[\s,\uFEFF]+|#[^\n\r]*)*/y
const patterns = [
  ["name", /[_A-Za-z][_0-9A-Za-z]*/y],
  ["punctuation", /\.\.\.|[!$&()\]:=@[{|}]/y],
  ["number", /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["string", /"""(?:\\"""|[\s\S])*?"""|"(?:[^"\\\n\r]|\\.)*"/y]
] as const

const matchAt = (pattern: RegExp, source: string, offset: number): string => {
  pattern.lastIndex = offset
  return pattern.exec(source)?.[0] ?? ""
}

/** Where the reader stands after some more text. */
const advance = ({ line, column }: Location, text: string): Location => {
  const lines = text.split("\n")
  const last = lines.at(-1)?.length ?? 0
  return lines.length === 1 ? { line, column: column + last } : { line: line + lines.length - 1, column: last + 1 }
}

/** Reads all words at once; the last one is `end`. */
export const tokenize = (source: string): ReadonlyArray<Token> | GraphQlSyntaxError => {
  const tokens: Array<Token> = []
  let offset = 0
  let location: Location = { line: 1, column: 1 }
  const skip = (text: string): void => {
    offset += text.length
    location = advance(location, text)
  }
  for (;;) {
    skip(matchAt(ignored, source, offset))
    if (offset >= source.length) return [...tokens, { kind: "end", text: "", location }]
    const token = patterns
      .map(([kind, pattern]): Token => ({ kind, text: matchAt(pattern, source, offset), location }))
      .find(({ text }) => text !== "")
    if (token === undefined) {
      const character = JSON.stringify(source[offset])
      const place = `[${location.line}, ${location.column}]`
      return new GraphQlSyntaxError(`Parse error on ${character} (error) at ${place}`, location)
    }
    tokens.push(token)
    skip(token.text)
  }
}
