/**
 * The precomputed answers of the dashboard: what Record and Rollup write and what the API returns, the same values.
 *
 * A handler reads one of these by its key and returns it; there is nothing left to compute.
 */
import { Effect, Schema } from "effect"
import { Fact } from "./Fact.ts"
import { counters } from "./Measure.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { Scope } from "./Scope.ts"
import { DeliveryId, GitHubId, Ordinal } from "./SourceRun.ts"

/** Sliding windows, brought up to date every minute: the minute or hour of now, and as many whole ones before it as the name says. */
export const windows = ["15m", "1h", "24h", "7d"] as const
/** One of {@link windows}. */
export const Window = Schema.Literals(windows)
export type Window = typeof Window.Type

/** Ranges of trends; points are minutes (1h), hours (24h, 7d) or days (30d, 90d). */
export const ranges = ["1h", "24h", "7d", "30d", "90d"] as const
/** One of {@link ranges}. */
export const Range = Schema.Literals(ranges)
export type Range = typeof Range.Type

const Count = Schema.Int
/** How often each thing happened. */
export const Counts = Schema.Struct({
  accepted: Count,
  ignored: Count,
  /** What earlier versions kept lacks these two. */
  invalid: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  unreachable: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  planned: Count,
  queued: Count,
  denied: Count,
  dispatched: Count,
  failed: Count,
  /** What earlier versions kept lacks it. */
  withdrawn: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  unknown: Count,
  reported: Count,
  replayed: Count,
  /** What earlier versions kept lacks it. */
  redelivered: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
} satisfies Record<(typeof counters)[number], Schema.Codec<number, number>>)
export interface Counts extends Schema.Schema.Type<typeof Counts> {}

/** A reason and how often it was given. */
export const RankedReason = Schema.Struct({ code: Schema.String, count: Count })

/** Times from acceptance to dispatch, in milliseconds, without replays; null where nothing was dispatched. */
export const Quantiles = Schema.Struct({
  p50: Schema.NullOr(Schema.Finite),
  p95: Schema.NullOr(Schema.Finite),
  p99: Schema.NullOr(Schema.Finite)
})
export interface Quantiles extends Schema.Schema.Type<typeof Quantiles> {}
/** How long the dispatches of a time took: as a histogram, and its quantiles. */
export const Elapsed = Schema.Struct({
  /** Counts by bucket of `elapsedBounds`, the last one without bound. */
  histogram: Schema.Array(Count),
  ...Quantiles.fields
})

/** All figures of a scope for a window, and the counts of the window before it. */
export const Kpi = Schema.Struct({
  scope: Scope,
  window: Window,
  /** RFC 3339, UTC: when the rollup last made sure of it. */
  updatedAt: Schema.String,
  counts: Counts,
  previous: Counts,
  /** dispatched / (dispatched + failed + unknown), 0 to 1; null where nothing was tried. */
  successRate: Schema.NullOr(Schema.Finite),
  elapsed: Elapsed,
  /** Most frequent first. */
  reasons: Schema.Array(RankedReason)
})
export interface Kpi extends Schema.Schema.Type<typeof Kpi> {}

/** The way of work through the stages in a window: each stage with its count, in order; part of a {@link Kpi}. */
export const Funnel = Schema.Struct({ scope: Scope, window: Window, updatedAt: Schema.String, counts: Counts })
/** Why targets were denied or failed, or consent to them was withdrawn, in a window; part of a {@link Kpi}. */
export const Denials = Schema.Struct({
  scope: Scope,
  window: Window,
  updatedAt: Schema.String,
  reasons: Schema.Array(RankedReason)
})

/** One row of a ranking: a scope with its most telling figures. */
export const RankedScope = Schema.Struct({
  scope: Scope,
  counts: Counts,
  previous: Counts,
  successRate: Schema.NullOr(Schema.Finite),
  p95: Schema.NullOr(Schema.Finite),
  topReason: Schema.NullOr(Schema.String)
})
export interface RankedScope extends Schema.Schema.Type<typeof RankedScope> {}

/** What is ranked. */
export const rankings = ["sources", "targets", "workflows", "versions", "movers"] as const
/** One of {@link rankings}. */
export const Ranking = Schema.Literals(rankings)
export type Ranking = typeof Ranking.Type

/** A page of a ranking; what needs attention (failed, unknown, denied, withdrawn) comes first, then what happens most. */
export const Leaderboard = Schema.Struct({
  ranking: Ranking,
  window: Window,
  updatedAt: Schema.String,
  /** From 0. */
  page: Schema.Int,
  pages: Schema.Int,
  rows: Schema.Array(RankedScope)
})
export interface Leaderboard extends Schema.Schema.Type<typeof Leaderboard> {}

/** One point of a trend: what happened in the minute, hour or day that starts then. */
export const TrendPoint = Schema.Struct({ at: Schema.String, counts: Counts, elapsed: Quantiles })
/** What happened in a scope over a range, point by point. */
export const Trend = Schema.Struct({
  scope: Scope,
  range: Range,
  granularity: Schema.Literals(["minute", "hour", "day"]),
  points: Schema.Array(TrendPoint)
})
export interface Trend extends Schema.Schema.Type<typeof Trend> {}

/** Work that should have been done by now. */
export const StalledWork = Schema.Struct({
  kind: Schema.Literals(["unplanned", "unsettled"]),
  deliveryId: DeliveryId,
  source: RepositoryName,
  workflow: WorkflowFile,
  /** `owner/name file@ref`; null for deliveries without a plan. */
  target: Schema.NullOr(Schema.String),
  since: Schema.String
})
export interface StalledWork extends Schema.Schema.Type<typeof StalledWork> {}

/** How the service does, and why. */
export const Health = Schema.Struct({
  status: Schema.Literals(["green", "amber", "red", "unknown"]),
  reasons: Schema.Array(Schema.Struct({ code: Schema.String, message: Schema.String })),
  updatedAt: Schema.NullOr(Schema.String),
  lastFactAt: Schema.NullOr(Schema.String),
  /** Of the last hour. */
  successRate: Schema.NullOr(Schema.Finite),
  /** Accepted deliveries that were neither planned nor ignored, and queued orders without an outcome. */
  backlog: Schema.Struct({ unplanned: Count, unsettled: Count }),
  /** The oldest of the backlog, at most 20. */
  stalled: Schema.Array(StalledWork)
})
export interface Health extends Schema.Schema.Type<typeof Health> {}

/** One delivery in the list of recent ones. */
export const DeliveryRow = Schema.Struct({
  deliveryId: DeliveryId,
  acceptedAt: Schema.String,
  source: RepositoryName,
  sourceRepositoryId: GitHubId,
  workflow: WorkflowFile,
  runId: GitHubId,
  attempt: Ordinal,
  branch: Schema.NullOr(Schema.String),
  conclusion: Schema.NullOr(Schema.String),
  runUrl: Schema.NullOr(Schema.String),
  counts: Counts
})
export interface DeliveryRow extends Schema.Schema.Type<typeof DeliveryRow> {}
/** A page of deliveries, newest first. */
export const DeliveryPage = Schema.Struct({
  rows: Schema.Array(DeliveryRow),
  /** Ask with it for older ones; null at the end. */
  cursor: Schema.NullOr(Schema.String)
})

/** All facts of one source run, in the order of the stages. */
export const Journey = Schema.Struct({ facts: Schema.Array(Fact) })
export interface Journey extends Schema.Schema.Type<typeof Journey> {}

/** One found event: enough for a list; its journey has the rest. */
export const EventRow = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  status: Schema.Literals(counters),
  time: Schema.String,
  deliveryId: DeliveryId,
  source: RepositoryName,
  workflow: WorkflowFile,
  target: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  message: Schema.NullOr(Schema.String),
  url: Schema.NullOr(Schema.String)
})
export interface EventRow extends Schema.Schema.Type<typeof EventRow> {}
/** A page of events, newest first. It may hold fewer than were asked for (after three days with few) and yet have a cursor. */
export const EventPage = Schema.Struct({ rows: Schema.Array(EventRow), cursor: Schema.NullOr(Schema.String) })

/** What can be chosen in filters. */
export const Choices = Schema.Struct({
  sources: Schema.Array(RepositoryName),
  targets: Schema.Array(RepositoryName),
  statuses: Schema.Array(Schema.Literals(counters)),
  types: Schema.Array(Schema.String),
  windows: Schema.Array(Window),
  ranges: Schema.Array(Range),
  /** The combinations of filters that events can be searched by. */
  searches: Schema.Array(Schema.Array(Schema.String))
})
export interface Choices extends Schema.Schema.Type<typeof Choices> {}
