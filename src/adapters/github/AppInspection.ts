/** What GitHub says of the App itself: who it is, what it may do, where its webhooks go, and who has installed it. Asked as the App. */
import { Clock, Effect, Schema } from "effect"
import { GitHubId } from "../../domain/SourceRun.ts"
import { App } from "./App.ts"
import * as Connection from "./Connection.ts"
import { asApp } from "./Octokits.ts"
import { decodeEntries, perPage } from "./Paging.ts"
import { type Answer, type Call, performAsApp, retrySafely } from "./Requests.ts"

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
  /** Milliseconds by which our clock is ahead of GitHub's; whole seconds are all that it tells. */
  readonly clockSkew: number
}

const get = <A>(
  path: "GET /app" | "GET /app/hook/config" | "GET /app/installations",
  read: (answer: Answer) => Effect.Effect<A, Schema.SchemaError>
): Call<A> => ({
  operation: path,
  api: "rest",
  repeat: "harmless",
  send: (request) => request(path, { per_page: perPage }),
  read
})

const skewOf = ({ headers }: Answer) =>
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
