/** Stored answers as Record and Rollup leave them: small, valid, and different enough to be told apart. */

import { Option } from "effect"
import { requestAccepted } from "../../src/domain/Fact.ts"
import type { Scope } from "../../src/domain/Scope.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import type {
  Choices,
  Counts,
  DeliveryPage,
  EventPage,
  Health,
  Journey,
  Kpi,
  Leaderboard,
  Range,
  Ranking,
  Trend,
  Window
} from "../../src/domain/Views.ts"
import { acceptance, deliveryId, repository, sourceRun, workflow } from "../fixtures/Runs.ts"

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
  reported: 6,
  replayed: 7,
  redelivered: 8,
  withdrawn: 9
})

export const letter = {
  queue: "order",
  id: "7",
  body: { version: 1, run: "1/2/3", order: "1/2/3/acme/app/cd.yml", generation: 0 },
  reason: "gave up after 3d, at attempt 300: HTTP 502",
  attempts: 300,
  diedAt: 1714564800000
} as const

export const health: Health = {
  status: "amber",
  reasons: [{ code: "backlog", message: "2 deliveries have no plan" }],
  updatedAt: at,
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
      since: at
    }
  ]
}

export const kpi = (scope: Scope, window: Window): Kpi => ({
  scope,
  window,
  updatedAt: at,
  counts: counts(10),
  previous: counts(20),
  successRate: null,
  elapsed: { histogram: [1, 2, 3], p50: 250, p95: 1000, p99: null },
  reasons: [
    { code: "inbound_not_allowed", count: 2 },
    { code: "self_dispatch", count: 1 }
  ]
})

export const trend = (scope: Scope, range: Range): Trend => ({
  scope,
  range,
  granularity: "hour",
  points: [{ at, counts: counts(1), elapsed: { p50: 250, p95: 1000, p99: null } }]
})

export const leaderboard = (ranking: Ranking, window: Window, page: number): Leaderboard => ({
  ranking,
  window,
  updatedAt: at,
  page,
  pages: 3,
  rows: [
    {
      scope: { _tag: "Source", repository: repository("acme/app") },
      counts: counts(1),
      previous: counts(2),
      successRate: 1,
      p95: 42,
      topReason: null
    }
  ]
})

export const deliveries: typeof DeliveryPage.Type = {
  rows: [
    {
      deliveryId,
      acceptedAt: at,
      source: repository("acme/app"),
      sourceRepositoryId: GitHubId.make("1"),
      workflow: workflow("ci.yml"),
      runId: GitHubId.make("2"),
      attempt: 3,
      branch: "main",
      conclusion: null,
      runUrl: null,
      counts: counts(1)
    }
  ],
  cursor: "older"
}

export const journey: Journey = { facts: [requestAccepted(acceptance(sourceRun()), { appVersion: "1.2.3" })] }
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
  cursor: null
}

export const choices: Choices = {
  sources: [repository("acme/app")],
  targets: [repository("acme/deploy")],
  statuses: ["denied"],
  types: ["dispatch.target.denied"],
  windows: ["24h"],
  ranges: ["7d"],
  searches: [["source"], ["source", "status"]]
}
