/**
 * The completed workflow run that a delivery is about: all that the rules may look at, and nothing else.
 *
 * Receive makes it from GitHub's payload; it then travels in queue messages, the ledger and facts, so it is plain data.
 */
import { Schema, SchemaGetter } from "effect"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { conclusions, deliveryPattern } from "./Vocabulary.ts"

const idWords = "an id of GitHub's: a positive integer"
const Digits = Schema.String.check(Schema.isPattern(/^[1-9]\d{0,19}$/, { expected: idWords }))

/**
 * GitHub's ids are 64-bit integers, so they are kept as the text of their digits: a double holds no more than 2^53 of them. Numbers are
 * read too, from JSON that was parsed by `parseJson` and from what earlier versions stored.
 */
export const GitHubId = Schema.Union([Digits, Schema.Int.check(Schema.isGreaterThan(0, { expected: idWords }))]).pipe(
  Schema.decodeTo(Digits.pipe(Schema.brand("GitHubId")), {
    decode: SchemaGetter.transform(String),
    encode: SchemaGetter.passthrough()
  })
)
export type GitHubId = typeof GitHubId.Type

/** Orders ids by number. */
export const compareIds = (a: GitHubId, b: GitHubId): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

/** Counts from 1. */
export const Ordinal = Schema.Int.check(Schema.isGreaterThan(0))

/** The `X-GitHub-Delivery` GUID of the webhook request; a redelivery keeps it. */
export const DeliveryId = Schema.String.check(
  Schema.isPattern(deliveryPattern, { expected: "a delivery's GUID" })
).pipe(Schema.brand("DeliveryId"))
export type DeliveryId = typeof DeliveryId.Type

/** One of `conclusions`. */
export const Conclusion = Schema.Literals(conclusions)
export type Conclusion = typeof Conclusion.Type

/**
 * The events that a run may have been started by (GitHub docs, "Events that trigger workflows"), older Enterprise Servers included. A run of
 * a reusable workflow has the event of its caller, so `workflow_call` is none.
 */
export const triggerEvents = [
  "push",
  "pull_request",
  "schedule",
  "workflow_dispatch",
  "workflow_run",
  "repository_dispatch",
  "release",
  "create",
  "delete",
  "merge_group",
  "pull_request_target",
  "pull_request_review",
  "pull_request_review_comment",
  "issues",
  "issue_comment",
  "label",
  "milestone",
  "discussion",
  "discussion_comment",
  "deployment",
  "deployment_status",
  "status",
  "check_run",
  "check_suite",
  "branch_protection_rule",
  "registry_package",
  "image_version",
  "page_build",
  "gollum",
  "fork",
  "watch",
  "public",
  "project",
  "project_card",
  "project_column"
] as const

/** A completed workflow run, known by repository, run id and attempt. */
export const SourceRun = Schema.Struct({
  repository: RepositoryName,
  repositoryId: GitHubId,
  /** The account that the repository belongs to; absent in what was stored before it was read. */
  ownerId: Schema.optionalKey(GitHubId),
  installationId: GitHubId,
  defaultBranch: Schema.String,
  workflow: WorkflowFile,
  runId: GitHubId,
  /** 1 for the first run; each re-run adds one. */
  attempt: Ordinal,
  /** Counts the runs of the workflow; a re-run keeps it. Absent in what was stored before it was read. */
  runNumber: Schema.optionalKey(Ordinal),
  /** When the run was created (RFC 3339); absent in what was stored before it was read. */
  createdAt: Schema.optionalKey(Schema.String),
  /** The branch or tag that the run was for; null where GitHub gives none. */
  branch: Schema.NullOr(Schema.String),
  sha: Schema.String,
  /** The event that started the run, such as `push`. */
  event: Schema.String,
  conclusion: Schema.NullOr(Schema.String),
  actor: Schema.NullOr(Schema.String),
  url: Schema.String,
  /** Whether the code came from another repository, which makes every field of the run untrusted. */
  fork: Schema.Boolean,
  /** When this attempt began (RFC 3339); absent in what was stored before it was read. */
  startedAt: Schema.optionalKey(Schema.String),
  /** When GitHub last changed the run, which for a completed one is its end (RFC 3339); absent in what was stored before it was read. */
  updatedAt: Schema.optionalKey(Schema.String)
})
export interface SourceRun extends Schema.Schema.Type<typeof SourceRun> {}

/** A run as it was accepted: what is planned, dispatched and reported. */
export const Acceptance = Schema.Struct({
  deliveryId: DeliveryId,
  /** RFC 3339, UTC. */
  acceptedAt: Schema.String,
  run: SourceRun,
  /** 0, and one more for each replay of the delivery. */
  generation: Schema.Int,
  /** The version that accepted the delivery; absent in what earlier versions stored. */
  appVersion: Schema.optionalKey(Schema.String)
})
export interface Acceptance extends Schema.Schema.Type<typeof Acceptance> {}

/** How a run was accepted, without what a plan has besides. */
export const acceptanceOf = ({ deliveryId, acceptedAt, run, generation, appVersion }: Acceptance): Acceptance => ({
  deliveryId,
  acceptedAt,
  run,
  generation,
  ...(appVersion === undefined ? {} : { appVersion })
})

/** Who asked for a replay, and when (RFC 3339, UTC). */
export const ReplayRequest = Schema.Struct({ by: Schema.String, at: Schema.String })
export interface ReplayRequest extends Schema.Schema.Type<typeof ReplayRequest> {}

/** Where a run stands among the runs of its workflow and branch. */
export interface RunPosition {
  /** GitHub counts the runs of a workflow; a re-run keeps its number. */
  readonly runNumber?: number | undefined
  /** RFC 3339. */
  readonly createdAt?: string | undefined
}

/** Whether a run is older than another: by number where both have one, else by when they were created, else not. */
export const isOlder = (run: RunPosition, other: RunPosition): boolean => {
  if (run.runNumber !== undefined && other.runNumber !== undefined) return run.runNumber < other.runNumber
  if (run.createdAt === undefined || other.createdAt === undefined) return false
  return Date.parse(run.createdAt) < Date.parse(other.createdAt)
}

/** Identifies one attempt of one run: `repository id/run id/attempt`. */
export const RunKey = Schema.String.pipe(Schema.brand("RunKey"))
export type RunKey = typeof RunKey.Type

/** The key of a source run. A re-run is another run. */
export const runKey = (run: Pick<SourceRun, "repositoryId" | "runId" | "attempt">): RunKey =>
  RunKey.make(`${run.repositoryId}/${run.runId}/${run.attempt}`)

/**
 * Longest time between a run's end and its acceptance, in milliseconds: GitHub redelivers for 3 days ("Redelivering webhooks"), and an hour
 * is left for delays and clocks.
 */
export const longestDelay = (3 * 24 + 1) * 60 * 60 * 1000

/** Whether a run ended so long before it was accepted that GitHub cannot have sent it. A time that cannot be read is not too old. */
export const isTooOld = (updatedAt: string | undefined, acceptedAt: string): boolean =>
  updatedAt !== undefined && Date.parse(acceptedAt) - Date.parse(updatedAt) > longestDelay
