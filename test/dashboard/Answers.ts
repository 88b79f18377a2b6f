/** Stored answers as Record and Rollup leave them: small, valid, and different enough to be distinguished. */

import { Option } from "effect"
import type {
  Choices,
  Counts,
  DeliveryPage,
  DeliveryRow,
  EventPage,
  Figures,
  FoundPage,
  Health,
  Journey,
  Leaderboard,
  RankedWindow,
  Ranking,
  Trend,
  Window
} from "../../src/domain/Answers.ts"
import type { ChainNode, ChainView } from "../../src/domain/Chain.ts"
import { requestAccepted } from "../../src/domain/Fact.ts"
import { OrderId } from "../../src/domain/Order.ts"
import type { Scope } from "../../src/domain/Scope.ts"
import { GitHubId, RunKey } from "../../src/domain/SourceRun.ts"
import type { ConnectionPage, Neighbours, WorkflowConnection } from "../../src/domain/Topology.ts"
import { acceptance, deliveryId, repository, sourceRun, target, workflow } from "../fixtures/Runs.ts"

const at = "2024-05-01T12:00:00.000Z"

const counts = (accepted: number): Counts => ({
  accepted,
  ignored: 0,
  invalid: 0,
  unreachable: 0,
  planned: accepted,
  queued: 1,
  denied: 2,
  dispatched: 3,
  failed: 4,
  unknown: 5,
  replayed: 7,
  redelivered: 8,
  completed: 2,
  lost: 0,
  running: 1,
  succeeded: 1,
  unsuccessful: 1,
  withdrawn: 9,
  unplanned: 10,
  targets: 11,
  open: 12,
  tried: 13
})

export const letter = {
  queue: "order",
  id: "7",
  body: { version: 1, run: "1/2/3", order: "1/2/3/acme/app/cd.yml", generation: 0 },
  reason: "gave up after 3 d, at attempt 300: HTTP 502",
  attempts: 300,
  diedAt: 1714564800000
} as const

export const health: Health = {
  status: "amber",
  reasons: [{ code: "backlog", message: "2 deliveries have no plan" }],
  asOf: at,
  lastFactAt: null,
  successRate: 0.5,
  backlog: { unplanned: 2, unsettled: 0 },
  stalled: [
    {
      kind: "unplanned",
      deliveryId,
      source: repository("acme/app"),
      workflow: workflow("ci.yml"),
      target: null,
      count: 1,
      since: at
    }
  ],
  moreStalled: 1,
  queues: [{ name: "plan", waiting: 2, inFlight: 1, dead: 0, oldest: 12.5 }]
}

const elapsed = { p50: 250, p95: 1000, p99: null, max: 1200 }
const stretch = { asOf: at, from: "2024-04-30T12:01:00.000Z", to: at }

export const figures = (scope: Scope, window: Window): Figures => ({
  scope,
  window,
  ...stretch,
  counts: counts(10),
  previous: counts(20),
  successRate: null,
  previousSuccessRate: 0.25,
  elapsed,
  resultRate: 0.5,
  previousResultRate: null,
  completion: elapsed,
  reasons: [
    { code: "inbound_not_allowed", count: 2 },
    { code: "self_dispatch", count: 1 }
  ]
})

export const trend = (scope: Scope, window: Window): Trend => ({
  scope,
  window,
  ...stretch,
  granularity: "hour",
  total: figures(scope, window),
  points: [{ at, counts: counts(1), elapsed, completion: elapsed }]
})

export const leaderboard = (ranking: Ranking, window: RankedWindow, page: number): Leaderboard => ({
  ranking,
  window,
  asOf: at,
  page,
  pages: 3,
  total: 101,
  rows: [
    {
      scope: { _tag: "Source", repository: repository("acme/app") },
      counts: counts(1),
      previous: counts(2),
      successRate: 1,
      p95: 42,
      resultRate: 0.5,
      completion: elapsed,
      topReason: null,
      change: -3
    }
  ]
})

const run = {
  deliveryId,
  acceptedAt: at,
  source: repository("acme/app"),
  sourceRepositoryId: GitHubId.make("1"),
  workflow: workflow("ci.yml"),
  runId: GitHubId.make("2"),
  attempt: 3,
  runNumber: 7,
  branch: "main",
  actor: "octocat"
}
const row: DeliveryRow = {
  ...run,
  conclusion: null,
  runUrl: null,
  status: "invalid",
  message: ".github/dispatching.yml:3: outbound is not a list",
  counts: counts(1)
}

export const deliveries: typeof DeliveryPage.Type = { rows: [row], cursor: "older" }

export const found: typeof FoundPage.Type = {
  rows: [{ ...run, sha: "c0ffee", runUrl: "https://github.com/acme/app/actions/runs/2" }],
  cursor: null
}

export const chainNode: ChainNode = {
  run: RunKey.make("1/2/3"),
  root: RunKey.make("7/8/1"),
  depth: 1,
  parent: OrderId.make("7/8/1/acme/app/ci.yml"),
  cause: RunKey.make("7/8/1"),
  deliveryId,
  acceptedAt: at,
  repository: repository("acme/app"),
  workflow: workflow("ci.yml"),
  branch: "main",
  runId: GitHubId.make("2"),
  attempt: 3,
  url: null,
  conclusion: "success",
  status: "open",
  message: null,
  states: { failed: 1, open: 1, running: 0, refused: 0, unseen: 0, succeeded: 0 },
  edges: [
    {
      orderId: OrderId.make("1/2/3/acme/deploy/cd.yml"),
      target: target(),
      state: "failed",
      status: "dispatched",
      since: at,
      reason: null,
      message: null,
      started: { id: GitHubId.make("9"), url: "https://github.com/acme/deploy/actions/runs/9" },
      result: { _tag: "Completed", conclusion: "failure", attempt: 1, completedAt: at, duration: 1000 }
    }
  ],
  moreEdges: 1
}
export const chain: ChainView = { nodes: [chainNode], cursor: "0001/7.abc" }

export const journey: Journey = {
  row,
  facts: [requestAccepted(acceptance(sourceRun()), { appVersion: "1.2.3" })],
  more: false,
  chain: chainNode
}
export const someJourney = Option.some(journey)

export const events: typeof EventPage.Type = {
  rows: [
    {
      id: "fact-1",
      type: "dispatch.target.denied",
      status: "denied",
      time: at,
      deliveryId,
      source: repository("acme/app"),
      workflow: workflow("ci.yml"),
      target: "acme/deploy cd.yml@main",
      reason: "inbound_not_allowed",
      message: "<b>not</b> allowed",
      url: null
    }
  ],
  cursor: null,
  days: 30
}

export const choices: Choices = {
  sources: [repository("acme/app")],
  targets: [repository("acme/deploy")],
  statuses: ["denied"],
  types: ["dispatch.target.denied"],
  windows: ["24h"],
  moreSources: true,
  moreTargets: false,
  searches: [["source"], ["source", "status"]]
}

/** A source that wants in and is not let in. */
export const deniedConnection: WorkflowConnection = {
  source: { repository: repository("acme/app"), workflow: workflow("ci.yml") },
  target: { repository: repository("umbrella/site"), workflow: workflow("deploy.yml") },
  run: RunKey.make("1296269/30433642/1"),
  acceptedAt: at,
  decision: "denied",
  ref: "main",
  state: "refused",
  status: "denied",
  since: at,
  reason: "inbound_not_allowed",
  message: "umbrella/site lets acme/app not in",
  started: null,
  result: null,
  counts: {
    ...{ allowed: 0, denied: 3, dispatched: 0, failed: 0, withdrawn: 0, unknown: 0 },
    ...{ succeeded: 0, unsuccessful: 0, running: 0 }
  }
}

/** One that works. */
export const workingConnection: WorkflowConnection = {
  ...deniedConnection,
  target: { repository: repository("acme/shop"), workflow: workflow("e2e.yml") },
  decision: "allowed",
  state: "succeeded",
  status: "dispatched",
  reason: null,
  message: null,
  started: { id: GitHubId.make("77"), url: "https://github.com/acme/shop/actions/runs/77" },
  result: { _tag: "Completed", conclusion: "success", attempt: 1, completedAt: at, duration: 61_000 },
  counts: {
    ...{ allowed: 7, denied: 0, dispatched: 6, failed: 1, withdrawn: 0, unknown: 0 },
    ...{ succeeded: 4, unsuccessful: 1, running: 1 }
  }
}

export const connections: typeof ConnectionPage.Type = {
  connections: [workingConnection, deniedConnection],
  cursor: "further on"
}

export const neighbours: Neighbours = {
  starts: [workingConnection, deniedConnection],
  startedBy: [],
  moreStarts: false,
  moreStartedBy: false,
  known: true
}
