/**
 * Issues and their comments. https://docs.github.com/en/rest/issues/issues and https://docs.github.com/en/rest/issues/comments
 */

import type { Schema } from "effect"
import { Clock, Effect } from "effect"
import { HttpRouter } from "effect/http"
import { json, notFound, SandboxRefusal, validationFailed } from "../Answer.ts"
import { bodyObject, checkBody } from "../Body.ts"
import { endpoint, idParam, queryParameter, repositoryFor } from "../Endpoint.ts"
import { apiUrl } from "../Formats.ts"
import { paginate } from "../Paging.ts"
import {
  botOf,
  type Comment,
  maxComments,
  nextId,
  type SandboxIssue,
  type SandboxRepository,
  State,
  type StateReason,
  setIssueState
} from "../State.ts"
import { comment as commentView, issue as issueView } from "../Views.ts"

type Body = Readonly<Record<string, Schema.Json>>

/** GitHub's limits on what people write. */
const maxTitle = 256
const maxBody = 65_536

const gone = (message: string) => new SandboxRefusal({ status: 410, message, page: "issues/issues" })

/** The repository for writing: not archived, with issues. */
const writable = Effect.gen(function* () {
  const repository = yield* repositoryFor("issues", "write")
  if (repository.archived) {
    return yield* new SandboxRefusal({ status: 403, message: "Repository was archived so is read-only." })
  }
  return repository.hasIssues ? repository : yield* gone("Issues has been disabled in this repository.")
})

const issueIn = Effect.fnUntraced(function* (repository: SandboxRepository) {
  if (!repository.hasIssues) return yield* gone("Issues has been disabled in this repository.")
  const number = yield* idParam("issue")
  const found =
    repository.issues.find((item) => item.number === number) ?? (yield* notFound("issues/issues#get-an-issue"))
  if (found.movedTo !== undefined) {
    return yield* new SandboxRefusal({ status: 301, message: "Moved Permanently", location: found.movedTo })
  }
  return found.deleted ? yield* gone("This issue was deleted") : found
})

const labelsOf = (value: Schema.Json | undefined): ReadonlyArray<string> =>
  Array.isArray(value) ? value.map((label) => (typeof label === "string" ? label : String(label?.name ?? ""))) : []

const checkText = Effect.fnUntraced(function* (resource: string, body: Body) {
  const { title, body: text } = body
  if (typeof title === "string" && title.trim() === "") {
    return yield* validationFailed(resource, "title", "missing_field")
  }
  if (typeof title === "string" && title.length > maxTitle) {
    return yield* validationFailed(resource, "title", "custom", `title is too long (maximum is ${maxTitle} characters)`)
  }
  if (typeof text === "string" && text.length > maxBody) {
    return yield* validationFailed(resource, "body", "custom", `body is too long (maximum is ${maxBody} characters)`)
  }
})

const createIssue = endpoint(
  "POST",
  "/repos/:owner/:repo/issues",
  Effect.gen(function* () {
    const repository = yield* writable
    const state = yield* State
    const body = yield* bodyObject
    const rules = {
      title: { type: "string", required: true },
      body: { type: "string or null" },
      labels: { type: "array" }
    } as const
    yield* checkBody(body, rules, { page: "issues/issues#create-an-issue", open: true })
    yield* checkText("Issue", body)
    const now = yield* Clock.currentTimeMillis
    const item: SandboxIssue = {
      id: nextId(state, "issue"),
      number: repository.issues.length + 1,
      title: String(body.title),
      body: typeof body.body === "string" ? body.body : null,
      state: "open",
      stateReason: null,
      labels: labelsOf(body.labels),
      author: botOf(state),
      createdAt: now,
      updatedAt: now,
      closedAt: null,
      deleted: false,
      locked: false,
      movedTo: undefined,
      comments: []
    }
    repository.issues.push(item)
    const view = issueView(state, repository, item)
    return json(view, { status: 201, headers: { location: view.url } })
  })
)

const getIssue = endpoint(
  "GET",
  "/repos/:owner/:repo/issues/:issue",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("issues", "read")
    return json(issueView(yield* State, repository, yield* issueIn(repository)))
  })
)

const reasons: ReadonlyArray<Schema.Json> = [
  "completed",
  "not_planned",
  "duplicate",
  "reopened"
] satisfies Array<StateReason>
const isReason = (value: Schema.Json | undefined): value is StateReason =>
  value !== undefined && reasons.includes(value)

const updateIssue = endpoint(
  "PATCH",
  "/repos/:owner/:repo/issues/:issue",
  Effect.gen(function* () {
    const repository = yield* writable
    const item = yield* issueIn(repository)
    const body = yield* bodyObject
    const rules = {
      title: { type: "string or null" },
      body: { type: "string or null" },
      labels: { type: "array" }
    } as const
    yield* checkBody(body, rules, { page: "issues/issues#update-an-issue", open: true })
    yield* checkText("Issue", body)
    const { title, body: text, state: to, state_reason: reason } = body
    if (to !== undefined && to !== "open" && to !== "closed")
      return yield* validationFailed("Issue", "state", "invalid")
    const now = yield* Clock.currentTimeMillis
    if (typeof title === "string") item.title = title
    if (text !== undefined) item.body = typeof text === "string" ? text : null
    if (body.labels !== undefined) item.labels = labelsOf(body.labels)
    item.updatedAt = now
    if (to !== undefined) setIssueState(item, to, isReason(reason) ? reason : undefined, now)
    return json(issueView(yield* State, repository, item))
  })
)

const matches = (params: URLSearchParams) => {
  const wanted = params.get("state") ?? "open"
  const creator = params.get("creator")?.toLowerCase()
  const labels = (params.get("labels") ?? "").split(",").filter((name) => name !== "")
  const since = Date.parse(params.get("since") ?? "1970-01-01T00:00:00Z")
  return (item: SandboxIssue): boolean =>
    !item.deleted &&
    item.movedTo === undefined &&
    (wanted === "all" || item.state === wanted) &&
    (creator === undefined || item.author.toLowerCase() === creator) &&
    labels.every((name) => item.labels.some((label) => label.toLowerCase() === name.toLowerCase())) &&
    item.updatedAt >= since
}

const sorted = (items: ReadonlyArray<SandboxIssue>, params: URLSearchParams): ReadonlyArray<SandboxIssue> => {
  const key = params.get("sort") === "updated" ? "updatedAt" : "number"
  const sign = params.get("direction") === "asc" ? 1 : -1
  return [...items].sort((a, b) => sign * (a[key] - b[key]))
}

const listIssues = endpoint(
  "GET",
  "/repos/:owner/:repo/issues",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("issues", "read")
    const state = yield* State
    const params = yield* queryParameter
    const found = repository.hasIssues ? sorted(repository.issues.filter(matches(params)), params) : []
    const { page, headers } = paginate(found, params, `${apiUrl(state, repository)}/issues`)
    return json(
      page.map((item) => issueView(state, repository, item)),
      { headers }
    )
  })
)

const commentable = Effect.fnUntraced(function* ({ comments, locked }: SandboxIssue) {
  const page = "issues/comments#create-an-issue-comment"
  if (locked)
    return yield* new SandboxRefusal({
      status: 403,
      message: "Unable to create comment because issue is locked.",
      page
    })
  if (comments.length >= maxComments) {
    const message = `Commenting is disabled on issues with more than ${maxComments} comments`
    return yield* new SandboxRefusal({ status: 403, message, page })
  }
})

const createComment = endpoint(
  "POST",
  "/repos/:owner/:repo/issues/:issue/comments",
  Effect.gen(function* () {
    const repository = yield* writable
    const state = yield* State
    const item = yield* issueIn(repository)
    yield* commentable(item)
    const body = yield* bodyObject
    yield* checkBody(
      body,
      { body: { type: "string", required: true } },
      { page: "issues/comments#create-an-issue-comment" }
    )
    if (String(body.body).trim() === "") {
      return yield* validationFailed("IssueComment", "body", "custom", "body cannot be blank")
    }
    yield* checkText("IssueComment", { body: String(body.body) })
    const now = yield* Clock.currentTimeMillis
    const added: Comment = {
      id: nextId(state, "comment"),
      body: String(body.body),
      author: botOf(state),
      createdAt: now,
      updatedAt: now
    }
    item.comments.push(added)
    item.updatedAt = now
    const view = commentView(state, repository, item, added)
    return json(view, { status: 201, headers: { location: view.url } })
  })
)

const listComments = endpoint(
  "GET",
  "/repos/:owner/:repo/issues/:issue/comments",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("issues", "read")
    const state = yield* State
    const item = yield* issueIn(repository)
    const params = yield* queryParameter
    const since = Date.parse(params.get("since") ?? "1970-01-01T00:00:00Z")
    const found = item.comments.filter(({ updatedAt }) => updatedAt >= since)
    const { page, headers } = paginate(found, params, `${apiUrl(state, repository)}/issues/${item.number}/comments`)
    return json(
      page.map((entry) => commentView(state, repository, item, entry)),
      { headers }
    )
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([createIssue, getIssue, updateIssue, listIssues, createComment, listComments])
