/**
 * Check runs, with the token of an installation: only Apps write them.
 * https://docs.github.com/en/rest/checks/runs
 */
import { Clock, Effect } from "effect"
import { HttpRouter } from "effect/http"
import { json, notFound, SandboxRefusal, unprocessable, validationFailed } from "../Answer.ts"
import { bodyObject, checkBody, type KeyRule } from "../Body.ts"
import { addCheckRun, type CheckRunBody, changeCheckRun, checkRunsOf, checkRunView, outputOf } from "../CheckRuns.ts"
import { endpoint, idParam, pathParam, queryParameter, repositoryFor } from "../Endpoint.ts"
import { apiUrl } from "../Formats.ts"
import { paginate } from "../Paging.ts"
import { findCommit } from "../Repositories.ts"
import { checkConclusions, checkStatuses, type SandboxRepository, State } from "../State.ts"

const createPage = "checks/runs#create-a-check-run"
const updatePage = "checks/runs#update-a-check-run"
const listPage = "checks/runs#list-check-runs-for-a-git-reference"

/** GitHub counts characters, and then bytes. */
const maxText = 65_535

const checkRules = {
  name: { type: "string" },
  head_sha: { type: "string" },
  details_url: { type: "string" },
  external_id: { type: "string" },
  status: { type: "string", values: checkStatuses },
  conclusion: { type: "string", values: checkConclusions },
  started_at: { type: "string", dateTime: true },
  completed_at: { type: "string", dateTime: true },
  output: { type: "object" },
  actions: { type: "array" }
} as const satisfies Readonly<Record<string, KeyRule>>

const outputRules = {
  title: { type: "string" },
  summary: { type: "string", required: true, maxLength: maxText },
  text: { type: "string", maxLength: maxText },
  annotations: { type: "array" },
  images: { type: "array" }
} as const satisfies Readonly<Record<string, KeyRule>>

/** https://github.com/github/docs/issues/35252 */
const checkBytes = Effect.fnUntraced(function* (output: CheckRunBody) {
  for (const field of ["summary", "text"]) {
    const value = output[field]
    if (typeof value === "string" && Buffer.byteLength(value) > maxText) {
      const message = `${field} exceeds a maximum bytesize of ${maxText}`
      return yield* validationFailed("CheckRun", field, "custom", message)
    }
  }
})

/** The body of a request; creating a check run needs more of it than changing one. */
const readBody = Effect.fnUntraced(function* (creates: boolean) {
  const page = creates ? createPage : updatePage
  const body = yield* bodyObject
  const completes = body.completed_at !== undefined || body.status === "completed"
  const { name, head_sha, conclusion, ...rest } = checkRules
  const rules = {
    ...rest,
    name: { ...name, required: creates },
    head_sha: { ...head_sha, required: creates },
    conclusion: { ...conclusion, required: completes }
  }
  yield* checkBody(body, rules, { page, open: true })
  const output = outputOf(body)
  const outputRulesHere = { ...outputRules, title: { ...outputRules.title, required: creates } }
  if (body.output !== undefined) yield* checkBody(output, outputRulesHere, { page, open: true })
  yield* checkBytes(output)
  if (typeof body.details_url === "string" && !/^https?:\/\//i.test(body.details_url)) {
    const message = "details_url must use http or https scheme"
    return yield* validationFailed("CheckRun", "details_url", "custom", message)
  }
  return body
})

/** The repository for writing: not archived. */
const writableFor = Effect.fnUntraced(function* (page: string) {
  const repository = yield* repositoryFor("checks", "write", page)
  if (!repository.archived) return repository
  return yield* new SandboxRefusal({ status: 403, message: "Repository was archived so is read-only.", page })
})

const commitNamed = Effect.fnUntraced(function* (repository: SandboxRepository, name: string, page: string) {
  return findCommit(repository, name) ?? (yield* unprocessable(`No commit found for SHA: ${name}`, page))
})

const checkRunIn = Effect.fnUntraced(function* (repository: SandboxRepository, page: string) {
  const id = yield* idParam("check")
  return repository.checkRuns.find((item) => item.id === id) ?? (yield* notFound(page))
})

const createCheckRun = endpoint(
  "POST",
  "/repos/:owner/:repo/check-runs",
  Effect.gen(function* () {
    const repository = yield* writableFor(createPage)
    const state = yield* State
    const body = yield* readBody(true)
    const commit = yield* commitNamed(repository, String(body.head_sha), createPage)
    const item = addCheckRun(state, repository, commit, body, yield* Clock.currentTimeMillis)
    return json(checkRunView(state, repository, item), { status: 201 })
  })
)

const updateCheckRun = endpoint(
  "PATCH",
  "/repos/:owner/:repo/check-runs/:check",
  Effect.gen(function* () {
    const repository = yield* writableFor(updatePage)
    const item = yield* checkRunIn(repository, updatePage)
    const body = yield* readBody(false)
    changeCheckRun(item, body, yield* Clock.currentTimeMillis)
    return json(checkRunView(yield* State, repository, item))
  })
)

const getCheckRun = endpoint(
  "GET",
  "/repos/:owner/:repo/check-runs/:check",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("checks", "read")
    const item = yield* checkRunIn(repository, "checks/runs#get-a-check-run")
    return json(checkRunView(yield* State, repository, item))
  })
)

const listCheckRuns = endpoint(
  "GET",
  "/repos/:owner/:repo/commits/:ref/check-runs",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("checks", "read", listPage)
    const state = yield* State
    const name = yield* pathParam("ref")
    const params = yield* queryParameter
    const found = checkRunsOf(state, repository, yield* commitNamed(repository, name, listPage), params)
    const address = `${apiUrl(state, repository)}/commits/${encodeURIComponent(name)}/check-runs`
    const { page, headers } = paginate(found, params, address)
    return json(
      { total_count: found.length, check_runs: page.map((item) => checkRunView(state, repository, item)) },
      { headers }
    )
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([createCheckRun, updateCheckRun, getCheckRun, listCheckRuns])
