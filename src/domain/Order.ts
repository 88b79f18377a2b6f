/**
 * An order: one allowed target of one plan, the unit of dispatch work.
 *
 * Its id is made of what it is for, so that two deliveries of one run, or two rules that name one target, are one order,
 * and a re-run is another.
 */
import { Schema } from "effect"
import { RepositoryName, repositoryKey, WorkflowFile, workflowKey } from "./Names.ts"
import { Acceptance, RunKey, runKey, type SourceRun } from "./SourceRun.ts"

/** A workflow in a repository, on a ref. */
export const Target = Schema.Struct({
  repository: RepositoryName,
  workflow: WorkflowFile,
  /** Branch or tag on which to start it. */
  ref: Schema.String
})
export interface Target extends Schema.Schema.Type<typeof Target> {}

/** Identifies a target workflow whatever the spelling and the ref: `owner/name/file` in lower case. */
export const TargetKey = Schema.String.pipe(Schema.brand("TargetKey"))
export type TargetKey = typeof TargetKey.Type

/** The key of a workflow in a repository. */
export const targetKey = (target: Pick<Target, "repository" | "workflow">): TargetKey =>
  TargetKey.make(`${repositoryKey(target.repository)}/${workflowKey(target.workflow)}`)

/** `source repository id/run id/attempt/target owner/target name/workflow`. */
export const OrderId = Schema.String.pipe(Schema.brand("OrderId"))
export type OrderId = typeof OrderId.Type

/** The deterministic id of the order that starts `target` because of `run`. */
export const orderId = (
  run: Pick<SourceRun, "repositoryId" | "runId" | "attempt">,
  target: Pick<Target, "repository" | "workflow">
): OrderId => OrderId.make(`${runKey(run)}/${targetKey(target)}`)

/** The source run of an order: what the order's id begins with. */
export const causeOf = (id: OrderId): RunKey => RunKey.make(id.split("/").slice(0, 3).join("/"))

/** The target workflow of an order: what the order's id ends with. */
export const targetOf = (id: OrderId): TargetKey => TargetKey.make(id.split("/").slice(3).join("/"))

/** Where an order stands in its chain: everything that descends from one source run, across repositories. */
export const Chain = Schema.Struct({
  /** The run that the chain began with. */
  root: RunKey,
  /** How many orders lead from the root run to the started one: 1 for an order of the root run. */
  depth: Schema.Int,
  /** The order that started the order's own source run; null for an order of the root run. */
  parent: Schema.NullOr(OrderId),
  /** The workflows from the root run's to the order's own source run's: what the order must never lead back to. */
  lineage: Schema.Array(TargetKey)
})
export interface Chain extends Schema.Schema.Type<typeof Chain> {}

/** All that is needed to start one workflow. */
export const Order = Schema.Struct({
  ...Acceptance.fields,
  id: OrderId,
  target: Target,
  /** Rendered inputs. */
  inputs: Schema.Record(Schema.String, Schema.String),
  chain: Chain
})
export interface Order extends Schema.Schema.Type<typeof Order> {}

/** Where a source run stands in its chain. */
export const ChainPlace = Schema.Struct({
  root: RunKey,
  /** How many orders lead from the root run to this one: 0 for the root run itself. */
  depth: Schema.Int,
  /** The order that started the run; null for the root run. */
  parent: Schema.NullOr(OrderId)
})
export interface ChainPlace extends Schema.Schema.Type<typeof ChainPlace> {}

/** Where the source run of orders stands whose chain this is. */
export const placeOf = ({ root, depth, parent }: Chain): ChainPlace => ({ root, depth: depth - 1, parent })

/** The chain of a run's orders; `startedBy` is the order that started the run, if the dispatcher did. */
export const chainOf = (
  run: Pick<SourceRun, "repositoryId" | "runId" | "attempt" | "repository" | "workflow">,
  startedBy?: Order
): Chain => ({
  root: startedBy?.chain.root ?? runKey(run),
  depth: (startedBy?.chain.depth ?? 0) + 1,
  parent: startedBy?.id ?? null,
  lineage: [...(startedBy?.chain.lineage ?? []), targetKey(run)]
})

/** `owner/name file@ref`, as people read it. */
export const targetLabel = ({ repository, workflow, ref }: Target): string => `${repository} ${workflow}@${ref}`
