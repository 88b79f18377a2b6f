/**
 * Which account has which installation of the App, asked as the App and remembered for a while.
 *
 * Organisations are asked for first: targets in other accounts are nearly always organisations', and GitHub does not
 * promise that the address for users answers for them. A repository's own address would answer for both in one request,
 * but its 404 does not distinguish a repository that is missing from an account that has no installation.
 */
import { Cache, Cause, Clock, Duration, Effect, Exit, Option, Schema } from "effect"
import { asciiLowerCase } from "../../domain/Names.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { GitHubError, type GitHubErrorReason, NotFound, Unavailable } from "../../ports/GitHubError.ts"
import { type Call, retrySafely } from "./Requests.ts"

/** Makes one request as the App. */
export type CallAsApp = <A>(call: Call<A>) => Effect.Effect<A, GitHubError>

interface InstallationLookup {
  /**
   * Cost: 1 request for an organisation, 2 for a user; none within an hour, or a minute where there is no installation. `Unavailable`
   * where {@link mostLookups} were made for the source owner within a minute: a file that names very many accounts costs no more.
   */
  readonly find: (account: string, sourceOwner: string) => Effect.Effect<GitHubId, GitHubError>
  /** Drops what is remembered of an installation that GitHub knows no more. */
  readonly forget: (installationId: GitHubId) => Effect.Effect<void>
}

const capacity = 1000
/** Lookups a minute for one source owner. @internal */
export const mostLookups = 20
const minute = 60_000
const timeout = Duration.seconds(15)
const operation = "Installations.find"

const decodeInstallation = Schema.decodeUnknownEffect(Schema.Struct({ id: GitHubId }))

const findIn = (kind: "orgs" | "users", account: string): Call<GitHubId> => ({
  operation,
  api: "rest",
  repeat: "harmless",
  send: (request) => request(`GET /${kind}/{account}/installation`, { account }),
  read: ({ data }) => Effect.map(decodeInstallation(data), ({ id }) => id)
})

const isNotFound = ({ reason }: GitHubError): boolean => reason._tag === "NotFound"
const fail = (reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))

const remembered = (exit: Exit.Exit<GitHubId, GitHubError>): Duration.Duration =>
  Exit.match(exit, {
    onSuccess: () => Duration.hours(1),
    onFailure: (cause) =>
      Option.exists(Cause.findErrorOption(cause), isNotFound) ? Duration.minutes(1) : Duration.zero
  })

export const make = Effect.fnUntraced(function* (callAsApp: CallAsApp) {
  const ask = (account: string) =>
    retrySafely(() =>
      callAsApp(findIn("orgs", account)).pipe(Effect.catchIf(isNotFound, () => callAsApp(findIn("users", account))))
    ).pipe(
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => fail(new Unavailable({ message: `no answer within ${Duration.toSeconds(timeout)} s` }))
      }),
      Effect.catchIf(isNotFound, () => fail(new NotFound({ message: `the GitHub App is not installed on ${account}` })))
    )

  const known = yield* Cache.makeWith(ask, { capacity, timeToLive: remembered })

  const spent = new Map<string, { readonly since: number; readonly lookups: number }>()
  /** Takes one lookup from what the source owner has this minute; gives how long to wait where nothing is left. */
  const spend = (owner: string, now: number): number | undefined => {
    const before = spent.get(owner)
    const current = before !== undefined && now - before.since < minute ? before : { since: now, lookups: 0 }
    if (current.lookups >= mostLookups) return current.since + minute - now
    spent.delete(owner)
    spent.set(owner, { ...current, lookups: current.lookups + 1 })
    const [oldest] = spent.keys()
    if (spent.size > capacity && oldest !== undefined) spent.delete(oldest)
    return undefined
  }

  const find = Effect.fnUntraced(function* (account: string, sourceOwner: string) {
    const key = asciiLowerCase(account)
    if (!(yield* Cache.has(known, key))) {
      const now = Number((yield* Clock.monotonicTimeNanos) / 1_000_000n)
      const retryAfter = spend(asciiLowerCase(sourceOwner), now)
      const message = `${mostLookups} accounts were looked up for ${sourceOwner} within a minute, and ${account} has to wait`
      if (retryAfter !== undefined) return yield* fail(new Unavailable({ message, retryAfter }))
    }
    return yield* Cache.get(known, key)
  })

  const lookup: InstallationLookup = {
    find,
    forget: Effect.fnUntraced(function* (installationId) {
      for (const [account, id] of yield* Cache.entries(known)) {
        if (id === installationId) yield* Cache.invalidate(known, account)
      }
    })
  }
  return lookup
})
