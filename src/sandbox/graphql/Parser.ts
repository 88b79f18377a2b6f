/**
 * The grammar of the GraphQL that the sandbox understands: one query, its variables, nested selections with aliases and
 * arguments, inline and named fragments. Mutations, subscriptions and directives are refused, not ignored.
 */
import { GraphQlSyntaxError, type Location, type Token, tokenize } from "./Lexer.ts"

type Value =
  | { readonly _tag: "Literal"; readonly value: string | number | boolean | null }
  | { readonly _tag: "Variable"; readonly name: string; readonly location: Location }

export interface FieldNode {
  readonly _tag: "Field"
  /** The key of the answer: the alias, or the name. */
  readonly key: string
  readonly name: string
  readonly args: ReadonlyMap<string, Value>
  readonly selections: ReadonlyArray<Selection>
  readonly location: Location
}

/** `... on Type { }`, or `...Name`, which takes its type and selections from the named fragment. */
export type Selection =
  | FieldNode
  | {
      readonly _tag: "Fragment"
      readonly type: string | undefined
      readonly selections: ReadonlyArray<Selection>
      readonly location: Location
    }
  | { readonly _tag: "Spread"; readonly name: string; readonly location: Location }

interface FragmentDefinition {
  readonly type: string
  readonly selections: ReadonlyArray<Selection>
}

export interface VariableDefinition {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly defaultValue: string | number | boolean | null | undefined
  readonly location: Location
}

export interface Document {
  readonly variables: ReadonlyArray<VariableDefinition>
  readonly selections: ReadonlyArray<Selection>
  readonly fragments: ReadonlyMap<string, FragmentDefinition>
}

/** Nesting that no query of ours needs: beyond it a document is refused instead of filling the stack. */
const maxDepth = 50

/** Walks the words; every method throws a GraphQlSyntaxError, which `parse` catches. */
class Parser {
  private index = 0
  private depth = 0
  private readonly tokens: ReadonlyArray<Token>

  constructor(tokens: ReadonlyArray<Token>) {
    this.tokens = tokens
  }

  document(): Document {
    let variables: ReadonlyArray<VariableDefinition> = []
    let selections: ReadonlyArray<Selection> | undefined
    const fragments = new Map<string, FragmentDefinition>()
    while (this.peek().kind !== "end") {
      if (this.accept("fragment")) {
        const name = this.name()
        this.expect("on")
        fragments.set(name, { type: this.name(), selections: this.selectionSet() })
        continue
      }
      if (selections !== undefined) throw this.unexpected()
      if (this.accept("query")) {
        if (this.peek().kind === "name") this.name()
        variables = this.variableDefinitions()
      }
      selections = this.selectionSet()
    }
    if (selections === undefined) throw this.unexpected()
    return { variables, selections, fragments }
  }

  private variableDefinitions(): ReadonlyArray<VariableDefinition> {
    const definitions: Array<VariableDefinition> = []
    if (!this.accept("(")) return definitions
    while (!this.accept(")")) {
      const { location } = this.expect("$")
      const name = this.name()
      this.expect(":")
      const type = this.typeName()
      const required = this.accept("!")
      const defaultValue = this.accept("=") ? this.literal() : undefined
      definitions.push({ name, type, required, defaultValue, location })
    }
    return definitions
  }

  private typeName(): string {
    if (!this.accept("[")) return this.name()
    const inner = `[${this.name()}${this.accept("!") ? "!" : ""}]`
    this.expect("]")
    return inner
  }

  private selectionSet(): ReadonlyArray<Selection> {
    if (++this.depth > maxDepth) throw this.unexpected()
    const selections: Array<Selection> = []
    this.expect("{")
    do selections.push(this.selection())
    while (!this.accept("}"))
    this.depth -= 1
    return selections
  }

  private selection(): Selection {
    const { location } = this.peek()
    if (!this.accept("...")) return this.field(location)
    if (this.accept("on")) {
      return { _tag: "Fragment", type: this.name(), selections: this.selectionSet(), location }
    }
    return this.peek().text === "{"
      ? { _tag: "Fragment", type: undefined, selections: this.selectionSet(), location }
      : { _tag: "Spread", name: this.name(), location }
  }

  private field(location: Location): FieldNode {
    const first = this.name()
    const name = this.accept(":") ? this.name() : first
    const args = this.args()
    const selections = this.peek().text === "{" && this.peek().kind === "punctuation" ? this.selectionSet() : []
    return { _tag: "Field", key: first, name, args, selections, location }
  }

  private args(): ReadonlyMap<string, Value> {
    const args = new Map<string, Value>()
    if (!this.accept("(")) return args
    while (!this.accept(")")) {
      const name = this.name()
      this.expect(":")
      args.set(name, this.value())
    }
    return args
  }

  private value(): Value {
    const { location } = this.peek()
    return this.accept("$")
      ? { _tag: "Variable", name: this.name(), location }
      : { _tag: "Literal", value: this.literal() }
  }

  private literal(): string | number | boolean | null {
    const token = this.next()
    if (token.kind === "string") return unquote(token)
    if (token.kind === "number") return Number(token.text)
    if (token.text === "true" || token.text === "false") return token.text === "true"
    if (token.text === "null") return null
    throw this.unexpected(token)
  }

  private name(): string {
    const token = this.next()
    if (token.kind !== "name") throw this.unexpected(token)
    return token.text
  }

  private peek(): Token {
    return this.tokens[Math.min(this.index, this.tokens.length - 1)] ?? end
  }

  private next(): Token {
    const token = this.peek()
    this.index += 1
    return token
  }

  private accept(text: string): boolean {
    const { kind, text: found } = this.peek()
    const here = found === text && (kind === "name" || kind === "punctuation")
    if (here) this.index += 1
    return here
  }

  private expect(text: string): Token {
    const token = this.peek()
    if (!this.accept(text)) throw this.unexpected(token)
    return token
  }

  private unexpected(token = this.peek()): GraphQlSyntaxError {
    const { kind, text, location } = token
    const { line, column } = location
    return new GraphQlSyntaxError(
      kind === "end"
        ? "Unexpected end of document"
        : `Parse error on ${JSON.stringify(text)} (${kind.toUpperCase()}) at [${line}, ${column}]`,
      location
    )
  }
}

const end: Token = { kind: "end", text: "", location: { line: 1, column: 1 } }

const unquote = ({ text, location }: Token): string => {
  if (text.startsWith('"""')) return text.slice(3, -3).replaceAll('\\"""', '"""').trim()
  try {
    return String(JSON.parse(text))
  } catch {
    throw new GraphQlSyntaxError(`Bad escape in string ${text}`, location)
  }
}

/** Reads a document, or says why it cannot be read. */
export const parse = (source: string): Document | GraphQlSyntaxError => {
  const tokens = tokenize(source)
  if (tokens instanceof GraphQlSyntaxError) return tokens
  try {
    return new Parser(tokens).document()
  } catch (problem) {
    if (problem instanceof GraphQlSyntaxError) return problem
    throw problem
  }
}
