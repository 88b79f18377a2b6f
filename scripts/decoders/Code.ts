/** The code of a schema's decoder, made of the combinators of `src/dashboard/ui/api/Decode.ts`. */
import { SchemaAST } from "effect"

/** Fields of which the page has to know every word: those that `Closed` in `Sent.ts` names. */
const closed: ReadonlySet<PropertyKey> = new Set(["_tag", "type", "granularity", "window", "ranking"])

type Field = SchemaAST.PropertySignature
type Fields = ReadonlyArray<Field>

const refuse = (what: string): never => {
  throw new Error(`The page has no decoder for ${what}; see scripts/decoders/Code.ts`)
}

const call = (name: string, ...args: ReadonlyArray<string>): string => `${name}(${args.join(", ")})`
/** The code of an object. */
export const object = (entries: ReadonlyArray<readonly [PropertyKey, string]>): string =>
  `{ ${entries.map(([name, code]) => `${JSON.stringify(name)}: ${code}`).join(", ")} }`

const isNull = SchemaAST.isNull
const wordsOf = (types: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<string> | undefined => {
  const words = types.flatMap((type) =>
    SchemaAST.isLiteral(type) && typeof type.literal === "string" ? type.literal : []
  )
  return words.length === types.length && words.length > 0 ? words : undefined
}
const wordsCode = (words: ReadonlyArray<string>, isClosed: boolean): string =>
  isClosed ? call("oneOf", ...words.map((word) => JSON.stringify(word))) : "text"

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

/** The decoder of one word of several, or of one of several objects; null may be among them. */
const choiceOf = (all: ReadonlyArray<SchemaAST.AST>, isClosed: boolean): string => {
  const types = all.filter((type) => !isNull(type))
  if (types.length < all.length) return call("nullable", choiceOf(types, isClosed))
  const [only, second] = types
  if (only !== undefined && second === undefined) return codeOf(only, isClosed)
  const words = wordsOf(types)
  return words === undefined ? unionOf(types) : wordsCode(words, isClosed)
}

/** The decoder of a schema that is its own encoding; `isClosed` where the page has to know every word. */
const formOf = (ast: SchemaAST.AST, isClosed: boolean): string => {
  switch (ast._tag) {
    case "Union":
      return choiceOf(ast.types, isClosed)
    case "Literal":
      return typeof ast.literal === "string" ? wordsCode([ast.literal], isClosed) : refuse(`${ast.literal}`)
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

/** The decoder of a schema: its name where it has one, else its code. Throws for a schema that has no form on the page. */
export const codeOf = (ast: SchemaAST.AST, isClosed = false): string => {
  const code = sentCode(ast, isClosed)
  return names.get(code) ?? code
}

/** The code of a schema's decoder, which from now on is written as `name` wherever a schema has the same. */
export const named = (name: string, ast: SchemaAST.AST): string => {
  const code = codeOf(ast)
  names.set(code, name)
  return code
}
