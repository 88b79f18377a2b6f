/**
 * Writes the page's decoders, `src/dashboard/ui/api/Decoders.ts`, from the schemas of the API's answers. `npm run build:page` runs it; a test
 * compares.
 *
 * The schemas themselves would weigh 29 KB in the page's bundle. Decoders that are written by hand have to be kept like them, and types
 * catch only half of that: a decoder of text where the domain has come to allow null is a decoder of "text or null" to the compiler. What
 * is made of the schemas follows them; and since each decoder has to be of exactly the type that `SentAnswers` takes from the same
 * schema, a file that was not made again does not compile (it does where only an optional field is new; the test finds that, too). A
 * schema that has no form here (a date, a class) stops the build.
 */
import { execFileSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Schema, SchemaAST } from "effect"
import { Replayed } from "../src/dashboard/api/Commands.ts"
import { UnsupportedFilters } from "../src/dashboard/api/Errors.ts"
import type { SentAnswers } from "../src/dashboard/ui/api/Answers.ts"
import * as Answers from "../src/domain/Answers.ts"
import { Check, RuleRef, Skipped } from "../src/domain/Decision.ts"
import { Explanation } from "../src/domain/Explanation.ts"
import { Target } from "../src/domain/Order.ts"
import { SourceConfig } from "../src/domain/Plan.ts"
import { Scope } from "../src/domain/Scope.ts"

const root = join(import.meta.dirname, "..")

/** The generated file, from the repository's root. */
export const decodersPath = "src/dashboard/ui/api/Decoders.ts"

const answers: { readonly [Name in keyof SentAnswers]: Schema.Top } = {
  health: Answers.Health,
  trend: Answers.Trend,
  leaderboard: Answers.Leaderboard,
  choices: Answers.Choices,
  deliveryPage: Answers.DeliveryPage,
  eventPage: Answers.EventPage,
  foundPage: Answers.FoundPage,
  journey: Answers.Journey,
  explanation: Explanation,
  replayed: Replayed,
  unsupported: Schema.Struct(UnsupportedFilters.fields)
}

/** What several answers are made of: written once, each after those that it is made of. */
const parts: Readonly<Record<string, Schema.Top>> = {
  counts: Answers.Counts,
  quantiles: Answers.Quantiles,
  scope: Scope,
  deliveryRow: Answers.DeliveryRow,
  target: Target,
  rule: RuleRef,
  check: Check,
  skipped: Skipped,
  config: SourceConfig
}

/** Fields of which the page has to know every word: those that `Closed` in `Sent.ts` names. */
const closed: ReadonlySet<PropertyKey> = new Set(["_tag", "type", "granularity", "window", "ranking"])

type Field = SchemaAST.PropertySignature
type Fields = ReadonlyArray<Field>

const refuse = (what: string): never => {
  throw new Error(`The page has no decoder for ${what}; see scripts/build-decoders.ts`)
}

const call = (name: string, ...args: ReadonlyArray<string>): string => `${name}(${args.join(", ")})`
const object = (entries: ReadonlyArray<readonly [PropertyKey, string]>): string =>
  `{ ${entries.map(([name, code]) => `${JSON.stringify(name)}: ${code}`).join(", ")} }`

const isNull = SchemaAST.isNull
const wordsOf = (types: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<string> | undefined => {
  const words = types.flatMap((type) =>
    SchemaAST.isLiteral(type) && typeof type.literal === "string" ? type.literal : []
  )
  return words.length === types.length ? words : undefined
}

/** The word by which an object is distinguished from others. */
const wordOf = (ast: SchemaAST.AST, tag: string): string | undefined => {
  const type = SchemaAST.isObjects(ast) ? ast.propertySignatures.find(({ name }) => name === tag)?.type : undefined
  return type !== undefined && SchemaAST.isLiteral(type) && typeof type.literal === "string" ? type.literal : undefined
}

/** What all objects have, under one name and in one form. */
const commonOf = (members: ReadonlyArray<Fields>): Fields =>
  (members[0] ?? []).flatMap(({ name, type }) => {
    const same = members.map((fields) => fields.find((field) => field.name === name)?.type)
    const types = same.filter((one) => one !== undefined)
    if (types.length < members.length) return []
    if (
      types.every((one) => codeOf(one) === codeOf(type) && SchemaAST.isOptional(one) === SchemaAST.isOptional(type))
    ) {
      return [{ name, type }]
    }
    return types.every(SchemaAST.isObjects)
      ? [{ name, type: new SchemaAST.Objects(commonOf(types.map(fieldsOf)), []) }]
      : []
  })

const fieldsOf = (ast: SchemaAST.AST): Fields =>
  SchemaAST.isObjects(ast) && ast.indexSignatures.length === 0
    ? ast.propertySignatures
    : refuse(`${ast._tag} in a union`)

const structOf = (fields: Fields): string =>
  call(
    "struct",
    object(
      fields.map(({ name, type }) => {
        const code = codeOf(type, closed.has(name))
        return [name, SchemaAST.isOptional(type) ? call("optional", code) : code]
      })
    )
  )

const unionOf = (types: ReadonlyArray<SchemaAST.AST>): string => {
  for (const tag of ["_tag", "type"]) {
    const words = types.map((type) => wordOf(type, tag))
    if (words.includes(undefined)) continue
    const members = types.map((type) => fieldsOf(type).filter(({ name }) => name !== tag))
    const code = object(members.map((fields, index) => [words[index] ?? "", structOf(fields)]))
    return tag === "type" ? call("typedOrOther", code, structOf(commonOf(members))) : call("tagged", `"${tag}"`, code)
  }
  return refuse(`a union of ${types.map(({ _tag }) => _tag).join(", ")}`)
}

/** The decoder of a schema that is its own encoding; `isClosed` where the page has to know every word. */
const formOf = (ast: SchemaAST.AST, isClosed: boolean): string => {
  const words = wordsOf(SchemaAST.isUnion(ast) ? ast.types : [ast])
  if (words !== undefined) return isClosed ? call("oneOf", ...words.map((word) => JSON.stringify(word))) : "text"
  switch (ast._tag) {
    case "String":
      return "text"
    case "Number":
      return "number"
    case "Boolean":
      return "flag"
    case "Arrays":
      return ast.elements.length === 0 && ast.rest.length === 1 && ast.rest[0] !== undefined
        ? call("list", codeOf(ast.rest[0]))
        : refuse("a tuple")
    case "Objects": {
      const [signature] = ast.indexSignatures
      if (signature === undefined) return structOf(ast.propertySignatures)
      return ast.propertySignatures.length === 0
        ? call("decodeRecord", codeOf(signature.type))
        : refuse("an object with fields and an index")
    }
    case "Union": {
      const [first, ...others] = ast.types.filter((type) => !isNull(type))
      if (first === undefined) return refuse("null")
      const code = others.length === 0 ? codeOf(first, isClosed) : unionOf([first, ...others])
      return ast.types.some(isNull) ? call("nullable", code) : code
    }
    default:
      return refuse(ast._tag)
  }
}

/**
 * The decoder of what the server sends for a schema. Its handlers encode what they have as the schema's type, so an encoding has to leave
 * that as it is: ids are text, though numbers are read, too.
 */
const sentCode = (ast: SchemaAST.AST, isClosed: boolean): string => {
  const code = formOf(ast, isClosed)
  if (ast.encoding === undefined) return code
  const encoded = SchemaAST.toEncoded(ast)
  const forms = SchemaAST.isUnion(encoded) ? encoded.types : [encoded]
  return forms.some((form) => formOf(form, isClosed) === code)
    ? code
    : refuse(`${ast._tag} that is sent as ${encoded._tag}`)
}

const names = new Map<string, string>()
const codeOf = (ast: SchemaAST.AST, isClosed = false): string => {
  const code = sentCode(ast, isClosed)
  return names.get(code) ?? code
}

const header = `/**
 * Decoders of the server's answers. Generated from the schemas by scripts/build-decoders.ts: not to be edited, but made again by
 * npm run build:page.
 */
import type { SentAnswers } from "./Answers.ts"
import { type Decoder, decodeRecord, flag, list, nullable, number, oneOf, optional, struct, tagged, text, typedOrOther } from "./Decode.ts"
`

const written = (): string => {
  names.clear()
  const constants = Object.entries(parts).map(([name, { ast }]) => {
    const code = codeOf(ast)
    names.set(code, name)
    return `const ${name} = ${code}\n`
  })
  const entries = Object.entries<Schema.Top>(answers).map(([name, { ast }]) => [name, codeOf(ast)] as const)
  return `${header}
${constants.join("")}
/** The decoder of each answer. */
export const decoders: { readonly [Name in keyof SentAnswers]: Decoder<SentAnswers[Name]> } = ${object(entries)}
`
}

/** The text of the generated file, as the formatter leaves it. */
export const decodersSource = (): string =>
  execFileSync(join(root, "node_modules/.bin/biome"), ["check", "--write", `--stdin-file-path=${decodersPath}`], {
    cwd: root,
    input: written(),
    encoding: "utf8"
  })

if (import.meta.main) await writeFile(join(root, decodersPath), decodersSource())
