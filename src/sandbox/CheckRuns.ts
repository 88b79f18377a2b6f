/**
 * Check runs: written by the App, found by commit, and GitHub's JSON for them.
 * https://docs.github.com/en/rest/checks/runs
 */
import type { RestEndpointMethodTypes } from "@octokit/rest"
import { Option, type Schema } from "effect"
import { decodeObject } from "./Body.ts"
import { apiUrl, htmlUrl, timestamp } from "./Formats.ts"
import { nodeId } from "./RepositoryViews.ts"
import {
  checkConclusions,
  checkStatuses,
  nextId,
  type SandboxCheckRun,
  type SandboxRepository,
  type SandboxState
} from "./State.ts"
import { appView } from "./Views.ts"

/** GitHub's JSON for a check run. */
type CheckRunJson = RestEndpointMethodTypes["checks"]["create"]["response"]["data"]

/** What a request says of a check run; the types of its values are checked before. */
export type CheckRunBody = Readonly<Record<string, Schema.Json>>

/** GitHub keeps so many check runs of one name on a commit, and deletes the oldest of more. */
const maxOfOneName = 1000

const textOr = <A>(value: Schema.Json | undefined, otherwise: A): string | A =>
  typeof value === "string" ? value : otherwise

const timeOr = <A>(value: Schema.Json | undefined, otherwise: A): number | A =>
  typeof value === "string" ? Date.parse(value) : otherwise

const oneOf = <A extends string>(values: ReadonlyArray<A>, value: Schema.Json | undefined): A | undefined =>
  values.find((known) => known === value)

/**
 * Changes what the body names; `now` in epoch milliseconds. A conclusion completes a check run. One that is completed stays so: GitHub
 * answers a change of its status with 200 and does not make it (https://github.com/tektoncd/pipelines-as-code/issues/998).
 */
export const changeCheckRun = (item: SandboxCheckRun, body: CheckRunBody, now: number): void => {
  item.name = textOr(body.name, item.name)
  item.externalId = textOr(body.external_id, item.externalId)
  item.detailsUrl = textOr(body.details_url, item.detailsUrl)
  item.startedAt = timeOr(body.started_at, item.startedAt)
  const conclusion = oneOf(checkConclusions, body.conclusion)
  const status = conclusion === undefined ? oneOf(checkStatuses, body.status) : "completed"
  if (item.status !== "completed") item.status = status ?? item.status
  item.conclusion = conclusion ?? item.conclusion
  item.completedAt = item.status === "completed" ? timeOr(body.completed_at, item.completedAt ?? now) : null
  const { title, summary, text } = outputOf(body)
  item.output = {
    title: textOr(title, item.output.title),
    summary: textOr(summary, item.output.summary),
    text: textOr(text, item.output.text)
  }
}

/** The `output` of a body; empty if it has none. */
export const outputOf = ({ output }: CheckRunBody): CheckRunBody =>
  Option.getOrElse(decodeObject(output), (): CheckRunBody => ({}))

const suiteOf = (state: SandboxState, { checkRuns }: SandboxRepository, commit: string): number =>
  checkRuns.find(({ headSha }) => headSha === commit)?.suite ?? nextId(state, "suite")

/** Adds a check run to a commit; `now` in epoch milliseconds. One of the same name stays beside it. */
export const addCheckRun = (
  state: SandboxState,
  repository: SandboxRepository,
  commit: string,
  body: CheckRunBody,
  now: number
): SandboxCheckRun => {
  const item: SandboxCheckRun = {
    id: nextId(state, "check"),
    suite: suiteOf(state, repository, commit),
    headSha: commit,
    name: "",
    externalId: "",
    detailsUrl: appView(state).external_url,
    status: "queued",
    conclusion: null,
    startedAt: now,
    completedAt: null,
    output: { title: null, summary: null, text: null }
  }
  changeCheckRun(item, body, now)
  const alike = repository.checkRuns.filter(({ headSha, name }) => headSha === commit && name === item.name)
  const dropped = new Set(alike.slice(0, Math.max(0, alike.length + 1 - maxOfOneName)))
  repository.checkRuns = [...repository.checkRuns.filter((other) => !dropped.has(other)), item]
  return item
}

/** The check runs of a commit that the query asks for, newest first; without `filter=all`, only the newest of each name. */
export const checkRunsOf = (
  { app }: Pick<SandboxState, "app">,
  { checkRuns }: SandboxRepository,
  commit: string,
  params: URLSearchParams
): ReadonlyArray<SandboxCheckRun> => {
  const same = (name: string, value: string): boolean => (params.get(name) ?? value) === value
  const newestFirst = checkRuns.filter(({ headSha }) => headSha === commit).reverse()
  return newestFirst
    .filter(
      ({ name }, index) =>
        params.get("filter") === "all" || newestFirst.findIndex((other) => other.name === name) === index
    )
    .filter(({ name, status }) => same("check_name", name) && same("status", status) && same("app_id", String(app.id)))
}

/** A check run as the API shows it. */
export const checkRunView = (state: SandboxState, repository: SandboxRepository, item: SandboxCheckRun) => {
  const url = `${apiUrl(state, repository)}/check-runs/${item.id}`
  return {
    id: item.id,
    node_id: nodeId("CR", item.id),
    head_sha: item.headSha,
    name: item.name,
    external_id: item.externalId,
    url,
    html_url: `${htmlUrl(state, repository)}/runs/${item.id}`,
    details_url: item.detailsUrl,
    status: item.status,
    conclusion: item.conclusion,
    started_at: timestamp(item.startedAt),
    completed_at: item.completedAt === null ? null : timestamp(item.completedAt),
    output: { ...item.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: item.suite },
    app: appView(state),
    pull_requests: []
  } satisfies CheckRunJson
}
