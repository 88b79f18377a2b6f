/**
 * The precomputed answers of the dashboard: what Record and Rollup store and what the API returns, the same values. A handler reads one
 * of these by its key and returns it; there is nothing left to compute.
 */
import { Schema } from "effect"
import { ChainNode, DeliveryStatus } from "./Chain.ts"
import { Fact } from "./Fact.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { Scope } from "./Scope.ts"
import { DeliveryId, GitHubId, Ordinal } from "./SourceRun.ts"
import { counts } from "./Tally.ts"
import { findKeys, rankedWindows, rankings, windows } from "./Vocabulary.ts"

/** One of `windows`. */
export const Window = Schema.Literals(windows)
export type Window = typeof Window.Type

const Count = Schema.Int
/** RFC 3339, UTC. */
const Time = Schema.String

/** How often each thing happened; `Tally.ts` says what each counts. */
export const Counts = Schema.Struct(
  Object.fromEntries(counts.map((name) => [name, Count])) as {
    readonly [name in (typeof counts)[number]]: typeof Count
  }
)
export interface Counts extends Schema.Schema.Type<typeof Counts> {}

/** A reason and how often it was given. */
export const RankedReason = Schema.Struct({ code: Schema.String, count: Count })

/** Times from acceptance to dispatch or to the end of the started run, in milliseconds, without replays, each at most 2 % off; null where there are none. */
export const Quantiles = Schema.Struct({
  p50: Schema.NullOr(Schema.Finite),
  p95: Schema.NullOr(Schema.Finite),
  p99: Schema.NullOr(Schema.Finite),
  /** The longest, exactly. */
  max: Schema.NullOr(Schema.Finite)
})
export interface Quantiles extends Schema.Schema.Type<typeof Quantiles> {}

/** What stretch of time an answer is about, and the moment up to which all is in it: before `to` while a backlog is worked off. */
const stretch = { asOf: Time, from: Time, to: Time }

/** All figures of a scope for a window, and the counts of the window before it. */
export const Figures = Schema.Struct({
  scope: Scope,
  window: Window,
  ...stretch,
  counts: Counts,
  previous: Counts,
  /** dispatched / tried, 0 to 1; null where nothing was tried. */
  successRate: Schema.NullOr(Schema.Finite),
  previousSuccessRate: Schema.NullOr(Schema.Finite),
  elapsed: Quantiles,
  /** succeeded / completed of the runs that were started, 0 to 1; null where none is known to have ended. Never part of `successRate`. */
  resultRate: Schema.NullOr(Schema.Finite),
  previousResultRate: Schema.NullOr(Schema.Finite),
  /** Times from acceptance to the end of the started run. */
  completion: Quantiles,
  /** Most frequent first. */
  reasons: Schema.Array(RankedReason)
})
export interface Figures extends Schema.Schema.Type<typeof Figures> {}

/** One point of a trend: what happened in the minute, hour or day that starts then. */
export const TrendPoint = Schema.Struct({
  at: Time,
  counts: Counts,
  elapsed: Quantiles,
  /** Times from acceptance to the end of the started run, of runs that were accepted then. */
  completion: Quantiles
})
export interface TrendPoint extends Schema.Schema.Type<typeof TrendPoint> {}
/** What happened in a scope over a window, point by point (one without anything is absent), and the figures that these points make. */
export const Trend = Schema.Struct({
  scope: Scope,
  window: Window,
  ...stretch,
  granularity: Schema.Literals(["minute", "hour", "day"]),
  total: Figures,
  points: Schema.Array(TrendPoint)
})
export interface Trend extends Schema.Schema.Type<typeof Trend> {}

/** One row of a ranking: a scope with its most important figures. */
export const RankedScope = Schema.Struct({
  scope: Scope,
  counts: Counts,
  previous: Counts,
  /** dispatched / tried, as in `Figures`. */
  successRate: Schema.NullOr(Schema.Finite),
  /** Of the times from acceptance to dispatch. */
  p95: Schema.NullOr(Schema.Finite),
  /** succeeded / completed, as in `Figures`: what became of what was dispatched. */
  resultRate: Schema.NullOr(Schema.Finite),
  /** Times from acceptance to the end of the started run. */
  completion: Quantiles,
  topReason: Schema.NullOr(Schema.String),
  /** How many more or fewer targets ended than in the window before. */
  change: Schema.Int
})
export interface RankedScope extends Schema.Schema.Type<typeof RankedScope> {}

/** One of `rankings`. */
export const Ranking = Schema.Literals(rankings)
export type Ranking = typeof Ranking.Type
/** One of `rankedWindows`. */
export const RankedWindow = Schema.Literals(rankedWindows)
export type RankedWindow = typeof RankedWindow.Type

/**
 * A page of a ranking; what needs attention (failed, unknown, an own file that is invalid or unreachable, then denied, withdrawn) comes first,
 * then what happens most. `movers` are ordered by how much changed. `results` has the targets in which something was started, ordered by how it
 * ended: unsuccessful runs first, then lost ones, then what ended and runs most; nothing of dispatching counts there.
 */
export const Leaderboard = Schema.Struct({
  ranking: Ranking,
  window: RankedWindow,
  asOf: Time,
  /** From 0. */
  page: Schema.Int,
  pages: Schema.Int,
  /** How many scopes are ranked, of which at most 1000 are on pages. */
  total: Schema.Int,
  rows: Schema.Array(RankedScope)
})
export interface Leaderboard extends Schema.Schema.Type<typeof Leaderboard> {}

/** Work that should have been done by now. */
export const StalledWork = Schema.Struct({
  kind: Schema.Literals(["unplanned", "unsettled"]),
  deliveryId: DeliveryId,
  source: RepositoryName,
  workflow: WorkflowFile,
  /** `owner/name file@ref` of the oldest order; null for runs without a plan. */
  target: Schema.NullOr(Schema.String),
  /** How many orders of the run wait; 1 for a run without a plan. */
  count: Schema.Int,
  since: Time
})
export interface StalledWork extends Schema.Schema.Type<typeof StalledWork> {}

/** What a queue holds. */
export const QueueSample = Schema.Struct({
  name: Schema.Literals(["plan", "order", "report", "fact"]),
  waiting: Count,
  inFlight: Count,
  dead: Count,
  /** How old the oldest message that waits is, in seconds; null where none does or the queue does not say. */
  oldest: Schema.NullOr(Schema.Finite)
})
export interface QueueSample extends Schema.Schema.Type<typeof QueueSample> {}

/** How the service does, and why. `unknown` with the reason `unattended` where no rollup was made for some minutes. */
export const Health = Schema.Struct({
  status: Schema.Literals(["green", "amber", "red", "unknown"]),
  reasons: Schema.Array(Schema.Struct({ code: Schema.String, message: Schema.String })),
  asOf: Schema.NullOr(Time),
  lastFactAt: Schema.NullOr(Time),
  /** Of the last hour. */
  successRate: Schema.NullOr(Schema.Finite),
  /** Accepted runs that have no plan, and allowed targets without an outcome: all of them. */
  backlog: Schema.Struct({ unplanned: Count, unsettled: Count }),
  /** Work that waits for longer than it should, the oldest first, at most 20; and how much more there is. */
  stalled: Schema.Array(StalledWork),
  moreStalled: Count,
  queues: Schema.Array(QueueSample)
})
export interface Health extends Schema.Schema.Type<typeof Health> {}

/** What lists show of every run. */
const listedRun = {
  deliveryId: DeliveryId,
  acceptedAt: Time,
  source: RepositoryName,
  sourceRepositoryId: GitHubId,
  workflow: WorkflowFile,
  runId: GitHubId,
  attempt: Ordinal,
  runNumber: Schema.NullOr(Schema.Int),
  branch: Schema.NullOr(Schema.String),
  actor: Schema.NullOr(Schema.String)
}

/** One delivery in the list of recent ones. */
export const DeliveryRow = Schema.Struct({
  ...listedRun,
  conclusion: Schema.NullOr(Schema.String),
  runUrl: Schema.NullOr(Schema.String),
  /** `waiting`: no plan yet; `open`: allowed targets wait; `trouble`: a target was denied, failed, withdrawn or is unknown. */
  status: DeliveryStatus,
  /** Why the run was ignored, or what is wrong with the source's own file. */
  message: Schema.NullOr(Schema.String),
  counts: Counts
})
export interface DeliveryRow extends Schema.Schema.Type<typeof DeliveryRow> {}
/** A page of deliveries, newest first. */
export const DeliveryPage = Schema.Struct({
  rows: Schema.Array(DeliveryRow),
  /** Ask with it for older ones; null at the end. */
  cursor: Schema.NullOr(Schema.String)
})

/** A run that was found by its number, URL, commit, branch or actor. */
export const FoundRun = Schema.Struct({
  ...listedRun,
  sha: Schema.String,
  runUrl: Schema.String
})
export interface FoundRun extends Schema.Schema.Type<typeof FoundRun> {}
/** A page of found runs, newest first. */
export const FoundPage = Schema.Struct({ rows: Schema.Array(FoundRun), cursor: Schema.NullOr(Schema.String) })
/** One of `findKeys`. */
export const FindKey = Schema.Literals(findKeys)
export type FindKey = typeof FindKey.Type

/** A source run: its row, and all its facts: first those about the run, then target by target, each in the order of the stages. */
export const Journey = Schema.Struct({
  /** Null while it is only known that the delivery was lost. */
  row: Schema.NullOr(DeliveryRow),
  facts: Schema.Array(Fact),
  /** Whether there are more facts than the 1000 that are listed. */
  more: Schema.Boolean,
  /**
   * The run's node of its chain, with what caused the run and what it started; null where the run is no part of a chain: no order started
   * it, and no target was decided about (yet).
   */
  chain: Schema.NullOr(ChainNode)
})
export interface Journey extends Schema.Schema.Type<typeof Journey> {}

/** One found event: enough for a list; its journey has the rest. */
export const EventRow = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  status: Schema.String,
  time: Time,
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
export const EventPage = Schema.Struct({
  rows: Schema.Array(EventRow),
  cursor: Schema.NullOr(Schema.String),
  /** For how many days events are listed: that there is none before says nothing. Deliveries and journeys are kept for longer. */
  days: Schema.Int
})

/** What can be chosen in filters. */
export const Choices = Schema.Struct({
  sources: Schema.Array(RepositoryName),
  targets: Schema.Array(RepositoryName),
  /** Whether there are more repositories than are listed. */
  moreSources: Schema.Boolean,
  moreTargets: Schema.Boolean,
  statuses: Schema.Array(Schema.String),
  types: Schema.Array(Schema.String),
  windows: Schema.Array(Window),
  /** The combinations of filters that events can be searched by. */
  searches: Schema.Array(Schema.Array(Schema.String))
})
export interface Choices extends Schema.Schema.Type<typeof Choices> {}
