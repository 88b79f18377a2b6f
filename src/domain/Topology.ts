/**
 * Who starts whom: a connection leads from a source workflow to a target workflow that it starts, or wants to start. It is stored as what
 * the latest run says of it, beside what happened on it in seven days. Pure.
 */
import { Hash, Schema } from "effect"
import { ChainEdge } from "./Chain.ts"
import { RepositoryName, repositoryKey, WorkflowFile, workflowKey } from "./Names.ts"
import { RunKey } from "./SourceRun.ts"
import type { CountName } from "./Tally.ts"

/** A workflow of a repository: one end of a connection. */
export const ConnectionEnd = Schema.Struct({ repository: RepositoryName, workflow: WorkflowFile })
export interface ConnectionEnd extends Schema.Schema.Type<typeof ConnectionEnd> {}

/** Both ends: what a connection is known by. */
export const Ends = Schema.Struct({ source: ConnectionEnd, target: ConnectionEnd })
export interface Ends extends Schema.Schema.Type<typeof Ends> {}

const { state, status, since, reason, message, started, result } = ChainEdge.fields

/** What became of a target of a run, as its connection shows it. */
export const TargetFate = Schema.Struct({
  /** Whether the target let the source in. */
  decision: Schema.Literals(["allowed", "denied"]),
  /** Branch or tag on which the target's workflow was, or would be, started. */
  ref: Schema.String,
  ...{ state, status, since, reason, message, started, result }
})
export interface TargetFate extends Schema.Schema.Type<typeof TargetFate> {}

/** What the latest run, by when it was accepted, says of a connection. Of runs that were accepted at once it is that whose key is greatest. */
export const LatestOnConnection = Schema.Struct({
  ...Ends.fields,
  /** The run that says so: its journey is at `/runs/<run>/journey`. */
  run: RunKey,
  /** When the run was accepted; RFC 3339 with milliseconds, UTC. */
  acceptedAt: Schema.String,
  ...TargetFate.fields
})
export interface LatestOnConnection extends Schema.Schema.Type<typeof LatestOnConnection> {}

/**
 * What is counted on a connection, and the counter of `Tally.ts` that it is. Each run counts once, by its latest outcome.
 */
export const connectionCounters = {
  allowed: "queued",
  denied: "denied",
  dispatched: "dispatched",
  failed: "failed",
  withdrawn: "withdrawn",
  unknown: "unknown",
  succeeded: "succeeded",
  unsuccessful: "unsuccessful",
  running: "running"
} as const satisfies Record<string, CountName>
/** A counter of a connection. */
export type ConnectionCounter = keyof typeof connectionCounters

/** What happened on a connection. */
export const ConnectionCounts = Schema.Struct(
  Object.fromEntries(Object.keys(connectionCounters).map((name) => [name, Schema.Int])) as {
    readonly [name in ConnectionCounter]: typeof Schema.Int
  }
)
export interface ConnectionCounts extends Schema.Schema.Type<typeof ConnectionCounts> {}

/** A connection as it is answered. */
export const WorkflowConnection = Schema.Struct({
  ...LatestOnConnection.fields,
  /** Of the runs that were accepted today and on the six days before (UTC). */
  counts: ConnectionCounts
})
export interface WorkflowConnection extends Schema.Schema.Type<typeof WorkflowConnection> {}

/** A page of all connections, in the order of their sources. */
export const ConnectionPage = Schema.Struct({
  connections: Schema.Array(WorkflowConnection),
  cursor: Schema.NullOr(Schema.String)
})

/** All that a repository starts, and all that starts it. */
export const Neighbours = Schema.Struct({
  /** Connections that begin in the repository. */
  starts: Schema.Array(WorkflowConnection),
  /** Connections that lead to it, from sources that it lets in and from those that it does not. */
  startedBy: Schema.Array(WorkflowConnection),
  /** Whether there are more than the 500 that are listed of each. */
  moreStarts: Schema.Boolean,
  moreStartedBy: Schema.Boolean,
  /** Whether any fact is known that names the repository; where none is, its name may be misspelt. */
  known: Schema.Boolean
})
export interface Neighbours extends Schema.Schema.Type<typeof Neighbours> {}

/** Longest part of a key that is a workflow, in UTF-16 units; at most three bytes each. */
const longest = 100
const kept = 80

const endKey = ({ repository, workflow }: ConnectionEnd): string => {
  const key = workflowKey(workflow)
  const short = key.length <= longest ? key : `${key.slice(0, kept)}~${(Hash.string(key) >>> 0).toString(36)}`
  return `${repositoryKey(repository)}/${short.toWellFormed()}`
}

/** A connection as a sort key, those of one repository as `side` side by side: equal for all spellings of the names, and at most 1 KB. */
export const connectionKey = ({ source, target }: Ends, side: "source" | "target"): string =>
  (side === "source" ? [source, target] : [target, source]).map(endKey).join(" ")
