/**
 * The App's delivery log on GitHub, asked as the App.
 * https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
 */
import { Effect, Layer, Option, Schema, Stream } from "effect"
import { DeliveryId, GitHubId } from "../../domain/SourceRun.ts"
import { type Reading, readWorkflowRun } from "../../domain/WorkflowRunEvent.ts"
import { Deliveries, type LogPage } from "../../ports/Deliveries.ts"
import { App } from "./App.ts"
import * as Connection from "./Connection.ts"
import { asApp } from "./Octokits.ts"
import { decodeEachEntry, perPage } from "./Paging.ts"
import * as RequestLimiter from "./RequestLimiter.ts"
import { type Call, type GitHubResponse, performAsApp, retrySafely } from "./Requests.ts"

const Attempt = Schema.Struct({
  id: GitHubId,
  guid: DeliveryId,
  delivered_at: Schema.DateTimeUtcFromString,
  event: Schema.String,
  action: Schema.NullOr(Schema.String),
  status_code: Schema.Int
})
const decodeAttempts = decodeEachEntry("Deliveries.attempts", Attempt)
const decodeDelivery = Schema.decodeUnknownEffect(
  Schema.Struct({ request: Schema.Struct({ payload: Schema.NullOr(Schema.Unknown) }) })
)

/** Pages of this list have no numbers: the `link` header has the cursor of the next. */
const nextCursor = ({ headers }: GitHubResponse): string | undefined => {
  const [, link] = /<([^>]*)>; rel="next"/.exec(String(headers.link ?? "")) ?? []
  return link === undefined ? undefined : (new URL(link).searchParams.get("cursor") ?? undefined)
}

const readPage = (answer: GitHubResponse) =>
  Effect.map(
    decodeAttempts(answer.data),
    ({ entries, unreadable }): LogPage => ({
      attempts: entries.map(({ id, guid, delivered_at, event, action, status_code }) => ({
        id,
        deliveryId: guid,
        at: delivered_at.epochMilliseconds,
        event,
        action,
        statusCode: status_code
      })),
      unreadable,
      next: nextCursor(answer)
    })
  )

const pageCall = (cursor: string | undefined): Call<LogPage> => ({
  operation: "Deliveries.attempts",
  api: "rest",
  repeat: "harmless",
  send: (request) =>
    request("GET /app/hook/deliveries", { per_page: perPage, ...(cursor === undefined ? {} : { cursor }) }),
  read: readPage
})

const redeliverCall = (attemptId: GitHubId): Call<void> => ({
  operation: "Deliveries.redeliver",
  api: "rest",
  // A delivery that comes twice is accepted once.
  repeat: "harmless",
  send: (request) => request(`POST /app/hook/deliveries/${attemptId}/attempts`),
  read: () => Effect.void
})

const contentCall = (attemptId: GitHubId): Call<Reading> => ({
  operation: "Deliveries.content",
  api: "rest",
  repeat: "harmless",
  send: (request) => request(`GET /app/hook/deliveries/${attemptId}`),
  read: ({ data }) => Effect.map(decodeDelivery(data), ({ request: { payload } }) => readWorkflowRun(payload))
})

const make = Effect.gen(function* () {
  const client = asApp(yield* App, yield* Connection.Connection)
  const limiter = yield* RequestLimiter.make({ rights: "app", api: "rest" })
  const call = <A>(what: Call<A>) =>
    retrySafely((inTime) => limiter(what.operation, performAsApp(client, what, inTime)))

  /** Cost: 1 request for each 100 attempts since then. */
  const pages = (since: number, from?: string) =>
    Stream.paginate(from, (cursor: string | undefined) =>
      Effect.map(call(pageCall(cursor)), ({ attempts, unreadable, next }) => {
        const recent = attempts.filter(({ at }) => at >= since)
        const older = recent.length === attempts.length ? next : undefined
        const page: LogPage = { attempts: recent, unreadable, next: older }
        return [[page], older === undefined ? Option.none() : Option.some<string | undefined>(older)]
      })
    )

  return Deliveries.of({
    pages,
    redeliver: (attemptId) => call(redeliverCall(attemptId)),
    content: (attemptId) => call(contentCall(attemptId))
  })
})

/** Needs {@link App}, not an installation. */
export const layer: Layer.Layer<Deliveries, never, App> = Layer.effect(Deliveries, make).pipe(
  Layer.provide(Connection.layer)
)
