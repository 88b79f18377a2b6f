/** The API of a running service, as commands use it: with the admin token, and failures in words for whoever called. */
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { Flag } from "effect/cli"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../../dashboard/Api.ts"
import { variables } from "../Configuration.ts"
import { environment } from "./Environment.ts"
import { CommandFailed } from "./Failures.ts"

/** Where the service is. */
export const urlFlag = Flag.String("url").pipe(
  Flag.withDescription("The service. Default: DISPATCHER_URL, or the one here, http://HOST:PORT"),
  Flag.withFallbackConfig(Config.NonEmptyString("DISPATCHER_URL")),
  Flag.optional
)

const ownUrl = Effect.map(
  environment({ HOST: variables.HOST, PORT: variables.PORT }),
  ({ HOST, PORT }) => `http://${HOST}:${PORT}`
)

const adminToken = Effect.flatMap(environment({ ADMIN_TOKEN: variables.ADMIN_TOKEN }), ({ ADMIN_TOKEN }) =>
  ADMIN_TOKEN === undefined
    ? Effect.fail(new CommandFailed({ message: "ADMIN_TOKEN is not set; the service lets in who has its token" }))
    : Effect.succeed(ADMIN_TOKEN)
)

/** A client of the service's API. */
export const service = Effect.fnUntraced(function* (url: Option.Option<string>) {
  const baseUrl = Option.isSome(url) ? url.value : yield* ownUrl
  const token = yield* adminToken
  const client = yield* HttpApiClient.make(Api, {
    baseUrl,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(Redacted.value(token)))
  })
  return { client, baseUrl }
}, Effect.provide(FetchHttpClient.layer))

/** In whose words a failure is told: the service's own, or, where it is none, ours. */
const explain = (baseUrl: string, error: { readonly _tag: string; readonly message: string }): string => {
  if (HttpClientError.isHttpClientError(error) && error.response === undefined) {
    return `${baseUrl} does not answer: ${error.message}`
  }
  const isForeign = HttpClientError.isHttpClientError(error) || Schema.isSchemaError(error)
  return isForeign ? `${baseUrl} does not answer as a dispatcher does; is it one, of this version?` : error.message
}

/** What the service said, or why it did not. */
export const answered =
  (baseUrl: string) =>
  <A, E extends { readonly _tag: string; readonly message: string }, R>(asking: Effect.Effect<A, E, R>) =>
    Effect.mapError(asking, (error) => new CommandFailed({ message: explain(baseUrl, error) }))
