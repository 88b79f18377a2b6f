/**
 * What every endpoint is made of: a route whose refusals become GitHub's answers, the repository that a caller may reach,
 * query parameters, JSON bodies checked as GitHub checks them, and pages.
 */
import { Effect, Schema } from "effect"
import {
  type HttpMethod,
  HttpRouter,
  type HttpServerError,
  HttpServerRequest,
  type HttpServerResponse
} from "effect/http"
import { notAccessible, notFound, Refusal, refuse, unprocessable } from "./Answer.ts"
import { asInstallation, type Caller } from "./Caller.ts"
import { type Access, permits } from "./Permissions.ts"
import { covers, findRepository, type Repository, type SandboxState, State, type Token } from "./State.ts"

/** A route whose handler may refuse. */
export const endpoint = <R>(
  method: HttpMethod.HttpMethod | "*",
  path: HttpRouter.PathInput,
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, Refusal, R>
) =>
  HttpRouter.route(
    method,
    path,
    Effect.catchTag(handler, "Refusal", (refusal) => Effect.succeed(refuse(refusal)))
  )

/** The named part of the path, decoded; a route that lacks it is a mistake in this package. */
export const pathParam = (name: string): Effect.Effect<string, never, HttpRouter.RouteContext> =>
  Effect.map(HttpRouter.params, (params) => params[name] ?? "")

/** A path parameter that GitHub knows by number; anything else is not found. */
export const idParam = Effect.fnUntraced(function* (name: string) {
  const text = yield* pathParam(name)
  return /^\d{1,15}$/.test(text) ? Number(text) : yield* notFound()
})

/** The query of the request in hand. */
export const query: Effect.Effect<URLSearchParams, never, HttpServerRequest.HttpServerRequest> = Effect.map(
  HttpServerRequest.HttpServerRequest,
  (request) => queryOf(request.url)
)

export const queryOf = (url: string): URLSearchParams =>
  new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "")

/** Whether a token reaches a repository: its installation covers it, and the token was not narrowed to others. */
export const reaches = (token: Token, repository: Repository): boolean =>
  covers(token.installation, repository) &&
  (token.repositoryIds === undefined || token.repositoryIds.has(repository.id))

/**
 * The repository named in the path, for a token that reaches it (404 otherwise) and has the permission (403 otherwise).
 * GitHub lets any token read public repositories; here an installation's token ends at the installation, so that a
 * wrong token is noticed.
 */
export const repositoryFor = Effect.fnUntraced(function* (
  permission: string,
  access: Access,
  page?: string
): Effect.fn.Return<Repository, Refusal, State | Caller | HttpRouter.RouteContext> {
  const { token } = yield* asInstallation
  const state = yield* State
  const repository = findRepository(state, yield* pathParam("owner"), yield* pathParam("repo"))
  if (repository === undefined || !reaches(token, repository)) return yield* notFound(page)
  return permits(token.permissions, permission, access) ? repository : yield* notAccessible(page)
})

const decodeObject = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.Json))

/** The JSON object in the request's body; no body counts as an empty object. */
export const bodyObject: Effect.Effect<
  Readonly<Record<string, Schema.Json>>,
  Refusal,
  HttpServerRequest.HttpServerRequest
> = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const text = yield* request.text.pipe(Effect.mapError(unreadable))
  if (text.trim() === "") return {}
  const value = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => new Refusal({ status: 400, message: "Problems parsing JSON" })
  })
  return yield* Effect.fromOption(decodeObject(value)).pipe(
    Effect.mapError(() => new Refusal({ status: 400, message: "Body should be a JSON object" }))
  )
})

const unreadable = ({ reason }: HttpServerError.HttpServerError): Refusal =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
    ? new Refusal({ status: 413, message: "Payload too large" })
    : new Refusal({ status: 400, message: "Problems parsing JSON" })

/** What GitHub expects of one key of a body. */
export interface KeyRule {
  readonly type: "string" | "boolean" | "object" | "array" | "string or null"
  readonly required?: boolean
  readonly maxProperties?: number
}

const typeOf = (value: Schema.Json): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value)

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

const keyProblems = (key: string, rule: KeyRule, value: Schema.Json): ReadonlyArray<string> => {
  if (!rule.type.split(" or ").includes(typeOf(value))) {
    return [`For 'properties/${key}', ${value === null ? "nil" : JSON.stringify(value)} is not ${article(rule.type)}.`]
  }
  const count = typeOf(value) === "object" ? Object.keys(value ?? {}).length : 0
  return rule.maxProperties !== undefined && count > rule.maxProperties
    ? [`No more than ${rule.maxProperties} properties are allowed; ${count} were supplied.`]
    : []
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
): Effect.Effect<void, Refusal> => {
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

/** One page of a list, and the `Link` header that leads on. GitHub serves 30 items unless told, 100 at most. */
export const paginate = <A>(
  items: ReadonlyArray<A>,
  params: URLSearchParams,
  address: string
): { readonly page: ReadonlyArray<A>; readonly headers: Record<string, string> } => {
  const size = Math.min(positive(params.get("per_page"), 30), 100)
  const number = positive(params.get("page"), 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (target: number, rel: string): string => {
    const next = new URLSearchParams(params)
    next.set("page", String(target))
    return `<${address}?${next}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [link(number - 1, "prev"), link(1, "first")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : [])
  ]
  return {
    page: items.slice((number - 1) * size, number * size),
    headers: links.length === 0 ? {} : { link: links.join(", ") }
  }
}

export const positive = (text: string | null, otherwise: number): number => {
  const value = Number(text ?? otherwise)
  return Number.isInteger(value) && value > 0 ? value : otherwise
}

/** GitHub's timestamps have whole seconds. */
export const timestamp = (millis: number): string => new Date(millis).toISOString().replace(/\.\d{3}Z$/, "Z")

/** The API address of a repository. */
export const apiUrl = (state: SandboxState, repository: Repository): string =>
  `${state.url}/repos/${repository.fullName}`
