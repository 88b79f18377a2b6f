/**
 * What tests and people do to the sandbox that GitHub has no interface for: put files, arm faults, set limits, close or delete
 * issues, complete or delete runs, and look at everything. Sandbox.ts offers it to programs, routes/Control.ts over HTTP.
 */
import { Clock, Effect, Schema } from "effect"
import type { Fault } from "./Fault.ts"
import { armFaults, clearFaults } from "./Faults.ts"
import { githubTime, htmlUrl } from "./Formats.ts"
import { changeRateLimit, type RateLimitChange } from "./RateLimits.ts"
import { writeFile } from "./Repositories.ts"
import { RunConclusion } from "./RunCourse.ts"
import { dispatchedRuns } from "./Runs.ts"
import { deliverCompletion } from "./StartedRuns.ts"
import {
  type Comment,
  type Delivery,
  type Installation,
  maxComments,
  nextId,
  type RequestRecord,
  type Run,
  type SandboxCheckRun,
  type SandboxIssue,
  type SandboxRepository,
  type SandboxState,
  setIssueState
} from "./State.ts"
import * as Views from "./Views.ts"
import { type DeliveryOptions, deliver, type NoWebhookUrl, redeliverAttempt } from "./Webhooks.ts"
import {
  type CompletedRun,
  completeRun,
  NotInScenario,
  repositoryNamed,
  stopCourse,
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
  /** The present attempt: 1, or more after a re-run. */
  readonly attempt: number
  readonly status: Views.RunStatus
  /** Of the present attempt; null until it is completed. */
  readonly conclusion: string | null
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
  attempt: run.attempt,
  status: Views.runStatus(run, now),
  conclusion: Views.runStatus(run, now) === "completed" ? run.conclusion : null,
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

const runWithId = (state: SandboxState, id: number): Effect.Effect<Run, NotInScenario> => {
  const found = state.runs.get(id)
  return found === undefined ? Effect.fail(new NotInScenario({ what: `run ${id}` })) : Effect.succeed(found)
}

/** How a started run is to end. */
export const StartedRunEnd = Schema.Struct({
  /** By default `success`. */
  conclusion: Schema.optionalKey(RunConclusion),
  /** By default the present attempt, or, when that is completed, the next one: a re-run. */
  attempt: Schema.optionalKey(Schema.Int)
})
export type StartedRunEnd = typeof StartedRunEnd.Type

/** The attempt that is to be completed: no former one, and none a second time. */
const attemptOf = Effect.fnUntraced(function* (state: SandboxState, run: Run, wanted: number | undefined) {
  const isOver = Views.runStatus(run, yield* githubTime(state)) === "completed"
  const lowest = isOver ? run.attempt + 1 : run.attempt
  const attempt = wanted ?? lowest
  return attempt < lowest
    ? yield* new NotInScenario({ what: `attempt ${attempt} of run ${run.id} left to complete` })
    : attempt
})

/** Changes that a test may make to a repository. */
export interface RepositoryChange {
  readonly archived?: boolean
  readonly actions?: boolean
  readonly issues?: boolean
}

/** The controls over one state. */
export interface Control {
  /** Adds or replaces a file on a branch (by default the default branch); null takes it away. */
  readonly putFile: (
    fullName: string,
    path: string,
    text: string | null,
    branch?: string
  ) => Effect.Effect<void, NotInScenario>
  /** Switches a repository's features. */
  readonly changeRepository: (fullName: string, change: RepositoryChange) => Effect.Effect<void, NotInScenario>
  /** Renames a repository within its account: GitHub redirects from where it was. */
  readonly renameRepository: (fullName: string, name: string) => Effect.Effect<void, NotInScenario>
  /** Suspends an installation, or takes the suspension back. */
  readonly suspend: (id: number, suspended: boolean) => Effect.Effect<void, NotInScenario>
  /** Has an organisation shut the App out by one of its settings, or let it in again. */
  readonly shutOut: (id: number, by: Installation["shutOutBy"]) => Effect.Effect<void, NotInScenario>
  /** Makes every token given out so far invalid. */
  readonly revokeTokens: Effect.Effect<void>
  /** Lets requests fail, one after the other. */
  readonly injectFault: (...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  /** Takes back all faults that have not struck. */
  readonly clearFaults: Effect.Effect<void>
  /** Changes an allowance. */
  readonly setRateLimit: (change: RateLimitChange) => Effect.Effect<void>
  /** Has deliveries go there from now on; undefined: the App has no webhook any more. */
  readonly setWebhookUrl: (url: string | undefined) => Effect.Effect<void>
  /** Closes an issue, as a person might. */
  readonly closeIssue: (fullName: string, number: number) => Effect.Effect<void, NotInScenario>
  /** Comments on an issue, as a person might. */
  readonly commentOnIssue: (fullName: string, number: number, body: string) => Effect.Effect<void, NotInScenario>
  /** Locks an issue, as a person might: the App may not comment on it any more. */
  readonly lockIssue: (fullName: string, number: number) => Effect.Effect<void, NotInScenario>
  /** Transfers an issue to another repository, as a person might: GitHub redirects from where it was. */
  readonly transferIssue: (fullName: string, number: number, to: string) => Effect.Effect<void, NotInScenario>
  /** Fills an issue with as many comments of people as GitHub takes. */
  readonly fillIssue: (fullName: string, number: number) => Effect.Effect<void, NotInScenario>
  /** Deletes an issue, as a person might. */
  readonly deleteIssue: (fullName: string, number: number) => Effect.Effect<void, NotInScenario>
  /** Runs that the App has started, oldest first. */
  readonly startedRuns: (repository?: string, workflow?: string) => Effect.Effect<ReadonlyArray<DispatchedRun>>
  /** The issues that are not deleted, oldest first. */
  readonly issues: (fullName: string) => Effect.Effect<ReadonlyArray<SandboxIssue>, NotInScenario>
  /** The check runs of a repository, oldest first. */
  readonly checkRuns: (fullName: string) => Effect.Effect<ReadonlyArray<SandboxCheckRun>, NotInScenario>
  /** The comments of an issue, oldest first. */
  readonly comments: (fullName: string, number: number) => Effect.Effect<ReadonlyArray<Comment>, NotInScenario>
  /** Every request to the GitHub part, in the order of arrival. */
  readonly requests: Effect.Effect<ReadonlyArray<RequestRecord>>
  /** Every delivery that was sent. */
  readonly deliveries: Effect.Effect<ReadonlyArray<Delivery>>
  /**
   * Completes a run that the App started, now, and sends the webhook; what the scenario had in store for the run does not happen any
   * more. Returns the answered delivery, undefined where no webhook URL is set. To have the webhook lost, use completeRun.
   */
  readonly completeStarted: (id: number, end?: StartedRunEnd) => Effect.Effect<Delivery | undefined, NotInScenario>
  /** Deletes a run, as a person might: GitHub no longer finds it, and nothing more is heard of it. */
  readonly deleteRun: (id: number) => Effect.Effect<void, NotInScenario>
  /** Lets a run complete; gives the payload that GitHub would deliver. */
  readonly completeRun: (run: CompletedRun) => Effect.Effect<WorkflowRunCompleted, NotInScenario>
  /** Delivers a payload, signed, as GitHub does. */
  readonly deliver: (payload: unknown, options?: DeliveryOptions) => Effect.Effect<Delivery, NoWebhookUrl>
  /** Delivers again what was delivered. */
  readonly redeliver: (delivery: Delivery) => Effect.Effect<Delivery>
}

/** The controls over one state. */
export const makeControl = (state: SandboxState): Control => {
  const withIssue = <A>(fullName: string, number: number, change: (issue: SandboxIssue, now: number) => A) =>
    Effect.gen(function* () {
      const issue = yield* issueIn(yield* repositoryNamed(state, fullName), number)
      return change(issue, yield* Clock.currentTimeMillis)
    })

  return {
    putFile: Effect.fnUntraced(function* (fullName: string, path: string, text: string | null, branch?: string) {
      const repository = yield* repositoryNamed(state, fullName)
      const name = branch ?? repository.defaultBranch
      const ref = repository.refs.get(`heads/${name}`)
      if (ref === undefined) return yield* new NotInScenario({ what: `branch ${name} in ${fullName}` })
      writeFile(ref, path, text)
    }),

    changeRepository: Effect.fnUntraced(function* (fullName: string, change: RepositoryChange) {
      const repository = yield* repositoryNamed(state, fullName)
      repository.archived = change.archived ?? repository.archived
      repository.actions = change.actions ?? repository.actions
      repository.hasIssues = change.issues ?? repository.hasIssues
    }),

    renameRepository: Effect.fnUntraced(function* (fullName: string, name: string) {
      const repository = yield* repositoryNamed(state, fullName)
      state.repositories.delete(fullName.toLowerCase())
      state.formerNames.set(fullName.toLowerCase(), repository)
      repository.name = name
      repository.fullName = `${repository.owner}/${name}`
      state.repositories.set(repository.fullName.toLowerCase(), repository)
    }),

    suspend: Effect.fnUntraced(function* (id: number, suspended: boolean) {
      const installation = yield* installationOf(state, id)
      installation.suspendedAt = suspended ? yield* Clock.currentTimeMillis : undefined
    }),
    shutOut: Effect.fnUntraced(function* (id: number, by: Installation["shutOutBy"]) {
      const installation = yield* installationOf(state, id)
      installation.shutOutBy = by
    }),

    revokeTokens: Effect.sync(() => state.tokens.clear()),

    injectFault: (...faults: ReadonlyArray<Fault>): Effect.Effect<void> => Effect.sync(() => armFaults(state, faults)),
    clearFaults: Effect.sync(() => clearFaults(state)),
    setRateLimit: (change: RateLimitChange): Effect.Effect<void> =>
      Effect.map(Clock.currentTimeMillis, (now) => changeRateLimit(state, change, now)),
    setWebhookUrl: (url: string | undefined): Effect.Effect<void> =>
      Effect.sync(() => {
        state.webhookUrl = url
      }),

    closeIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, (issue, now) => setIssueState(issue, "closed", undefined, now)),
    commentOnIssue: (fullName: string, number: number, body: string) =>
      withIssue(fullName, number, ({ comments }, now) => {
        comments.push({ id: nextId(state, "comment"), body, author: "a-person", createdAt: now, updatedAt: now })
      }),
    lockIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, (issue) => {
        issue.locked = true
      }),
    transferIssue: Effect.fnUntraced(function* (fullName: string, number: number, to: string) {
      const target = yield* repositoryNamed(state, to)
      yield* withIssue(fullName, number, (issue) => {
        issue.movedTo = `${state.url}/repositories/${target.id}/issues/${target.issues.length + 1}`
        target.issues.push({ ...issue, number: target.issues.length + 1, movedTo: undefined })
      })
    }),
    fillIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, ({ comments }, now) => {
        while (comments.length < maxComments) {
          const id = nextId(state, "comment")
          comments.push({ id, body: "+1", author: "a-person", createdAt: now, updatedAt: now })
        }
      }),
    deleteIssue: (fullName: string, number: number) =>
      withIssue(fullName, number, (issue) => {
        issue.deleted = true
      }),

    startedRuns: (repository?: string, workflow?: string): Effect.Effect<ReadonlyArray<DispatchedRun>> =>
      Effect.map(githubTime(state), (now) =>
        dispatchedRuns(state, repository, workflow).map((run) => startedRun(state, run, now))
      ),
    issues: (fullName: string): Effect.Effect<ReadonlyArray<SandboxIssue>, NotInScenario> =>
      Effect.map(repositoryNamed(state, fullName), ({ issues }) =>
        issues.filter(({ deleted, movedTo }) => !deleted && movedTo === undefined)
      ),
    checkRuns: (fullName: string): Effect.Effect<ReadonlyArray<SandboxCheckRun>, NotInScenario> =>
      Effect.map(repositoryNamed(state, fullName), ({ checkRuns }) => checkRuns.map((item) => ({ ...item }))),
    comments: (fullName: string, number: number): Effect.Effect<ReadonlyArray<Comment>, NotInScenario> =>
      withIssue(fullName, number, (issue) => [...issue.comments]),
    requests: Effect.sync((): ReadonlyArray<RequestRecord> => state.requests.map((entry) => ({ ...entry }))),
    deliveries: Effect.sync((): ReadonlyArray<Delivery> => [...state.deliveries]),

    completeStarted: Effect.fnUntraced(function* (id: number, end: StartedRunEnd = {}) {
      const run = dispatchedRuns(state, undefined, undefined).find((item) => item.id === id)
      if (run === undefined) return yield* new NotInScenario({ what: `started run ${id}` })
      const attempt = yield* attemptOf(state, run, end.attempt)
      const named = { repository: run.repository.fullName, workflow: run.workflowPath, run: id }
      return yield* deliverCompletion(state, yield* completeRun(state, { ...named, ...end, attempt }))
    }),
    deleteRun: Effect.fnUntraced(function* (id: number) {
      const run = yield* runWithId(state, id)
      yield* stopCourse(run)
      state.runs.delete(id)
    }),

    completeRun: (run: CompletedRun): Effect.Effect<WorkflowRunCompleted, NotInScenario> => completeRun(state, run),
    deliver: (payload: unknown, options?: DeliveryOptions) => deliver(state, payload, options),
    redeliver: (delivery: Delivery) => redeliverAttempt(state, delivery)
  }
}
