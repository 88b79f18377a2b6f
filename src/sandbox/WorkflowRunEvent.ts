/**
 * The `workflow_run` webhook payload of a run that has completed, with every field that GitHub sends to an App.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run
 */
import { Effect, Fiber, Schema } from "effect"
import { githubTime } from "./Formats.ts"
import { covers, findRef, findRepository } from "./Repositories.ts"
import { account, accountId, fullRepository, nodeId } from "./RepositoryViews.ts"
import { RunConclusion } from "./RunCourse.ts"
import { startAttempt, startRun } from "./Runs.ts"
import type { Run, SandboxRepository, SandboxState } from "./State.ts"
import { run as runView, workflow as workflowView } from "./Views.ts"
import { fileName } from "./WorkflowFile.ts"
import { workflowAt } from "./Workflows.ts"

/** What may be said of a run that completes. Everything but the repository and the workflow has a usual value. */
export const CompletedRun = Schema.Struct({
  /** Owner/name. */
  repository: Schema.String,
  /** File name, e.g. `ci.yml`. */
  workflow: Schema.String,
  /** By default the default branch; need not exist. */
  branch: Schema.optionalKey(Schema.String),
  conclusion: Schema.optionalKey(RunConclusion),
  /** What had started it; by default `push`. */
  event: Schema.optionalKey(Schema.String),
  /** Owner/name of the fork whose commit it ran. */
  fork: Schema.optionalKey(Schema.String),
  /** 2 for the first re-run; needs `run` to be one run's attempt. */
  attempt: Schema.optionalKey(Schema.Int),
  /** Completes this run (one dispatched here, or a former one again) instead of a new one. */
  run: Schema.optionalKey(Schema.Int),
  /** Who started it; by default the account's own user. */
  actor: Schema.optionalKey(Schema.String)
})
export type CompletedRun = typeof CompletedRun.Type

/** Something that the scenario does not have. */
export class NotInScenario extends Schema.TaggedError<NotInScenario>()("NotInScenario", {
  what: Schema.String
}) {
  override get message(): string {
    return `The sandbox has no ${this.what}`
  }
}

/** The repository by full name. */
export const repositoryNamed = (
  state: SandboxState,
  fullName: string
): Effect.Effect<SandboxRepository, NotInScenario> => {
  const [owner = "", name = ""] = fullName.split("/")
  const found = findRepository(state, owner, name)
  return found === undefined
    ? Effect.fail(new NotInScenario({ what: `repository ${fullName}` }))
    : Effect.succeed(found)
}

const newRun = (state: SandboxState, repository: SandboxRepository, wanted: CompletedRun, now: number): Run => {
  const workflow = workflowAt(state, repository, `.github/workflows/${fileName(wanted.workflow)}`)
  const name = wanted.branch ?? repository.defaultBranch
  return startRun(
    state,
    {
      repository,
      workflowPath: workflow.path,
      workflowName: workflow.name,
      event: wanted.event ?? "push",
      ref: findRef(repository, name) ?? { kind: "branch", name, files: new Map(), commit: undefined },
      actor: wanted.actor ?? "octocat",
      ...(wanted.fork === undefined ? {} : { fork: wanted.fork })
    },
    now
  )
}

const formerRun = (
  state: SandboxState,
  repository: SandboxRepository,
  id: number
): Effect.Effect<Run, NotInScenario> => {
  const run = state.runs.get(id)
  return run?.repository === repository
    ? Effect.succeed(run)
    : Effect.fail(new NotInScenario({ what: `run ${id} in ${repository.fullName}` }))
}

const organization = (state: SandboxState, login: string) => {
  const url = `${state.url}/orgs/${login}`
  return {
    login,
    id: accountId(login),
    node_id: nodeId("O", accountId(login)),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${state.url}/avatars/u/${accountId(login)}`,
    description: ""
  }
}

const payload = (state: SandboxState, repository: SandboxRepository, run: Run, now: number) => {
  const installation = state.installations.find((item) => covers(item, repository))
  const isOrganization = installation?.accountType === "Organization"
  const workflow = workflowAt(state, repository, run.workflowPath)
  return {
    action: "completed" as const,
    workflow_run: runView(state, run, now),
    workflow: workflowView(state, repository, workflow),
    repository: { ...fullRepository(state, repository), custom_properties: {} },
    ...(isOrganization ? { organization: organization(state, repository.owner) } : {}),
    sender: account(state, run.actor),
    ...(installation === undefined
      ? {}
      : {
          installation: {
            id: installation.id,
            node_id: Buffer.from(`IntegrationInstallation${installation.id}`).toString("base64")
          }
        })
  }
}

/** GitHub's payload, ready to deliver. Tests may change it before they do. */
export type WorkflowRunCompleted = ReturnType<typeof payload>

/** Completes the present attempt of a run at `now` (epoch milliseconds) and returns what GitHub would send. */
export const finishRun = (
  state: SandboxState,
  run: Run,
  conclusion: RunConclusion,
  now: number
): WorkflowRunCompleted => {
  run.conclusion = conclusion
  run.completesAt = now
  return payload(state, run.repository, run, now)
}

/** Takes back what the scenario has in store for a run. */
export const stopCourse = (run: Run): Effect.Effect<void> =>
  run.course === undefined ? Effect.void : Fiber.interrupt(run.course)

/**
 * Completes a run now, whatever time it would have taken, and returns what GitHub would send. A higher `attempt` of a
 * former run is its re-run: same id, next attempt. What the scenario had in store for the run does not happen any more.
 */
export const completeRun = Effect.fnUntraced(function* (state: SandboxState, wanted: CompletedRun) {
  const repository = yield* repositoryNamed(state, wanted.repository)
  const now = yield* githubTime(state)
  const run =
    wanted.run === undefined ? newRun(state, repository, wanted, now) : yield* formerRun(state, repository, wanted.run)
  yield* stopCourse(run)
  const attempt = wanted.attempt ?? run.attempt
  if (attempt !== run.attempt) startAttempt(run, attempt, now)
  return finishRun(state, run, wanted.conclusion ?? "success", now)
})
