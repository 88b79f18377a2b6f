/**
 * Workflows, their dispatch and their runs.
 * https://docs.github.com/en/rest/actions/workflows and https://docs.github.com/en/rest/actions/workflow-runs
 */
import { Clock, Effect, Schema, type Scope } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { json, notFound, SandboxRefusal, unprocessable } from "../Answer.ts"
import { bodyObject, checkBody, type KeyRule } from "../Body.ts"
import { endpoint, idParam, pathParam, queryParameter, repositoryFor } from "../Endpoint.ts"
import { apiUrl } from "../Formats.ts"
import { paginate } from "../Paging.ts"
import { findRef } from "../Repositories.ts"
import { filterRuns, isListed, runsOf, startRun } from "../Runs.ts"
import { followRun } from "../StartedRuns.ts"
import { botOf, type GitRef, type Run, type SandboxRepository, type SandboxState, State } from "../State.ts"
import { run as runView, workflow as workflowView } from "../Views.ts"
import { checkInputs, type Dispatchability, readDispatch } from "../WorkflowFile.ts"
import { findWorkflow, workflows } from "../Workflows.ts"

const dispatchPage = "actions/workflows#create-a-workflow-dispatch-event"

/** GitHub counts the characters of all inputs together. */
const maxInputCharacters = 65_535

const workflowIn = Effect.fnUntraced(function* (repository: SandboxRepository, page: string) {
  const found = findWorkflow(yield* State, repository, yield* pathParam("workflow"))
  return found ?? (yield* notFound(page))
})

const listWorkflows = endpoint(
  "GET",
  "/repos/:owner/:repo/actions/workflows",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("actions", "read")
    const state = yield* State
    const all = workflows(state, repository)
    const { page, headers } = paginate(all, yield* queryParameter, `${apiUrl(state, repository)}/actions/workflows`)
    return json(
      { total_count: all.length, workflows: page.map((item) => workflowView(state, repository, item)) },
      { headers }
    )
  })
)

const getWorkflow = endpoint(
  "GET",
  "/repos/:owner/:repo/actions/workflows/:workflow",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("actions", "read")
    const found = yield* workflowIn(repository, "actions/workflows#get-a-workflow")
    return json(workflowView(yield* State, repository, found))
  })
)

/** GitHub takes plain values as inputs and makes text of them; anything nested is refused. */
const decodeInputs = Schema.decodeUnknownEffect(
  Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Boolean, Schema.Number]))
)

const readInputs = Effect.fnUntraced(function* (inputs: Schema.Json | undefined) {
  const plain = yield* decodeInputs(inputs ?? {}).pipe(
    Effect.mapError(() =>
      unprocessable("Invalid request.\n\nInputs must be strings, numbers or booleans.", dispatchPage)
    )
  )
  const given = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, String(value)]))
  const size = Object.entries(given).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return size > maxInputCharacters ? yield* unprocessable("inputs are too large.", dispatchPage) : given
})

/** Whether the answer has the run's details: always in the newer API version, on demand in the older one. */
const wantsDetails = (version: string | undefined, asked: Schema.Json | undefined): boolean =>
  version === "2026-03-10" || asked === true

const bodyRules = (state: SandboxState, version: string | undefined): Readonly<Record<string, KeyRule>> => ({
  ref: { type: "string", required: true },
  inputs: { type: "object", maxProperties: 25 },
  ...(state.settings.returnRunDetails === "supported" && version !== "2026-03-10"
    ? { return_run_details: { type: "boolean" } }
    : {})
})

const readBody = Effect.fnUntraced(function* (state: SandboxState) {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const version = headers["x-github-api-version"]
  const body = yield* bodyObject
  yield* checkBody(body, bodyRules(state, version), { page: dispatchPage }).pipe(
    Effect.mapError((refusal) =>
      state.settings.returnRunDetails === "refused400" && "return_run_details" in body
        ? new SandboxRefusal({ status: 400, message: refusal.message, page: dispatchPage })
        : refusal
    )
  )
  const inputs = yield* readInputs(body.inputs)
  return { ref: String(body.ref), inputs, details: wantsDetails(version, body.return_run_details) }
})

const started = (state: SandboxState, run: Run) => {
  const { id, url, html_url } = runView(state, run, run.createdAt)
  return json({ workflow_run_id: id, run_url: url, html_url })
}

/** A repository that can run workflows at all. */
const runnable = Effect.gen(function* () {
  const repository = yield* repositoryFor("actions", "write", dispatchPage)
  const forbidden = (message: string) => new SandboxRefusal({ status: 403, message, page: dispatchPage })
  if (repository.archived) return yield* forbidden("Repository was archived so is read-only.")
  return repository.actions ? repository : yield* forbidden("GitHub Actions is disabled on this repository.")
})

/** What the workflow declares on that ref: the file there counts, not the one on the default branch. */
const declaredOn = (ref: GitRef, path: string) => {
  const text = ref.files.get(path)
  const found: Dispatchability = text === undefined ? { _tag: "NoTrigger" } : readDispatch(text)
  if (found._tag === "Dispatchable") return Effect.succeed(found)
  const message =
    found._tag === "NoTrigger"
      ? "Workflow does not have 'workflow_dispatch' trigger"
      : `failed to parse workflow: ${found.message}`
  return Effect.fail(unprocessable(message, dispatchPage))
}

const dispatch = (scope: Scope.Scope) =>
  endpoint(
    "POST",
    "/repos/:owner/:repo/actions/workflows/:workflow/dispatches",
    Effect.gen(function* () {
      const repository = yield* runnable
      const state = yield* State
      const workflow = yield* workflowIn(repository, dispatchPage)
      const body = yield* readBody(state)
      if (workflow.disabled) {
        return yield* unprocessable("Cannot trigger a 'workflow_dispatch' on a disabled workflow", dispatchPage)
      }
      const ref = findRef(repository, body.ref) ?? (yield* unprocessable(`No ref found for: ${body.ref}`, dispatchPage))
      const declared = yield* declaredOn(ref, workflow.path)
      const checked = checkInputs(declared.inputs, body.inputs)
      if (checked._tag === "Refused") return yield* unprocessable(checked.message, dispatchPage)
      const wanted = {
        repository,
        ref,
        workflowPath: workflow.path,
        workflowName: declared.name ?? workflow.path,
        event: "workflow_dispatch",
        actor: botOf(state),
        inputs: checked.values
      }
      const run = startRun(state, wanted, yield* Clock.currentTimeMillis)
      yield* followRun(state, run, scope)
      return body.details ? started(state, run) : HttpServerResponse.empty({ status: 204 })
    })
  )

const listRuns = Effect.fnUntraced(function* (
  state: SandboxState,
  repository: SandboxRepository,
  workflowPath: string | undefined,
  address: string
) {
  const params = yield* queryParameter
  const now = yield* Clock.currentTimeMillis
  const runs = filterRuns(runsOf(state, repository, workflowPath).filter(isListed(state, now)), params, now)
  const { page, headers } = paginate(runs, params, address)
  return json({ total_count: runs.length, workflow_runs: page.map((item) => runView(state, item, now)) }, { headers })
})

const listWorkflowRuns = endpoint(
  "GET",
  "/repos/:owner/:repo/actions/workflows/:workflow/runs",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("actions", "read")
    const state = yield* State
    const { id, path } = yield* workflowIn(repository, "actions/workflow-runs#list-workflow-runs-for-a-workflow")
    return yield* listRuns(state, repository, path, `${apiUrl(state, repository)}/actions/workflows/${id}/runs`)
  })
)

const listRepositoryRuns = endpoint(
  "GET",
  "/repos/:owner/:repo/actions/runs",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("actions", "read")
    const state = yield* State
    return yield* listRuns(state, repository, undefined, `${apiUrl(state, repository)}/actions/runs`)
  })
)

const getRun = endpoint(
  "GET",
  "/repos/:owner/:repo/actions/runs/:run",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("actions", "read")
    const state = yield* State
    const run = state.runs.get(yield* idParam("run"))
    return run?.repository === repository
      ? json(runView(state, run, yield* Clock.currentTimeMillis))
      : yield* notFound("actions/workflow-runs#get-a-workflow-run")
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll(
  Effect.map(Effect.scope, (scope) => [
    listWorkflows,
    getWorkflow,
    dispatch(scope),
    listWorkflowRuns,
    listRepositoryRuns,
    getRun
  ])
)
