/** The figures that these facts make at a moment: a plain sum over the contributions of their runs, minute by minute, and nothing of how they are stored. */
import type { Ranking, Trend, Window } from "../../src/domain/Answers.ts"
import type { Contribution } from "../../src/domain/Contribution.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { rankedKind, rankScopes } from "../../src/domain/Leaderboards.ts"
import { foldRun, runOf } from "../../src/domain/RunFold.ts"
import { type Scope, scopeKey } from "../../src/domain/Scope.ts"
import { sumTallies, type Tally } from "../../src/domain/Tally.ts"
import { pointFigures, toFigures, toPoint, windowFigures } from "../../src/domain/WindowFigures.ts"

const minute = 60_000
const day = 1440 * minute

/** What the runs of facts add. */
export const contributionsOf = (facts: ReadonlyArray<Fact>): ReadonlyArray<Contribution> =>
  [...Map.groupBy(facts, runOf).values()].flatMap((own) => {
    const { contribution, lost } = foldRun(own as [Fact, ...Array<Fact>])
    return contribution === undefined ? lost : [contribution, ...lost]
  })

/** What was added in a scope at a time. */
interface Added {
  readonly at: number
  readonly tally: Tally
}
export interface About {
  readonly scope: Scope
  readonly added: ReadonlyArray<Added>
}

/** All scopes with what was added in them. */
export const scopesWith = (contributions: ReadonlyArray<Contribution>): ReadonlyArray<About> => {
  const all = new Map<string, { readonly scope: Scope; readonly added: Array<Added> }>()
  for (const { acceptedAt, source, workflow, version, tally, targets } of contributions) {
    const at = Date.parse(acceptedAt)
    const add = (scope: Scope, tally: Tally) => {
      const about = all.get(scopeKey(scope)) ?? { scope, added: [] }
      about.added.push({ at, tally })
      all.set(scopeKey(scope), about)
    }
    for (const scope of [
      { _tag: "Global" },
      { _tag: "Source", repository: source },
      { _tag: "Workflow", repository: source, workflow },
      { _tag: "Version", version }
    ] as const) {
      add(scope, tally)
      for (const target of targets) add(scope, target.tally)
    }
    for (const { repository, tally } of targets) {
      add({ _tag: "Target", repository }, tally)
      add({ _tag: "Pair", source, target: repository }, tally)
    }
  }
  return [...all.values()]
}

const spans: Record<Window, readonly [unit: number, count: number]> = {
  "15m": [minute, 15],
  "1h": [minute, 60],
  "24h": [minute, 1440],
  "7d": [minute, 10_080],
  "30d": [day, 30],
  "90d": [day, 90]
}
const units: Record<Window, number> = {
  "15m": minute,
  "1h": minute,
  "24h": 60 * minute,
  "7d": 60 * minute,
  "30d": day,
  "90d": day
}

const sumBetween = (added: ReadonlyArray<Added>, from: number, to: number): Tally =>
  sumTallies(added.filter(({ at }) => at >= from && at < to).map(({ tally }) => tally))

/** The figures of a window at a moment, as they are stored. */
export const expectedWindow = ({ added }: About, window: Window, now: number) => {
  const [unit, count] = spans[window]
  const end = (Math.floor(now / unit) + 1) * unit
  const start = end - count * unit
  return windowFigures(sumBetween(added, start, end), sumBetween(added, start - count * unit, start))
}

/** The trend of a window at a moment. */
export const expectedTrend = (about: About, window: Window, now: number): Trend => {
  const [unit, count] = spans[window]
  const start = (Math.floor(now / unit) + 1 - count) * unit
  const total = toFigures(about.scope, window, now, expectedWindow(about, window, now))
  const within = about.added.filter(({ at }) => at >= start && at <= now)
  const points = [...Map.groupBy(within, ({ at }) => Math.floor(at / units[window]) * units[window])]
    .toSorted(([a], [b]) => a - b)
    .map(([at, added]) => ({ at, tally: sumTallies(added.map(({ tally }) => tally)) }))
    .map(({ at, tally }) => toPoint(new Date(at).toISOString(), pointFigures(tally)))
  const granularity = units[window] === minute ? "minute" : units[window] === day ? "day" : "hour"
  const { scope } = about
  return { scope, window, asOf: total.asOf, from: total.from, to: total.to, granularity, total, points }
}

/** What happened on each connection today and on the six days before (UTC): by `<source> <target>`, those with something only. */
export const expectedConnectionCounts = (contributions: ReadonlyArray<Contribution>, now: number) => {
  const first = (Math.floor(now / day) - 6) * day
  const all = new Map<string, Record<string, number>>()
  for (const { acceptedAt, source, workflow, targets } of contributions) {
    if (Date.parse(acceptedAt) < first) continue
    for (const { repository, workflow: started, tally } of targets) {
      const key = `${source}/${workflow} ${repository}/${started}`.toLowerCase()
      const { queued: allowed = 0, ...counts } = tally.counts
      const before = all.get(key) ?? {}
      const names = ["denied", "dispatched", "failed", "withdrawn", "unknown", "succeeded", "unsuccessful", "running"]
      all.set(key, {
        allowed: (before.allowed ?? 0) + allowed,
        ...Object.fromEntries(names.map((name) => [name, (before[name] ?? 0) + (counts[name] ?? 0)]))
      })
    }
  }
  return all
}

/** What the latest run says of each connection, of runs that were accepted at once that whose key is greatest: by `<source> <target>`. */
export const expectedLatest = (contributions: ReadonlyArray<Contribution>) => {
  const inOrder = contributions.toSorted((a, b) => (`${a.acceptedAt} ${a.run}` < `${b.acceptedAt} ${b.run}` ? -1 : 1))
  const all = inOrder.flatMap(({ run, acceptedAt, source, workflow, targets }) =>
    targets.map(({ repository, workflow: started, fate }) => {
      const ends = { source: { repository: source, workflow }, target: { repository, workflow: started } }
      const key = `${source}/${workflow} ${repository}/${started}`.toLowerCase()
      return [key, { ...ends, run, acceptedAt, ...fate }] as const
    })
  )
  return new Map<string, unknown>(all)
}

/** The rows of a ranking at a moment. */
export const expectedRanking = (abouts: ReadonlyArray<About>, ranking: Ranking, window: Window, now: number) =>
  rankScopes(
    ranking,
    abouts
      .filter(({ scope }) => scope._tag === rankedKind[ranking])
      .map((about) => ({ scope: about.scope, figures: expectedWindow(about, window, now) }))
  )
