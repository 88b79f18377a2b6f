/**
 * What the dashboard may read: stored answers by key, and ranges of one index. It is made over `TableReader`, which has get and range
 * query and nothing else, so nothing can be scanned, summed or written on the way to an answer. How many reads an answer takes does not
 * depend on how many facts there are; a test holds each method to what it says.
 */
import { Context, type Effect, type Option, Schema } from "effect"
import type {
  Choices,
  DeliveryPage,
  EventPage,
  Figures,
  FindKey,
  FoundPage,
  Health,
  Journey,
  Leaderboard,
  RankedWindow,
  Ranking,
  Trend,
  Window
} from "../domain/Answers.ts"
import type { ChainView } from "../domain/Chain.ts"
import type { RepositoryName } from "../domain/Names.ts"
import type { Scope } from "../domain/Scope.ts"
import type { DeliveryId, RunKey } from "../domain/SourceRun.ts"
import type { ConnectionPage, Neighbours } from "../domain/Topology.ts"
import type { TableError } from "../ports/Table.ts"

/** What events are searched by. Only some combinations have an index; {@link UnsupportedSearch} names them. */
export interface EventSearch {
  readonly source?: RepositoryName
  readonly target?: RepositoryName
  /** A status of the fact table. */
  readonly status?: string
  /** A denial, withdrawal or failure code. */
  readonly reason?: string
  /** RFC 3339, inclusive. */
  readonly from?: string
  readonly to?: string
}

/** No index serves this combination of filters. */
export class UnsupportedSearch extends Schema.TaggedError<UnsupportedSearch>()("UnsupportedSearch", {
  asked: Schema.Array(Schema.String),
  supported: Schema.Array(Schema.Array(Schema.String))
}) {}
/** A cursor that no page gave. */
export class BadCursor extends Schema.TaggedError<BadCursor>()("BadCursor", { message: Schema.String }) {}

/** How much of a list to read, and where to go on. */
export interface Paging {
  /** 1 to 200; of connections and chains 1 to 500. */
  readonly limit: number
  readonly cursor?: string
}

/** The figures: answered by what Rollup stores. */
export interface FigureQueries {
  /** One read. `unknown` where no rollup was made for some minutes. */
  readonly health: Effect.Effect<Health, TableError>
  /** A scope in which nothing ever happened has figures too: zeros. At most two reads. */
  readonly figures: (scope: Scope, window: Window) => Effect.Effect<Figures, TableError>
  /** Points and total are of the same moment. Three reads, and three more each time a tick came between. */
  readonly trend: (scope: Scope, window: Window) => Effect.Effect<Trend, TableError>
  /** `page` counts from 0; a page beyond the last is empty. At most two reads. */
  readonly leaderboard: (ranking: Ranking, window: RankedWindow, page: number) => Effect.Effect<Leaderboard, TableError>
}

/** The lists and journeys: answered by what Record stores. */
export interface ListQueries {
  /** Newest first; of one source, or of all. A page goes through three days at most. At most four reads. */
  readonly deliveries: (
    source: RepositoryName | undefined,
    paging: Paging
  ) => Effect.Effect<typeof DeliveryPage.Type, TableError | BadCursor>
  /** Newest first. One read. */
  readonly find: (
    by: FindKey,
    value: string,
    paging: Paging
  ) => Effect.Effect<typeof FoundPage.Type, TableError | BadCursor>
  /** None if nothing is known of the delivery. Four reads. */
  readonly journey: (delivery: DeliveryId) => Effect.Effect<Option.Option<Journey>, TableError>
  /** Three reads. */
  readonly runJourney: (run: RunKey) => Effect.Effect<Option.Option<Journey>, TableError>
  /** A page of the chain that began with this run, from the root on; none if the run began none. One read. */
  readonly chain: (root: RunKey, paging: Paging) => Effect.Effect<Option.Option<ChainView>, TableError | BadCursor>
  /** Newest first. A page goes through three days at most. At most four reads. */
  readonly events: (
    search: EventSearch,
    paging: Paging
  ) => Effect.Effect<typeof EventPage.Type, TableError | UnsupportedSearch | BadCursor>
  /** Two reads. */
  readonly choices: Effect.Effect<Choices, TableError>
}

/** Who starts whom: answered by what Rollup stores. */
export interface TopologyQueries {
  /** All connections, in the order of their sources, at most 500. One read. */
  readonly connections: (paging: Paging) => Effect.Effect<typeof ConnectionPage.Type, TableError | BadCursor>
  /** What a repository starts, and what starts it; a repository that nothing is known of has none. Two reads, and two more where there are none. */
  readonly neighbours: (repository: RepositoryName) => Effect.Effect<Neighbours, TableError>
}

/** The answers of the dashboard. */
export class DashboardQueries extends Context.Service<
  DashboardQueries,
  FigureQueries & ListQueries & TopologyQueries
>()("dispatcher/readmodel/DashboardQueries") {}
