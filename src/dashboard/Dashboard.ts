/**
 * The dashboard's server: the page, signing in, and the API, as routes under `/admin` for any `HttpRouter` (the local server's, or a Lambda's
 * through `HttpRouter.toWebHandler`).
 *
 * ```
 * GET  /admin                    Page      the page; who is not signed in is sent to sign in
 * GET  /admin/app.js, app.css    Page      for everybody
 * GET  /admin/sign-in            SignIn    for everybody
 * POST /admin/session, sign-out  SignIn    from our own pages; GET /admin/session leads to the form
 * *    /admin/api/*              handlers/ with the token or a session
 * ```
 */
import { Effect, Layer } from "effect"
import { HttpMiddleware, HttpPlatform, HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { HttpApi, HttpApiBuilder, OpenApi } from "effect/http-api"
import * as Access from "./Access.ts"
import { Api } from "./Api.ts"
import * as Attempts from "./Attempts.ts"
import { answers, cached } from "./Caching.ts"
import * as Commands from "./handlers/Commands.ts"
import * as DeadLetters from "./handlers/DeadLetters.ts"
import * as Figures from "./handlers/Figures.ts"
import * as Lists from "./handlers/Lists.ts"
import * as Page from "./Page.ts"
import * as ParameterErrors from "./ParameterErrors.ts"
import * as RequestBodies from "./RequestBodies.ts"
import { home } from "./Requests.ts"
import * as SecurityHeaders from "./SecurityHeaders.ts"
import * as Session from "./Session.ts"
import * as SignIn from "./SignIn.ts"

/** How the dashboard is served. */
export interface DashboardOptions {
  /** The folder of the built page. */
  readonly folder: string
  /** Where people reach the server, if a proxy changes `Host` and says nothing of TLS. */
  readonly baseUrl?: URL
  readonly attempts?: Attempts.AttemptsOptions
}

const description = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const access = yield* Access.Access
    const document = yield* Effect.cached(Effect.sync(() => HttpServerResponse.jsonUnsafe(OpenApi.fromApi(Api))))
    yield* router.add("GET", `${home}/api/openapi.json`, Access.guard(access)(document))
  })
)

const routesOfApi = Layer.mergeAll(
  HttpApiBuilder.layer(Api).pipe(
    Layer.provide([Figures.layer, Lists.layer, Commands.layer, DeadLetters.layer]),
    Layer.provide([Access.layerAuthorization, ParameterErrors.layer])
  ),
  description
).pipe(Layer.provide(HttpRouter.middleware(cached(answers)).layer), Layer.provide(RequestBodies.limitBodies.layer))

const notFound = HttpServerResponse.jsonUnsafe(
  { _tag: "NotFound", message: "there is nothing at this address" },
  { status: 404 }
)

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const

/** What each address of the API takes. */
const methodsOfApi = (): ReadonlyMap<string, ReadonlySet<string>> => {
  const taken = new Map<string, Set<string>>([[`${home}/api/openapi.json`, new Set(["GET"])]])
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { path, method } }) => {
      taken.set(path, (taken.get(path) ?? new Set()).add(method))
    }
  })
  return taken
}

/** The answer to another method than an address takes. Who may take GET may take HEAD. */
const methodNotAllowed = (taken: ReadonlySet<string>) => {
  const allow = [...taken].flatMap((method) => (method === "GET" ? [method, "HEAD"] : [method])).join(", ")
  const message = `this address takes ${allow} only`
  return HttpServerResponse.jsonUnsafe({ _tag: "MethodNotAllowed", message }, { status: 405, headers: { allow } })
}

/** Other methods than the addresses of the API take. */
const otherMethods = HttpRouter.use((router) =>
  Effect.forEach(methodsOfApi(), ([path, taken]) =>
    Effect.forEach(
      methods.filter((method) => !taken.has(method)),
      (method) => router.add(method, path as `/${string}`, methodNotAllowed(taken))
    )
  )
)

/** Whatever else is asked under `/admin`. The router takes `/*` for the address without it too, and HEAD for GET where there is no HEAD. */
const nowhere = HttpRouter.use((router) =>
  Effect.andThen(
    router.add("GET", `${home}/:section/*`, notFound),
    Effect.forEach(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const, (method) =>
      router.add(method, `${home}/*`, notFound)
    )
  )
)

/** Script, style and long answers are sent compressed. No answer mixes a secret with what a stranger chose, which its length would betray. */
const compression = HttpRouter.middleware(
  Effect.map(
    HttpPlatform.HttpPlatform,
    (platform) => (inner) =>
      Effect.provideService(HttpMiddleware.compression()(inner), HttpPlatform.HttpPlatform, platform)
  )
)

/** All routes under `/admin`; fails if the page was not built. */
export const layer = ({ folder, baseUrl, attempts }: DashboardOptions) =>
  Layer.mergeAll(routesOfApi, Page.layer, SignIn.layer(baseUrl), otherMethods, nowhere).pipe(
    Layer.provide(SecurityHeaders.addSecurityHeaders(baseUrl).layer),
    Layer.provide(compression.layer),
    Layer.provide(Access.layer(baseUrl)),
    Layer.provide([Session.layer, Attempts.layer(attempts), Page.layerFiles(folder)]),
    Layer.provide(HttpServer.layerServices)
  )
