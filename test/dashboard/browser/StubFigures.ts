/**
 * The stub server's figures: what the real one stores is folded here from the made-up facts when asked, which is slow and simple; types and
 * keys are those of the contract (`src/domain/Answers.ts`).
 */
import type {
  Counts,
  Figures,
  Health,
  Leaderboard,
  Quantiles,
  RankedScope,
  RankedWindow,
  Ranking,
  StalledWork,
  Trend,
  Window
} from "../../../src/domain/Answers.ts"
import type { Contribution } from "../../../src/domain/Contribution.ts"
import { type Scope, scopeKey } from "../../../src/domain/Scope.ts"
import { quantilesIn } from "../../../src/domain/Sketch.ts"
import { sumTallies, type Tally, wholeCounts } from "../../../src/domain/Tally.ts"
import { rankings } from "../../../src/domain/Vocabulary.ts"
import { type Folded, foldsOf } from "./StubFolds.ts"
import type { World } from "./StubWorld.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

type Granularity = Trend["granularity"]
const steps: Readonly<Record<Granularity, number>> = { minute, hour, day }
/** How long each window is, and its points. */
const windowForms: Readonly<Record<Window, readonly [length: number, granularity: Granularity]>> = {
  "15m": [15 * minute, "minute"],
  "1h": [hour, "minute"],
  "24h": [day, "hour"],
  "7d": [7 * day, "hour"],
  "30d": [30 * day, "day"],
  "90d": [90 * day, "day"]
}

const iso = (time: number): string => new Date(time).toISOString()

interface Entry {
  readonly at: number
  readonly tally: Tally
}
interface Scoped {
  readonly scope: Scope
  readonly entries: Array<Entry>
}

const partsOf = ({
  source,
  workflow,
  version,
  tally,
  targets
}: Contribution): ReadonlyArray<readonly [Scope, Tally]> => {
  const whole = sumTallies([tally, ...targets.map((target) => target.tally)])
  return [
    [{ _tag: "Global" }, whole],
    [{ _tag: "Source", repository: source }, whole],
    [{ _tag: "Workflow", repository: source, workflow }, whole],
    [{ _tag: "Version", version }, whole],
    ...targets.flatMap(
      ({ repository, tally: part }): ReadonlyArray<readonly [Scope, Tally]> => [
        [{ _tag: "Target", repository }, part],
        [{ _tag: "Pair", source, target: repository }, part]
      ]
    )
  ]
}

const scoped = new WeakMap<World, ReadonlyMap<string, Scoped>>()
/** What each scope is made of, gone through once. */
const byScope = (world: World): ReadonlyMap<string, Scoped> => {
  const known = scoped.get(world)
  if (known !== undefined) return known
  const made = new Map<string, Scoped>()
  for (const contribution of foldsOf(world).flatMap(({ contributions }: Folded) => contributions)) {
    for (const [scope, tally] of partsOf(contribution)) {
      const entry = made.get(scopeKey(scope)) ?? { scope, entries: [] }
      entry.entries.push({ at: Date.parse(contribution.acceptedAt), tally })
      made.set(scopeKey(scope), entry)
    }
  }
  scoped.set(world, made)
  return made
}
const ofScope = (world: World, scope: Scope): ReadonlyArray<Entry> => byScope(world).get(scopeKey(scope))?.entries ?? []

const rateOf = ({ dispatched, tried }: Counts): number | null => (tried === 0 ? null : dispatched / tried)
const quantilesOf = (elapsed: Tally["elapsed"]): Quantiles => {
  if (elapsed === undefined) return { p50: null, p95: null, p99: null, max: null }
  const quantile = quantilesIn(elapsed)
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: elapsed.max }
}

/** The first moment of a window: of its first minute, or its first day. */
const startOf = (window: Window, now: number): number => {
  const [length, granularity] = windowForms[window]
  const step = granularity === "day" ? day : minute
  return Math.floor(now / step) * step + step - length
}
const sumWithin = (entries: ReadonlyArray<Entry>, from: number, to: number): Tally =>
  sumTallies(entries.filter(({ at }) => at >= from && at < to).map(({ tally }) => tally))

/** The rollup was some seconds ago. */
const momentOf = (world: World, now: number): number => world.rolledUpAt ?? now - 20_000

export const figures = (world: World, scope: Scope, window: Window, now: number): Figures => {
  const moment = momentOf(world, now)
  const [from, [length]] = [startOf(window, moment), windowForms[window]]
  const tally = sumWithin(ofScope(world, scope), from, now)
  const [counts, previous] = [wholeCounts(tally), wholeCounts(sumWithin(ofScope(world, scope), from - length, from))]
  return {
    scope,
    window,
    asOf: iso(moment),
    from: iso(from),
    to: iso(moment),
    counts,
    previous,
    successRate: rateOf(counts),
    previousSuccessRate: rateOf(previous),
    elapsed: quantilesOf(tally.elapsed),
    resultRate: counts.completed === 0 ? null : counts.succeeded / counts.completed,
    previousResultRate: previous.completed === 0 ? null : previous.succeeded / previous.completed,
    completion: quantilesOf(tally.completion),
    reasons: Object.entries(tally.reasons ?? {})
      .map(([code, count]) => ({ code, count }))
      .toSorted((a, b) => b.count - a.count)
  }
}

export const trend = (world: World, scope: Scope, window: Window, now: number): Trend => {
  const total = figures(world, scope, window, now)
  const [, granularity] = windowForms[window]
  const step = steps[granularity]
  const within = ofScope(world, scope).filter(({ at }) => at >= Date.parse(total.from))
  const bins = Map.groupBy(within, ({ at }) => Math.floor(at / step) * step)
  const points = [...bins]
    .toSorted(([a], [b]) => a - b)
    .map(([start, entries]) => {
      const tally = sumTallies(entries.map((entry) => entry.tally))
      const { elapsed, completion } = tally
      return {
        at: iso(start),
        counts: wholeCounts(tally),
        elapsed: quantilesOf(elapsed),
        completion: quantilesOf(completion)
      }
    })
  const { asOf, from, to } = total
  return { scope, window, asOf, from, to, granularity, total, points }
}

const queues: Health["queues"] = [
  { name: "plan", waiting: 1, inFlight: 0, dead: 0, oldest: 340 },
  { name: "order", waiting: 3, inFlight: 2, dead: 1, oldest: 12 },
  { name: "report", waiting: 0, inFlight: 0, dead: 0, oldest: null },
  { name: "fact", waiting: 0, inFlight: 0, dead: 0, oldest: null }
]

export const health = (world: World, now: number): Health => {
  const moment = momentOf(world, now)
  const stalled = world.stalled.map(
    ({ deliveryId, run, acceptedAt }, index): StalledWork => ({
      kind: index === 0 ? "unplanned" : "unsettled",
      deliveryId,
      source: run.repository,
      workflow: run.workflow,
      target: index === 0 ? null : "acme/deploy cd.yml@main",
      count: index === 0 ? 1 : 3,
      since: acceptedAt
    })
  )
  const { successRate } = figures(world, { _tag: "Global" }, "1h", now)
  const isEmpty = world.facts.length === 0
  const common = {
    asOf: world.rolledUpAt === null ? null : iso(moment),
    lastFactAt: world.rolledUpAt === null ? null : (world.facts[0]?.time ?? null),
    successRate,
    queues: isEmpty ? [] : queues,
    stalled
  }
  const nothing = { backlog: { unplanned: 0, unsettled: 0 }, moreStalled: 0 }
  if (world.rolledUpAt === null || isEmpty) {
    return {
      ...common,
      ...nothing,
      status: "unknown",
      reasons: [{ code: "idle", message: "Nothing was counted yet." }]
    }
  }
  if (stalled.length === 0) return { ...common, ...nothing, status: "green", reasons: [] }
  return {
    ...common,
    status: "amber",
    reasons: [{ code: "unplanned", message: "A delivery has waited for its plan for 6 minutes." }],
    backlog: { unplanned: 1, unsettled: 3 },
    moreStalled: 4
  }
}

const kindOf: Readonly<Record<Ranking, Scope["_tag"]>> = {
  sources: "Source",
  targets: "Target",
  workflows: "Workflow",
  versions: "Version",
  movers: "Source",
  results: "Target"
}
const trouble = ({ counts }: RankedScope) =>
  counts.failed + counts.unknown + counts.invalid + counts.unreachable + counts.denied + counts.withdrawn
const weights: Partial<Record<Ranking, (row: RankedScope) => number>> = {
  movers: ({ change }) => Math.abs(change),
  results: ({ counts }) => counts.unsuccessful
}
const endedOf = ({ tried, denied, withdrawn }: Counts) => tried + denied + withdrawn

const pageRows = 10

export const leaderboard = (
  world: World,
  ranking: Ranking,
  window: RankedWindow,
  page: number,
  now: number
): Leaderboard => {
  const scopes = [...byScope(world).values()].map(({ scope }) => scope).filter(({ _tag }) => _tag === kindOf[ranking])
  const ranked = scopes.map((scope): RankedScope => {
    const { counts, previous, elapsed, reasons, ...rest } = figures(world, scope, window, now)
    const { successRate, resultRate, completion } = rest
    const change = endedOf(counts) - endedOf(previous)
    const topReason = reasons[0]?.code ?? null
    return { scope, counts, previous, successRate, p95: elapsed.p95, resultRate, completion, topReason, change }
  })
  const weight = weights[ranking] ?? trouble
  const rows = ranked.toSorted((a, b) => weight(b) - weight(a) || b.counts.dispatched - a.counts.dispatched)
  return {
    ranking,
    window,
    asOf: iso(momentOf(world, now)),
    page,
    pages: Math.max(1, Math.ceil(rows.length / pageRows)),
    total: rows.length,
    rows: rows.slice(page * pageRows, (page + 1) * pageRows)
  }
}

export const isRanking = (text: string): text is Ranking => rankings.some((ranking) => ranking === text)
