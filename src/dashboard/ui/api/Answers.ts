/** Decoders of the answers that the page asks for; field by field what `domain/Answers.ts` says. */
import type {
  Choices,
  Counts,
  DeliveryRow,
  EventRow,
  Figures,
  FoundRun,
  Health,
  Leaderboard,
  Quantiles,
  QueueSample,
  RankedScope,
  StalledWork,
  Trend,
  TrendPoint
} from "../../../domain/Answers.ts"
import type { WorkflowFile } from "../../../domain/Names.ts"
import type { DeliveryId, GitHubId } from "../../../domain/SourceRun.ts"
import { deliveryStatusNames, rankedWindowNames, rankingNames, statusNames, windowNames } from "../format/Words.ts"
import { branded, type Decoder, flag, list, nullable, number, oneOf, struct, text } from "./Decode.ts"
import { repository, scope } from "./Scopes.ts"

const workflow = branded<WorkflowFile>()
const deliveryId = branded<DeliveryId>()
const gitHubId = branded<GitHubId>()
const window = oneOf(windowNames)

const ofStatus = Object.fromEntries(statusNames.map((status) => [status, number])) as {
  readonly [name in (typeof statusNames)[number]]: Decoder<number>
}
const counts = struct<Counts>({
  ...ofStatus,
  unplanned: number,
  targets: number,
  open: number,
  tried: number,
  running: number,
  succeeded: number,
  unsuccessful: number
})

const quantiles = struct<Quantiles>({
  p50: nullable(number),
  p95: nullable(number),
  p99: nullable(number),
  max: nullable(number)
})
/** What stretch of time an answer is about, and of which moment it is. */
const stretch = { asOf: text, from: text, to: text }

const figures = struct<Figures>({
  scope,
  window,
  ...stretch,
  counts,
  previous: counts,
  successRate: nullable(number),
  previousSuccessRate: nullable(number),
  elapsed: quantiles,
  resultRate: nullable(number),
  previousResultRate: nullable(number),
  completion: quantiles,
  reasons: list(struct<Figures["reasons"][number]>({ code: text, count: number }))
})

export const trend = struct<Trend>({
  scope,
  window,
  ...stretch,
  granularity: oneOf<Trend["granularity"]>(["minute", "hour", "day"]),
  total: figures,
  points: list(struct<TrendPoint>({ at: text, counts, elapsed: quantiles }))
})

export const leaderboard = struct<Leaderboard>({
  ranking: oneOf(rankingNames),
  window: oneOf(rankedWindowNames),
  asOf: text,
  page: number,
  pages: number,
  total: number,
  rows: list(
    struct<RankedScope>({
      scope,
      counts,
      previous: counts,
      successRate: nullable(number),
      p95: nullable(number),
      topReason: nullable(text),
      change: number
    })
  )
})

const stalled = struct<StalledWork>({
  kind: oneOf<StalledWork["kind"]>(["unplanned", "unsettled"]),
  deliveryId,
  source: repository,
  workflow,
  target: nullable(text),
  count: number,
  since: text
})

export const decodeHealth = struct<Health>({
  status: oneOf<Health["status"]>(["green", "amber", "red", "unknown"]),
  reasons: list(struct<Health["reasons"][number]>({ code: text, message: text })),
  asOf: nullable(text),
  lastFactAt: nullable(text),
  successRate: nullable(number),
  backlog: struct<Health["backlog"]>({ unplanned: number, unsettled: number }),
  stalled: list(stalled),
  moreStalled: number,
  queues: list(
    struct<QueueSample>({
      name: oneOf<QueueSample["name"]>(["plan", "order", "report", "fact"]),
      waiting: number,
      inFlight: number,
      dead: number,
      oldest: nullable(number)
    })
  )
})

export const choices = struct<Choices>({
  sources: list(repository),
  targets: list(repository),
  moreSources: flag,
  moreTargets: flag,
  statuses: list(text),
  types: list(text),
  windows: list(window),
  searches: list(list(text))
})

/** A page of a list, newest first; ask with `cursor` for the older ones. */
export interface PageOf<Row> {
  readonly rows: ReadonlyArray<Row>
  readonly cursor: string | null
}
const page = <Row>(row: Decoder<Row>): Decoder<PageOf<Row>> =>
  struct<PageOf<Row>>({ rows: list(row), cursor: nullable(text) })

/** What lists show of every run. */
const listedRun = {
  deliveryId,
  acceptedAt: text,
  source: repository,
  sourceRepositoryId: gitHubId,
  workflow,
  runId: gitHubId,
  attempt: number,
  runNumber: nullable(number),
  branch: nullable(text),
  actor: nullable(text)
}

export const deliveryRow = struct<DeliveryRow>({
  ...listedRun,
  conclusion: nullable(text),
  runUrl: nullable(text),
  status: oneOf(deliveryStatusNames),
  message: nullable(text),
  counts
})
export const deliveryPage = page(deliveryRow)

export const foundPage = page(
  struct<FoundRun>({
    ...listedRun,
    sha: text,
    runUrl: text
  })
)

export const eventPage = page(
  struct<EventRow>({
    id: text,
    type: text,
    status: text,
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
export interface ReplayedView {
  readonly deliveryId: string
  readonly generation: number
}
export const replayed = struct<ReplayedView>({ deliveryId: text, generation: number })
