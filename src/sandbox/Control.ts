/**
 * What tests and people do to the sandbox that GitHub has no interface for: put files, arm faults, set limits, close or delete
 * issues, complete runs, and look at everything. Sandbox.ts offers it to programs, routes/Control.ts over HTTP.
 */
import { Clock, Effect } from "effect"
import type { Fault } from "./Fault.ts"
import { armFaults, clearFaults } from "./Faults.ts"
import { htmlUrl } from "./Formats.ts"
import { maxComments, setIssueState } from "./IssueState.ts"
import { changeRateLimit, type RateLimitChange } from "./RateLimits.ts"
import { writeFile } from "./Repositories.ts"
import { dispatchedRuns } from "./Runs.ts"
import {
  type Comment,
  type Delivery,
  type Installation,
  nextId,
  type RequestRecord,
  type Run,
  type SandboxIssue,
  type SandboxRepository,
  type SandboxState
} from "./State.ts"
import * as Views from "./Views.ts"
import { type DeliveryOptions, deliver, redeliverAttempt } from "./Webhooks.ts"
import {
  type CompletedRun,
  completeRun,
  NotInScenario,
  repositoryNamed,
  type WorkflowRunCompleted
} from "./WorkflowRunEvent.ts"

/** A run that the App started, as tests want to see it. */
export interface DispatchedRun {
  readonly id: number
  readonly repository: string
  /** File name. */
  readonly workflow: string
  readonly ref: string
  readonly inputs: Readonly<Record<string, string>>
  readonly actor: string
  readonly status: Views.RunStatus
  readonly createdAt: number
  readonly htmlUrl: string
}

const startedRun = (state: SandboxState, run: Run, now: number): DispatchedRun => ({
  id: run.id,
  repository: run.repository.fullName,
  workflow: run.workflowPath.slice(".github/workflows/".length),
  ref: run.branch,
  inputs: run.inputs,
  actor: run.actor,
  status: Views.runStatus(run, now),
  createdAt: run.createdAt,
  htmlUrl: `${htmlUrl(state, run.repository)}/actions/runs/${run.id}`
})

const installationOf = (state: SandboxState, id: number): Effect.Effect<Installation, NotInScenario> => {
  const found = state.installations.find((item) => item.id === id)
  return found === undefined ? Effect.fail(new NotInScenario({ what: `installation ${id}` })) : Effect.succeed(found)
}

const issueIn = (repository: SandboxRepository, number: number): Effect.Effect<SandboxIssue, NotInScenario> => {
  const found = repository.issues.find((issue) => issue.number === number)
  return found === undefined
    ? Effect.fail(new NotInScenario({ what: `issue ${number} in ${repository.fullName}` }))
    : Effect.succeed(found)
}

/** Changes that a test may make to a repository. */
export interface RepositoryChange {
  readonly archived?: boolean
  readonly actions?: boolean
  readonly issues?: boolean
}

/** The controls over one state. */
export const makeControl = (state: SandboxState) => {
  const withIssue = <A>(fullName: string, number: number, change: (issue: SandboxIssue, now: number) => A) =>
    Effect.gen(function* () {
      const issue = yield* issueIn(yield* repositoryNamed(state, fullName), number)
      return change(issue, yield* Clock.currentTimeMillis)
    })

  return {
    /** Adds or replaces a file on a branch (by default the default branch); null takes it away. */
    putFile: Effect.fnUntraced(function* (fullName: string, path: string, text: string | null, branch?: string) {
      const repository = yield* repositoryNamed(state, fullName)
      const name = branch ?? repository.defaultBranch
      const ref = repository.refs.get(`heads/${name}`)
      if (ref === undefined) return yield* new NotInScenario({ what: `branch ${name} in ${fullName}` })
      writeFile(ref, path, text)
    }),

    /** Switches a repository's features. */
    changeRepository: Effect.fnUntraced(function* (fullName: string, change: RepositoryChange) {
      const repository = yield* repositoryNamed(state, fullName)
      repository.archived = change.archived ?? repository.archived
      repository.actions = change.actions ?? repository.actions
      repository.hasIssues = change.issues ?? repository.hasIssues
    }),

    /** Renames a repository within its account: GitHub redirects from where it was. */
    renameRepository: Effect.fnUntraced(function* (fullName: string, name: string) {
      const repository = yield* repositoryNamed(state, fullName)
      state.repositories.delete(fullName.toLowerCase())
      state.formerNames.set(fullName.toLowerCase(), repository)
      repository.name = name
      repository.fullName = `${repository.owner}/${name}`
      state.repositories.set(repository.fullName.toLowerCase(), repository)
    }),

    /** Suspends an installation, or takes the suspension back. */
    suspend: Effect.fnUntraced(function* (id: number, suspended: boolean) {
      const installation = yield* installationOf(state, id)
      installation.suspendedAt = suspended ? yield* Clock.currentTimeMillis : undefined
    }),
    /** Has an organisation shut the App out by one of its settings, or let it in again. */
    shutOut: Effect.fnUntraced(function* (id: number, by: Installation["shutOutBy"]) {
      const installation = yield* installationOf(state, id)
      installation.shutOutBy = by
    }),

    /** Makes every token given out so far invalid. */
    revokeTokens: Effect.sync(() => state.tokens.clear()),

    /** Lets requests fail, one after the other. */
    injectFault: (...faults: ReadonlyArray<Fault>): Effect.Effect<void> => Effect.sync(() => armFaults(state, faults)),
    /** Takes back all faults that have not struck. */
    clearFaults: Effect.sync(() => clearFaults(state)),
    /** Changes an allowance. */
    setRateLimit: (change: RateLimitChange): Effect.Effect<void> =>
      Effect.map(Clock.currentTimeMillis, (now) => changeRateLimit(state, change, now)),
    /** Has deliveries go there from now on. */
    setWebhookUrl: (url: string): Effect.Effect<void> =>
      Effect.sync(() => {
        state.webhookUrl = url
      }),

    /** Closes an issue, as a person might. */
    closeIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, (issue, now) => setIssueState(issue, "closed", undefined, now)),
    /** Locks an issue, as a person might: the App may not comment on it any more. */
    lockIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, (issue) => {
        issue.locked = true
      }),
    /** Transfers an issue to another repository, as a person might: GitHub redirects from where it was. */
    transferIssue: Effect.fnUntraced(function* (fullName: string, number: number, to: string) {
      const target = yield* repositoryNamed(state, to)
      yield* withIssue(fullName, number, (issue) => {
        issue.movedTo = `${state.url}/repositories/${target.id}/issues/${target.issues.length + 1}`
        target.issues.push({ ...issue, number: target.issues.length + 1, movedTo: undefined })
      })
    }),
    /** Fills an issue with as many comments of people as GitHub takes. */
    fillIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, ({ comments }, now) => {
        while (comments.length < maxComments) {
          const id = nextId(state, "comment")
          comments.push({ id, body: "+1", author: "a-person", createdAt: now, updatedAt: now })
        }
      }),
    /** Deletes an issue, as a person might. */
    deleteIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, (issue) => {
        issue.deleted = true
      }),

    /** Runs that the App has started, oldest first. */
    startedRuns: (repository?: string, workflow?: string): Effect.Effect<ReadonlyArray<DispatchedRun>> =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        dispatchedRuns(state, repository, workflow).map((run) => startedRun(state, run, now))
      ),
    /** The issues that are not deleted, oldest first. */
    issues: (fullName: string): Effect.Effect<ReadonlyArray<SandboxIssue>, NotInScenario> =>
      Effect.map(repositoryNamed(state, fullName), ({ issues }) =>
        issues.filter(({ deleted, movedTo }) => !deleted && movedTo === undefined)
      ),
    /** The comments of an issue, oldest first. */
    comments: (fullName: string, number: number): Effect.Effect<ReadonlyArray<Comment>, NotInScenario> =>
      withIssue(fullName, number, (issue) => [...issue.comments]),
    /** Every request to the GitHub part, in the order of arrival. */
    requests: Effect.sync((): ReadonlyArray<RequestRecord> => state.requests.map((entry) => ({ ...entry }))),
    /** Every delivery that was sent. */
    deliveries: Effect.sync((): ReadonlyArray<Delivery> => [...state.deliveries]),

    /** Lets a run complete; gives the payload that GitHub would deliver. */
    completeRun: (run: CompletedRun): Effect.Effect<WorkflowRunCompleted, NotInScenario> => completeRun(state, run),
    /** Delivers a payload, signed, as GitHub does. */
    deliver: (payload: unknown, options?: DeliveryOptions) => deliver(state, payload, options),
    /** Delivers again what was delivered. */
    redeliver: (delivery: Delivery) => redeliverAttempt(state, delivery)
  }
}

export type Control = ReturnType<typeof makeControl>
