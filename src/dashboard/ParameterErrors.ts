/** Turns what the contract finds wrong with parameters and bodies into an answer that names each of them. */
import { Effect, type Layer, Predicate, SchemaIssue } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { InvalidParameter } from "./api/Errors.ts"
import { Parameters } from "./api/Middleware.ts"

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "UnexpectedKey") return "is not a parameter of this endpoint"
    return issue._tag === "MissingKey" ? "is missing" : SchemaIssue.defaultLeafHook(issue)
  }
})

/** Whether a parameter is in the query more than once, which none of ours may be; its value is a list then. The contract reports queries only. */
const isRepeated = (issue: SchemaIssue.Issue, name: string): boolean =>
  Predicate.hasProperty(issue, "input") && Predicate.hasProperty(issue.input, name) && Array.isArray(issue.input[name])

/** One problem for each parameter, the first. What is wrong with no part of a body is wrong with all of it. */
const parametersOf = (issue: SchemaIssue.Issue) => {
  const problems = formatIssues(issue).issues.map(({ path: [segment = "body"] = [], message }) => {
    const name = String(typeof segment === "object" ? segment.key : segment)
    return { name, message: isRepeated(issue, name) ? "is given more than once" : message }
  })
  return problems.filter(({ name }, index) => problems.findIndex((other) => other.name === name) === index)
}

/** Requests are answered; an answer of our own that does not fit the contract is a defect and stays one. */
export const layer: Layer.Layer<Parameters> = HttpApiMiddleware.layerSchemaErrorTransform(Parameters, (error) => {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return Effect.fail(error)
  const parameters = parametersOf(error.cause.issue)
  const message = parameters.map(({ name, message }) => `${name}: ${message}`).join("; ")
  return Effect.fail(new InvalidParameter({ message, parameters }))
})
