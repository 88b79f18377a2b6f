/**
 * Text of a `dispatching.yml` → plain values with their places, or what is wrong with it as YAML.
 *
 * The text is a stranger's, and the `yaml` package recurses and takes what it gets. So it gets nothing that could hurt it:
 * size, characters, tokens and depth are bounded before and while lexing; `ConfigTree.ts` does what the library does slowly.
 */
import { Result } from "effect"
import { Composer, CST, Lexer, type ParsedNode, Parser, type YAMLError } from "yaml"
import { type Problem, quoted } from "./ConfigProblem.ts"
import { readTree, type Tree } from "./ConfigTree.ts"
import { codePoint, invisibleCharacters, invisibleName } from "./Invisible.ts"

/** Most bytes of a config file. */
export const maxFileBytes = 64 * 1024
/** Deepest nesting of lists and mappings; the contract needs six levels. */
const maxDepth = 32
/** Most YAML tokens; a file of 64 KiB that says anything sensible has far fewer. */
const maxTokens = 32_000

const problem = (offset: number, message: string): Problem => ({ offset, path: [], message: () => message })

/** YAML's `c-printable`, without which a text is no YAML (and without which the lexer's own marks would be forgeable). */
const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

const checkText = (text: string): Result.Result<string, Problem> => {
  // A character has at least one byte, so that a huge text is refused without being encoded.
  if (text.length > maxFileBytes || Buffer.byteLength(text) > maxFileBytes) {
    return Result.fail(problem(0, `the file is larger than ${maxFileBytes / 1024} KiB`))
  }
  const at = text.search(unprintable)
  if (at === -1) return Result.succeed(text)
  return Result.fail(problem(at, `found the character ${codePoint(text.slice(at, at + 2))}, expected plain text`))
}

interface Lexed {
  readonly tokens: ReadonlyArray<CST.Token>
  readonly invisible: ReadonlyArray<Problem>
}

const invisibleProblem = (offset: number, character: string): Problem =>
  problem(
    offset,
    `found ${invisibleName(character)}, which cannot be seen; delete it, or write ${quoted(character)} in double quotes`
  )

/** Lexes and parses into the library's concrete syntax tree, and stops at what must not go further. */
const readTokens = (text: string): Result.Result<Lexed, Problem> => {
  const parser = new Parser()
  const tokens: Array<CST.Token> = []
  const invisible: Array<Problem> = []
  let lexemes = 0
  let isContent = false
  for (const lexeme of new Lexer().lex(text)) {
    const { offset } = parser
    lexemes += 1
    if (lexemes > maxTokens) return Result.fail(problem(offset, `more than ${maxTokens} YAML tokens`))
    if (lexeme.startsWith("%") && parser.stack.length === 0) {
      return Result.fail(problem(offset, `found the directive ${quoted(lexeme)}, expected none`))
    }
    // Comments may hold anything. Content follows a mark of its own, so that a text that starts with # is not taken for one.
    if (isContent || !lexeme.startsWith("#")) {
      for (const { offset: within, character } of invisibleCharacters(lexeme)) {
        invisible.push(invisibleProblem(offset + within, character))
      }
    }
    isContent = lexeme === CST.SCALAR
    for (const token of parser.next(lexeme)) tokens.push(token)
    // The stack holds the document and, within each other, all open lists and mappings.
    if (parser.stack.length > maxDepth + 1 && CST.isCollection(parser.stack.at(-1))) {
      return Result.fail(problem(offset, `nested deeper than ${maxDepth} levels`))
    }
  }
  for (const token of parser.end()) tokens.push(token)
  const [, second] = tokens.filter((token) => token.type === "document")
  return second === undefined
    ? Result.succeed({ tokens, invisible })
    : Result.fail(problem(second.offset, "a second document starts here, expected only one"))
}

/** The library makes an Error for every problem; without stacks 30,000 cost a fifth. */
const withoutStacks = <A>(body: () => A): A => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return body()
  } finally {
    Error.stackTraceLimit = limit
  }
}

const syntaxHints: Partial<Record<YAMLError["code"], string>> = {
  BAD_ALIAS: "; put a value that starts with * or & in quotes",
  BAD_SCALAR_START: "; put the value in quotes",
  BLOCK_AS_IMPLICIT_KEY: '; put a value that contains ": " in quotes',
  NON_STRING_KEY: '; put a template such as "{{ source.sha }}" in quotes',
  TAG_RESOLVE_FAILED: "; write the value without a tag"
}

const syntaxMessage = (error: YAMLError): string => {
  const said = error.code === "NON_STRING_KEY" ? "a key must be plain text" : error.message
  return `not valid YAML: ${said.slice(0, 200)}${syntaxHints[error.code] ?? ""}`
}

const compose = (
  tokens: ReadonlyArray<CST.Token>,
  length: number
): Result.Result<ParsedNode | null, ReadonlyArray<Problem>> => {
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false
  })
  const [document] = withoutStacks(() => Array.from(composer.compose(tokens, true, length)))
  const problems = [...(document?.errors ?? []), ...(document?.warnings ?? [])].map(
    (error): Problem => ({ offset: Math.max(0, error.pos[0]), path: [], message: () => syntaxMessage(error) })
  )
  return problems.length > 0 ? Result.fail(problems) : Result.succeed(document?.contents ?? null)
}

/**
 * Reads a text without byte order mark. Fails with what makes it unreadable: a text that breaks a limit with that one
 * problem, a text that is not YAML with all that the parser found.
 */
export const readYaml = (text: string): Result.Result<Tree, ReadonlyArray<Problem>> =>
  checkText(text).pipe(
    Result.flatMap(readTokens),
    Result.mapError(Array.of<Problem>),
    Result.flatMap(({ tokens, invisible }) =>
      compose(tokens, text.length).pipe(
        Result.map(readTree),
        Result.map((tree) => ({ ...tree, problems: [...invisible, ...tree.problems] })),
        Result.mapError((problems) => [...invisible, ...problems])
      )
    )
  )
