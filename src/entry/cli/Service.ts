/** The API of a running service, as commands use it: with the admin token, and failures in words for the caller. */
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { CliError, Flag } from "effect/cli"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../../dashboard/Api.ts"
import { variables } from "../Configuration.ts"
import { environment, ownOrigin } from "./Environment.ts"
import { CommandFailed, failed, innermost } from "./Failures.ts"
import { askable } from "./HttpAddress.ts"

/** Where the service is. */
export const urlFlag = Flag.String("url").pipe(
  Flag.withDescription(
    "The service, which is asked with ADMIN_TOKEN. Default: DISPATCHER_URL, or the one here, http://HOST:PORT"
  ),
  Flag.optional
)

const noToken =
  "ADMIN_TOKEN is not set. Set it to the service's, in the environment or in .env; a server that is started without one makes one and shows it on its standard error."

const adminToken = Effect.flatMap(environment({ ADMIN_TOKEN: variables.ADMIN_TOKEN }), ({ ADMIN_TOKEN }) =>
  ADMIN_TOKEN === undefined ? Effect.fail(new CommandFailed({ message: noToken })) : Effect.succeed(ADMIN_TOKEN)
)

/** The address where the environment says that the service is. */
const addressHere = Effect.gen(function* () {
  const given = yield* Effect.mapError(Config.withDefault(Config.String("DISPATCHER_URL"), ""), failed)
  return yield* given === "" ? askable("PORT", yield* ownOrigin) : askable("DISPATCHER_URL", given)
})

/** A client of the service's API. */
export const service = Effect.fnUntraced(function* (url: Option.Option<string>) {
  const baseUrl = yield* Option.isSome(url) ? askable("--url", url.value) : addressHere
  const token = yield* adminToken
  const client = yield* HttpApiClient.make(Api, {
    baseUrl,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(Redacted.value(token)))
  })
  return { client, baseUrl }
}, Effect.provide(FetchHttpClient.layer))

/** The service does not answer, or not as one: it may be away for a while only. */
export class ServiceAway extends Schema.TaggedError<ServiceAway>()("ServiceAway", { message: Schema.String }) {
  override get [CliError.userMessage]() {
    return this.message
  }
}

/** Puts a failure in the service's own words, or, where it has none, in ours. */
const explained = (
  baseUrl: string,
  error: { readonly _tag: string; readonly message: string }
): CommandFailed | ServiceAway => {
  if (HttpClientError.isHttpClientError(error) && error.response === undefined) {
    return new ServiceAway({ message: `${baseUrl} does not answer: ${innermost(error)}` })
  }
  if (HttpClientError.isHttpClientError(error) || Schema.isSchemaError(error)) {
    return new ServiceAway({ message: `${baseUrl} does not answer as a dispatcher does; is it one, of this version?` })
  }
  return error._tag === "StoreUnavailable"
    ? new ServiceAway({ message: error.message })
    : new CommandFailed({ message: error.message })
}

/** A service that takes longer is as good as away. */
const patience = "30 seconds"

/** What the service said, or why it did not. */
export const answered =
  (baseUrl: string) =>
  <A, E extends { readonly _tag: string; readonly message: string }, R>(asking: Effect.Effect<A, E, R>) =>
    asking.pipe(
      Effect.mapError((error) => explained(baseUrl, error)),
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => Effect.fail(new ServiceAway({ message: `${baseUrl} does not answer within ${patience}` }))
      })
    )
