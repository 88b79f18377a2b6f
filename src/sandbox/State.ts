/**
 * Everything the sandbox GitHub holds, in memory: built once from a scenario (MakeState.ts), changed only by request
 * handlers and by the controls (Control.ts). Handlers change it synchronously between two awaits, so every request is atomic.
 * Invariant: repositories and installations are found by lower-case name, as GitHub compares names without case.
 */
import { Context, type Fiber } from "effect"
import type { Fault } from "./Fault.ts"
import type { Permissions } from "./Permissions.ts"
import type { Scenario } from "./Scenario.ts"

export interface Installation {
  readonly id: number
  readonly account: string
  readonly accountType: "Organization" | "User"
  readonly permissions: Permissions
  /** Names without owner, lower case. */
  readonly selected: "all" | ReadonlySet<string>
  suspendedAt: number | undefined
  /** By which of its settings the organisation shuts the App out. */
  shutOutBy: "ip_allow_list" | "saml" | undefined
  readonly createdAt: number
}

export interface InstallationToken {
  readonly installation: Installation
  readonly permissions: Permissions
  /** Ids of the repositories it was narrowed to. */
  readonly repositoryIds: ReadonlySet<number> | undefined
  readonly expiresAt: number
}

/** A branch or tag, with the files that stand there. */
export interface GitRef {
  readonly kind: "branch" | "tag"
  readonly name: string
  /** Changed by `writeFile` only. */
  readonly files: Map<string, string>
  /** Id of the commit, once it was asked for. */
  commit: string | undefined
}

/** A comment on an issue. */
export interface Comment {
  readonly id: number
  body: string
  readonly author: string
  readonly createdAt: number
  updatedAt: number
}

/** Why an issue is closed or open again. */
export type StateReason = "completed" | "not_planned" | "duplicate" | "reopened"

/** An issue, with what becomes of it. */
export interface SandboxIssue {
  readonly id: number
  readonly number: number
  title: string
  body: string | null
  state: "open" | "closed"
  stateReason: StateReason | null
  labels: ReadonlyArray<string>
  readonly author: string
  readonly createdAt: number
  updatedAt: number
  closedAt: number | null
  deleted: boolean
  locked: boolean
  /** The address (API) that it has since it was transferred. */
  movedTo: string | undefined
  readonly comments: Array<Comment>
}

/** How a check run may end: what an App may set. https://docs.github.com/en/rest/checks/runs#create-a-check-run */
export const checkConclusions = [
  "success",
  "failure",
  "neutral",
  "cancelled",
  "timed_out",
  "action_required",
  "skipped"
] as const

/** How far a check run is: what an App may set. */
export const checkStatuses = ["queued", "in_progress", "completed"] as const

/** A check run on a commit, written by the App. Times are epoch milliseconds. */
export interface SandboxCheckRun {
  readonly id: number
  /** The check suite: one for each commit, as there is one App. */
  readonly suite: number
  readonly headSha: string
  name: string
  externalId: string
  detailsUrl: string
  status: (typeof checkStatuses)[number]
  /** null until it is completed. */
  conclusion: (typeof checkConclusions)[number] | null
  startedAt: number
  completedAt: number | null
  output: { readonly title: string | null; readonly summary: string | null; readonly text: string | null }
}

export interface SandboxRepository {
  readonly id: number
  readonly owner: string
  name: string
  fullName: string
  readonly defaultBranch: string
  readonly private: boolean
  archived: boolean
  actions: boolean
  hasIssues: boolean
  readonly disabledWorkflows: Set<string>
  readonly refs: Map<string, GitRef>
  readonly workflowIds: Map<string, number>
  /** How often each workflow has run, by path. */
  readonly runCounts: Map<string, number>
  /** How many runs of each workflow the App has started, by path. */
  readonly startedCounts: Map<string, number>
  readonly issues: Array<SandboxIssue>
  /** Every commit that was ever shown, by its id. */
  readonly commits: Set<string>
  /** Oldest first. */
  checkRuns: ReadonlyArray<SandboxCheckRun>
  readonly createdAt: number
}

/** A workflow run: one that was dispatched here, or one that a test completed. */
export interface Run {
  readonly id: number
  readonly repository: SandboxRepository
  readonly workflowPath: string
  readonly workflowName: string
  readonly runNumber: number
  attempt: number
  readonly event: string
  readonly branch: string
  readonly headSha: string
  /** Inputs of a dispatch, defaults filled in. */
  readonly inputs: Readonly<Record<string, string>>
  readonly actor: string
  /** Owner/name of the fork it ran for. */
  readonly fork: string | undefined
  readonly createdAt: number
  /** When the present attempt began: what GitHub calls `run_started_at`. */
  startedAt: number
  /** When the present attempt leaves the queue; infinite while that is open. */
  startsAt: number
  /** When the present attempt is completed; infinite while that is open. */
  completesAt: number
  conclusion: string
  /** Carries out what the scenario has in store for it. */
  course: Fiber.Fiber<void> | undefined
}

/** One webhook request that was sent, as GitHub lists it. */
export interface Delivery {
  /** Digits: these ids of GitHub's are beyond 2^53. */
  readonly id: string
  readonly guid: string
  readonly deliveredAt: number
  readonly redelivery: boolean
  /** Milliseconds. */
  readonly duration: number
  /** `OK`, or what went wrong. */
  readonly status: string
  /** 0 where no answer came. */
  readonly statusCode: number
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly url: string
  readonly requestHeaders: Readonly<Record<string, string>>
  /** The bytes that were signed and sent. */
  readonly payload: string
  readonly responseBody: string
}

/** One request that arrived; status is missing while it is in hand and when its connection was dropped. */
export interface RequestRecord {
  readonly method: string
  readonly path: string
  readonly at: number
  status: number | undefined
  installation: number | undefined
  /** The request's place in the list, from 1; also part of its `x-github-request-id`. */
  readonly sequence: number
}

export interface RateBucket {
  readonly limit: number
  remaining: number
  /** Epoch seconds. */
  resetAt: number
}

/** What GitHub counts requests of apart. */
export type RateResource = "core" | "graphql"

export interface ArmedFault {
  readonly fault: Fault
  left: number
}

export interface SandboxState {
  readonly url: string
  readonly app: {
    readonly id: number
    readonly slug: string
    readonly owner: string
    readonly webhookSecret: string
    readonly privateKeyPem: string
  }
  readonly settings: Pick<
    Scenario,
    | "returnRunDetails"
    | "tokenLifetimeSeconds"
    | "runs"
    | "startedRuns"
    | "listRunsWithinMillis"
    | "publicApp"
    | "clockAheadSeconds"
  >
  readonly seed: number
  webhookUrl: string | undefined
  readonly installations: ReadonlyArray<Installation>
  /** By name in lower case. */
  readonly repositories: Map<string, SandboxRepository>
  /** Those that were renamed, by a former name in lower case: GitHub redirects from there. */
  readonly formerNames: Map<string, SandboxRepository>
  readonly tokens: Map<string, InstallationToken>
  readonly runs: Map<number, Run>
  readonly deliveries: Array<Delivery>
  readonly requests: Array<RequestRecord>
  faults: Array<ArmedFault>
  readonly allowances: Readonly<
    Record<RateResource, { readonly limit: number; readonly remaining: number | undefined }>
  >
  /** By caller and resource. */
  readonly buckets: Map<string, RateBucket>
  readonly counters: Map<string, number>
}

/** The account in whose name the App acts. */
export const botOf = (state: Pick<SandboxState, "app">): string => `${state.app.slug}[bot]`

/** The App's other name, which may also stand in its JWT. */
export const clientIdOf = (app: Pick<SandboxState["app"], "id">): string => `Iv23sandbox${app.id}`

/** The state of one running sandbox. */
export class State extends Context.Service<State, SandboxState>()("dispatcher/sandbox/State") {}

/** First ids of each kind. Run ids are beyond 32 bits, as GitHub's are, to catch who squeezes them into an integer. */
const firstIds: Readonly<Record<string, number>> = {
  repository: 700_000_001,
  workflow: 90_000_001,
  run: 20_000_000_001,
  issue: 2_500_000_001,
  comment: 3_100_000_001,
  check: 51_000_000_001,
  suite: 48_000_000_001,
  delivery: 180_000_000_001,
  guid: 1
}

/** The next id of a kind; sandboxes with different seeds never share one. */
export const nextId = (state: Pick<SandboxState, "counters" | "seed">, kind: string): number => {
  const id = state.counters.get(kind) ?? (firstIds[kind] ?? 1) + state.seed * 1_000_000
  state.counters.set(kind, id + 1)
  return id
}

/** Most comments that GitHub takes on one issue. */
export const maxComments = 2500

/** Opens or closes an issue; `now` in epoch milliseconds. Without a reason GitHub notes the usual one. */
export const setIssueState = (
  item: SandboxIssue,
  to: "open" | "closed",
  reason: StateReason | undefined,
  now: number
): void => {
  if (item.state === to && reason === undefined) return
  item.stateReason = reason ?? (to === "closed" ? "completed" : "reopened")
  item.closedAt = to === "closed" ? now : null
  item.state = to
  item.updatedAt = now
}
