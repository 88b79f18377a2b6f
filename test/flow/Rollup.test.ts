import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { rangeSpans, windowSpans } from "../../src/domain/Bucket.ts"
import { type Fact, requestAccepted } from "../../src/domain/Fact.ts"
import { addUp, countsOf, type Figures, figuresOf, quantilesOf, type Sums } from "../../src/domain/Figures.ts"
import { additions } from "../../src/domain/Measure.ts"
import { rank } from "../../src/domain/Ranking.ts"
import { globalScope, type Scope, scopeKey, scopesOf } from "../../src/domain/Scope.ts"
import { type Range, ranges, rankings, type Trend, type Window, windows } from "../../src/domain/Views.ts"
import { rollup, rollupEachMinute } from "../../src/flow/Rollup.ts"
import { Readings } from "../../src/store/Readings.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"
import { expectedOpen } from "../store/Expected.ts"
import { layers } from "../store/Layers.ts"
import { Spy } from "../store/SpiedTable.ts"
import { record, retold } from "../store/Telling.ts"

const minute = 60_000
const lengths = { minute, hour: 60 * minute, day: 1440 * minute } as const

/** What was added by facts of `from` to `to`, the end excluded. */
const sumsOf = (facts: ReadonlyArray<Fact>, from: number, to: number): Sums =>
  addUp(facts.filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to).map(additions))

/** The figures of a scope at `now`, computed from its facts themselves. */
const naive = (facts: ReadonlyArray<Fact>, scope: Scope, window: Window, now: number): Figures => {
  const { granularity, buckets } = windowSpans[window]
  const length = lengths[granularity]
  const start = (Math.floor(now / length) - buckets) * length
  return figuresOf(scope, window, sumsOf(facts, start, now + 1), sumsOf(facts, start - buckets * length, start))
}

/** The points of a trend at `now`, computed from the facts themselves. */
const naivePoints = (facts: ReadonlyArray<Fact>, range: Range, now: number): Trend["points"] => {
  const { granularity, buckets } = rangeSpans[range]
  const length = lengths[granularity]
  const startOf = (time: string) => Math.floor(Date.parse(time) / length) * length
  const first = (Math.floor(now / length) - buckets) * length
  const byBucket = Map.groupBy(facts, ({ time }) => startOf(time))
  return Array.from(byBucket, ([start, parts]) => ({ start, sums: addUp(parts.map(additions)) }))
    .filter(({ start }) => start >= first)
    .sort((a, b) => a.start - b.start)
    .map(({ start, sums }) => ({
      at: new Date(start).toISOString(),
      counts: countsOf(sums),
      elapsed: quantilesOf(sums)
    }))
}

interface About {
  readonly scope: Scope
  readonly facts: ReadonlyArray<Fact>
}
const byScope = (facts: ReadonlyArray<Fact>): ReadonlyArray<About> => {
  const all = facts.flatMap((fact) => scopesOf(fact).map((scope) => ({ scope, fact })))
  return Array.from(Map.groupBy(all, ({ scope }) => scopeKey(scope)).values()).flatMap((group) =>
    group.slice(0, 1).map(({ scope }) => ({ scope, facts: group.map(({ fact }) => fact) }))
  )
}

/** Scopes are the same however they are spelled. */
const plain = <A extends { readonly scope: Scope }>({ scope, ...rest }: A) => ({ ...rest, scope: scopeKey(scope) })

/** Everything that a rollup at `now` must have left behind. */
const check = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, now: number) {
  const readings = yield* Readings
  const updatedAt = new Date(now).toISOString()
  const abouts = byScope(facts)
  for (const window of windows) {
    const all = abouts.map((about) => naive(about.facts, about.scope, window, now))
    for (const expected of all) {
      const kpi = yield* readings.kpi(expected.scope, window)
      assert.deepStrictEqual(plain(kpi), plain({ ...expected, updatedAt }), `${window} ${scopeKey(expected.scope)}`)
    }
    for (const ranking of rankings) {
      const { rows } = yield* readings.leaderboard(ranking, window, 0)
      assert.deepStrictEqual(rows.map(plain), rank(ranking, all).slice(0, 50).map(plain), `${window} ${ranking}`)
    }
  }
  for (const range of ranges) {
    for (const about of abouts) {
      const { points } = yield* readings.trend(about.scope, range)
      assert.deepStrictEqual(points, naivePoints(about.facts, range, now), `${range} ${scopeKey(about.scope)}`)
    }
  }
})

/** A tick that may die after some of its writes, and the next one. */
const tickWithTrouble = Effect.fnUntraced(function* (chance: Chance) {
  const { plot } = yield* Spy
  const fatal = chance.below(60)
  if (chance.happens(0.5)) plot((n) => (n === fatal ? chance.pick(["death", "unavailable", "lost"]) : undefined))
  yield* Effect.exit(rollup)
  plot(() => undefined)
  if (chance.happens(0.3)) yield* Effect.all([rollup, rollup], { concurrency: "unbounded" })
  else yield* rollup
})

const steps = [
  0,
  40_000,
  minute,
  3 * minute,
  20 * minute,
  59 * minute,
  130 * minute,
  11 * 60 * minute,
  26 * 60 * minute
] as const

for (const [name, layer] of Object.entries(layers)) {
  describe(`Rollup on ${name}`, () => {
    it.effect.prop(
      "says what the facts say at any time, whatever ticks were missed, doubled or cut short",
      { seed: Schema.Int },
      ({ seed }) =>
        Effect.gen(function* () {
          const chance = new Chance(seed)
          let now = Date.parse("2026-11-23T00:20:00.000Z")
          const facts: Array<Fact> = []
          for (let turn = 0; turn < 6; turn++) {
            now += chance.pick(steps)
            yield* TestClock.setTime(now)
            const news = Array.from({ length: chance.below(5) }, (_, n) => {
              const index = 100 * turn + n
              if (chance.happens(0.5)) return journey({ chance, index, at: now - chance.below(minute), pace: 500 })
              const age = chance.happens(0.8) ? chance.below(20 * minute) : chance.below(30 * 60 * minute)
              return journey({ chance, index, at: now - age, pace: 15_000 })
            })
              .flat()
              .filter(({ time }) => Date.parse(time) <= now)
            facts.push(...news)
            yield* record(news)
            yield* tickWithTrouble(chance)
            yield* check(facts, now)
          }
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: name === "memory" ? 50 : 15 }, timeout: 120_000 }
    )
  })
}

describe("Rollup", () => {
  const { memory } = layers
  const start = Date.parse("2026-11-23T10:30:30.000Z")
  const some = (count: number, at: number, seed = 1): ReadonlyArray<Fact> => {
    const chance = new Chance(seed)
    return Array.from({ length: count }, (_, index) =>
      journey({ chance, index, at: at - chance.below(10 * minute), pace: 1000 })
    ).flat()
  }
  const costOf = <E, R>(work: Effect.Effect<void, E, R>) =>
    Effect.gen(function* () {
      const { tally } = yield* Spy
      const { reads, writes } = { ...tally }
      yield* work
      return { reads: tally.reads - reads, writes: tally.writes - writes }
    })

  it.effect("costs little when nothing changes, and nothing for scopes that were quiet for hours", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* record(some(30, start - 20 * minute))
      yield* rollup
      const { reads, writes } = yield* costOf(rollup)
      const active = byScope(some(30, start)).length
      assert.isAtMost(writes, 2)
      assert.isAtMost(reads, 16 + 3 * active + 50)
      yield* TestClock.adjust("4 hours")
      yield* rollup
      yield* TestClock.adjust("1 minute")
      const quiet = yield* costOf(rollup)
      assert.isAtMost(quiet.writes, 2)
      assert.isAtMost(quiet.reads, 16 + 50)
    }).pipe(Effect.provide(memory))
  )

  it.effect("keeps figures that stay the same for longer than they would be kept unattended", () =>
    Effect.gen(function* () {
      const readings = yield* Readings
      for (let hour = 0; hour < 130; hour++) {
        const at = start + hour * lengths.hour
        yield* TestClock.setTime(at)
        const run = sourceRun({ runId: 1 + hour })
        const acceptedAt = new Date(at - minute).toISOString()
        yield* record([requestAccepted({ ...acceptance(run), acceptedAt }, { appVersion: "1.0.0" })])
        const accepted = Effect.map(readings.kpi(globalScope, "24h"), ({ counts }) => counts.accepted)
        assert.strictEqual(yield* accepted, Math.min(hour, 25))
        yield* rollup
        assert.strictEqual(yield* accepted, Math.min(hour + 1, 25))
        assert.lengthOf((yield* readings.leaderboard("versions", "24h", 0)).rows, 1)
      }
    }).pipe(Effect.provide(memory))
  )

  it.effect("leaves days as they were when they are too long ago to be computed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* record(some(20, start - 20 * minute))
      yield* record(some(20, start - 8 * 60 * minute).map((fact) => ({ ...fact, id: `${fact.id}!` })))
      yield* rollup
      const readings = yield* Readings
      const day = Effect.map(readings.trend(globalScope, "30d"), ({ points }) => points[0])
      const before = yield* day
      for (let hour = 0; hour < 30; hour++) {
        yield* TestClock.adjust(hour === 0 ? "13 days" : "1 hour")
        yield* rollup
        assert.deepStrictEqual(yield* day, before)
      }
    }).pipe(Effect.provide(memory))
  )

  it.effect("clears away work that had ended before it seemed to begin, and counts the rest", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const chance = new Chance(3)
      const facts = some(60, start - 5 * minute, 3)
      for (const fact of chance.shuffled(retold(facts, chance))) yield* record([fact])
      // Until the latest telling is old enough to be doubted, and for as many ticks as it takes to look at all of it.
      yield* TestClock.adjust("150 minutes")
      for (let tick = 0; tick < 10; tick++) {
        yield* TestClock.adjust("1 minute")
        yield* rollup
      }
      const expected = [...expectedOpen(facts)]
      const { backlog, stalled } = yield* (yield* Readings).health
      const unplanned = expected.filter((address) => address.includes("unplanned")).length
      assert.deepStrictEqual(backlog, { unplanned, unsettled: expected.length - unplanned })
      assert.isAbove(unplanned, 0)
      assert.lengthOf(stalled, Math.min(20, expected.length))
      const since = stalled.map((work) => work.since)
      assert.deepStrictEqual(since, since.toSorted())
    }).pipe(Effect.provide(memory))
  )

  it.effect("is not believed any more when it has stopped", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* record(some(3, start))
      yield* rollup
      const readings = yield* Readings
      assert.notStrictEqual((yield* readings.health).updatedAt, null)
      yield* TestClock.adjust("6 minutes")
      const { status, updatedAt, reasons } = yield* readings.health
      assert.deepStrictEqual([status, updatedAt, reasons[0]?.code], ["unknown", null, "unattended"])
      assert.strictEqual((yield* readings.kpi(globalScope, "15m")).updatedAt, new Date(start).toISOString())
    }).pipe(Effect.provide(memory))
  )

  it.effect("ticks at once and at each full minute, and goes on after one that failed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const readings = yield* Readings
      const { plot } = yield* Spy
      const updated = Effect.map(readings.kpi(globalScope, "1h"), ({ updatedAt }) => updatedAt.slice(11, 19))
      yield* Effect.forkScoped(rollupEachMinute)
      yield* TestClock.adjust("0 millis")
      assert.strictEqual(yield* updated, "10:30:30")
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* updated, "10:31:00")
      plot(() => "unavailable")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* updated, "10:31:00")
      plot(() => undefined)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* updated, "10:33:00")
    }).pipe(Effect.provide(memory), Effect.scoped)
  )
})
