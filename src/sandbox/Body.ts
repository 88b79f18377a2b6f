/**
 * JSON bodies, read and refused as GitHub does: broken JSON, something that is no object, unknown or missing keys, wrong
 * types.
 */
import { Effect, Schema } from "effect"
import { type HttpServerError, HttpServerRequest } from "effect/http"
import { SandboxRefusal, unprocessable } from "./Answer.ts"

/** A JSON object. */
export const decodeObject = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.Json))

/** The JSON object in the request's body; no body counts as an empty object. */
export const bodyObject: Effect.Effect<
  Readonly<Record<string, Schema.Json>>,
  SandboxRefusal,
  HttpServerRequest.HttpServerRequest
> = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const text = yield* request.text.pipe(Effect.mapError(unreadable))
  if (text.trim() === "") return {}
  const value = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => new SandboxRefusal({ status: 400, message: "Problems parsing JSON" })
  })
  return yield* Effect.fromOption(decodeObject(value)).pipe(
    Effect.mapError(() => new SandboxRefusal({ status: 400, message: "Body should be a JSON object" }))
  )
})

const unreadable = ({ reason }: HttpServerError.HttpServerError): SandboxRefusal =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
    ? new SandboxRefusal({ status: 413, message: "Payload too large" })
    : new SandboxRefusal({ status: 400, message: "Problems parsing JSON" })

/** What GitHub expects of one key of a body. */
export interface KeyRule {
  readonly type: "string" | "boolean" | "object" | "array" | "string or null"
  readonly required?: boolean
  readonly maxProperties?: number
  /** Most characters of a string. */
  readonly maxLength?: number
  /** The only strings that it may be. */
  readonly values?: ReadonlyArray<string>
  /** A point in time, in ISO 8601. */
  readonly dateTime?: boolean
}

const typeOf = (value: Schema.Json): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value)

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

const keyProblems = (key: string, rule: KeyRule, value: Schema.Json): ReadonlyArray<string> => {
  if (!rule.type.split(" or ").includes(typeOf(value))) {
    return [`For 'properties/${key}', ${value === null ? "nil" : JSON.stringify(value)} is not ${article(rule.type)}.`]
  }
  if (typeof value === "string") return textProblems(key, rule, value)
  const count = typeOf(value) === "object" ? Object.keys(value ?? {}).length : 0
  return rule.maxProperties !== undefined && count > rule.maxProperties
    ? [`No more than ${rule.maxProperties} properties are allowed; ${count} were supplied.`]
    : []
}

/** In GitHub's words: https://github.com/zyborg/dotnet-tests-report/issues/9 and https://github.com/flutter/cocoon/pull/5130 */
const textProblems = (key: string, rule: KeyRule, value: string): ReadonlyArray<string> => {
  const { maxLength = value.length, values = [value], dateTime = false } = rule
  return [
    ...(value.length > maxLength ? [`Only ${maxLength} characters are allowed; ${value.length} were supplied.`] : []),
    ...(values.includes(value) ? [] : [`${quoted([value])} is not a member of [${quoted(values)}].`]),
    ...(dateTime && Number.isNaN(Date.parse(value))
      ? [`For 'properties/${key}', ${quoted([value])} is not a valid date-time.`]
      : [])
  ]
}

const article = (type: string): string => (/^[ao]/.test(type) ? `an ${type}` : `a ${type}`)

/**
 * Refuses a body with unknown keys, missing keys or wrong types with GitHub's words: `Invalid request.`, an empty line,
 * then one line for each problem. With `open`, keys that are not listed pass.
 */
export const checkBody = (
  body: Readonly<Record<string, Schema.Json>>,
  rules: Readonly<Record<string, KeyRule>>,
  options: { readonly page?: string; readonly open?: boolean } = {}
): Effect.Effect<void, SandboxRefusal> => {
  const unknown = options.open === true ? [] : Object.keys(body).filter((key) => !Object.hasOwn(rules, key))
  const problems = [
    ...(unknown.length === 1 ? [`${quoted(unknown)} is not a permitted key.`] : []),
    ...(unknown.length > 1 ? [`${quoted(unknown)} are not permitted keys.`] : []),
    ...Object.entries(rules).flatMap(([key, rule]) => {
      const value = body[key]
      if (value === undefined) return rule.required === true ? [`"${key}" wasn't supplied.`] : []
      return keyProblems(key, rule, value)
    })
  ]
  return problems.length === 0
    ? Effect.void
    : Effect.fail(unprocessable(`Invalid request.\n\n${problems.join("\n")}`, options.page))
}
