/**
 * Checks a whole document against the schema before anything of it is answered, as GraphQL wants: what is unknown is
 * refused with GitHub's errors, never left out of the answer.
 */
import type { Location } from "./Lexer.ts"
import type { Document, FieldNode, Selection, VariableDefinition } from "./Parser.ts"
import { fieldOf, isTypeName, type Scalar, type TypeName } from "./Schema.ts"

/** One entry of `errors` in a GraphQL answer. */
export interface GraphQlError {
  readonly message: string
  readonly type?: string
  readonly path?: ReadonlyArray<string>
  readonly locations?: ReadonlyArray<Location>
  readonly extensions?: Readonly<Record<string, unknown>>
}

interface Scope {
  readonly document: Document
  readonly type: TypeName
  readonly path: ReadonlyArray<string>
  /** Named fragments that are being spread around here: one that comes back is a circle. */
  readonly within: ReadonlyArray<string>
}

const problem = (
  message: string,
  location: Location,
  path: ReadonlyArray<string>,
  extensions: Readonly<Record<string, unknown>>
): GraphQlError => ({ path, extensions, locations: [location], message })

const checkArguments = (field: FieldNode, { document, type, path }: Scope): ReadonlyArray<GraphQlError> => {
  const known = fieldOf(type, field.name)?.args ?? []
  const here = [...path, field.key]
  const error = (message: string, code: string) => problem(message, field.location, here, { code, name: field.name })
  return [
    ...[...field.args.keys()]
      .filter((name) => !known.some((arg) => arg.name === name))
      .map((name) => error(`Field '${field.name}' doesn't accept argument '${name}'`, "argumentNotAccepted")),
    ...known
      .filter(({ name, required }) => required && !field.args.has(name))
      .map(({ name }) =>
        error(`Field '${field.name}' is missing required arguments: ${name}`, "missingRequiredArguments")
      ),
    ...[...field.args.values()].flatMap((value) =>
      value._tag === "Variable" && !document.variables.some(({ name }) => name === value.name)
        ? [
            problem(`Variable $${value.name} is used but not declared`, value.location, here, {
              code: "variableNotDefined"
            })
          ]
        : []
    )
  ]
}

const checkField = (field: FieldNode, scope: Scope): ReadonlyArray<GraphQlError> => {
  const { type, path } = scope
  const here = [...path, field.key]
  const definition = fieldOf(type, field.name)
  if (definition === undefined) {
    const extensions = { code: "undefinedField", typeName: type, fieldName: field.name }
    return [problem(`Field '${field.name}' doesn't exist on type '${type}'`, field.location, here, extensions)]
  }
  const { returns } = definition
  const errors = checkArguments(field, scope)
  if (returns === undefined) {
    const message = `Selections can't be made on scalars (field '${field.name}')`
    return field.selections.length === 0
      ? errors
      : [...errors, problem(message, field.location, here, { code: "selectionMismatch" })]
  }
  if (field.selections.length === 0) {
    const message = `Field must have selections (field '${field.name}' returns ${returns} but has no selections.)`
    return [...errors, problem(message, field.location, here, { code: "selectionMismatch" })]
  }
  return [...errors, ...checkSelections(field.selections, { ...scope, type: returns, path: here })]
}

const checkSelection = (selection: Selection, scope: Scope): ReadonlyArray<GraphQlError> => {
  if (selection._tag === "Field") return checkField(selection, scope)
  const { document, path, within } = scope
  const named = selection._tag === "Spread" ? document.fragments.get(selection.name) : selection
  if (named === undefined || (selection._tag === "Spread" && within.includes(selection.name))) {
    const name = selection._tag === "Spread" ? selection.name : ""
    return [
      problem(`Fragment ${name} was used, but not defined`, selection.location, path, { code: "useAndDefineFragment" })
    ]
  }
  const type = named.type ?? scope.type
  if (!isTypeName(type)) {
    return [
      problem(`No such type ${type}, so it can't be a fragment condition`, selection.location, path, {
        code: "undefinedType"
      })
    ]
  }
  return checkSelections(named.selections, {
    ...scope,
    type,
    within: selection._tag === "Spread" ? [...within, selection.name] : within
  })
}

const sameField = (a: FieldNode, b: FieldNode): boolean =>
  a.name === b.name && JSON.stringify([...a.args]) === JSON.stringify([...b.args])

/** Two fields of one name in the answer must be the same field. */
const conflicts = (selections: ReadonlyArray<Selection>, path: ReadonlyArray<string>): ReadonlyArray<GraphQlError> => {
  const seen = new Map<string, FieldNode>()
  return selections.flatMap((selection) => {
    if (selection._tag !== "Field") return []
    const first = seen.get(selection.key)
    seen.set(selection.key, first ?? selection)
    const message = `Field '${selection.key}' has a field conflict: ${first?.name} or ${selection.name}?`
    return first === undefined || sameField(first, selection)
      ? []
      : [problem(message, selection.location, [...path, selection.key], { code: "fieldConflict" })]
  })
}

const checkSelections = (selections: ReadonlyArray<Selection>, scope: Scope): ReadonlyArray<GraphQlError> => [
  ...conflicts(selections, scope.path),
  ...selections.flatMap((selection) => checkSelection(selection, scope))
]

/** All that is wrong with a document; empty if it can be answered. */
export const validateQuery = (document: Document): ReadonlyArray<GraphQlError> =>
  checkSelections(document.selections, { document, type: "Query", path: ["query"], within: [] })

const isScalar = (value: unknown): value is Scalar =>
  value === null || ["string", "number", "boolean"].includes(typeof value)

const typeChecks: Readonly<Record<string, (value: Scalar) => boolean>> = {
  String: (value) => typeof value === "string",
  Int: (value) => Number.isInteger(value),
  Boolean: (value) => typeof value === "boolean"
}

/** The values of a query's variables, or why they do not fit their declarations. */
export const readVariables = (
  definitions: ReadonlyArray<VariableDefinition>,
  given: Readonly<Record<string, unknown>>
): { readonly values: Readonly<Record<string, Scalar>>; readonly errors: ReadonlyArray<GraphQlError> } => {
  const values: Record<string, Scalar> = {}
  const errors: Array<GraphQlError> = []
  for (const { name, type, required, defaultValue, location } of definitions) {
    const value = given[name] ?? defaultValue ?? null
    if (!isScalar(value) || (value === null && required) || (value !== null && typeChecks[type]?.(value) === false)) {
      const message = `Variable $${name} of type ${type}${required ? "!" : ""} was provided invalid value`
      errors.push({ message, locations: [location], extensions: { value } })
    } else values[name] = value
  }
  return { values, errors }
}
