/**
 * Check runs, written and found again. Only the App that created one may change it.
 * https://docs.github.com/en/rest/checks/runs
 *
 * What GitHub answers where there can be no check run (what all requests have in common is in Reasons.ts):
 *
 * | answer | means | error | Report |
 * | --- | --- | --- | --- |
 * | 403 "Resource not accessible by integration" | no permission for checks, for a minute now | `Forbidden` | leaves the repository alone for a day |
 * | 403 "Repository was archived so is read-only." | archived | `Forbidden` | leaves the repository alone for a day |
 * | 404 to a creation | the repository is gone | `NotFound` | leaves this run alone |
 * | 404 to an update | the check run is gone | `NotFound` | creates another |
 * | 422 "No commit found for SHA" | the commit is gone, after a force push | `Unprocessable` | leaves this run alone |
 *
 * A repository that has another name now is asked by that (`byPresentName` in Requests.ts).
 */
import { Effect, Layer, Option, Schema, Stream } from "effect"
import type { CheckRun } from "../../domain/CheckRun.ts"
import { asciiLowerCase, ownerOf, shortNameOf } from "../../domain/Names.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { type CheckedCommit, Checks } from "../../ports/Checks.ts"
import { GitHubApp } from "../../ports/GitHubApp.ts"
import { Installations } from "./Installations.ts"
import { fromFirstPage, type ListingPage, perPage, readListingPage } from "./Paging.ts"
import { byPresentName, type Call } from "./Requests.ts"

const repositoryOf = ({ repository }: CheckedCommit) => ({ owner: ownerOf(repository), repo: shortNameOf(repository) })

/** GitHub completes a check run that is given a conclusion. */
const bodyOf = ({ name, conclusion, title, summary, text, detailsUrl }: CheckRun) => ({
  name,
  ...(conclusion === null ? ({ status: "in_progress" } as const) : ({ status: "completed", conclusion } as const)),
  ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
  output: { title, summary, text }
})

const decodeCreated = Schema.decodeUnknownEffect(Schema.Struct({ id: GitHubId }))

const createCall = (of: CheckedCommit, externalId: string, check: CheckRun): Call<GitHubId> => ({
  operation: "Checks.create",
  api: "rest",
  repeat: "harmful",
  send: (request) =>
    request("POST /repos/{owner}/{repo}/check-runs", {
      ...repositoryOf(of),
      head_sha: of.sha,
      external_id: externalId,
      ...bodyOf(check)
    }),
  read: ({ data }) => Effect.map(decodeCreated(data), ({ id }) => id)
})

const updateCall = (of: CheckedCommit, id: GitHubId, check: CheckRun): Call<void> => ({
  operation: "Checks.update",
  api: "rest",
  repeat: "harmless",
  send: (request) =>
    request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
      ...repositoryOf(of),
      check_run_id: Number(id),
      ...bodyOf(check)
    }),
  read: () => Effect.void
})

const Listed = Schema.Struct({
  check_runs: Schema.Array(
    Schema.Struct({
      id: GitHubId,
      external_id: Schema.NullOr(Schema.String),
      app: Schema.NullOr(Schema.Struct({ slug: Schema.optionalKey(Schema.String) }))
    })
  )
})
type ListedRun = (typeof Listed.Type)["check_runs"][number]
const decodeListed = Schema.decodeUnknownEffect(Listed)

const listCall = (of: CheckedCommit, name: string, page: number): Call<ListingPage<ListedRun>> => ({
  operation: "Checks.find",
  api: "rest",
  repeat: "harmless",
  send: (request) =>
    request("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", {
      ...repositoryOf(of),
      ref: of.sha,
      check_name: name,
      filter: "all",
      per_page: perPage,
      page
    }),
  read: readListingPage((data) => Effect.map(decodeListed(data), ({ check_runs }) => check_runs))
})

/** GitHub keeps 1,000 check runs of one name on a commit. */
const mostPages = 10

const make = Effect.gen(function* () {
  const app = yield* GitHubApp
  const installations = yield* Installations
  const callFor = <A>(commit: CheckedCommit, call: (of: CheckedCommit) => Call<A>) =>
    byPresentName(commit, (of) => installations.callOn(ownerOf(of.repository), of.installationId, call(of)))

  return Checks.of({
    /** Cost: 1 request. */
    create: (commit, externalId, check) => callFor(commit, (of) => createCall(of, externalId, check)),
    /** Cost: 1 request. */
    update: (commit, id, check) => callFor(commit, (of) => updateCall(of, id, check)),
    /** Cost: 1 request for each 100 check runs of the name on the commit, until it is found. Once in a process 1 for our login. */
    find: Effect.fnUntraced(function* (commit, name, externalId) {
      const login = asciiLowerCase(yield* app.login)
      // Another App may give any name and external id to a check run of its own.
      const isOurs = ({ app: by, external_id }: ListedRun) =>
        external_id === externalId && asciiLowerCase(`${by?.slug ?? ""}[bot]`) === login
      const found = yield* fromFirstPage(mostPages, (page) => callFor(commit, (of) => listCall(of, name, page))).pipe(
        Stream.filter(isOurs),
        Stream.runHead
      )
      return Option.map(found, ({ id }) => id)
    })
  })
})

/** Needs `GitHubApp` for the name under which the App writes. */
export const layer: Layer.Layer<Checks, never, GitHubApp | Installations> = Layer.effect(Checks, make)
