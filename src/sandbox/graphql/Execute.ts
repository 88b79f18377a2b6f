/**
 * Answers a GraphQL query. A field that fails leaves null at its place and an error with its path; the rest of the answer
 * stands, as with GitHub.
 */
import { GraphQlSyntaxError } from "./Lexer.ts"
import { type Document, type FieldNode, parse, type Selection } from "./Parser.ts"
import { applies, fieldOf, type Node, type QueryContext, type Scalar } from "./Schema.ts"
import { type GraphQlError, readVariables, validateQuery } from "./Validate.ts"

/** The body of GitHub's answer. Without `data` the query was not run at all. */
export interface GraphQlAnswer {
  readonly data?: Readonly<Record<string, unknown>>
  readonly errors?: ReadonlyArray<GraphQlError>
}

interface Execution {
  readonly document: Document
  readonly variables: Readonly<Record<string, Scalar>>
  readonly context: QueryContext
  readonly errors: Array<GraphQlError>
}

/** The fields that apply to a node, fragments opened, those of one key brought together. */
const fieldsFor = (node: Node, selections: ReadonlyArray<Selection>, document: Document): ReadonlyArray<FieldNode> => {
  const collected = new Map<string, FieldNode>()
  for (const selection of selections) {
    if (selection._tag === "Field") {
      merge(collected, selection)
      continue
    }
    const fragment = selection._tag === "Spread" ? document.fragments.get(selection.name) : selection
    if (fragment === undefined || !applies(node, fragment.type)) continue
    for (const field of fieldsFor(node, fragment.selections, document)) merge(collected, field)
  }
  return [...collected.values()]
}

const merge = (collected: Map<string, FieldNode>, field: FieldNode): void => {
  const known = collected.get(field.key)
  collected.set(field.key, known ? { ...known, selections: [...known.selections, ...field.selections] } : field)
}

const argumentsOf = (field: FieldNode, { variables }: Execution): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(
    [...field.args].map(([name, value]) => [
      name,
      value._tag === "Variable" ? (variables[value.name] ?? null) : value.value
    ])
  )

const answerNode = (
  node: Node,
  selections: ReadonlyArray<Selection>,
  path: ReadonlyArray<string>,
  execution: Execution
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    fieldsFor(node, selections, execution.document).map((field) => [
      field.key,
      answerField(node, field, [...path, field.key], execution)
    ])
  )

const answerField = (node: Node, field: FieldNode, path: ReadonlyArray<string>, execution: Execution): unknown => {
  const resolved = fieldOf(node.type, field.name)?.resolve(node, argumentsOf(field, execution), execution.context)
  if (resolved === undefined) return null
  if (resolved._tag === "Scalar") return resolved.value
  if (resolved._tag === "Node") return answerNode(resolved.node, field.selections, path, execution)
  const { type, message } = resolved
  execution.errors.push({ type, path, locations: [field.location], message })
  return null
}

/** Parses, checks and answers a query. */
export const execute = (
  source: string,
  given: Readonly<Record<string, unknown>>,
  context: QueryContext
): GraphQlAnswer => {
  const document = parse(source)
  if (document instanceof GraphQlSyntaxError) {
    return { errors: [{ message: document.message, locations: [document.location] }] }
  }
  const { values, errors: variableErrors } = readVariables(document.variables, given)
  const problems = [...validateQuery(document), ...variableErrors]
  if (problems.length > 0) return { errors: problems }
  const errors: Array<GraphQlError> = []
  const data = answerNode({ type: "Query" }, document.selections, [], { document, variables: values, context, errors })
  return errors.length === 0 ? { data } : { data, errors }
}
