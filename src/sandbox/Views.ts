/**
 * GitHub's JSON for workflows, runs, the App, installations, issues and comments; check runs are in CheckRuns.ts, accounts and repositories are in
 * RepositoryViews.ts. The types are GitHub's own.
 */

import type { RestEndpointMethodTypes } from "@octokit/rest"
import { apiUrl, htmlUrl, timestamp } from "./Formats.ts"
import { sha1 } from "./Repositories.ts"
import { account, accountId, minimalRepository, nodeId } from "./RepositoryViews.ts"
import {
  type Comment,
  clientIdOf,
  type Installation,
  type Run,
  type SandboxIssue,
  type SandboxRepository,
  type SandboxState
} from "./State.ts"
import { fileName } from "./WorkflowFile.ts"
import { type Workflow, workflowId } from "./Workflows.ts"

type AppView = RestEndpointMethodTypes["apps"]["getAuthenticated"]["response"]["data"]
type WorkflowView = RestEndpointMethodTypes["actions"]["getWorkflow"]["response"]["data"]
type RunJson = RestEndpointMethodTypes["actions"]["getWorkflowRun"]["response"]["data"]
export type InstallationView = RestEndpointMethodTypes["apps"]["getInstallation"]["response"]["data"]
type IssueJson = RestEndpointMethodTypes["issues"]["get"]["response"]["data"]
type CommentView = RestEndpointMethodTypes["issues"]["getComment"]["response"]["data"]

export const workflow = (
  state: SandboxState,
  repository: SandboxRepository,
  { id, path, name, disabled }: Workflow
) => {
  const html = htmlUrl(state, repository)
  return {
    id,
    node_id: nodeId("W", id),
    name,
    path,
    state: disabled ? "disabled_manually" : "active",
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.createdAt),
    url: `${apiUrl(state, repository)}/actions/workflows/${id}`,
    html_url: `${html}/blob/${repository.defaultBranch}/${path}`,
    badge_url: `${html}/actions/workflows/${fileName(path)}/badge.svg`
  } satisfies WorkflowView
}

/** How far a run is. */
export type RunStatus = "queued" | "in_progress" | "completed"

/** Where a run has come to by now (epoch milliseconds). */
export const runStatus = (run: Run, now: number): RunStatus => {
  if (now >= run.completesAt) return "completed"
  return now >= run.startsAt ? "in_progress" : "queued"
}

const lastChange = (run: Run, now: number): number => {
  if (now >= run.completesAt) return run.completesAt
  return now >= run.startsAt ? run.startsAt : run.startedAt
}

const headCommit = (run: Run) => ({
  id: run.headSha,
  tree_id: sha1(`tree ${run.headSha}`),
  message: `Update ${run.branch}`,
  timestamp: timestamp(run.createdAt),
  author: { name: run.actor, email: `${run.actor}@users.noreply.github.com` },
  committer: { name: "GitHub", email: "noreply@github.com" }
})

/** The repository that a run's commit is in: the run's own, or the fork it ran for. */
const headRepository = (state: SandboxState, run: Run) => {
  if (run.fork === undefined) return minimalRepository(state, run.repository)
  const [owner = "", name = ""] = run.fork.split("/")
  const facts = { id: accountId(run.fork), owner, name, fullName: run.fork, private: run.repository.private }
  return minimalRepository(state, facts, true)
}

/** A run as the API and webhooks show it; `now` in epoch milliseconds. */
export const run = (state: SandboxState, item: Run, now: number) => {
  const api = apiUrl(state, item.repository)
  const url = `${api}/actions/runs/${item.id}`
  const workflow = workflowId(state, item.repository, item.workflowPath)
  const status = runStatus(item, now)
  return {
    id: item.id,
    name: item.workflowName,
    node_id: nodeId("WFR", item.id),
    head_branch: item.branch,
    head_sha: item.headSha,
    path: item.workflowPath,
    display_title: item.event === "workflow_dispatch" ? item.workflowName : `Update ${item.branch}`,
    run_number: item.runNumber,
    event: item.event,
    status,
    conclusion: status === "completed" ? item.conclusion : null,
    workflow_id: workflow,
    check_suite_id: item.id + 1,
    check_suite_node_id: nodeId("CS", item.id + 1),
    url,
    html_url: `${htmlUrl(state, item.repository)}/actions/runs/${item.id}`,
    pull_requests: [],
    created_at: timestamp(item.createdAt),
    updated_at: timestamp(lastChange(item, now)),
    actor: account(state, item.actor),
    run_attempt: item.attempt,
    referenced_workflows: [],
    run_started_at: timestamp(item.startedAt),
    triggering_actor: account(state, item.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${item.id + 1}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: item.attempt > 1 ? `${url}/attempts/${item.attempt - 1}` : null,
    workflow_url: `${api}/actions/workflows/${workflow}`,
    head_commit: headCommit(item),
    repository: minimalRepository(state, item.repository),
    head_repository: headRepository(state, item)
  } satisfies RunJson
}

/** The App itself. */
export const appView = (state: SandboxState) =>
  ({
    id: state.app.id,
    slug: state.app.slug,
    node_id: nodeId("A", state.app.id),
    client_id: clientIdOf(state.app),
    owner: account(state, state.app.owner),
    name: state.app.slug,
    description: null,
    external_url: state.url,
    html_url: `${state.url}/apps/${state.app.slug}`,
    created_at: timestamp(0),
    updated_at: timestamp(0),
    permissions: state.installations[0]?.permissions ?? {},
    events: ["workflow_run"],
    installations_count: state.installations.length
  }) satisfies AppView

export const installation = (state: SandboxState, item: Installation) =>
  ({
    id: item.id,
    account: account(state, item.account),
    repository_selection: item.selected === "all" ? "all" : "selected",
    access_tokens_url: `${state.url}/app/installations/${item.id}/access_tokens`,
    repositories_url: `${state.url}/installation/repositories`,
    html_url: `${state.url}/organizations/${item.account}/settings/installations/${item.id}`,
    app_id: state.app.id,
    app_slug: state.app.slug,
    target_id: accountId(item.account),
    target_type: item.accountType,
    permissions: item.permissions,
    events: ["workflow_run"],
    created_at: timestamp(item.createdAt),
    updated_at: timestamp(item.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: item.suspendedAt === undefined ? null : account(state, item.account),
    suspended_at: item.suspendedAt === undefined ? null : timestamp(item.suspendedAt)
  }) satisfies InstallationView

export const issue = (state: SandboxState, repository: SandboxRepository, item: SandboxIssue) => {
  const api = apiUrl(state, repository)
  const url = `${api}/issues/${item.number}`
  return {
    id: item.id,
    node_id: nodeId("I", item.id),
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: `${htmlUrl(state, repository)}/issues/${item.number}`,
    number: item.number,
    title: item.title,
    body: item.body,
    user: account(state, item.author),
    labels: item.labels.map((name) => ({
      id: accountId(`${repository.fullName}#${name}`),
      node_id: nodeId("LA", accountId(name)),
      url: `${api}/labels/${encodeURIComponent(name)}`,
      name,
      description: null,
      color: "ededed",
      default: false
    })),
    state: item.state,
    state_reason: item.stateReason,
    locked: item.locked,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: item.comments.length,
    created_at: timestamp(item.createdAt),
    updated_at: timestamp(item.updatedAt),
    closed_at: item.closedAt === null ? null : timestamp(item.closedAt),
    closed_by: item.closedAt === null ? null : account(state, item.author),
    author_association: "NONE"
  } satisfies IssueJson
}

export const comment = (state: SandboxState, repository: SandboxRepository, owner: SandboxIssue, item: Comment) => {
  const api = apiUrl(state, repository)
  return {
    id: item.id,
    node_id: nodeId("IC", item.id),
    url: `${api}/issues/comments/${item.id}`,
    html_url: `${htmlUrl(state, repository)}/issues/${owner.number}#issuecomment-${item.id}`,
    issue_url: `${api}/issues/${owner.number}`,
    body: item.body,
    user: account(state, item.author),
    created_at: timestamp(item.createdAt),
    updated_at: timestamp(item.updatedAt),
    author_association: "NONE"
  } satisfies CommentView
}
