/**
 * The front door: every request to the GitHub part passes here before its route. It keeps the log, lets faults strike,
 * refuses what GitHub refuses before it looks at the route (no User-Agent, unknown API version, bad credentials, rate
 * limits), says who the caller is, and puts GitHub's headers on the answer.
 * A request that has arrived is carried out to its end even if the client hangs up, as GitHub would.
 */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { ByteSize, Clock, Effect, Fiber, type Types } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { errorBody, json, refuseRequest, SandboxRefusal } from "./Answer.ts"
import { Caller, type CallerKind, identify } from "./Caller.ts"
import { queryOf } from "./Endpoint.ts"
import type { Fault, FaultTarget } from "./Fault.ts"
import { takeFault } from "./Faults.ts"
import { callerKey, consume, rateBucketOf, rateLimitHeaders, refund, resourceOf } from "./RateLimits.ts"
import { shutOutAnswer } from "./ShutOut.ts"
import { type RequestRecord, type SandboxState, State } from "./State.ts"

type Response = HttpServerResponse.HttpServerResponse
type Route = Effect.Effect<Response, Types.unhandled, Caller>

/** More than any body we send; the sandbox's own limit, GitHub does not publish one for JSON. */
const maxBody = ByteSize.mebibytes(10)

/** https://docs.github.com/en/rest/about-the-rest-api/api-versions; the first one applies without the header. */
const supportedVersions: readonly [string, ...ReadonlyArray<string>] = ["2022-11-28", "2026-03-10"]

const pathOf = (url: string): string => url.split(/[?#]/, 1)[0] ?? url

const targetOf = ({ method, url }: HttpServerRequest.HttpServerRequest): FaultTarget => ({
  method,
  path: pathOf(url),
  query: queryOf(url)
})

const record = (state: SandboxState, { method, path }: FaultTarget, at: number): RequestRecord => {
  const entry: RequestRecord = {
    method,
    path,
    at,
    status: undefined,
    installation: undefined,
    sequence: state.requests.length + 1
  }
  state.requests.push(entry)
  return entry
}

const secondaryLimit = ({ status, retryAfterSeconds }: NonNullable<Fault["secondaryLimit"]>): Response => {
  const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
  const page = "using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }
  return json(errorBody(status, message, page), { status, headers })
}

const injected = ({ status, headers = {}, body }: NonNullable<Fault["answer"]>): Response =>
  typeof body === "string"
    ? HttpServerResponse.text(body, { status, headers, contentType: headers["content-type"] ?? "text/html" })
    : json(body === undefined ? errorBody(status, "Server Error") : body, { status, headers })

const primaryLimit = (caller: CallerKind, path: string): Response => {
  const message = `API rate limit exceeded for ${callerKey(caller)}.`
  return path === "/graphql"
    ? // https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api: the status stays 200
      json({ errors: [{ type: "RATE_LIMITED", message }] })
    : json(errorBody(403, message, "using-the-rest-api/rate-limits-for-the-rest-api"), { status: 403 })
}

const withoutUserAgent = HttpServerResponse.text(
  "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
  { status: 403, contentType: "text/html" }
)

const unsupportedVersion = (version: string): Response =>
  refuseRequest(new SandboxRefusal({ status: 400, message: `The API version ${version} is not supported.` }))

/** The answer of the route, once GitHub knows the caller: counted, unless nothing is left or the request is free. */
const admitted = Effect.fnUntraced(function* (
  state: SandboxState,
  entry: RequestRecord,
  caller: CallerKind,
  route: Route
) {
  const resource = resourceOf(entry.path)
  const bucket = rateBucketOf(state, caller, resource, yield* Clock.currentTimeMillis)
  const allowed = entry.path === "/rate_limit" || consume(bucket)
  const response = allowed
    ? (shutOutAnswer(caller, entry.path) ?? (yield* Effect.provideService(route, Caller, caller)))
    : primaryLimit(caller, entry.path)
  if (response.status === 304) refund(bucket)
  return HttpServerResponse.setHeaders(response, rateLimitHeaders(bucket, resource))
})

/** Refused credentials count as none. */
const turnedAway = (state: SandboxState, path: string, refusal: SandboxRefusal): Effect.Effect<Response> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const resource = resourceOf(path)
    const bucket = rateBucketOf(state, { _tag: "Anonymous" }, resource, now)
    return HttpServerResponse.setHeaders(refuseRequest(refusal), rateLimitHeaders(bucket, resource))
  })

const answer = Effect.fnUntraced(function* (
  state: SandboxState,
  entry: RequestRecord,
  headers: Readonly<Record<string, string | undefined>>,
  route: Route
) {
  if (headers["user-agent"] === undefined) return withoutUserAgent
  const version = headers["x-github-api-version"] ?? supportedVersions[0]
  if (!supportedVersions.includes(version)) return unsupportedVersion(version)
  const response = yield* identify(state, headers.authorization, yield* Clock.currentTimeMillis).pipe(
    Effect.flatMap((caller) => {
      if (caller._tag === "Installation") entry.installation = caller.installation.id
      return admitted(state, entry, caller, route)
    }),
    Effect.catchTag("Refusal", (refusal) => turnedAway(state, entry.path, refusal)),
    // A mistake in this package: said aloud, and answered as GitHub answers its own.
    Effect.catchDefect((defect) =>
      Effect.as(Effect.logError("The sandbox failed", defect), json(errorBody(500, "Server Error"), { status: 500 }))
    )
  )
  return HttpServerResponse.setHeaders(response, {
    "x-github-media-type": "github.v3; format=json",
    "x-github-api-version-selected": version
  })
})

/** GitHub's clock, which may differ from this machine's. */
const ahead = (clock: Clock.Clock, seconds: number): Clock.Clock => {
  const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + seconds * 1000
  return Object.assign(Object.create(clock), {
    currentTimeMillisUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe)
  })
}

/** What becomes of one request: an answer, or nothing because the connection is to be dropped. */
const treat = Effect.fnUntraced(function* (
  state: SandboxState,
  entry: RequestRecord,
  fault: Fault | undefined,
  request: HttpServerRequest.HttpServerRequest,
  route: Route
) {
  if (fault?.delayMillis !== undefined) yield* Effect.sleep(fault.delayMillis)
  if (fault?.drop === "before") return undefined
  const limited = fault?.secondaryLimit && Effect.succeed(secondaryLimit(fault.secondaryLimit))
  const response = fault?.answer
    ? injected(fault.answer)
    : yield* answer(state, entry, request.headers, limited ?? route)
  if (fault?.answerDelayMillis !== undefined) yield* Effect.sleep(fault.answerDelayMillis)
  if (fault?.drop === "after") return undefined
  const shown = fault?.answerAfter ? injected(fault.answerAfter) : response
  entry.status = shown.status
  const by = (fault?.answerAfter ?? fault?.answer)?.by
  if (by === "elsewhere") return shown
  return HttpServerResponse.setHeaders(shown, {
    "x-github-request-id": `5A4D:${entry.sequence.toString(16).padStart(8, "0").toUpperCase()}`,
    // A fault's own date goes with the dates in it.
    date: shown.headers.date ?? new Date(yield* Clock.currentTimeMillis).toUTCString()
  })
})

/** Cuts the connection. The adapter notices the closed socket and ends the request, so there is nothing to answer. */
const hangUp = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<never> =>
  Effect.andThen(
    Effect.sync(() => NodeHttpServerRequest.toIncomingMessage(request).socket.destroy()),
    Effect.never
  )

/** The front door as middleware over all routes. `/_sandbox` is ours and passes by. */
export const layer = HttpRouter.middleware<{ provides: Caller }>()(
  Effect.gen(function* () {
    const state = yield* State
    const scope = yield* Effect.scope
    const clock = ahead(yield* Clock.Clock, state.settings.clockAheadSeconds)
    return (route) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const target = targetOf(request)
        if (target.path.startsWith("/_sandbox/"))
          return yield* Effect.provideService(route, Caller, { _tag: "Anonymous" })
        // Read before anything else, so that a client that hangs up later does not take the body with it.
        yield* Effect.exit(request.text)
        const entry = record(state, target, yield* Clock.currentTimeMillis)
        const fault = takeFault(state, target)
        const inHand = yield* Effect.forkIn(
          treat(state, entry, fault, request, route).pipe(Effect.provideService(Clock.Clock, clock)),
          scope
        )
        if (fault?.drop === "first") return yield* hangUp(request)
        return (yield* Fiber.join(inHand)) ?? (yield* hangUp(request))
      }).pipe(Effect.interruptible, Effect.provideService(HttpServerRequest.MaxBodySize, maxBody))
  }),
  { global: true }
)
