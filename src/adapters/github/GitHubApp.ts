/**
 * What the App learns about itself from GitHub, asked as the App: its login, and GitHub's time.
 * https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
 */
import { Duration, Effect, Layer, Schema, Semaphore } from "effect"
import { clockMargin, GitHubApp } from "../../ports/GitHubApp.ts"
import { GitHubError, Unavailable } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import * as Connection from "./Connection.ts"
import { asApp, asNobody } from "./Octokits.ts"
import * as RequestLimiter from "./RequestLimiter.ts"
import { type Call, performAsApp, performRequest, retrySafely } from "./Requests.ts"

const decodeApp = Schema.decodeUnknownEffect(Schema.Struct({ slug: Schema.NonEmptyString }))

const appCall: Call<string> = {
  operation: "GitHubApp.slug",
  api: "rest",
  repeat: "harmless",
  send: (request) => request("GET /app"),
  read: ({ data }) => Effect.map(decodeApp(data), ({ slug }) => slug)
}

const publicCall = (slug: string): Call<boolean> => ({
  operation: "GitHubApp.isPublic",
  api: "rest",
  repeat: "harmless",
  send: (request) => request("GET /apps/{app_slug}", { app_slug: slug }),
  read: ({ data }) => Effect.as(decodeApp(data), true)
})

const make = Effect.gen(function* () {
  const connection = yield* Connection.Connection
  const client = asApp(yield* App, connection)
  const limiter = yield* RequestLimiter.make()
  const single = yield* Semaphore.make(1)
  let known: string | undefined

  const ask = Effect.map(
    retrySafely((inTime) => limiter(appCall.operation, performAsApp(client, appCall, inTime))),
    (slug) => {
      known = slug
      return slug
    }
  )
  // One at a time, so that many who ask at once cost one request.
  const slug = Effect.suspend(() =>
    known === undefined
      ? single.withPermits(1)(Effect.suspend(() => (known === undefined ? ask : Effect.succeed(known))))
      : Effect.succeed(known)
  )

  const exact = (): number | undefined => {
    const read = connection.time()
    return read !== undefined && read.error <= Duration.toMillis(clockMargin) ? Math.round(read.time) : undefined
  }
  // Answers that took seconds leave too wide an interval; so does no answer.
  const asked = Effect.flatMap(ask, () => {
    const time = exact()
    const reason = new Unavailable({ message: "GitHub answers too slowly for its time to be known" })
    return time === undefined
      ? Effect.fail(new GitHubError({ operation: "GitHubApp.now", reason }))
      : Effect.succeed(time)
  })
  const now = Effect.suspend(() => {
    const time = exact()
    return time === undefined
      ? single.withPermits(1)(Effect.suspend(() => Effect.catch(Effect.fromNullishOr(exact()), () => asked)))
      : Effect.succeed(time)
  })

  return GitHubApp.of({ login: Effect.map(slug, (name) => `${name}[bot]`), now })
})

/** Needs {@link App}; nothing is asked before it is needed. */
export const layer: Layer.Layer<GitHubApp, never, App> = Layer.effect(GitHubApp, make).pipe(
  Layer.provide(Connection.layer)
)

/**
 * Whether anybody may install the App called so: then GitHub shows it to people without an account. `GET /app` does not say it; a private
 * App is 404 without credentials. Cost: 1 request.
 * https://docs.github.com/en/rest/apps/apps#get-an-app
 */
export const isPublic = (slug: string): Effect.Effect<boolean, GitHubError, App> =>
  Effect.gen(function* () {
    const client = asNobody(yield* App, yield* Connection.Connection)
    return yield* retrySafely((inTime) => performRequest(client, publicCall(slug), inTime)).pipe(
      Effect.catchReason("GitHubError", "NotFound", () => Effect.succeed(false))
    )
  }).pipe(Effect.provide(Connection.layer))
