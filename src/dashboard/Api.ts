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
import { Explanation, SupposedRun } from "../domain/Explanation.ts"
import type { FactType } from "../domain/Fact.ts"
import { counterOf, counters } from "../domain/Measure.ts"
import { RepositoryName } from "../domain/Names.ts"
import { DeliveryId, GitHubId } from "../domain/SourceRun.ts"
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
import { QueueName } from "../flow/DeadLetters.ts"

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
/** Too many wrong tokens, from this address or altogether. `Retry-After` says the same number of seconds. */
export class TooManyAttempts extends Schema.TaggedError<TooManyAttempts>()(
  "TooManyAttempts",
  { message: Schema.String, retryAfter: Schema.Int },
  { httpApiStatus: 429 }
) {}
/** Parameters that are not what the contract says, by name. */
export class InvalidParameter extends Schema.TaggedError<InvalidParameter>()(
  "InvalidParameter",
  { message: Schema.String, parameters: Schema.Array(Schema.Struct({ name: Schema.String, message: Schema.String })) },
  { httpApiStatus: 400 }
) {}
/** There is no such delivery or run (any more). */
export class NoSuchJourney extends Schema.TaggedError<NoSuchJourney>()(
  "NoSuchJourney",
  { message: Schema.String },
  { httpApiStatus: 404 }
) {}
/** The queue has no dead letter with this id (any more). */
export class NoSuchDeadLetter extends Schema.TaggedError<NoSuchDeadLetter>()(
  "NoSuchDeadLetter",
  { message: Schema.String },
  { httpApiStatus: 404 }
) {}
/** No index serves this combination of filters; `supported` lists those that one does. */
export class UnsupportedSearch extends Schema.TaggedError<UnsupportedSearch>()(
  "UnsupportedSearch",
  { message: Schema.String, supported: Schema.Array(Schema.Array(Schema.String)) },
  { httpApiStatus: 400 }
) {}
/** A cursor that no page gave. */
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

/** GitHub does not answer, so that configs that were not pasted cannot be read. */
export class GitHubUnavailable extends Schema.TaggedError<GitHubUnavailable>()(
  "GitHubUnavailable",
  { message: Schema.String },
  { httpApiStatus: 503 }
) {}

/** A supposed run, and configs that take the place of those on GitHub. */
export const ExplainRequest = Schema.Struct({
  run: SupposedRun,
  /** Texts of `dispatching.yml` by repository, at most 100; what is not among them is read from GitHub. */
  configs: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.String).check(
      Schema.isPropertyNames(RepositoryName),
      Schema.isMaxProperties(100, { expected: "at most 100 repositories" })
    )
  ),
  /** The default branch of repositories whose config is given. Default: `main`. */
  defaultBranch: Schema.optionalKey(Schema.NonEmptyString)
})

/** A replay that was asked for; its facts carry the generation. */
export const Replayed = Schema.Struct({ deliveryId: DeliveryId, generation: Schema.Int })

/** A message that a queue gave up. */
export const Letter = Schema.Struct({
  queue: QueueName,
  id: Schema.String,
  /** As it was stored; it may be what no schema understands. */
  body: Schema.Unknown,
  reason: Schema.String,
  /** How often it was tried. */
  attempts: Schema.Int,
  /** When it was given up, milliseconds since the epoch. */
  diedAt: Schema.Finite
})

/** What to put back: the dead letter with this id, or all of the queue where there is none. */
export const Redrive = Schema.Struct({ queue: QueueName, id: Schema.optionalKey(Schema.NonEmptyString) })

/** How many messages were put back. */
export const Redriven = Schema.Struct({ queue: QueueName, redriven: Schema.Int })

/** `Authorization: Bearer ADMIN_TOKEN`, or the session cookie. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: Caller; requires: never }>()(
  "dispatcher/dashboard/Api/Authorization",
  {
    requiredForClient: false,
    security: {
      bearer: HttpApiSecurity.bearer,
      cookie: HttpApiSecurity.apiKey({ in: "cookie", key: "dispatcher_session" })
    },
    error: [Unauthorized, ForgeryRefused, TooManyAttempts]
  }
) {}

/** Says which parameter is wrong, and how. */
export class Parameters extends HttpApiMiddleware.Service<Parameters>()("dispatcher/dashboard/Api/Parameters", {
  error: InvalidParameter
}) {}

/** A number in decimal digits, limits included. */
const whole = (minimum: number, maximum: number) => {
  const expected = `a whole number from ${minimum} to ${maximum}`
  const digits = Schema.String.check(Schema.isPattern(/^\d+$/, { expected }))
  return digits.pipe(
    Schema.decodeTo(Schema.FiniteFromString.check(Schema.isBetween({ minimum, maximum }, { expected })))
  )
}
const attempt = whole(1, Number.MAX_SAFE_INTEGER)
const time = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, {
    expected: "a time as RFC 3339 has it"
  })
).pipe(Schema.decodeTo(Schema.DateTimeUtcFromString))

const factTypes = Object.keys(counterOf) as ReadonlyArray<FactType>
/** Which figures: everything, one source, one target, or what one source causes in one target. */
const about = { source: Schema.optionalKey(RepositoryName), target: Schema.optionalKey(RepositoryName) }
/** Default: 24h. */
const window = { window: Schema.optionalKey(Window) }
/** Default limit: 50. */
const paging = { cursor: Schema.optionalKey(Schema.NonEmptyString), limit: Schema.optionalKey(whole(1, 200)) }
/** From 0, which is the default. */
const page = { page: Schema.optionalKey(whole(0, 1_000_000)) }
const error = [StoreUnavailable] as const

/** Figures of windows and trends. */
export class FiguresApi extends HttpApiGroup.make("figures")
  .add(
    HttpApiEndpoint.get("health", "/health", { success: Health, error }).annotate(
      OpenApi.Summary,
      "How the service does, and why"
    ),
    HttpApiEndpoint.get("summary", "/summary", { query: { ...about, ...window }, success: Kpi, error }).annotate(
      OpenApi.Summary,
      "All figures of a window: of everything, a source, a target, or a source in a target"
    ),
    HttpApiEndpoint.get("funnel", "/funnel", { query: { ...about, ...window }, success: Funnel, error }).annotate(
      OpenApi.Summary,
      "How far work came through the stages in a window"
    ),
    HttpApiEndpoint.get("trends", "/trends", {
      query: { ...about, range: Schema.optionalKey(Range) },
      success: Trend,
      error
    }).annotate(OpenApi.Summary, "Figures over time"),
    HttpApiEndpoint.get("denials", "/denials", { query: { ...about, ...window }, success: Denials, error }).annotate(
      OpenApi.Summary,
      "Why targets were denied, failed, or had consent withdrawn in a window, most frequent first"
    ),
    HttpApiEndpoint.get("repositories", "/repositories", {
      query: { ...window, ...page, ranking: Schema.optionalKey(Ranking) },
      success: Leaderboard,
      error
    }).annotate(OpenApi.Summary, "A page of a ranking of repositories, versions or movers"),
    HttpApiEndpoint.get("workflows", "/workflows", {
      query: { ...window, ...page },
      success: Leaderboard,
      error
    }).annotate(OpenApi.Summary, "A page of the ranking of source workflows"),
    HttpApiEndpoint.get("filters", "/filters", { success: Choices, error }).annotate(
      OpenApi.Summary,
      "What can be chosen in filters, and how events can be searched"
    )
  )
  .middleware(Parameters)
  .middleware(Authorization) {}

/** Single deliveries, and what became of them. */
export class DeliveriesApi extends HttpApiGroup.make("deliveries")
  .add(
    HttpApiEndpoint.get("deliveries", "/deliveries", {
      query: { source: Schema.optionalKey(RepositoryName), ...paging },
      success: DeliveryPage,
      error: [StoreUnavailable, BadCursor]
    }).annotate(OpenApi.Summary, "Deliveries, newest first"),
    HttpApiEndpoint.get("journey", "/deliveries/:id/journey", {
      params: { id: DeliveryId },
      success: Journey,
      error: [NoSuchJourney, StoreUnavailable]
    }).annotate(OpenApi.Summary, "All facts of one delivery's run, in the order of the stages"),
    HttpApiEndpoint.get("runJourney", "/runs/:repositoryId/:runId/:attempt/journey", {
      params: { repositoryId: GitHubId, runId: GitHubId, attempt },
      success: Journey,
      error: [NoSuchJourney, StoreUnavailable]
    }).annotate(OpenApi.Summary, "All facts of one attempt of a run, in the order of the stages"),
    HttpApiEndpoint.get("events", "/events", {
      query: {
        ...about,
        ...paging,
        /** A CloudEvents type; the same question as `status`. */
        type: Schema.optionalKey(Schema.Literals(factTypes)),
        status: Schema.optionalKey(Schema.Literals(counters)),
        /** A denial or failure code. */
        reason: Schema.optionalKey(Schema.NonEmptyString),
        /** RFC 3339, inclusive. */
        from: Schema.optionalKey(time),
        to: Schema.optionalKey(time)
      },
      success: EventPage,
      error: [UnsupportedSearch, BadCursor, StoreUnavailable]
    }).annotate(OpenApi.Summary, "Events, newest first, by the combinations of filters that /filters lists"),
    HttpApiEndpoint.post("replay", "/deliveries/:id/replay", {
      params: { id: DeliveryId },
      success: Replayed.pipe(HttpApiSchema.status(202)),
      error: [NoSuchJourney, StoreUnavailable]
    }).annotate(OpenApi.Summary, "Plans a delivery again; only what has no successful outcome is dispatched")
  )
  .middleware(Parameters)
  .middleware(Authorization) {}

/** The rules, asked about what has not happened. */
export class RulesApi extends HttpApiGroup.make("rules")
  .add(
    HttpApiEndpoint.post("explain", "/explain", {
      payload: ExplainRequest,
      success: Explanation,
      error: GitHubUnavailable
    }).annotate(OpenApi.Summary, "What a run would start, and rule by rule why; nothing is started, stored or told")
  )
  .middleware(Parameters)
  .middleware(Authorization) {}

/** What the queues gave up. */
export class DeadLettersApi extends HttpApiGroup.make("deadLetters")
  .add(
    HttpApiEndpoint.get("deadLetters", "/dead-letters", {
      query: { queue: Schema.optionalKey(QueueName), limit: Schema.optionalKey(whole(1, 200)) },
      success: Schema.Struct({ letters: Schema.Array(Letter) }),
      error
    }).annotate(OpenApi.Summary, "What the queues gave up, newest first"),
    HttpApiEndpoint.get("deadLetter", "/dead-letters/:queue/:id", {
      params: { queue: QueueName, id: Schema.NonEmptyString },
      success: Letter,
      error: [NoSuchDeadLetter, StoreUnavailable]
    }).annotate(OpenApi.Summary, "One dead letter"),
    HttpApiEndpoint.post("redrive", "/dead-letters/redrive", {
      payload: Redrive,
      success: Redriven.pipe(HttpApiSchema.status(202)),
      error: [NoSuchDeadLetter, StoreUnavailable]
    }).annotate(OpenApi.Summary, "Puts a dead letter back as a new message, or all of a queue")
  )
  .middleware(Parameters)
  .middleware(Authorization) {}

/** The whole API. */
export class Api extends HttpApi.make("dispatcher")
  .add(FiguresApi)
  .add(DeliveriesApi)
  .add(RulesApi)
  .add(DeadLettersApi)
  .prefix("/admin/api")
  // A misspelt filter must not answer another question than the one that was meant.
  .annotate(HttpApi.QueryParseOptions, { onExcessProperty: "error", errors: "all" })
  .annotateMerge(OpenApi.annotations({ title: "Dispatcher dashboard", version: "1" })) {}
