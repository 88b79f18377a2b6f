/**
 * The configs that are asked for at one moment, in as few GraphQL queries as possible, whichever run asks: a request for each repository, resolved
 * together with the others of the same installation and owner. Nothing is kept beyond that moment.
 *
 * What goes wrong with a shared query is kept from those that share it: repositories that it gave no answer for are asked for again in halves, down
 * to single ones, so that each gets the answer that it would get alone. A query that GitHub asks to wait with is not divided: that
 * would be asking more.
 */
import {
  Array as Arr,
  Cache,
  Clock,
  Duration,
  Effect,
  Exit,
  Latch,
  References,
  Request,
  RequestResolver,
  Schema
} from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import { type RepositoryKey, type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import type { GitHubId } from "../../domain/SourceRun.ts"
import { type GitHubError, RateLimited, Unavailable } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import { asksToWait, ConfigResponse, configAnswers, configQuery, configVariables, generalError } from "./ConfigQuery.ts"
import { Installations } from "./Installations.ts"
import { statedWait } from "./RateLimits.ts"
import * as Refusals from "./Refusals.ts"
import type { Call, GitHubResponse } from "./Requests.ts"

/** Whose rights the query has, and whose repositories it is about (in lower case): one GraphQL query serves one such group. */
interface Group {
  readonly installationId: GitHubId
  readonly owner: string
}

/** One repository's config. */
class ConfigRequest extends Request.Class<Group & { readonly repository: RepositoryName }, ConfigAnswer, GitHubError> {}
type Entry = Request.Entry<ConfigRequest>

type Repositories = Arr.NonEmptyReadonlyArray<RepositoryName>
type Answers = ReadonlyArray<readonly [RepositoryName, ConfigAnswer]>

/** How long a request waits for a query of its group that is under way; what comes meanwhile goes with it in the next one. */
const mostHeld = Duration.millis(500)
/** How long requests are collected: longer than the reads of runs that are planned side by side are apart, and no time for people. */
const collecting = Duration.millis(20)
/** GitHub breaks off queries that take it longer than 10 s. */
const largestQuery = 100
/** Queries of one group that are under way at once. */
const concurrency = 10
/** After this long, what has no answer is not divided any more and comes again by its queue: with the last query's 37 s, a function's minute is not over. */
const dividingEnds = Duration.toMillis(Duration.seconds(15))
/** Groups that are kept; the least recently used goes first. */
const capacity = 1000
const operation = "ConfigSource.load"

const decodeResponse = Schema.decodeUnknownEffect(ConfigResponse)

const readAnswers = (repositories: Repositories) =>
  Effect.fnUntraced(function* ({ data, headers }: GitHubResponse) {
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

/** A shared query is tried once: its halves are its next try. */
const configsCall = (owner: string, repositories: Repositories, baseUrl: string): Call<Answers> => ({
  operation,
  api: "graphql",
  repeat: "harmless",
  ...(repositories.length > 1 && { tries: 1 }),
  send: (request) =>
    request("POST /graphql", {
      baseUrl,
      query: configQuery(repositories.length),
      variables: configVariables(owner, repositories)
    }),
  read: readAnswers(repositories)
})

/** Whether the query may have failed because of one of its repositories; what the whole App or installation meets says the same of each. */
const mayBeOfOne = ({ operation: failed, reason }: GitHubError): boolean =>
  failed === operation && reason._tag !== "RateLimited" && reason._tag !== "Unauthorized"

const saysNothing = (answer: ConfigAnswer): boolean => answer._tag === "Unreachable" && answer.reason === "unavailable"

const halves = (repositories: Repositories): ReadonlyArray<Repositories> =>
  Arr.chunksOf(repositories, Math.ceil(repositories.length / 2))

/** Makes what asks for configs. Cost: 1 GraphQL request for each group and 100 repositories; where GitHub fails, at most 2 and the tries of a single one for each repository. */
export const make = Effect.gen(function* () {
  const { graphqlBaseUrl } = yield* App
  const installations = yield* Installations
  const refusals = yield* Refusals.make

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

  const resolve = Effect.fnUntraced(function* (entries: Arr.NonEmptyArray<Entry>) {
    const { installationId, owner } = entries[0].request
    const waiting: ReadonlyMap<RepositoryKey, ReadonlyArray<Entry>> = Map.groupBy(entries, ({ request }) =>
      repositoryKey(request.repository)
    )
    const startedAt = yield* Clock.monotonicTimeNanos
    const isLate = Effect.map(Clock.monotonicTimeNanos, (now) => Number((now - startedAt) / 1_000_000n) >= dividingEnds)

    const complete = (name: RepositoryName, exit: Exit.Exit<ConfigAnswer, GitHubError>) => {
      for (const entry of waiting.get(repositoryKey(name)) ?? []) entry.completeUnsafe(exit)
    }
    const answer = (answers: Answers) =>
      Effect.forEach(
        answers,
        ([name, given]) =>
          Effect.map(confirmed(installationId, name, given), (now) => complete(name, Exit.succeed(now))),
        { discard: true }
      )

    /** Asks once for these, completes those that are known then, and gives the parts to ask for next. */
    const ask = Effect.fnUntraced(function* (part: Repositories): Effect.fn.Return<ReadonlyArray<Repositories>> {
      const call = configsCall(owner, part, graphqlBaseUrl)
      const asked = yield* Effect.result(installations.callOn(owner, installationId, call))
      const isLast = part.length === 1 || (yield* isLate)
      if (asked._tag === "Failure") {
        if (!isLast && mayBeOfOne(asked.failure)) return halves(part)
        for (const name of part) complete(name, Exit.fail(asked.failure))
        return []
      }
      const isOpen = ([, given]: Answers[number]) => !isLast && saysNothing(given)
      yield* answer(asked.success.filter((one) => !isOpen(one)))
      const again = asked.success.filter(isOpen).map(([name]) => name)
      return Arr.isReadonlyArrayNonEmpty(again) ? halves(again) : []
    })

    const distinct = Arr.map(entries, ({ request }) => request.repository)
    let parts: ReadonlyArray<Repositories> = Arr.chunksOf(
      Arr.dedupeWith(distinct, (one, other) => repositoryKey(one) === repositoryKey(other)),
      largestQuery
    )
    while (parts.length > 0) parts = (yield* Effect.forEach(parts, ask, { concurrency })).flat()
  })

  /** One group's: collects while nothing is under way for 20 ms, else until the query under way is answered. */
  const forGroup = Effect.sync(() => {
    const idle = Latch.makeUnsafe(true)
    let underWay = 0
    const counted = <A>(query: Effect.Effect<A>) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          underWay++
          idle.closeUnsafe()
        }),
        () => query,
        () =>
          Effect.sync(() => {
            underWay--
            if (underWay === 0) idle.openUnsafe()
          })
      )
    return RequestResolver.make<ConfigRequest>((entries) =>
      Effect.provideService(counted(resolve(entries)), References.CurrentLogAnnotations, {})
    ).pipe(
      RequestResolver.setDelayEffect(
        Effect.andThen(Effect.sleep(collecting), Effect.timeoutOption(idle.await, mostHeld)).pipe(Effect.asVoid)
      ),
      RequestResolver.withSpan("ConfigSource.query")
    )
  })
  const resolvers = yield* Cache.make({ capacity, lookup: (_: string) => forGroup })

  /** One repository's config, by the next query of its installation and owner (in lower case). */
  return (group: Group, repository: RepositoryName): Effect.Effect<ConfigAnswer, GitHubError> =>
    Effect.flatMap(Cache.get(resolvers, `${group.installationId}/${group.owner}`), (resolver) =>
      Effect.request(new ConfigRequest({ ...group, repository }), resolver)
    )
})
