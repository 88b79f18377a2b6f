/**
 * The App's installations, and how to make requests with an installation's rights.
 *
 * A token reaches one installation only. It is asked for once, shared by all requests of the installation, and renewed
 * a minute before it ends, or when GitHub refuses it or a right that it lacks.
 *
 * Everything kept is bounded: the least recently used goes first.
 */
import { Cache, Context, DateTime, Duration, Effect, Exit, Layer, Schedule, Schema } from "effect"
import type { GitHubId } from "../../domain/SourceRun.ts"
import { GitHubError, type GitHubErrorReason, NotFound, Unavailable } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import * as Connection from "./Connection.ts"
import type { SendGate } from "./Fetch.ts"
import * as InstallationLookup from "./InstallationLookup.ts"
import { asApp, asInstallation, type OctokitClient } from "./Octokits.ts"
import * as Refusals from "./Refusals.ts"
import * as RequestLimiter from "./RequestLimiter.ts"
import { type Call, performAsApp, performRequest, retrySafely } from "./Requests.ts"

/** The installations of the App. */
export class Installations extends Context.Service<
  Installations,
  {
    /**
     * The installation on an account (user or organisation); `NotFound` if the App is not installed there.
     * Cost: 1 request for an organisation, 2 for a user; none within an hour, or a minute where there is no
     * installation. For what the file of a source owner names, only so many lookups a minute are made: `Unavailable` beyond that.
     */
    readonly find: (account: string, sourceOwner: string) => Effect.Effect<GitHubId, GitHubError>
    /**
     * Makes a call with an installation's rights; sends nothing where `maySend` is false when the first byte could be written.
     * Cost: 1 request, and 1 more each hour for the token.
     * `NotFound` or `Forbidden` by operation `Installations.token`: the installation is gone or suspended.
     */
    readonly call: <A>(installationId: GitHubId, call: Call<A>, maySend?: SendGate) => Effect.Effect<A, GitHubError>
    /**
     * The same for an account whose installation has this id by an older word of GitHub's. Where GitHub says that the installation does not
     * exist, as after the App was installed anew, the account's installation is looked up and the call made with that.
     * Cost: at most once for each id 1 request more, and what {@link find} costs.
     */
    readonly callOn: <A>(
      account: string,
      installationId: GitHubId,
      call: Call<A>,
      maySend?: SendGate
    ) => Effect.Effect<A, GitHubError>
    /** Has the next call ask for a new token, unless the one that is there is new itself. For rights that may have been granted since. */
    readonly renew: (installationId: GitHubId) => Effect.Effect<void>
  }
>()("dispatcher/adapters/github/Installations") {}

const capacity = 1000
/** A token that ends within a minute might end on the way. */
const renewBefore = Duration.minutes(1)
/** How long a call waits for its token. */
const tokenTimeout = Duration.seconds(12)
const tokenOperation = "Installations.token"
/** A token this young has all rights that were granted; asking for another one would not help. Milliseconds. */
const newToken = 5000

/** An installation's Octokit, good for as long as its token. */
interface Authorized {
  readonly client: OctokitClient
  readonly goodFor: Duration.Duration
  /** Monotonic milliseconds. */
  readonly madeAt: number
}

const decodeToken = Schema.decodeUnknownEffect(
  Schema.Struct({ token: Schema.NonEmptyString, expires_at: Schema.DateTimeUtcFromString })
)

const fail = (operation: string, reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))

const isUnauthorized = ({ reason }: GitHubError): boolean => reason._tag === "Unauthorized"

/** Whether GitHub says that the installation is not there: it was removed, and maybe another one has taken its place. */
const isGone = ({ operation, reason }: GitHubError): boolean =>
  operation === tokenOperation && reason._tag === "NotFound"

const make = Effect.gen(function* () {
  const app = yield* App
  const connection = yield* Connection.Connection
  const appClient = asApp(app, connection)
  const refusals = yield* Refusals.make
  const limiters = yield* Cache.make({ capacity, lookup: RequestLimiter.make })

  /** Lets the request wait for its turn among those with the same rights and budget. */
  const withLimit = <A>(rights: string, call: Call<A>, request: Effect.Effect<A, GitHubError>) =>
    Effect.flatMap(Cache.get(limiters, { rights, api: call.api }), (limiter) => limiter(call.operation, request))

  const callAsApp =
    (rights: string) =>
    <A>(call: Call<A>) =>
      withLimit(rights, call, performAsApp(appClient, call))

  const lookup = yield* InstallationLookup.make(callAsApp("app"))

  /** What GitHub refuses for want of a right is final only once it has been refused for a while. */
  const confirmed = <A>(
    rights: string,
    call: Pick<Call<A>, "operation" | "about">,
    request: Effect.Effect<A, GitHubError>
  ) => {
    const key = JSON.stringify([rights, call.operation, call.about])
    return request.pipe(
      Effect.tap(() => Effect.sync(() => refusals.forget(key))),
      Effect.catchIf(Refusals.isMissingRight, (error) =>
        Effect.flatMap(refusals.meet(key, error.reason.message), (reason) =>
          reason === null ? Effect.fail(error) : fail(call.operation, reason)
        )
      )
    )
  }

  const find = (account: string, sourceOwner: string) =>
    confirmed("app", { operation: "Installations.find", about: account }, lookup.find(account, sourceOwner))

  const tokenCall = (installationId: GitHubId): Call<Authorized> => ({
    operation: tokenOperation,
    api: "rest",
    // A token too many does no harm.
    repeat: "harmless",
    send: (request) => request(`POST /app/installations/${installationId}/access_tokens`),
    read: Effect.fnUntraced(function* ({ data }) {
      const { token, expires_at } = yield* decodeToken(data)
      const left = DateTime.toEpochMillis(expires_at) - connection.now()
      return {
        client: asInstallation(app, connection, token),
        goodFor: Duration.millis(Math.max(0, left - Duration.toMillis(renewBefore))),
        madeAt: connection.elapsed()
      }
    })
  })

  const newClient = (installationId: GitHubId) =>
    // A limiter of its own, so that what one installation has to wait for holds up no other.
    callAsApp(`app/${installationId}`)(tokenCall(installationId)).pipe(
      Effect.timeoutOrElse({
        duration: tokenTimeout,
        orElse: () => fail(tokenOperation, new Unavailable({ message: "no token in time" }))
      }),
      Effect.catchReason("GitHubError", "NotFound", () =>
        fail(tokenOperation, new NotFound({ message: `the GitHub App's installation ${installationId} is gone` }))
      ),
      // Its account may have another installation by now.
      Effect.tapError((error) => (error.isTransient ? Effect.void : lookup.forget(installationId)))
    )

  const clients = yield* Cache.makeWith(newClient, {
    capacity,
    timeToLive: Exit.match({ onSuccess: ({ goodFor }) => goodFor, onFailure: () => Duration.zero })
  })

  const renewed = (installationId: GitHubId, refused: Authorized) =>
    Effect.andThen(
      Cache.invalidateWhen(clients, installationId, (current) => current === refused),
      Cache.get(clients, installationId)
    )

  const isNew = ({ madeAt }: Authorized) => connection.elapsed() - madeAt < newToken

  /** Some of GitHub's servers may hear of a new token only a moment later; after that it is for a queue to wait. */
  const withNewToken = <A>(call: Call<A>, newer: Authorized, maySend: SendGate) =>
    Effect.retry(performRequest(newer.client, call, maySend), {
      while: isUnauthorized,
      times: 1,
      schedule: Schedule.spaced("1 second")
    })

  const attempt = Effect.fnUntraced(function* <A>(installationId: GitHubId, call: Call<A>, maySend: SendGate) {
    const authorized = yield* Cache.get(clients, installationId)
    return yield* performRequest(authorized.client, call, maySend).pipe(
      Effect.catchIf(
        (error) => isUnauthorized(error) || (Refusals.isMissingRight(error) && !isNew(authorized)),
        () => Effect.flatMap(renewed(installationId, authorized), (newer) => withNewToken(call, newer, maySend))
      )
    )
  })

  const renew = (installationId: GitHubId) =>
    Cache.invalidateWhen(clients, installationId, (current) => !isNew(current)).pipe(Effect.asVoid)

  const callBy = <A>(installationId: GitHubId, call: Call<A>, maySend: SendGate = () => true) =>
    retrySafely((inTime) => {
      const gate = () => inTime() && maySend()
      return withLimit(installationId, call, attempt(installationId, call, gate))
    }, call.tries).pipe(
      (request) => confirmed(installationId, call, request),
      Effect.withSpan("GitHub.call", {
        kind: "client",
        attributes: { "github.operation": call.operation, "github.installation": installationId }
      })
    )

  // By the id of an installation that is gone: the one that has taken its place.
  const successors = new Map<GitHubId, GitHubId>()
  const succeed = (gone: GitHubId, by: GitHubId) => {
    successors.set(gone, by)
    const [oldest] = successors.keys()
    if (successors.size > capacity && oldest !== undefined) successors.delete(oldest)
  }

  const callOn = <A>(account: string, known: GitHubId, call: Call<A>, maySend?: SendGate) =>
    Effect.suspend(() => {
      const installationId = successors.get(known) ?? known
      return callBy(installationId, call, maySend).pipe(
        Effect.catchIf(isGone, (error) =>
          Effect.flatMap(find(account, account), (current) => {
            if (current === installationId) return Effect.fail(error)
            succeed(known, current)
            return callBy(current, call, maySend)
          })
        )
      )
    })

  return Installations.of({ find, renew, call: callBy, callOn })
})

/** Needs {@link App}; sends by `Connection`. */
export const layer: Layer.Layer<Installations, never, App> = Layer.effect(Installations, make).pipe(
  Layer.provide(Connection.layer)
)
