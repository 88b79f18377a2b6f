/**
 * Starts workflows by `workflow_dispatch`, finds the runs that were started so, and how they ended.
 * https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
 */
import { DateTime, Effect, Layer, Option, Schema, Stream } from "effect"
import { asciiLowerCase, ownerOf, shortNameOf } from "../../domain/Names.ts"
import type { Order } from "../../domain/Order.ts"
import type { StartedRun } from "../../domain/Outcome.ts"
import { type Completed, durationBetween } from "../../domain/RunResult.ts"
import { GitHubId, Ordinal } from "../../domain/SourceRun.ts"
import { clockMargin, GitHubApp } from "../../ports/GitHubApp.ts"
import { Ambiguous, type GitHubError, type GitHubErrorReason } from "../../ports/GitHubError.ts"
import { type Dispatchable, type MaySend, Workflows } from "../../ports/Workflows.ts"
import { Installations } from "./Installations.ts"
import { fromFirstPage, type ListingPage, perPage, readListingPage } from "./Paging.ts"
import type { Call, GitHubResponse } from "./Requests.ts"

const workflowOf = ({ target }: Dispatchable) => ({
  owner: ownerOf(target.repository),
  repo: shortNameOf(target.repository),
  workflow_id: target.workflow
})

const decodeStarted = Schema.decodeUnknownEffect(Schema.Struct({ workflow_run_id: GitHubId, html_url: Schema.String }))

/**
 * Started means 204, or 200 with the run. Everything else below 400 leaves open what happened: GitHub may have started the workflow.
 */
const readStarted = ({ status, data }: GitHubResponse): Effect.Effect<StartedRun | null, GitHubErrorReason> => {
  if (status === 204) return Effect.succeed(null)
  const unclear = () =>
    new Ambiguous({ message: `the answer (HTTP ${status}) does not say that the workflow was started` })
  if (status !== 200) return Effect.fail(unclear())
  return decodeStarted(data).pipe(
    Effect.map(({ workflow_run_id, html_url }): StartedRun => ({ id: workflow_run_id, url: html_url })),
    Effect.mapError(unclear)
  )
}

/** In full, so that a branch is never taken for a tag of its name. */
const fullRef = (ref: string): string => (ref.startsWith("refs/") ? ref : `refs/heads/${ref}`)

const aboutOf = ({ target }: Dispatchable): string => `${target.repository} ${target.workflow}`.toLowerCase()

const startCall = (order: Order, details: boolean): Call<StartedRun | null> => ({
  operation: "Workflows.start",
  api: "rest",
  repeat: "harmful",
  about: aboutOf(order),
  send: (request) =>
    request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
      ...workflowOf(order),
      ref: fullRef(order.target.ref),
      inputs: order.inputs,
      ...(details ? { return_run_details: true } : {})
    }),
  read: readStarted
})

/** What Enterprise Server before 3.21 says of a parameter that it does not know. */
const refusesDetails = ({ reason }: GitHubError): boolean =>
  reason._tag === "Unprocessable" && reason.message.includes("return_run_details")

const Runs = Schema.Struct({
  workflow_runs: Schema.Array(
    Schema.Struct({
      id: GitHubId,
      html_url: Schema.String,
      head_branch: Schema.NullOr(Schema.String),
      actor: Schema.NullOr(Schema.Struct({ login: Schema.String }))
    })
  )
})
type Run = (typeof Runs.Type)["workflow_runs"][number]
const decodeRuns = Schema.decodeUnknownEffect(Runs)

/** GitHub gives no more than 1,000 runs of a filtered list. */
const mostPages = 10
/** `created_at` has whole seconds only. */
const wholeSecond = (time: DateTime.Utc): string => DateTime.formatIso(time).replace(/\.\d+/, "")

/**
 * https://docs.github.com/en/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax#query-for-dates
 */
const createdSince = (since: number): string =>
  `>=${wholeSecond(DateTime.subtractDuration(DateTime.makeUnsafe(since), clockMargin))}`

const runsCall = (order: Dispatchable, created: string, page: number): Call<ListingPage<Run>> => ({
  operation: "Workflows.findStarted",
  api: "rest",
  repeat: "harmless",
  about: aboutOf(order),
  send: (request) =>
    request("GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs", {
      ...workflowOf(order),
      event: "workflow_dispatch",
      created,
      per_page: perPage,
      page
    }),
  read: readListingPage((data) => Effect.map(decodeRuns(data), ({ workflow_runs }) => workflow_runs))
})

const decodeRun = Schema.decodeUnknownEffect(
  Schema.Struct({
    status: Schema.NullOr(Schema.String),
    conclusion: Schema.NullOr(Schema.String),
    run_attempt: Schema.optionalKey(Ordinal),
    run_started_at: Schema.optionalKey(Schema.NullOr(Schema.String)),
    updated_at: Schema.String
  })
)

const ended = ({ data }: GitHubResponse) =>
  Effect.map(decodeRun(data), (run): Option.Option<Completed> => {
    const { status, conclusion, run_attempt: attempt = 1, run_started_at, updated_at: completedAt } = run
    if (status !== "completed") return Option.none()
    const duration = durationBetween(run_started_at ?? undefined, completedAt)
    return Option.some({ _tag: "Completed", conclusion, attempt, completedAt, duration })
  })

/** https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run */
const endingCall = (order: Dispatchable, id: GitHubId): Call<Option.Option<Completed>> => ({
  operation: "Workflows.ending",
  api: "rest",
  repeat: "harmless",
  about: aboutOf(order),
  send: (request) => {
    const { owner, repo } = workflowOf(order)
    return request("GET /repos/{owner}/{repo}/actions/runs/{run_id}", { owner, repo, run_id: Number(id) })
  },
  read: ended
})

/** `head_branch` is a branch or tag without its prefix. */
const branchOf = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, "")

const sameLogin = (a: string, b: string): boolean => asciiLowerCase(a) === asciiLowerCase(b)

const make = Effect.gen(function* () {
  const app = yield* GitHubApp
  const installations = yield* Installations
  // For GitHub at this address, once it has said so; asking again would be refused again.
  let detailsRefused = false

  const installationOf = ({ run, target }: Dispatchable) =>
    sameLogin(ownerOf(run.repository), ownerOf(target.repository))
      ? Effect.succeed(run.installationId)
      : installations.find(ownerOf(target.repository), ownerOf(run.repository))

  const isOurs =
    ({ target }: Dispatchable, login: string) =>
    ({ actor, head_branch }: Run): boolean =>
      actor !== null && sameLogin(actor.login, login) && head_branch === branchOf(target.ref)

  /** Cost: 1 request, and what the installation's token and finding it cost (Installations.ts). */
  const start = Effect.fn("Workflows.start")(function* (order: Order, maySend: MaySend) {
    const installationId = yield* installationOf(order)
    const withoutDetails = installations.callOn(
      ownerOf(order.target.repository),
      installationId,
      startCall(order, false),
      maySend
    )
    if (detailsRefused) return yield* withoutDetails
    return yield* installations
      .callOn(ownerOf(order.target.repository), installationId, startCall(order, true), maySend)
      .pipe(
        Effect.catchIf(refusesDetails, () => {
          detailsRefused = true
          return withoutDetails
        })
      )
  })

  /** Cost: once in a process 1 request for our login; 1 for each 100 runs of the workflow that anybody dispatched in that time, at most 10. */
  const findStarted = Effect.fn("Workflows.findStarted")(function* (order: Dispatchable, since: number) {
    const created = createdSince(since)
    const login = yield* app.login
    const installationId = yield* installationOf(order)
    const runs = yield* fromFirstPage(mostPages, (page) =>
      installations.callOn(ownerOf(order.target.repository), installationId, runsCall(order, created, page))
    ).pipe(Stream.filter(isOurs(order, login)), Stream.runCollect)
    // A run that starts between two pages moves the others on, so one may show up twice.
    return [
      ...new Map(runs.map(({ id, html_url }): [GitHubId, StartedRun] => [id, { id, url: html_url }])).values()
    ].toReversed()
  })

  /** Cost: 1 request, and what the installation's token and finding it cost. */
  const ending = Effect.fn("Workflows.ending")(function* (order: Dispatchable, id: GitHubId) {
    const installationId = yield* installationOf(order)
    return yield* installations.callOn(ownerOf(order.target.repository), installationId, endingCall(order, id))
  })

  return Workflows.of({ start, findStarted, ending })
})

/** Needs `GitHubApp` for the name under which the App starts workflows. */
export const layer: Layer.Layer<Workflows, never, GitHubApp | Installations> = Layer.effect(Workflows, make)
