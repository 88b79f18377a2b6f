/**
 * What a source run adds to figures: one contribution, in the minute in which the run was accepted, each target once by its latest
 * outcome. Later facts, replays and results change it in place. Pure.
 */
import { Schema } from "effect"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { DeliveryId, RunKey } from "./SourceRun.ts"
import { Tally } from "./Tally.ts"
import { TargetFate } from "./Topology.ts"

/** Work of a run that waits. Times are RFC 3339, UTC. */
export const Waiting = Schema.Struct({
  /** Since when the run waits for its plan; null where it does not. */
  unplannedSince: Schema.NullOr(Schema.String),
  /** Allowed targets without an outcome, and since when the oldest waits. */
  unsettled: Schema.Int,
  unsettledSince: Schema.NullOr(Schema.String),
  /** `owner/name file@ref` of the oldest of these. */
  unsettledTarget: Schema.NullOr(Schema.String)
})
export interface Waiting extends Schema.Schema.Type<typeof Waiting> {}

/**
 * What a run adds in one target workflow, and what became of that target. What folds before version 7 made does not say what became of it, and what
 * those before 4 made only in which repository it is.
 */
const TargetTally = Schema.Struct({
  repository: RepositoryName,
  workflow: Schema.optionalKey(WorkflowFile),
  tally: Tally,
  fate: Schema.optionalKey(TargetFate)
})

/** What a run adds to figures. The sums of everything, of its source, workflow and version are `tally` and all `targets`. */
export const Contribution = Schema.Struct({
  run: RunKey,
  deliveryId: DeliveryId,
  /** RFC 3339 with milliseconds, UTC. */
  acceptedAt: Schema.String,
  source: RepositoryName,
  workflow: WorkflowFile,
  /** The version of the dispatcher that accepted the run. */
  version: Schema.String,
  /** What the run itself adds. */
  tally: Tally,
  /** What its targets add, by target workflow. */
  targets: Schema.Array(TargetTally),
  /** Absent where nothing waits. */
  waiting: Schema.optionalKey(Waiting),
  /** The time of the run's latest fact, RFC 3339 with milliseconds, UTC. */
  lastFactAt: Schema.String
})
export interface Contribution extends Schema.Schema.Type<typeof Contribution> {}
