/**
 * One address, one spelling. A proxy that guards `/admin` compares text, so `/ADMIN`, `//admin`, `/%61dmin`, `/admin/`, `/admin;x` and
 * `/x/../admin` are not that address: they are answered with 404 before any route is looked for, on the server and behind API Gateway.
 */
import { Effect, type Layer } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"

/** Where GitHub is to send its webhooks. */
export const webhookPath = "/webhooks/github"

/** Unreserved characters (RFC 3986) in segments that are not empty and do not begin with a dot; no route needs others. */
const exactPath = /^\/$|^(?:\/[\w~-][\w.~-]*)+$/

/** Whether a request target's path, as it arrived and without its query, is written in the one way that routes are written in. */
export const isExactPath = (path: string): boolean => exactPath.test(path)

type Request = HttpServerRequest.HttpServerRequest

const notFound = (reason: string) => HttpServerResponse.jsonUnsafe({ status: "not found", reason }, { status: 404 })

/** Whether a request looks like one of GitHub's webhooks, wherever it was sent. */
const isWebhook = ({ method, headers }: Request): boolean =>
  method === "POST" && headers["x-github-event"] !== undefined

/** What a webhook at a wrong address is answered: GitHub shows it with the delivery. */
const misdirected = Effect.fnUntraced(function* (path: string, { headers }: Request) {
  yield* Effect.logWarning("a webhook arrived at a wrong address").pipe(
    Effect.annotateLogs({
      path: path.slice(0, 256),
      event: headers["x-github-event"]?.slice(0, 64),
      expected: webhookPath
    })
  )
  return notFound(
    path.endsWith(webhookPath)
      ? `webhooks arrive at ${webhookPath}; a proxy or the key of an API mapping puts something before it`
      : `webhooks arrive at ${webhookPath}; correct the webhook URL in the GitHub App's settings`
  )
})

const routeNotFound = (error: unknown): boolean =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

/** Routes as one effect that matches addresses exactly; `targetOf` gives a request's target as it arrived: path and query. */
export const toApp = <A, E, R>(routes: Layer.Layer<A, E, R>, targetOf: (request: Request) => string) =>
  HttpRouter.toHttpEffect(routes).pipe(
    Effect.provideService(HttpRouter.RouterConfig, {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false
    }),
    Effect.map((app) => {
      const nothing = Effect.succeed(notFound("there is nothing at this address"))
      const found = Effect.catchIf(app, routeNotFound, () => nothing)
      return Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const [path = ""] = targetOf(request).split("?", 1)
        const response = yield* isExactPath(path) ? found : nothing
        return response.status === 404 && isWebhook(request) ? yield* misdirected(path, request) : response
      })
    })
  )
