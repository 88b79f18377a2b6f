/**
 * The contract of the dashboard's API, under `/admin/api`. The page, the command line and other tools speak it; `openapi.json` beside it is
 * generated from it. Every answer is a stored value (`domain/Views.ts`) that is read by its key.
 */
import { Context, Schema } from "effect"
import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  HttpApiSecurity,
  OpenApi
} from "effect/http-api"
import { counters } from "../domain/Measure.ts"
import { RepositoryName } from "../domain/Names.ts"
import { DeliveryId } from "../domain/SourceRun.ts"
import {
  Choices,
  DeliveryPage,
  Denials,
  EventPage,
  Funnel,
  Health,
  Journey,
  Kpi,
  Leaderboard,
  Range,
  Ranking,
  Trend,
  Window
} from "../domain/Views.ts"

/** Who asks: somebody with the admin token, or with a session that was opened with it. */
export class Caller extends Context.Service<Caller, { readonly name: string }>()("dispatcher/dashboard/Api/Caller") {}

/** Neither a valid token nor a valid session. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()(
  "Unauthorized",
  { message: Schema.String },
  { httpApiStatus: 401 }
) {}
/** A request that changes something came without the header that only our own page and tools send. */
export class ForgeryRefused extends Schema.TaggedError<ForgeryRefused>()(
  "ForgeryRefused",
  { message: Schema.String },
  { httpApiStatus: 403 }
) {}
/** There is no such delivery or run (any more). */
export class NoSuchJourney extends Schema.TaggedError<NoSuchJourney>()(
  "NoSuchJourney",
  { message: Schema.String },
  { httpApiStatus: 404 }
) {}
/** No index serves this combination of filters; `supported` lists those that one does. */
export class UnsupportedSearch extends Schema.TaggedError<UnsupportedSearch>()(
  "UnsupportedSearch",
  { message: Schema.String, supported: Schema.Array(Schema.Array(Schema.String)) },
  { httpApiStatus: 400 }
) {}
/** A cursor that no page gave, or a time that is none. */
export class BadCursor extends Schema.TaggedError<BadCursor>()(
  "BadCursor",
  { message: Schema.String },
  { httpApiStatus: 400 }
) {}
/** The store does not answer. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()(
  "StoreUnavailable",
  { message: Schema.String },
  { httpApiStatus: 503 }
) {}

/** A replay that was asked for; its facts carry the generation. */
export const Replayed = Schema.Struct({ deliveryId: DeliveryId, generation: Schema.Int })

/** `Authorization: Bearer ADMIN_TOKEN`, or the session cookie. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: Caller; requires: never }>()(
  "dispatcher/dashboard/Api/Authorization",
  {
    requiredForClient: false,
    security: {
      bearer: HttpApiSecurity.bearer,
      cookie: HttpApiSecurity.apiKey({ in: "cookie", key: "dispatcher_session" })
    },
    error: [Unauthorized, ForgeryRefused]
  }
) {}

/** Which figures: everything, one source, one target, or what one source causes in one target. */
const about = { source: Schema.optionalKey(RepositoryName), target: Schema.optionalKey(RepositoryName) }
/** Default: 24h. */
const window = { window: Schema.optionalKey(Window) }
/** Default limit: 50, at most 200. */
const paging = { cursor: Schema.optionalKey(Schema.String), limit: Schema.optionalKey(Schema.FiniteFromString) }
const error = [StoreUnavailable] as const

/** Figures of windows and trends. */
export class FiguresApi extends HttpApiGroup.make("figures")
  .add(
    HttpApiEndpoint.get("health", "/health", { success: Health, error }),
    HttpApiEndpoint.get("summary", "/summary", { query: { ...about, ...window }, success: Kpi, error }),
    HttpApiEndpoint.get("funnel", "/funnel", { query: { ...about, ...window }, success: Funnel, error }),
    HttpApiEndpoint.get("trends", "/trends", {
      query: { ...about, range: Schema.optionalKey(Range) },
      success: Trend,
      error
    }),
    HttpApiEndpoint.get("denials", "/denials", { query: { ...about, ...window }, success: Denials, error }),
    HttpApiEndpoint.get("repositories", "/repositories", {
      query: { ...window, ranking: Schema.optionalKey(Ranking), page: Schema.optionalKey(Schema.FiniteFromString) },
      success: Leaderboard,
      error
    }),
    HttpApiEndpoint.get("workflows", "/workflows", {
      query: { ...window, page: Schema.optionalKey(Schema.FiniteFromString) },
      success: Leaderboard,
      error
    }),
    HttpApiEndpoint.get("filters", "/filters", { success: Choices, error })
  )
  .middleware(Authorization) {}

/** Single deliveries, and what became of them. */
export class DeliveriesApi extends HttpApiGroup.make("deliveries")
  .add(
    HttpApiEndpoint.get("deliveries", "/deliveries", {
      query: { source: Schema.optionalKey(RepositoryName), ...paging },
      success: DeliveryPage,
      error: [StoreUnavailable, BadCursor]
    }),
    HttpApiEndpoint.get("journey", "/deliveries/:id/journey", {
      params: { id: DeliveryId },
      success: Journey,
      error: [NoSuchJourney, StoreUnavailable]
    }),
    HttpApiEndpoint.get("runJourney", "/runs/:repositoryId/:runId/:attempt/journey", {
      params: {
        repositoryId: Schema.FiniteFromString,
        runId: Schema.FiniteFromString,
        attempt: Schema.FiniteFromString
      },
      success: Journey,
      error: [NoSuchJourney, StoreUnavailable]
    }),
    HttpApiEndpoint.get("events", "/events", {
      query: {
        ...about,
        ...paging,
        /** A CloudEvents type; the same question as `status`. */
        type: Schema.optionalKey(Schema.String),
        status: Schema.optionalKey(Schema.Literals(counters)),
        /** A denial or failure code. */
        reason: Schema.optionalKey(Schema.String),
        /** RFC 3339, inclusive. */
        from: Schema.optionalKey(Schema.String),
        to: Schema.optionalKey(Schema.String)
      },
      success: EventPage,
      error: [UnsupportedSearch, BadCursor, StoreUnavailable]
    }),
    HttpApiEndpoint.post("replay", "/deliveries/:id/replay", {
      params: { id: DeliveryId },
      success: Replayed.pipe(HttpApiSchema.status(202)),
      error: [NoSuchJourney, StoreUnavailable]
    })
  )
  .middleware(Authorization) {}

/** The whole API. */
export class Api extends HttpApi.make("dispatcher")
  .add(FiguresApi)
  .add(DeliveriesApi)
  .prefix("/admin/api")
  .annotateMerge(OpenApi.annotations({ title: "Dispatcher dashboard", version: "1" })) {}
