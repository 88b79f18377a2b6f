/**
 * Workflow files as GitHub reads them: whether one can be dispatched, and whether the inputs of a dispatch fit what it
 * declares. `on` may be a word, a list or a map.
 */
import { Option, Schema } from "effect"
import { parseDocument } from "yaml"

const InputSpec = Schema.Struct({
  required: Schema.optionalKey(Schema.Boolean),
  default: Schema.optionalKey(Schema.Unknown),
  type: Schema.optionalKey(Schema.String),
  options: Schema.optionalKey(Schema.Array(Schema.Unknown))
})
export type InputSpec = typeof InputSpec.Type

const Triggers = Schema.Union([
  Schema.String,
  Schema.Array(Schema.String),
  Schema.Record(Schema.String, Schema.Unknown)
])
const WorkflowDocument = Schema.Struct({ name: Schema.optionalKey(Schema.String), on: Triggers })

const DispatchTrigger = Schema.NullOr(
  Schema.Struct({ inputs: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.NullOr(InputSpec)))) })
)

/** What a workflow file says about being dispatched. */
export type Dispatchability =
  | { readonly _tag: "Unreadable"; readonly message: string }
  | { readonly _tag: "NoTrigger" }
  | {
      readonly _tag: "Dispatchable"
      readonly name: string | undefined
      readonly inputs: Readonly<Record<string, InputSpec>>
    }

const decodeNamed = Schema.decodeUnknownOption(Schema.Struct({ name: Schema.String }))
const decodeDocument = Schema.decodeUnknownOption(WorkflowDocument)
const decodeTrigger = Schema.decodeUnknownOption(DispatchTrigger)

/** The file name that the API takes for a workflow. */
export const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

const parseYaml = (text: string) => {
  const document = parseDocument(text, { logLevel: "silent" })
  const problem = document.errors[0]
  return { problem: problem?.message, value: problem === undefined ? (document.toJS() as unknown) : undefined }
}

/** The same few files are asked for again and again, and YAML is slow: those read last stay parsed. */
const parsed = new Map<string, ReturnType<typeof parseYaml>>()
const maxParsed = 200

const parse = (text: string): ReturnType<typeof parseYaml> => {
  const known = parsed.get(text)
  if (known !== undefined) return known
  if (parsed.size >= maxParsed) parsed.clear()
  const result = parseYaml(text)
  parsed.set(text, result)
  return result
}

/** Reads `on.workflow_dispatch` of a workflow file. */
export const readDispatch = (text: string): Dispatchability => {
  const { problem, value } = parse(text)
  if (problem !== undefined) return { _tag: "Unreadable", message: problem }
  const document = Option.getOrUndefined(decodeDocument(value))
  if (document === undefined) return { _tag: "Unreadable", message: "No event triggers defined in `on`" }
  const { name, on } = document
  const dispatchable = (inputs: Readonly<Record<string, InputSpec>>): Dispatchability => ({
    _tag: "Dispatchable",
    name,
    inputs
  })
  if (typeof on === "string") return on === "workflow_dispatch" ? dispatchable({}) : { _tag: "NoTrigger" }
  if (isList(on)) return on.includes("workflow_dispatch") ? dispatchable({}) : { _tag: "NoTrigger" }
  if (!Object.hasOwn(on, "workflow_dispatch")) return { _tag: "NoTrigger" }
  const trigger = Option.getOrUndefined(decodeTrigger(on.workflow_dispatch))
  if (trigger === undefined) return { _tag: "Unreadable", message: "Unexpected value in `on.workflow_dispatch`" }
  return dispatchable(Object.fromEntries(Object.entries(trigger?.inputs ?? {}).map(([key, spec]) => [key, spec ?? {}])))
}

const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)

/** Either what is wrong with the inputs, in GitHub's words, or all inputs of the run with defaults filled in. */
export type CheckedInputs =
  | { readonly _tag: "Refused"; readonly message: string }
  | { readonly _tag: "Accepted"; readonly values: Readonly<Record<string, string>> }

const refused = (message: string): CheckedInputs => ({ _tag: "Refused", message })

/** Checks given inputs against declared ones, in GitHub's order: unknown, missing, not among the choices. */
export const checkInputs = (
  declared: Readonly<Record<string, InputSpec>>,
  given: Readonly<Record<string, string>>
): CheckedInputs => {
  const unexpected = Object.keys(given).filter((name) => !Object.hasOwn(declared, name))
  if (unexpected.length > 0) {
    return refused(`Unexpected inputs provided: [${unexpected.map((name) => JSON.stringify(name)).join(", ")}]`)
  }
  const values: Record<string, string> = {}
  for (const [name, spec] of Object.entries(declared)) {
    const value = given[name] ?? (spec.default === undefined ? undefined : String(spec.default))
    if (spec.required === true && (value === undefined || value === "")) {
      return refused(`Required input '${name}' not provided`)
    }
    const allowed = allowedValues(spec)
    if (value !== undefined && allowed !== undefined && !allowed.includes(value)) {
      return refused(`Provided value '${value}' for input '${name}' not in the list of allowed values`)
    }
    values[name] = value ?? ""
  }
  return { _tag: "Accepted", values }
}

const allowedValues = ({ type, options = [] }: InputSpec): ReadonlyArray<string> | undefined => {
  if (type === "choice") return options.map(String)
  return type === "boolean" ? ["true", "false"] : undefined
}

/** The name that a workflow file gives itself. */
export const declaredName = (text: string): string | undefined =>
  Option.getOrUndefined(decodeNamed(parse(text).value))?.name
