/**
 * The stub server's figures: what the real one keeps in projections is folded here from the made-up facts when asked, which is slow and
 * simple, and types and keys are those of the contract (`src/domain/Views.ts`).
 */
import type { Fact } from "../../../src/domain/Fact.ts"
import { judgeHealth } from "../../../src/domain/Healthiness.ts"
import {
  additions,
  type Counter,
  counterOf,
  counters,
  elapsedAttribute,
  elapsedBounds,
  reasonOf
} from "../../../src/domain/Measure.ts"
import { type Scope, scopeKey, scopesOf } from "../../../src/domain/Scope.ts"
import {
  type Counts,
  type Health,
  type Kpi,
  type Leaderboard,
  type Quantiles,
  type Range,
  type RankedScope,
  type Ranking,
  rankings,
  type StalledWork,
  type Trend,
  type Window
} from "../../../src/domain/Views.ts"
import type { World } from "./StubWorld.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const lengths: Readonly<Record<Window, number>> = { "15m": 15 * minute, "1h": hour, "24h": day, "7d": 7 * day }

const iso = (time: number): string => new Date(time).toISOString()
const at = ({ time }: Fact): number => Date.parse(time)

export const countsOf = (facts: ReadonlyArray<Fact>): Counts => {
  const counts = Object.fromEntries(counters.map((counter) => [counter, 0])) as Record<Counter, number>
  for (const { type } of facts) counts[counterOf[type]] += 1
  return counts
}

const successRate = ({ dispatched, failed, unknown }: Counts): number | null => {
  const tried = dispatched + failed + unknown
  return tried === 0 ? null : dispatched / tried
}

const reasonsOf = (facts: ReadonlyArray<Fact>) => {
  const often = new Map<string, number>()
  for (const code of facts.map(reasonOf)) if (code !== undefined) often.set(code, (often.get(code) ?? 0) + 1)
  return [...often].map(([code, count]) => ({ code, count })).toSorted((a, b) => b.count - a.count)
}

const quantilesOf = (facts: ReadonlyArray<Fact>): Quantiles => {
  const times = facts
    .flatMap((fact) =>
      fact.type === "dispatch.trigger.succeeded" && fact.data.generation === 0 ? [fact.data.elapsed] : []
    )
    .toSorted((a, b) => a - b)
  const quantile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
}

const elapsedOf = (facts: ReadonlyArray<Fact>): Kpi["elapsed"] => {
  const added = facts.filter(({ type }) => type === "dispatch.trigger.succeeded").map(additions)
  const histogram = [...elapsedBounds, Number.POSITIVE_INFINITY].map(
    (_, index) => added.filter((one) => one[elapsedAttribute(index)] === 1).length
  )
  return { histogram, ...quantilesOf(facts) }
}

const within = (facts: ReadonlyArray<Fact>, from: number, to: number) =>
  facts.filter((fact) => at(fact) > from && at(fact) <= to)

type Scoped = ReadonlyMap<string, { readonly scope: Scope; readonly facts: ReadonlyArray<Fact> }>
const scoped = new WeakMap<World, Scoped>()

/** The facts of each scope, gone through once. */
const byScope = (world: World): Scoped => {
  const known = scoped.get(world)
  if (known !== undefined) return known
  const made = new Map<string, { readonly scope: Scope; readonly facts: Array<Fact> }>()
  for (const fact of world.facts) {
    for (const scope of scopesOf(fact)) {
      const entry = made.get(scopeKey(scope)) ?? { scope, facts: [] }
      entry.facts.push(fact)
      made.set(scopeKey(scope), entry)
    }
  }
  scoped.set(world, made)
  return made
}
const ofScope = (world: World, scope: Scope): ReadonlyArray<Fact> => byScope(world).get(scopeKey(scope))?.facts ?? []

export const kpi = (world: World, scope: Scope, window: Window, now: number): Kpi => {
  const all = ofScope(world, scope)
  const [length, facts] = [lengths[window], within(all, now - lengths[window], now)]
  const counts = countsOf(facts)
  return {
    scope,
    window,
    updatedAt: iso(now - 20_000),
    counts,
    previous: countsOf(within(all, now - 2 * length, now - length)),
    successRate: successRate(counts),
    elapsed: elapsedOf(facts),
    reasons: reasonsOf(facts)
  }
}

const grids: Readonly<Record<Range, readonly [granularity: Trend["granularity"], step: number, points: number]>> = {
  "1h": ["minute", minute, 60],
  "24h": ["hour", hour, 24],
  "7d": ["hour", hour, 168],
  "30d": ["day", day, 30],
  "90d": ["day", day, 90]
}

export const trend = (world: World, scope: Scope, range: Range, now: number): Trend => {
  const [granularity, step, number] = grids[range]
  const first = Math.floor(now / step) * step - (number - 1) * step
  const bins = Map.groupBy(ofScope(world, scope), (fact) => Math.floor(at(fact) / step) * step)
  const points = [...bins]
    .filter(([start]) => start >= first)
    .toSorted(([a], [b]) => a - b)
    .map(([start, facts]) => ({ at: iso(start), counts: countsOf(facts), elapsed: quantilesOf(facts) }))
  return { scope, range, granularity, points }
}

export const health = (world: World, now: number): Health => {
  const counts = countsOf(within(world.facts, now - hour, now))
  const waiting = world.stalled.map(
    ({ deliveryId, run, acceptedAt }, index): StalledWork => ({
      kind: index === 0 ? "unplanned" : "unsettled",
      deliveryId,
      source: run.repository,
      workflow: run.workflow,
      target: index === 0 ? null : "acme/deploy cd.yml@main",
      since: acceptedAt
    })
  )
  const lastHour = { counts, successRate: successRate(counts) }
  return judgeHealth(
    { now, lastFactAt: world.facts[0]?.time ?? null, lastHour, waiting, obstacles: [] },
    iso(now - 20_000)
  )
}

const kindOf: Readonly<Record<Ranking, Scope["_tag"]>> = {
  sources: "Source",
  targets: "Target",
  workflows: "Workflow",
  versions: "Version",
  movers: "Source"
}
const trouble = ({ counts }: RankedScope) => counts.failed + counts.unknown + counts.denied + counts.withdrawn
const movement = ({ counts, previous }: RankedScope) => Math.abs(counts.accepted - previous.accepted)

const pageRows = 10

export const leaderboard = (world: World, ranking: Ranking, window: Window, page: number, now: number): Leaderboard => {
  const scopes = [...byScope(world).values()].map(({ scope }) => scope).filter(({ _tag }) => _tag === kindOf[ranking])
  const ranked = scopes.map((scope): RankedScope => {
    const { counts, previous, successRate: rate, elapsed, reasons } = kpi(world, scope, window, now)
    return { scope, counts, previous, successRate: rate, p95: elapsed.p95, topReason: reasons[0]?.code ?? null }
  })
  const weight = ranking === "movers" ? movement : trouble
  const rows = ranked.toSorted((a, b) => weight(b) - weight(a) || b.counts.dispatched - a.counts.dispatched)
  return {
    ranking,
    window,
    updatedAt: iso(now - 20_000),
    page,
    pages: Math.max(1, Math.ceil(rows.length / pageRows)),
    rows: rows.slice(page * pageRows, (page + 1) * pageRows)
  }
}

export const isRanking = (text: string): text is Ranking => rankings.some((ranking) => ranking === text)
