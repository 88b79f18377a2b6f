/**
 * What GitHub says of the App itself: who it is, what it may do, where its webhooks go, and who has installed it, asked as the App; and who
 * of those shuts it out, asked with their tokens.
 */
import { Clock, Effect, Schema } from "effect"
import { GitHubId } from "../../domain/SourceRun.ts"
import type { GitHubError } from "../../ports/GitHubError.ts"
import { App } from "./App.ts"
import * as Connection from "./Connection.ts"
import { Installations } from "./Installations.ts"
import { asApp } from "./Octokits.ts"
import { decodeEntries, perPage } from "./Paging.ts"
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

const reposCall: Call<void> = {
  operation: "GET /installation/repositories",
  api: "rest",
  repeat: "harmless",
  send: (request) => request("GET /installation/repositories", { per_page: 1 }),
  read: () => Effect.void
}

/** Installations that are tried, so that an App that many have installed does not spend minutes on it. */
const mostTried = 30

/**
 * The installations, of the first `mostTried` that are not suspended, whose tokens GitHub does not give or does not accept.
 * Cost: 2 requests for each.
 * https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export const refusedInstallations = Effect.fnUntraced(function* (
  installations: AppInspection["installations"]
): Effect.fn.Return<ReadonlyArray<Refused>, never, Installations> {
  const { call } = yield* Installations
  const tried = installations.filter(({ suspended_at }) => suspended_at === null).slice(0, mostTried)
  const refused = yield* Effect.forEach(
    tried,
    ({ id, account }) =>
      Effect.match(call(id, reposCall), {
        onSuccess: () => [],
        onFailure: (error) => [{ account: account?.login ?? `installation ${id}`, error }]
      }),
    { concurrency: 4 }
  )
  return refused.flat()
})
