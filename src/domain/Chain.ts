/**
 * The read model of a chain: one node for each run that is part of it, with all that became of the run's targets inlined, so that the
 * whole chain is one range. Record stores nodes as they are answered. Pure.
 */
import { Schema } from "effect"
import { endStatuses, targetStatuses } from "./FactTable.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { OrderId, Target } from "./Order.ts"
import { StartedRun } from "./Outcome.ts"
import { RunResult } from "./RunResult.ts"
import { DeliveryId, GitHubId, Ordinal, RunKey } from "./SourceRun.ts"

/**
 * What became of a source run so far: it waits for a plan (`waiting`), its allowed targets wait (`open`), all went well (`done`), a target was denied, failed, withdrawn or is
 * unknown (`trouble`), or it ended without a plan.
 */
export const DeliveryStatus = Schema.Literals(["waiting", "open", "done", "trouble", ...endStatuses])

/** RFC 3339, UTC. */
const Time = Schema.String

/**
 * How a target does, in a word.
 *
 * | state | means |
 * | --- | --- |
 * | `failed` | it was not started or may not have been, or the started run ended with another conclusion than success, neutral, skipped |
 * | `open` | it is allowed, and its workflow is not started yet |
 * | `running` | its workflow was started, and the end is not known yet |
 * | `refused` | it was denied or withdrawn |
 * | `unseen` | its workflow was started, and the end cannot be learned: the run is lost, or GitHub named none |
 * | `succeeded` | the started run ended well |
 */
export const edgeStates = ["failed", "open", "running", "refused", "unseen", "succeeded"] as const
/** One of {@link edgeStates}. */
export const EdgeState = Schema.Literals(edgeStates)
export type EdgeState = typeof EdgeState.Type

/** What became of one target of a run. */
export const ChainEdge = Schema.Struct({
  /** Runs with this order as their `parent` are where the chain goes on. */
  orderId: OrderId,
  target: Target,
  state: EdgeState,
  /** What was decided, or how the order ended. */
  status: Schema.Literals(targetStatuses),
  /** Since when it has that status. */
  since: Time,
  /** The denial, withdrawal or failure code. */
  reason: Schema.NullOr(Schema.String),
  /** Cut at 300 characters; the journey has all of it. */
  message: Schema.NullOr(Schema.String),
  /** Null where nothing was started, or GitHub named no run. */
  started: Schema.NullOr(StartedRun),
  /** How the started run ended, by its latest attempt; null while it runs. */
  result: Schema.NullOr(RunResult)
})
export interface ChainEdge extends Schema.Schema.Type<typeof ChainEdge> {}

/** Most edges of a node. */
export const maxEdges = 100

/** A run of a chain: where it stands, what it is, and what became of its targets. */
export const ChainNode = Schema.Struct({
  run: RunKey,
  /** The run that the chain began with. */
  root: RunKey,
  /** How many orders lead from the root run to this one: 0 for the root run itself. */
  depth: Schema.Int,
  /** The order that started the run; null for the root run. */
  parent: Schema.NullOr(OrderId),
  /** The source run of that order; null for the root run. */
  cause: Schema.NullOr(RunKey),
  deliveryId: DeliveryId,
  acceptedAt: Time,
  repository: RepositoryName,
  workflow: WorkflowFile,
  branch: Schema.NullOr(Schema.String),
  runId: GitHubId,
  attempt: Ordinal,
  /** Null while only what followed from the run is known, not its acceptance. */
  url: Schema.NullOr(Schema.String),
  /** Of the run itself. */
  conclusion: Schema.NullOr(Schema.String),
  /** What became of the run as a source. */
  status: DeliveryStatus,
  /** Why the run was ignored, or what is wrong with its repository's own file. */
  message: Schema.NullOr(Schema.String),
  /** How many targets are in each state; all of them, also those that `edges` has no room for. */
  states: Schema.Struct(
    Object.fromEntries(edgeStates.map((state) => [state, Schema.Int])) as {
      readonly [state in EdgeState]: typeof Schema.Int
    }
  ),
  /** At most {@link maxEdges}, in the order of {@link edgeStates}: failures first, then what is open or runs. */
  edges: Schema.Array(ChainEdge),
  /** How many edges more there are. */
  moreEdges: Schema.Int
})
export interface ChainNode extends Schema.Schema.Type<typeof ChainNode> {}

/** Most runs of a page of a chain. */
export const maxNodes = 500

/** A chain, or a page of a large one: its runs, those nearest to the root first. */
export const ChainView = Schema.Struct({
  nodes: Schema.Array(ChainNode),
  /** Leads to the runs that follow; null where these are the last. */
  cursor: Schema.NullOr(Schema.String)
})
export interface ChainView extends Schema.Schema.Type<typeof ChainView> {}
