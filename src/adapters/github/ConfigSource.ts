/**
 * Reads configs through GraphQL: one request per installation for up to 100 repositories, with both places a config may
 * be in.
 *
 * Each installation is asked for itself, so that one that is out of reach says so in its own answers and holds up no
 * other. There is no way around an exhausted GraphQL budget by REST: that would take three requests a repository
 * instead of one for all, and hurry to the end of the other budget. `RateLimited` says when to come back.
 */
import { Array as Arr, Clock, Effect, Layer, Result, Schema } from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import { asciiLowerCase, ownerOf, type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import type { GitHubId } from "../../domain/SourceRun.ts"
import { ConfigSource, type KnownInstallation } from "../../ports/ConfigSource.ts"
import { type GitHubError, RateLimited, Unavailable } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import { asksToWait, ConfigResponse, configAnswers, configQuery, configVariables, generalError } from "./ConfigQuery.ts"
import { Installations } from "./Installations.ts"
import { statedWait } from "./RateLimits.ts"
import * as Refusals from "./Refusals.ts"
import type { Answer, Call } from "./Requests.ts"

/** Repositories of one account, few enough for one query. */
interface Batch {
  readonly owner: string
  readonly repositories: Arr.NonEmptyReadonlyArray<RepositoryName>
}
type Answers = ReadonlyArray<readonly [RepositoryName, ConfigAnswer]>

/** GitHub breaks off queries that take it longer than 10 s. */
const largestBatch = 100
/** Installations that are asked at once. */
const concurrency = 10

const batchesOf = (repositories: ReadonlyArray<RepositoryName>): ReadonlyArray<Batch> => {
  const distinct = new Map(repositories.map((name) => [repositoryKey(name), name]))
  const byOwner = Arr.groupBy(distinct.values(), (name) => asciiLowerCase(ownerOf(name)))
  return Object.entries(byOwner).flatMap(([owner, names]) =>
    Arr.chunksOf(names, largestBatch).map((chunk) => ({ owner, repositories: chunk }))
  )
}

const decodeResponse = Schema.decodeUnknownEffect(ConfigResponse)

const readAnswers = ({ repositories }: Batch) =>
  Effect.fnUntraced(function* ({ data, headers }: Answer) {
    const response = yield* decodeResponse(data)
    const error = generalError(response)
    // GitHub says this one with status 200.
    if (error !== undefined && asksToWait(error)) {
      return yield* new RateLimited({ retryAfter: statedWait(headers, yield* Clock.currentTimeMillis) })
    }
    if ((response.data ?? null) === null) {
      return yield* new Unavailable({ message: error?.message ?? "the answer has neither data nor errors" })
    }
    return configAnswers(repositories, response)
  })

const configsCall = (batch: Batch, baseUrl: string): Call<Answers> => ({
  operation: "ConfigSource.load",
  api: "graphql",
  repeat: "harmless",
  send: (request) =>
    request("POST /graphql", {
      baseUrl,
      query: configQuery(batch.repositories.length),
      variables: configVariables(batch.owner, batch.repositories)
    }),
  read: readAnswers(batch)
})

/** What an installation's failure says of each of its repositories. */
const answerOfFailure = (error: GitHubError): Extract<ConfigAnswer, { _tag: "Unreachable" }> => {
  const { _tag, message } = error.reason
  const reason = _tag === "NotFound" ? "not_installed" : _tag === "Forbidden" ? "forbidden" : "unavailable"
  return { _tag: "Unreachable", reason, message, transient: error.isTransient }
}

/** Whether a failure leaves open what the repositories hold: then it is no answer, unless others have one. */
const saysNothing = (error: GitHubError): boolean => answerOfFailure(error).reason === "unavailable"

const make = Effect.gen(function* () {
  const { graphqlBaseUrl } = yield* App
  const installations = yield* Installations
  const refusals = yield* Refusals.make

  const ask = Effect.fnUntraced(function* (batch: Batch, known: KnownInstallation) {
    const installationId =
      batch.owner === asciiLowerCase(known.owner)
        ? known.installationId
        : yield* installations.find(batch.owner, known.owner)
    const answers = yield* installations.callOn(batch.owner, installationId, configsCall(batch, graphqlBaseUrl))
    return yield* Effect.forEach(answers, ([name, answer]) =>
      Effect.map(confirmed(installationId, name, answer), (now) => [name, now] as const)
    )
  })

  /** A right that may be on its way is refused for good only after a while, as for other requests (Refusals.ts). */
  const confirmed = Effect.fnUntraced(function* (installationId: GitHubId, name: RepositoryName, answer: ConfigAnswer) {
    const key = JSON.stringify([installationId, repositoryKey(name)])
    if (answer._tag !== "Unreachable" || !Refusals.mayPass(answer.message)) {
      refusals.forget(key)
      return answer
    }
    yield* installations.renew(installationId)
    const reason = yield* refusals.meet(key, answer.message)
    return reason === null ? answer : { ...answer, message: reason.message, transient: true }
  })

  /**
   * Cost: 1 GraphQL request for each installation and 100 repositories; for each installation at most once an hour 1
   * request for its token, and 1 (a user's account: 2) to find it, unless it is the known one.
   */
  const load = Effect.fn("ConfigSource.load")(function* (
    repositories: ReadonlyArray<RepositoryName>,
    known: KnownInstallation
  ) {
    const batches = batchesOf(repositories)
    const results = yield* Effect.forEach(batches, (batch) => Effect.result(ask(batch, known)), { concurrency })
    const failures = Arr.getFailures(results)
    if (Arr.isReadonlyArrayNonEmpty(failures) && failures.length === batches.length && failures.every(saysNothing)) {
      return yield* failures[0]
    }
    const answers = Arr.zipWith(batches, results, ({ repositories }, result) =>
      Result.getOrElse(result, (error): Answers => repositories.map((name) => [name, answerOfFailure(error)]))
    )
    return new Map(answers.flat().map(([name, answer]) => [repositoryKey(name), answer]))
  })

  return ConfigSource.of({ load })
})

/** Needs {@link App} for GitHub's address. */
export const layer: Layer.Layer<ConfigSource, never, App | Installations> = Layer.effect(ConfigSource, make)
