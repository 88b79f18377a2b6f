/**
 * Signing in with the admin token, by a plain form that needs no script, and signing out.
 *
 * The token arrives in the body and goes no further: what is answered, logged or redirected to never holds it.
 */
import { ByteSize, Effect, type Layer, Option, Redacted } from "effect"
import { HttpIncomingMessage, HttpRouter, HttpServerRequest, HttpServerResponse, UrlParams } from "effect/http"
import { Access, cookieName } from "./Access.ts"
import { fill, PageFiles } from "./Page.ts"
import { clientAddress, home, isFromUs, isSecure, localPath } from "./Requests.ts"
import { withForms } from "./SecurityHeaders.ts"
import { Sessions, sessionSeconds } from "./Session.ts"

type Request = HttpServerRequest.HttpServerRequest

/** A token and a path have room in it. */
const maxFormBytes = 8 * 1024

const readForm = Effect.fnUntraced(
  function* (request: Request) {
    const form = yield* request.urlParamsBody
    const field = (name: string) => Option.getOrElse(UrlParams.getFirst(form, name), () => "")
    return { token: Redacted.make(field("token")), next: localPath(field("next")) }
  },
  Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxFormBytes))
)

/** The routes. `baseUrl`: as for Access. */
export const layer = (
  baseUrl?: URL
): Layer.Layer<never, never, HttpRouter.HttpRouter | PageFiles | Access | Sessions> =>
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const { signIn: template } = yield* PageFiles
      const access = yield* Access
      const sessions = yield* Sessions

      const form = (status: number, message: string, next: string, headers = {}) =>
        HttpServerResponse.text(fill(template, { message, next }), {
          status,
          contentType: "text/html; charset=utf-8",
          headers: { ...withForms, ...headers }
        })
      const forged = form(403, "This form was sent from another page. Sign in here.", home)

      /** What the session's cookie is like; it is for the dashboard only and goes with no request that another site causes. */
      const cookieOptions = (request: Request) =>
        ({ path: home, httpOnly: true, sameSite: "strict", secure: isSecure(request, baseUrl) }) as const

      const openSession = Effect.fnUntraced(function* (request: Request, next: string) {
        const { id, cookie } = yield* sessions.open
        yield* Effect.logInfo("signed in").pipe(Effect.annotateLogs({ session: id, address: clientAddress(request) }))
        return HttpServerResponse.redirect(next, { status: 303 }).pipe(
          HttpServerResponse.setCookieUnsafe(cookieName, Redacted.value(cookie), {
            ...cookieOptions(request),
            maxAge: sessionSeconds * 1000
          })
        )
      })

      const signIn = Effect.fnUntraced(
        function* (request: Request) {
          if (!isFromUs(request, baseUrl)) return forged
          const { token, next } = yield* readForm(request)
          if (Redacted.value(token) === "") return form(400, "Enter the admin token.", next)
          return yield* access.byToken(token, request).pipe(
            Effect.andThen(openSession(request, next)),
            Effect.catchTags({
              Unauthorized: () => Effect.succeed(form(401, "This is not the admin token.", next)),
              TooManyAttempts: ({ retryAfter }) =>
                Effect.succeed(
                  form(429, `Too many attempts. Try again in ${retryAfter} seconds.`, next, {
                    "retry-after": `${retryAfter}`
                  })
                )
            })
          )
        },
        Effect.catchTag("HttpServerError", () => Effect.succeed(form(400, "The form could not be read.", home)))
      )

      const signOut = (request: Request) =>
        isFromUs(request, baseUrl)
          ? HttpServerResponse.redirect(`${home}/sign-in`, { status: 303 }).pipe(
              HttpServerResponse.expireCookieUnsafe(cookieName, cookieOptions(request))
            )
          : forged

      yield* router.add(
        "GET",
        `${home}/sign-in`,
        Effect.map(HttpServerRequest.ParsedSearchParams, ({ next }) => form(200, "", localPath(next)))
      )
      yield* router.add("POST", `${home}/session`, signIn)
      // Where the address of a form that was shown again is asked for once more.
      yield* router.add("GET", `${home}/session`, HttpServerResponse.redirect(`${home}/sign-in`, { status: 303 }))
      yield* router.add("POST", `${home}/sign-out`, (request) => Effect.succeed(signOut(request)))
    })
  )
