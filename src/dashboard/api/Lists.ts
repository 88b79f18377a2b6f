/** Lists and journeys: each answer is a range of one stored index, or the facts of one run. */
import { type DateTime, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Choices, DeliveryPage, EventPage, FindKey, FoundPage, Journey } from "../../domain/Answers.ts"
import { ChainView, maxNodes } from "../../domain/Chain.ts"
import { rowStatuses, rowTypes } from "../../domain/FactTable.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { DeliveryId, GitHubId } from "../../domain/SourceRun.ts"
import { ConnectionPage, Neighbours } from "../../domain/Topology.ts"
import { InvalidCursor, NoSuchChain, NoSuchJourney, StoreUnavailable, UnsupportedFilters } from "./Errors.ts"
import { about, paging, time, whole } from "./Fields.ts"
import { Authorization, Parameters } from "./Middleware.ts"

const attempt = whole(1, Number.MAX_SAFE_INTEGER)
/** Digits, and no number that is written in another way. */
const id = Schema.toType(GitHubId)

/** A repository's owner, and its name: together what `RepositoryName` takes. */
const owner = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,100}$/, { expected: "an owner's name" }))
const name = Schema.String.check(
  Schema.isPattern(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, { expected: "a repository's name, without its owner" })
)

/** A stretch that ends before it begins is a mistake: its answer would look as if nothing had happened. */
const isStretch = ({ from, to }: { readonly from?: DateTime.Utc; readonly to?: DateTime.Utc }) =>
  from === undefined || to === undefined || from.epochMilliseconds <= to.epochMilliseconds
    ? undefined
    : { path: ["from"], issue: "is after to" }

const search = Schema.Struct({
  ...about,
  ...paging,
  /** A CloudEvents type; the same question as `status`. */
  type: Schema.optionalKey(Schema.Literals(rowTypes)),
  status: Schema.optionalKey(Schema.Literals(rowStatuses)),
  /** A denial, withdrawal or failure code. */
  reason: Schema.optionalKey(Schema.NonEmptyString),
  /** RFC 3339, inclusive. */
  from: Schema.optionalKey(time),
  to: Schema.optionalKey(time)
}).check(Schema.makeFilter(isStretch))

/** Single deliveries, events, and what became of them. */
export class ListsApi extends HttpApiGroup.make("lists")
  .add(
    HttpApiEndpoint.get("deliveries", "/deliveries", {
      query: { source: Schema.optionalKey(RepositoryName), ...paging },
      success: DeliveryPage,
      error: [StoreUnavailable, InvalidCursor]
    }).annotate(OpenApi.Summary, "Deliveries, newest first"),
    HttpApiEndpoint.get("find", "/find", {
      query: { by: FindKey, value: Schema.NonEmptyString.check(Schema.isMaxLength(1_000)), ...paging },
      success: FoundPage,
      error: [StoreUnavailable, InvalidCursor]
    }).annotate(
      OpenApi.Summary,
      "Source runs by run number, run id or URL, commit (all 40 digits), branch or actor, newest first"
    ),
    HttpApiEndpoint.get("journey", "/deliveries/:id/journey", {
      params: { id: DeliveryId },
      success: Journey,
      error: [NoSuchJourney, StoreUnavailable]
    }).annotate(
      OpenApi.Summary,
      "One delivery's run: its row, and all facts, about the run first, then target by target"
    ),
    HttpApiEndpoint.get("runJourney", "/runs/:repositoryId/:runId/:attempt/journey", {
      params: { repositoryId: id, runId: id, attempt },
      success: Journey,
      error: [NoSuchJourney, StoreUnavailable]
    }).annotate(OpenApi.Summary, "The same for one attempt of a run"),
    HttpApiEndpoint.get("chain", "/chains/:repositoryId/:runId/:attempt", {
      params: { repositoryId: id, runId: id, attempt },
      query: { ...paging, limit: Schema.optionalKey(whole(1, maxNodes)) },
      success: ChainView,
      error: [NoSuchChain, StoreUnavailable, InvalidCursor]
    }).annotate(
      OpenApi.Summary,
      "The chain that began with this attempt of a run: its runs, the root first, each with what became of its targets. 500 a page, unless `limit` says less. A run's journey says which run its chain began with"
    ),
    HttpApiEndpoint.get("topology", "/topology", {
      query: { ...paging, limit: Schema.optionalKey(whole(1, 500)) },
      success: ConnectionPage,
      error: [StoreUnavailable, InvalidCursor]
    }).annotate(
      OpenApi.Summary,
      "Who starts whom: all connections from a source workflow to a target workflow, in the order of their sources, each with what the latest run says of it and its counts of seven days. 500 a page, unless `limit` says less"
    ),
    HttpApiEndpoint.get("neighbours", "/topology/:owner/:name", {
      params: { owner, name },
      success: Neighbours,
      error: [StoreUnavailable]
    }).annotate(
      OpenApi.Summary,
      "What a repository starts, and what starts it or wants to and is not let in; at most 500 of each. A repository that nothing is known of has none, and `known` is false"
    ),
    HttpApiEndpoint.get("events", "/events", {
      query: search,
      success: EventPage,
      error: [UnsupportedFilters, InvalidCursor, StoreUnavailable]
    }).annotate(
      OpenApi.Summary,
      "Events, newest first, by the combinations of filters that /filters lists. What was accepted, planned, queued or reported is none: deliveries and journeys say that. They are listed for as many days as the answer says; deliveries and their journeys are kept for longer"
    ),
    HttpApiEndpoint.get("filters", "/filters", { success: Choices, error: [StoreUnavailable] }).annotate(
      OpenApi.Summary,
      "What can be chosen in filters, and how events can be searched"
    )
  )
  .annotate(
    OpenApi.Description,
    "Stored lists, read by range. A page that is not the last one has a cursor for the next."
  )
  .middleware(Parameters)
  .middleware(Authorization) {}
