/** Decoders of the answers that the page asks for; field by field what `domain/Views.ts` says. */
import type { WorkflowFile } from "../../../domain/Names.ts"
import type { DeliveryId, GitHubId } from "../../../domain/SourceRun.ts"
import type {
  Choices,
  Counts,
  DeliveryRow,
  EventRow,
  Health,
  Kpi,
  Leaderboard,
  Quantiles,
  RankedScope,
  StalledWork,
  Trend,
  TrendPoint
} from "../../../domain/Views.ts"
import { rangeNames, rankingNames, statusNames, windowNames } from "../format/Words.ts"
import { branded, type Decoder, list, nullable, number, oneOf, struct, text } from "./Decode.ts"
import { repository, scope } from "./Scopes.ts"

const workflow = branded<WorkflowFile>()
const deliveryId = branded<DeliveryId>()
const window = oneOf(windowNames)
const range = oneOf(rangeNames)
const status = oneOf(statusNames)

const counts = struct<Counts>({
  accepted: number,
  ignored: number,
  invalid: number,
  unreachable: number,
  planned: number,
  queued: number,
  denied: number,
  dispatched: number,
  failed: number,
  withdrawn: number,
  unknown: number,
  reported: number,
  replayed: number,
  redelivered: number
})

const quantiles = { p50: nullable(number), p95: nullable(number), p99: nullable(number) }

export const kpi = struct<Kpi>({
  scope,
  window,
  updatedAt: text,
  counts,
  previous: counts,
  successRate: nullable(number),
  elapsed: struct<Kpi["elapsed"]>({
    histogram: list(number),
    ...quantiles
  }),
  reasons: list(struct<Kpi["reasons"][number]>({ code: text, count: number }))
})

export const trend = struct<Trend>({
  scope,
  range,
  granularity: oneOf<Trend["granularity"]>(["minute", "hour", "day"]),
  points: list(struct<typeof TrendPoint.Type>({ at: text, counts, elapsed: struct<Quantiles>(quantiles) }))
})

export const leaderboard = struct<Leaderboard>({
  ranking: oneOf(rankingNames),
  window,
  updatedAt: text,
  page: number,
  pages: number,
  rows: list(
    struct<RankedScope>({
      scope,
      counts,
      previous: counts,
      successRate: nullable(number),
      p95: nullable(number),
      topReason: nullable(text)
    })
  )
})

export const health = struct<Health>({
  status: oneOf<Health["status"]>(["green", "amber", "red", "unknown"]),
  reasons: list(struct<Health["reasons"][number]>({ code: text, message: text })),
  updatedAt: nullable(text),
  lastFactAt: nullable(text),
  successRate: nullable(number),
  backlog: struct<Health["backlog"]>({ unplanned: number, unsettled: number }),
  stalled: list(
    struct<typeof StalledWork.Type>({
      kind: oneOf<"unplanned" | "unsettled">(["unplanned", "unsettled"]),
      deliveryId,
      source: repository,
      workflow,
      target: nullable(text),
      since: text
    })
  )
})

export const choices = struct<Choices>({
  sources: list(repository),
  targets: list(repository),
  statuses: list(status),
  types: list(text),
  windows: list(window),
  ranges: list(range),
  searches: list(list(text))
})

/** A page of a list, newest first; ask with `cursor` for the older ones. */
export interface Page<Row> {
  readonly rows: ReadonlyArray<Row>
  readonly cursor: string | null
}
const page = <Row>(row: Decoder<Row>): Decoder<Page<Row>> =>
  struct<Page<Row>>({ rows: list(row), cursor: nullable(text) })

export const deliveryPage = page(
  struct<DeliveryRow>({
    deliveryId,
    acceptedAt: text,
    source: repository,
    sourceRepositoryId: branded<GitHubId>(),
    workflow,
    runId: branded<GitHubId>(),
    attempt: number,
    branch: nullable(text),
    conclusion: nullable(text),
    runUrl: nullable(text),
    counts
  })
)

export const eventPage = page(
  struct<EventRow>({
    id: text,
    type: text,
    status,
    time: text,
    deliveryId,
    source: repository,
    workflow,
    target: nullable(text),
    reason: nullable(text),
    message: nullable(text),
    url: nullable(text)
  })
)

/** The answer to a replay. */
export interface Replayed {
  readonly deliveryId: string
  readonly generation: number
}
export const replayed = struct<Replayed>({ deliveryId: text, generation: number })
