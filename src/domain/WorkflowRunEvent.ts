/**
 * GitHub's `workflow_run` webhook payload: the few of its fields that we need, checked, and nothing else looked at.
 *
 * Source: GitHub docs, "Webhook events and payloads", workflow_run. `path` may carry `@ref`, and older Enterprise Servers have it in
 * `workflow` only; `head_repository` is null when a fork was deleted; `installation` is present exactly for deliveries of an App.
 */
import { Result, Schema, SchemaIssue } from "effect"
import { normalizeWorkflow, RepositoryName, WorkflowFile, wellFormed } from "./Names.ts"
import { GitHubId, Ordinal, type SourceRun } from "./SourceRun.ts"

const Text = Schema.String.check(Schema.isMaxLength(1024))
const WorkflowPath = Schema.NonEmptyString.check(Schema.isMaxLength(1024), wellFormed)

/** What distinguishes a completed run from other actions. */
const Action = Schema.Struct({ action: Schema.String })

const CompletedRun = Schema.Struct({
  workflow_run: Schema.Struct({
    id: GitHubId,
    run_attempt: Ordinal,
    run_number: Schema.optionalKey(Schema.NullOr(Ordinal)),
    created_at: Schema.optionalKey(Schema.NullOr(Text)),
    path: Schema.optionalKey(WorkflowPath),
    head_branch: Schema.NullOr(Text),
    head_sha: Text,
    event: Text,
    conclusion: Schema.NullOr(Text),
    html_url: Text,
    run_started_at: Schema.optionalKey(Schema.NullOr(Text)),
    updated_at: Schema.optionalKey(Schema.NullOr(Text)),
    actor: Schema.optionalKey(Schema.NullOr(Schema.Struct({ login: Text }))),
    head_repository: Schema.optionalKey(Schema.NullOr(Schema.Struct({ id: GitHubId })))
  }),
  workflow: Schema.optionalKey(Schema.NullOr(Schema.Struct({ path: Schema.optionalKey(WorkflowPath) }))),
  repository: Schema.Struct({
    id: GitHubId,
    full_name: RepositoryName,
    default_branch: Text,
    owner: Schema.optionalKey(Schema.NullOr(Schema.Struct({ id: GitHubId })))
  }),
  installation: Schema.Struct({ id: GitHubId })
})

/** What a payload is: a completed run, something we never asked for, or not what GitHub sends. */
export type Reading =
  | { readonly _tag: "Completed"; readonly run: SourceRun }
  | { readonly _tag: "Ignored"; readonly reason: string }
  | { readonly _tag: "Malformed"; readonly message: string }

const formatted = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first thing that is wrong with a payload: where, and what was expected there. */
const firstProblem = ({ issue }: Schema.SchemaError): string => {
  const [first] = formatted(issue).issues
  const place = (first?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".")
  const problem = first?.message === "Missing key" ? "it is missing" : (first?.message ?? "it cannot be read")
  return `${place === "" ? "the payload" : place}: ${problem}`
}

const decodeAction = Schema.decodeUnknownResult(Action)
const decodeRun = Schema.decodeUnknownResult(CompletedRun)

/** Text that no rule needs exactly: a surrogate that stands alone becomes U+FFFD, since no store or queue could hold it. */
const free = <A extends string | null>(text: A) => (text === null ? text : text.toWellFormed())

const toRun = ({ workflow_run, repository, installation }: typeof CompletedRun.Type, path: string): SourceRun => ({
  repository: repository.full_name,
  repositoryId: repository.id,
  ...(repository.owner ? { ownerId: repository.owner.id } : {}),
  installationId: installation.id,
  defaultBranch: free(repository.default_branch),
  workflow: WorkflowFile.make(normalizeWorkflow(path)),
  runId: workflow_run.id,
  attempt: workflow_run.run_attempt,
  ...(typeof workflow_run.run_number === "number" ? { runNumber: workflow_run.run_number } : {}),
  ...(typeof workflow_run.created_at === "string" ? { createdAt: free(workflow_run.created_at) } : {}),
  branch: free(workflow_run.head_branch),
  sha: free(workflow_run.head_sha),
  event: free(workflow_run.event),
  conclusion: free(workflow_run.conclusion),
  actor: free(workflow_run.actor?.login ?? null),
  url: free(workflow_run.html_url),
  fork: workflow_run.head_repository?.id !== repository.id,
  ...(typeof workflow_run.run_started_at === "string" ? { startedAt: free(workflow_run.run_started_at) } : {}),
  ...(typeof workflow_run.updated_at === "string" ? { updatedAt: free(workflow_run.updated_at) } : {})
})

/** Whether the payload is of an App at all: without an installation there is no token to act with. */
const lacksInstallation = (payload: unknown): boolean =>
  typeof payload === "object" && payload !== null && !("installation" in payload)

/** Reads a verified `workflow_run` payload that was parsed from JSON by `parseJson`. */
export const readWorkflowRun = (payload: unknown): Reading => {
  const action = decodeAction(payload)
  if (Result.isFailure(action)) return { _tag: "Malformed", message: firstProblem(action.failure) }
  if (action.success.action !== "completed") {
    return {
      _tag: "Ignored",
      reason: `workflow_run ${action.success.action.slice(0, 64)}: only completed runs start anything`
    }
  }
  if (lacksInstallation(payload)) {
    return {
      _tag: "Malformed",
      message:
        "the payload has no installation: this webhook belongs to a repository or organisation, not to the GitHub App"
    }
  }
  const run = decodeRun(payload)
  if (Result.isFailure(run)) return { _tag: "Malformed", message: firstProblem(run.failure) }
  const path = run.success.workflow_run.path ?? run.success.workflow?.path
  if (path === undefined) {
    return {
      _tag: "Malformed",
      message: "the payload names no workflow file: workflow_run.path and workflow.path are missing"
    }
  }
  return { _tag: "Completed", run: toRun(run.success, path) }
}
