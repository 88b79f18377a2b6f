/**
 * GitHub's JSON for accounts and repositories, in the short form that other objects embed and in the full form. The types
 * are GitHub's own, so nothing that it always sends can be forgotten. All addresses lead to the sandbox.
 */

import type { RestEndpointMethodTypes } from "@octokit/rest"
import { timestamp } from "./Formats.ts"
import { isEmpty, sha1 } from "./Repositories.ts"
import type { SandboxRepository, SandboxState } from "./State.ts"

type FullRepository = RestEndpointMethodTypes["repos"]["get"]["response"]["data"]
type MinimalRepository = RestEndpointMethodTypes["actions"]["getWorkflowRun"]["response"]["data"]["head_repository"]
export type AccountView = FullRepository["owner"]

/** What is enough to show a repository; a fork outside of the scenario has no more. */
export interface RepositoryFacts {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly fullName: string
  readonly private: boolean
}

/** An account keeps its number as long as its name stays: the number is made from it. */
export const accountId = (login: string): number =>
  1_000_000 + (Number.parseInt(sha1(login.toLowerCase()).slice(0, 8), 16) % 100_000_000)

export const nodeId = (kind: string, id: number): string => `${kind}_${Buffer.from(String(id)).toString("base64url")}`

const accountType = (state: SandboxState, login: string): string => {
  if (login.endsWith("[bot]")) return "Bot"
  const found = state.installations.find(({ account }) => account.toLowerCase() === login.toLowerCase())
  return found?.accountType ?? "User"
}

/** A user, an organisation or an App's bot. */
export const account = (state: SandboxState, login: string): AccountView => {
  const id = accountId(login)
  const url = `${state.url}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: nodeId("U", id),
    avatar_url: `${state.url}/avatars/u/${id}`,
    gravatar_id: "",
    url,
    html_url: `${state.url}/${login.endsWith("[bot]") ? `apps/${login.slice(0, -"[bot]".length)}` : login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: accountType(state, login),
    user_view_type: "public",
    site_admin: false
  }
}

/** The form in which runs and tokens embed a repository. */
export const minimalRepository = (state: SandboxState, facts: RepositoryFacts, fork = false) => {
  const url = `${state.url}/repos/${facts.fullName}`
  return {
    id: facts.id,
    node_id: nodeId("R", facts.id),
    name: facts.name,
    full_name: facts.fullName,
    private: facts.private,
    owner: account(state, facts.owner),
    html_url: `${state.url}/${facts.fullName}`,
    description: null,
    fork,
    url,
    forks_url: `${url}/forks`,
    keys_url: `${url}/keys{/key_id}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    teams_url: `${url}/teams`,
    hooks_url: `${url}/hooks`,
    issue_events_url: `${url}/issues/events{/number}`,
    events_url: `${url}/events`,
    assignees_url: `${url}/assignees{/user}`,
    branches_url: `${url}/branches{/branch}`,
    tags_url: `${url}/tags`,
    blobs_url: `${url}/git/blobs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    statuses_url: `${url}/statuses/{sha}`,
    languages_url: `${url}/languages`,
    stargazers_url: `${url}/stargazers`,
    contributors_url: `${url}/contributors`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    commits_url: `${url}/commits{/sha}`,
    git_commits_url: `${url}/git/commits{/sha}`,
    comments_url: `${url}/comments{/number}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    contents_url: `${url}/contents/{+path}`,
    compare_url: `${url}/compare/{base}...{head}`,
    merges_url: `${url}/merges`,
    archive_url: `${url}/{archive_format}{/ref}`,
    downloads_url: `${url}/downloads`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    labels_url: `${url}/labels{/name}`,
    releases_url: `${url}/releases{/id}`,
    deployments_url: `${url}/deployments`
  } satisfies MinimalRepository
}

/** The form that `GET /repos/{owner}/{repo}` and webhook payloads carry. */
export const fullRepository = (state: SandboxState, repository: SandboxRepository) => {
  const html = `${state.url}/${repository.fullName}`
  const openIssues = repository.issues.filter((issue) => issue.state === "open" && !issue.deleted).length
  const time = timestamp(repository.createdAt)
  return {
    ...minimalRepository(state, repository),
    created_at: time,
    updated_at: time,
    pushed_at: time,
    git_url: `git:${html.slice(html.indexOf("//"))}.git`,
    ssh_url: `git@127.0.0.1:${repository.fullName}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: isEmpty(repository) ? 0 : 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: repository.hasIssues,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: openIssues,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? "private" : "public",
    forks: 0,
    open_issues: openIssues,
    watchers: 0,
    default_branch: repository.defaultBranch,
    subscribers_count: 0,
    network_count: 0
  } satisfies FullRepository
}
