/**
 * Who may do what: the admin token as `Authorization: Bearer`, or a session's cookie together with what keeps other pages from using it.
 *
 * One look at the request decides, for the API and for the page alike. A bearer token is never sent by a browser on its own, so only cookies
 * need protection against forged requests: what changes something needs a header that other origins cannot send without our consent, and
 * must not come from another site.
 */
import { Context, Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { Attempts } from "./Attempts.ts"
import { ForgeryRefused, SignInRequired, TooManyAttempts } from "./api/Errors.ts"
import { Authorization, SignedInCaller } from "./api/Middleware.ts"
import { clientAddress, isFromUs } from "./Requests.ts"
import { Sessions } from "./Session.ts"

type Request = HttpServerRequest.HttpServerRequest

/** The name of the session's cookie. */
export const cookieName = "dispatcher_session"
/** `X-Requested-With` must be this where a session changes something. */
const requestedWith = "dispatcher"

const SignInRefusal = Schema.Union([SignInRequired, ForgeryRefused, TooManyAttempts])
/** Why a caller is not let in. */
export type SignInRefusal = typeof SignInRefusal.Type

/** Finds out who asks. */
export class Access extends Context.Service<
  Access,
  {
    /** By the admin token; wrong ones are counted, and limited. */
    readonly byToken: (
      presented: Redacted.Redacted,
      request: Request
    ) => Effect.Effect<SignedInCaller["Service"], SignInRequired | TooManyAttempts>
    /** By whatever the request presents. A bearer token counts alone: if it is wrong, no cookie makes up for it. */
    readonly identify: (request: Request) => Effect.Effect<SignedInCaller["Service"], SignInRefusal>
  }
>()("dispatcher/dashboard/Access") {}

const bearerToken = ({ headers }: Request): Redacted.Redacted | undefined => {
  const [, token] = /^bearer +(.+)$/i.exec(headers.authorization ?? "") ?? []
  return token === undefined ? undefined : Redacted.make(token)
}

const changesSomething = ({ method }: Request): boolean => !["GET", "HEAD", "OPTIONS"].includes(method)

const make = (baseUrl: URL | undefined) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const attempts = yield* Attempts

    const byToken: Access["Service"]["byToken"] = Effect.fnUntraced(function* (presented, request) {
      const address = clientAddress(request)
      const isToken = yield* sessions.isToken
      if (yield* attempts.attempt(address, () => isToken(presented))) return { name: "admin token" }
      // What looks wrong may be newer than the token at hand. It counts as wrong, or guesses would be free while the token is read.
      if ((yield* sessions.isLatestToken)(presented)) return { name: "admin token" }
      yield* Effect.logWarning("a wrong admin token was presented").pipe(Effect.annotateLogs({ address }))
      return yield* new SignInRequired({ message: "this is not the admin token" })
    })

    const bySession = Effect.fnUntraced(function* (request: Request) {
      const cookie = request.cookies[cookieName]
      if (cookie === undefined) {
        return yield* new SignInRequired({ message: "sign in, or send the admin token as Authorization: Bearer" })
      }
      const session = yield* sessions.recognise(Redacted.make(cookie))
      if (Option.isNone(session)) return yield* new SignInRequired({ message: "the session has ended; sign in again" })
      if (changesSomething(request) && !isDeliberate(request)) {
        return yield* new ForgeryRefused({
          message: `with a session, this needs the header X-Requested-With: ${requestedWith} and must come from our own page`
        })
      }
      return { name: `session ${session.value.id}` }
    })

    const isDeliberate = (request: Request): boolean =>
      request.headers["x-requested-with"] === requestedWith && isFromUs(request, baseUrl)

    return {
      byToken,
      identify: (request: Request) => {
        const token = bearerToken(request)
        return token === undefined ? bySession(request) : byToken(token, request)
      }
    }
  })

/** `baseUrl`: where people reach the server, if that is not what `Host` says. */
export const layer = (baseUrl?: URL): Layer.Layer<Access, never, Sessions | Attempts> =>
  Layer.effect(Access, make(baseUrl))

const encodeRefusal = Schema.encodeSync(SignInRefusal)

/** A refusal as the API answers it. */
export const refuseSignIn = (refusal: SignInRefusal): HttpServerResponse.HttpServerResponse => {
  const body = encodeRefusal(refusal)
  switch (refusal._tag) {
    case "Unauthorized":
      return HttpServerResponse.jsonUnsafe(body, { status: 401, headers: { "www-authenticate": "Bearer" } })
    case "ForgeryRefused":
      return HttpServerResponse.jsonUnsafe(body, { status: 403 })
    case "TooManyAttempts":
      return HttpServerResponse.jsonUnsafe(body, { status: 429, headers: { "retry-after": `${refusal.retryAfter}` } })
  }
}

/** Lets a request through, with the one who asks, or answers with the refusal. */
export const guard =
  (access: Access["Service"]) =>
  <E, R>(inner: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.gen(function* () {
      const asked = yield* Effect.result(access.identify(yield* HttpServerRequest.HttpServerRequest))
      if (Result.isFailure(asked)) return refuseSignIn(asked.failure)
      return yield* Effect.provideService(inner, SignedInCaller, asked.success)
    })

/**
 * The guard before the API. `HttpApi` tries its schemes one after another and answers with the last one's refusal, which would hide a 429
 * behind a missing cookie; so each scheme is the whole guard, and the first one answers.
 */
export const layerAuthorization: Layer.Layer<Authorization, never, Access> = Layer.effect(
  Authorization,
  Effect.map(Access, (access) => ({ bearer: guard(access), cookie: guard(access) }))
)
