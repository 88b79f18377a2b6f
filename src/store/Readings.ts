/**
 * What the dashboard may read: stored answers by key, and ranges of one index. It is made over `TableReader`, which has get and range
 * query and nothing else, so nothing can be scanned, summed or written on the way to an answer. How many reads an answer takes does not
 * depend on how many facts there are; a test holds each method to what it says.
 */
import { Context, type Effect, type Option, Schema } from "effect"
import type { Counter } from "../domain/Measure.ts"
import type { RepositoryName } from "../domain/Names.ts"
import type { Scope } from "../domain/Scope.ts"
import type { DeliveryId, RunKey } from "../domain/SourceRun.ts"
import type {
  Choices,
  DeliveryPage,
  EventPage,
  Health,
  Journey,
  Kpi,
  Leaderboard,
  Range,
  Ranking,
  Trend,
  Window
} from "../domain/Views.ts"
import type { TableError } from "../ports/Table.ts"

/** What events are searched by. Only some combinations have an index; {@link UnsupportedSearch} names them. */
export interface Search {
  readonly source?: RepositoryName
  readonly target?: RepositoryName
  readonly status?: Counter
  /** A denial or failure code. */
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
  /** 1 to 200. */
  readonly limit: number
  readonly cursor?: string
}

/** The answers of the dashboard. */
export class Readings extends Context.Service<
  Readings,
  {
    /** One read. Unknown where nobody has judged for five minutes. */
    readonly health: Effect.Effect<Health, TableError>
    /** A scope that nothing ever happened in has figures too: zeros. Two reads. */
    readonly kpi: (scope: Scope, window: Window) => Effect.Effect<Kpi, TableError>
    /** A bucket in which nothing happened has no point. One read. */
    readonly trend: (scope: Scope, range: Range) => Effect.Effect<Trend, TableError>
    /** `page` counts from 0; a page beyond the last is empty. Two reads. */
    readonly leaderboard: (ranking: Ranking, window: Window, page: number) => Effect.Effect<Leaderboard, TableError>
    /** Newest first; of one source, or of all. A page goes through three days at most. At most four reads. */
    readonly deliveries: (
      source: RepositoryName | undefined,
      paging: Paging
    ) => Effect.Effect<typeof DeliveryPage.Type, TableError | BadCursor>
    /** All facts of the delivery's run, in the order of the stages; none if nothing is known of it. Two reads. */
    readonly journey: (delivery: DeliveryId) => Effect.Effect<Option.Option<Journey>, TableError>
    /** One read. */
    readonly runJourney: (run: RunKey) => Effect.Effect<Option.Option<Journey>, TableError>
    /** Newest first. A page goes through three days at most. At most four reads. */
    readonly events: (
      search: Search,
      paging: Paging
    ) => Effect.Effect<typeof EventPage.Type, TableError | UnsupportedSearch | BadCursor>
    /** Two reads. */
    readonly choices: Effect.Effect<Choices, TableError>
  }
>()("dispatcher/store/Readings") {}
