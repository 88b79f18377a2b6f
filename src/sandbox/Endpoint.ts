/**
 * What every endpoint is made of: a route whose refusals become GitHub's answers, its parameters, and the repository that
 * the caller may reach. Bodies are read by Body.ts.
 */
import { Effect } from "effect"
import { type HttpMethod, HttpRouter, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { notAccessible, notFound, refuseRequest, SandboxRefusal } from "./Answer.ts"
import { type Caller, requireInstallation } from "./Caller.ts"
import { type PermissionLevel, permits } from "./Permissions.ts"
import { covers, findRepository } from "./Repositories.ts"
import { type InstallationToken, type SandboxRepository, State } from "./State.ts"

/** A route whose handler may refuseRequest. */
export const endpoint = <R>(
  method: HttpMethod.HttpMethod | "*",
  path: HttpRouter.PathInput,
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, SandboxRefusal, R>
) =>
  HttpRouter.route(
    method,
    path,
    Effect.catchTag(handler, "Refusal", (refusal) => Effect.succeed(refuseRequest(refusal)))
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
export const queryParameter: Effect.Effect<URLSearchParams, never, HttpServerRequest.HttpServerRequest> = Effect.map(
  HttpServerRequest.HttpServerRequest,
  (request) => queryOf(request.url)
)

export const queryOf = (url: string): URLSearchParams =>
  new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "")

/** Whether a token reaches a repository: its installation covers it, and the token was not narrowed to others. */
export const reaches = (token: InstallationToken, repository: SandboxRepository): boolean =>
  covers(token.installation, repository) &&
  (token.repositoryIds === undefined || token.repositoryIds.has(repository.id))

/** Where a former name leads: to the repository's number, whatever it is called. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects */
const movedFrom = Effect.fnUntraced(function* (token: InstallationToken, owner: string, name: string) {
  const state = yield* State
  const moved = state.formerNames.get(`${owner}/${name}`.toLowerCase())
  if (moved === undefined || !reaches(token, moved)) return undefined
  const { method, url } = yield* HttpServerRequest.HttpServerRequest
  const rest = url.split("/").slice(4).join("/")
  return new SandboxRefusal({
    status: method === "GET" ? 301 : 307,
    message: method === "GET" ? "Moved Permanently" : "Temporary Redirect",
    location: `${state.url}/repositories/${moved.id}${rest === "" ? "" : `/${rest}`}`
  })
})

/**
 * The repository named in the path, for a token that reaches it (404 otherwise, or a redirection from a former name) and has the permission (403 otherwise).
 * GitHub lets any token read public repositories; here an installation's token ends at the installation, so that a
 * wrong token is noticed.
 */
export const repositoryFor = Effect.fnUntraced(function* (
  permission: string,
  access: PermissionLevel,
  page?: string
): Effect.fn.Return<
  SandboxRepository,
  SandboxRefusal,
  State | Caller | HttpRouter.RouteContext | HttpServerRequest.HttpServerRequest
> {
  const { token } = yield* requireInstallation
  const state = yield* State
  const [owner, name] = [yield* pathParam("owner"), yield* pathParam("repo")]
  const repository = findRepository(state, owner, name)
  if (repository === undefined || !reaches(token, repository))
    return yield* (yield* movedFrom(token, owner, name)) ?? notFound(page)
  return permits(token.permissions, permission, access) ? repository : yield* notAccessible(page)
})
