/**
 * A plan: all decisions for one source run. It is stored before any of its orders is offered, and what it says never changes:
 * planning the same run again finds it and offers the same orders. Only targets that could not be asked yet are added later.
 */
import { Schema } from "effect"
import { Decision } from "./Decision.ts"
import { RepositoryName } from "./Names.ts"
import { DeliveryId, SourceRun } from "./SourceRun.ts"

/** Something wrong with the source's own `dispatching.yml`, as kept in a plan. */
export const PlannedConfigIssue = Schema.Struct({
  line: Schema.Int,
  column: Schema.Int,
  path: Schema.String,
  message: Schema.String
})

/** What the source's own config turned out to be. Three different failures stay three different things. */
export const SourceConfig = Schema.TaggedUnion({
  Found: {},
  Absent: {},
  Invalid: { file: Schema.String, issues: Schema.Array(PlannedConfigIssue) },
  Unreachable: { message: Schema.String }
})
export type SourceConfig = typeof SourceConfig.Type

/** All decisions for one source run. */
export const Plan = Schema.Struct({
  deliveryId: DeliveryId,
  run: SourceRun,
  config: SourceConfig,
  decisions: Schema.Array(Decision),
  /** Target repositories that could not be asked yet and will be asked again; the plan is complete when there are none. */
  pending: Schema.Array(RepositoryName)
})
export interface Plan extends Schema.Schema.Type<typeof Plan> {}

/** Whether every target has been decided about. */
export const isComplete = (plan: Plan): boolean => plan.pending.length === 0
