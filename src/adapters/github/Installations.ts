/**
 * The App's installations, and how to make requests with an installation's rights.
 *
 * A token reaches one installation only. It is asked for once, shared by all requests of the installation, and renewed
 * a minute before it ends, or when GitHub refuses it. We keep tokens ourselves: auth-app keeps them by the wall clock,
 * never drops a refused one, and lets callers of different Apps and addresses in one process wait for the same token;
 * here it signs as the App, no more.
 *
 * Everything kept is bounded: the least recently used goes first.
 */
import { Cache, Clock, Context, DateTime, Duration, Effect, Exit, Layer, Schedule, Schema } from "effect"
import { GitHubError, type GitHubErrorReason, NotFound, Unauthorized, Unavailable } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import { Fetch } from "./Fetch.ts"
import * as InstallationLookup from "./InstallationLookup.ts"
import * as Lane from "./Lane.ts"
import { asApp, asInstallation, type Client } from "./Octokits.ts"
import { type Call, perform, performBefore, retrySafely } from "./Requests.ts"

/** The installations of the App. */
export class Installations extends Context.Service<
  Installations,
  {
    /**
     * The installation on an account (user or organisation); `NotFound` if the App is not installed there.
     * Cost: 1 request for an organisation, 2 for a user; none within an hour, or a minute where there is no
     * installation.
     */
    readonly find: (account: string) => Effect.Effect<number, GitHubError>
    /**
     * Makes a call with an installation's rights. Cost: 1 request, and 1 more each hour for the token.
     * `NotFound` or `Forbidden` by operation `Installations.token`: the installation is gone or suspended.
     */
    readonly call: <A>(installationId: number, call: Call<A>) => Effect.Effect<A, GitHubError>
  }
>()("dispatcher/adapters/github/Installations") {}

const capacity = 1000
/** A token that ends within a minute might end on the way. */
const renewBefore = Duration.minutes(1)
/** How long a call waits for its token. */
const tokenTimeout = Duration.seconds(12)
const tokenOperation = "Installations.token"

/** An installation's Octokit, good for as long as its token. */
interface Authorized {
  readonly octokit: Client
  readonly goodFor: Duration.Duration
}

const decodeToken = Schema.decodeUnknownEffect(
  Schema.Struct({ token: Schema.NonEmptyString, expires_at: Schema.DateTimeUtcFromString })
)

const fail = (operation: string, reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))

const isUnauthorized = ({ reason }: GitHubError): boolean => reason._tag === "Unauthorized"

/**
 * To the signature of an App that it does not know, GitHub says 404; that is about us, not about what was asked for.
 */
const isUnknownApp = ({ reason }: GitHubError): boolean =>
  reason._tag === "NotFound" && reason.message.startsWith("Integration not found")

const make = Effect.gen(function* () {
  const app = yield* App
  const fetch = yield* Fetch
  const appOctokit = asApp(app, fetch)
  const lanes = yield* Cache.make({ capacity, lookup: (_: string) => Lane.make })

  /** Lets the request wait for its turn among those with the same rights and API. */
  const inLane = <A>(rights: string, call: Call<A>, request: Effect.Effect<A, GitHubError>) =>
    Effect.flatMap(Cache.get(lanes, `${rights}/${call.api}`), (lane) => lane(call.operation, request))

  const callAsApp = <A>(call: Call<A>) =>
    inLane("app", call, perform(appOctokit, call)).pipe(
      Effect.catchIf(isUnknownApp, ({ operation, reason: { message } }) =>
        fail(operation, new Unauthorized({ message }))
      )
    )

  const { find, forget } = yield* InstallationLookup.make(callAsApp)

  const tokenCall = (installationId: number): Call<Authorized> => ({
    operation: tokenOperation,
    api: "rest",
    // A token too many does no harm.
    repeat: "harmless",
    send: (request) =>
      request("POST /app/installations/{installation_id}/access_tokens", { installation_id: installationId }),
    read: Effect.fnUntraced(function* ({ data }) {
      const { token, expires_at } = yield* decodeToken(data)
      const left = DateTime.toEpochMillis(expires_at) - (yield* Clock.currentTimeMillis)
      return {
        octokit: asInstallation(app, fetch, token),
        goodFor: Duration.millis(Math.max(0, left - Duration.toMillis(renewBefore)))
      }
    })
  })

  const newClient = (installationId: number) =>
    callAsApp(tokenCall(installationId)).pipe(
      Effect.timeoutOrElse({
        duration: tokenTimeout,
        orElse: () => fail(tokenOperation, new Unavailable({ message: "no token in time" }))
      }),
      Effect.catchReason("GitHubError", "NotFound", () =>
        fail(tokenOperation, new NotFound({ message: `the GitHub App's installation ${installationId} is gone` }))
      ),
      // Its account may have another installation by now.
      Effect.tapError((error) => (error.isTransient ? Effect.void : forget(installationId)))
    )

  const clients = yield* Cache.makeWith(newClient, {
    capacity,
    timeToLive: Exit.match({ onSuccess: ({ goodFor }) => goodFor, onFailure: () => Duration.zero })
  })

  const renewed = (installationId: number, refused: Authorized) =>
    Effect.andThen(
      Cache.invalidateWhen(clients, installationId, (current) => current === refused),
      Cache.get(clients, installationId)
    )

  const attempt = Effect.fnUntraced(function* <A>(installationId: number, call: Call<A>, sendBefore: number) {
    const client = yield* Cache.get(clients, installationId)
    const send = ({ octokit }: Authorized) => performBefore(sendBefore, octokit, call)
    return yield* send(client).pipe(
      Effect.catchIf(isUnauthorized, () =>
        Effect.flatMap(renewed(installationId, client), (newer) =>
          // Some of GitHub's servers may hear of a new token only a moment later.
          Effect.retry(send(newer), { while: isUnauthorized, times: 1, schedule: Schedule.spaced("1 second") })
        )
      )
    )
  })

  return Installations.of({
    find,
    call: (installationId, call) =>
      retrySafely((sendBefore) => inLane(String(installationId), call, attempt(installationId, call, sendBefore))).pipe(
        Effect.withSpan("GitHub.call", {
          kind: "client",
          attributes: { "github.operation": call.operation, "github.installation": installationId }
        })
      )
  })
})

/** Needs {@link App}; sends by {@link Fetch}. */
export const layer: Layer.Layer<Installations, never, App> = Layer.effect(Installations, make)
