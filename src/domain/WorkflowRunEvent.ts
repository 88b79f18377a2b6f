/**
 * GitHub's `workflow_run` webhook payload: the few of its fields that we need, checked, and nothing else looked at.
 *
 * Source: GitHub docs, "Webhook events and payloads", workflow_run. `path` may carry `@ref`; `head_repository` is null when a fork
 * was deleted; `installation` is present exactly for deliveries of an App.
 */
import { Result, Schema } from "effect"
import { normalizeWorkflow, RepositoryName, WorkflowFile } from "./Names.ts"
import { GitHubId, type SourceRun } from "./SourceRun.ts"

const Text = Schema.String.check(Schema.isMaxLength(1024))

/** What tells a completed run from other actions. */
const Action = Schema.Struct({ action: Schema.String })

const CompletedRun = Schema.Struct({
  workflow_run: Schema.Struct({
    id: GitHubId,
    run_attempt: GitHubId,
    path: Schema.NonEmptyString.check(Schema.isMaxLength(1024)),
    head_branch: Schema.NullOr(Text),
    head_sha: Text,
    event: Text,
    conclusion: Schema.NullOr(Text),
    html_url: Text,
    updated_at: Schema.optionalKey(Schema.NullOr(Text)),
    actor: Schema.optionalKey(Schema.NullOr(Schema.Struct({ login: Text }))),
    head_repository: Schema.optionalKey(Schema.NullOr(Schema.Struct({ id: GitHubId })))
  }),
  repository: Schema.Struct({ id: GitHubId, full_name: RepositoryName, default_branch: Text }),
  installation: Schema.Struct({ id: GitHubId })
})

/** What a payload is: a completed run, something we never asked for, or not what GitHub sends. */
export type Reading =
  | { readonly _tag: "Completed"; readonly run: SourceRun }
  | { readonly _tag: "Ignored"; readonly reason: string }
  | { readonly _tag: "Malformed"; readonly message: string }

const decodeAction = Schema.decodeUnknownResult(Action)
const decodeRun = Schema.decodeUnknownResult(CompletedRun)

const toRun = ({ workflow_run, repository, installation }: typeof CompletedRun.Type): SourceRun => ({
  repository: repository.full_name,
  repositoryId: repository.id,
  installationId: installation.id,
  defaultBranch: repository.default_branch,
  workflow: WorkflowFile.make(normalizeWorkflow(workflow_run.path)),
  runId: workflow_run.id,
  attempt: workflow_run.run_attempt,
  branch: workflow_run.head_branch,
  sha: workflow_run.head_sha,
  event: workflow_run.event,
  conclusion: workflow_run.conclusion,
  actor: workflow_run.actor?.login ?? null,
  url: workflow_run.html_url,
  fork: workflow_run.head_repository?.id !== repository.id,
  ...(typeof workflow_run.updated_at === "string" ? { updatedAt: workflow_run.updated_at } : {})
})

/** Whether the payload is of an App at all: without an installation there is no token to act with. */
const lacksInstallation = (payload: unknown): boolean =>
  typeof payload === "object" && payload !== null && !("installation" in payload)

/** Reads a verified `workflow_run` payload that was parsed from JSON. */
export const readWorkflowRun = (payload: unknown): Reading => {
  const action = decodeAction(payload)
  if (Result.isFailure(action)) return { _tag: "Malformed", message: action.failure.message }
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
  return Result.isSuccess(run)
    ? { _tag: "Completed", run: toRun(run.success) }
    : { _tag: "Malformed", message: run.failure.message }
}
