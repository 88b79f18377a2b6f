/**
 * Reads configs through GraphQL: one request for each installation and up to 100 repositories, shared by all loads of the same moment
 * (ConfigRequests.ts), with both places a config may be in.
 *
 * Each installation is asked for itself, so that one that is out of reach says so in its own answers and holds up no
 * other. There is no way around an exhausted GraphQL budget by REST: that would take three requests a repository
 * instead of one for all, and hurry to the end of the other budget. `RateLimited` says when to come back.
 */
import { Array as Arr, Effect, Layer, Result } from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import { asciiLowerCase, ownerOf, type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import { ConfigSource, type KnownInstallation } from "../../ports/ConfigSource.ts"
import type { GitHubError } from "../../ports/GitHubError.ts"
import type { App } from "./App.ts"
import * as ConfigRequests from "./ConfigRequests.ts"
import { Installations } from "./Installations.ts"

/** Installations that are asked at once. */
const concurrency = 10

/** What a failure says of a repository. */
const answerOfFailure = (error: GitHubError): Extract<ConfigAnswer, { _tag: "Unreachable" }> => {
  const { _tag, message } = error.reason
  const reason = _tag === "NotFound" ? "not_installed" : _tag === "Forbidden" ? "forbidden" : "unavailable"
  return { _tag: "Unreachable", reason, message, transient: error.isTransient }
}

/** Whether a failure leaves open what the repositories hold: then it is no answer, unless others have one. */
const saysNothing = (error: GitHubError): boolean => answerOfFailure(error).reason === "unavailable"

const make = Effect.gen(function* () {
  const installations = yield* Installations
  const ask = yield* ConfigRequests.make

  /** The answer, or the failure, of each of these repositories of one owner. */
  const loadOwned = Effect.fnUntraced(function* (
    owner: string,
    repositories: Arr.NonEmptyReadonlyArray<RepositoryName>,
    known: KnownInstallation
  ) {
    const installationId = yield* Effect.result(
      owner === asciiLowerCase(known.owner)
        ? Effect.succeed(known.installationId)
        : installations.find(owner, known.owner)
    )
    return yield* Effect.forEach(
      repositories,
      (repository) =>
        Effect.fromResult(installationId).pipe(
          Effect.flatMap((installationId) => ask({ owner, installationId }, repository)),
          Effect.result,
          Effect.map((result) => [repository, result] as const)
        ),
      { concurrency: "unbounded" }
    )
  })

  /**
   * Cost: 1 GraphQL request for each installation and 100 repositories, shared with the loads of the same 20 ms; for each installation at most
   * once an hour 1 request for its token, and 1 (a user's account: 2) to find it, unless it is the known one.
   */
  const load = Effect.fn("ConfigSource.load")(function* (
    repositories: ReadonlyArray<RepositoryName>,
    known: KnownInstallation
  ) {
    const distinct = new Map(repositories.map((name) => [repositoryKey(name), name]))
    const byOwner = Arr.groupBy(distinct.values(), (name) => asciiLowerCase(ownerOf(name)))
    const results = (yield* Effect.forEach(
      Object.entries(byOwner),
      ([owner, names]) => loadOwned(owner, names, known),
      { concurrency }
    )).flat()
    const failures = Arr.getFailures(results.map(([, result]) => result))
    if (Arr.isReadonlyArrayNonEmpty(failures) && failures.length === results.length && failures.every(saysNothing)) {
      return yield* failures[0]
    }
    return new Map(
      results.map(([name, result]) => [repositoryKey(name), Result.getOrElse(result, answerOfFailure)] as const)
    )
  })

  return ConfigSource.of({ load })
})

/** Needs {@link App} for GitHub's address. */
export const layer: Layer.Layer<ConfigSource, never, App | Installations> = Layer.effect(ConfigSource, make)
