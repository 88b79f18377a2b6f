/**
 * What GitHub says of the App itself: who it is, what it may do, where its webhooks go, and who has installed it, asked as the App; and who
 * of those shuts it out, and which of their repositories take no check runs or issues, asked with their tokens.
 */
import { Clock, Effect, Schema, Stream } from "effect"
import { GitHubId } from "../../domain/SourceRun.ts"
import type { GitHubError } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import * as Connection from "./Connection.ts"
import { Installations } from "./Installations.ts"
import { asApp } from "./Octokits.ts"
import { decodeEntries, fromFirstPage, type ListingPage, perPage, readListingPage } from "./Paging.ts"
import { type Call, type GitHubResponse, performAsApp, retrySafely } from "./Requests.ts"

const Permissions = Schema.Record(Schema.String, Schema.String)

const AppAnswer = Schema.Struct({
  id: GitHubId,
  slug: Schema.String,
  permissions: Permissions,
  events: Schema.Array(Schema.String)
})
const HookAnswer = Schema.Struct({
  url: Schema.optionalKey(Schema.NullOr(Schema.String)),
  content_type: Schema.optionalKey(Schema.String),
  insecure_ssl: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])),
  /** Stars, if there is one. */
  secret: Schema.optionalKey(Schema.NullOr(Schema.String))
})
const Installation = Schema.Struct({
  id: GitHubId,
  account: Schema.NullOr(Schema.Struct({ login: Schema.optionalKey(Schema.String) })),
  permissions: Permissions,
  suspended_at: Schema.NullOr(Schema.String)
})
const decodeInstallations = decodeEntries("GET /app/installations", Installation)

/** What was found. */
export interface AppInspection {
  readonly app: typeof AppAnswer.Type
  readonly hook: typeof HookAnswer.Type
  /** The first hundred. */
  readonly installations: ReadonlyArray<typeof Installation.Type>
  /** Milliseconds by which our clock is ahead of GitHub's; whole seconds are all that it has. */
  readonly clockSkew: number
}

const get = <A>(
  path: "GET /app" | "GET /app/hook/config" | "GET /app/installations",
  read: (answer: GitHubResponse) => Effect.Effect<A, Schema.SchemaError>
): Call<A> => ({
  operation: path,
  api: "rest",
  repeat: "harmless",
  send: (request) => request(path, { per_page: perPage }),
  read
})

const skewOf = ({ headers }: GitHubResponse) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const theirs = Date.parse(String(headers.date ?? ""))
    return Number.isNaN(theirs) ? 0 : now - theirs
  })

const appCall = get("GET /app", (answer) =>
  Effect.all({ app: Schema.decodeUnknownEffect(AppAnswer)(answer.data), clockSkew: skewOf(answer) })
)
const hookCall = get("GET /app/hook/config", ({ data }) => Schema.decodeUnknownEffect(HookAnswer)(data))
const installationsCall = get("GET /app/installations", ({ data }) => decodeInstallations(data))

/** Asks GitHub. Cost: 3 requests. */
export const inspectApp = Effect.gen(function* () {
  const client = asApp(yield* App, yield* Connection.Connection)
  const call = <A>(what: Call<A>) => retrySafely((inTime) => performAsApp(client, what, inTime))
  const { app, clockSkew } = yield* call(appCall)
  // The App is there, so what is not found is its webhook.
  const hookOrNone = Effect.catchReason(call(hookCall), "GitHubError", "NotFound", () =>
    Effect.succeed<typeof HookAnswer.Type>({})
  )
  const [hook, installations] = yield* Effect.all([hookOrNone, call(installationsCall)], { concurrency: 2 })
  return { app, hook, installations, clockSkew } satisfies AppInspection
}).pipe(Effect.provide(Connection.layer))

/** An installation that refuses what its token asks for. */
export interface Refused {
  /** The account's name. */
  readonly account: string
  readonly error: GitHubError
}

const Repository = Schema.Struct({
  full_name: Schema.String,
  archived: Schema.optionalKey(Schema.Boolean),
  has_issues: Schema.optionalKey(Schema.Boolean)
})
const decodeList = Schema.decodeUnknownEffect(Schema.Struct({ repositories: Schema.Array(Schema.Unknown) }))
const decodeRepositories = decodeEntries("GET /installation/repositories", Repository)

const reposCall = (page: number): Call<ListingPage<typeof Repository.Type>> => ({
  operation: "GET /installation/repositories",
  api: "rest",
  repeat: "harmless",
  send: (request) => request("GET /installation/repositories", { per_page: perPage, page }),
  read: readListingPage((data) =>
    Effect.flatMap(decodeList(data), ({ repositories }) => decodeRepositories(repositories))
  )
})

/** What the installations let the App see. */
export interface InstallationInspection {
  /** Those whose tokens GitHub does not give or does not accept. */
  readonly refused: ReadonlyArray<Refused>
  /** Repositories that are archived: nothing can be written or started there. */
  readonly archived: ReadonlyArray<string>
  /** Repositories, not archived, whose issues are switched off. */
  readonly withoutIssues: ReadonlyArray<string>
}

/** Installations that are tried, and pages of repositories that are read of each, so that a large App does not spend minutes on it. */
const mostTried = 30
const mostPages = 10

const namesOf = (repositories: ReadonlyArray<typeof Repository.Type>) => repositories.map(({ full_name }) => full_name)

/**
 * Asks with the tokens of the first `mostTried` installations that are not suspended for their repositories.
 * Cost for each: 1 request for its token, and 1 for each 100 repositories, at most `mostPages`.
 * https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export const inspectInstallations = Effect.fnUntraced(function* (
  installations: AppInspection["installations"]
): Effect.fn.Return<InstallationInspection, never, Installations> {
  const { call } = yield* Installations
  const tried = installations.filter(({ suspended_at }) => suspended_at === null).slice(0, mostTried)
  const answers = yield* Effect.forEach(
    tried,
    ({ id, account }) =>
      fromFirstPage(mostPages, (page) => call(id, reposCall(page))).pipe(
        Stream.filter(({ archived, has_issues }) => archived === true || has_issues === false),
        Stream.runCollect,
        Effect.match({
          onSuccess: (limited) => ({ limited, refused: [] }),
          onFailure: (error) => ({
            limited: [],
            refused: [{ account: account?.login ?? `installation ${id}`, error }]
          })
        })
      ),
    { concurrency: 4 }
  )
  const limited = answers.flatMap((answer) => answer.limited)
  return {
    refused: answers.flatMap((answer) => answer.refused),
    archived: namesOf(limited.filter(({ archived }) => archived === true)),
    withoutIssues: namesOf(limited.filter(({ archived }) => archived !== true))
  }
})
