import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { layerTable } from "../../src/adapters/local/SqliteTable.ts"
import type { QueueSample } from "../../src/domain/Answers.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { judge } from "../../src/domain/Judgement.ts"
import { addOpenWork, openWork } from "../../src/domain/OpenWork.ts"
import { type Scope, scopeKey } from "../../src/domain/Scope.ts"
import { connectionCounters, type WorkflowConnection } from "../../src/domain/Topology.ts"
import { rankedWindows, rankings, windows } from "../../src/domain/Vocabulary.ts"
import { Table } from "../../src/ports/Table.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { makeTopology } from "../../src/readmodel/Topology.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { propertyRuns } from "../fixtures/PropertyRuns.ts"
import { watched } from "../ledger/WatchedTable.ts"
import {
  contributionsOf,
  expectedConnectionCounts,
  expectedLatest,
  expectedRanking,
  expectedTrend,
  expectedWindow,
  scopesWith
} from "./ExpectedFigures.ts"
import { journeys, recordAll, repeated } from "./Recording.ts"

const start = Date.parse("2026-11-23T00:20:00.000Z")
const day = 86_400_000
const layers = {
  memory: watched(layerMemory),
  SQLite: Layer.orDie(watched(Layer.provide(layerTable, Sqlite.layer(":memory:"))))
}
const queues: ReadonlyArray<QueueSample> = (["plan", "order", "report", "fact"] as const).map((name) => ({
  ...{ name, waiting: 0, inFlight: 0, dead: 0 },
  oldest: null
}))

/** Ticks until there is nothing more to do. */
const settle = Effect.gen(function* () {
  for (let result = yield* tick(queues); result !== "done"; result = yield* tick(queues)) {
    if (result === "busy") yield* TestClock.adjust("1 minute")
  }
})

/** Scopes are the same however they are spelled. */
const keyed = <A extends { readonly scope: Scope }>({ scope, ...rest }: A) => ({ ...rest, scope: scopeKey(scope) })

/** That what is stored is what the plain fold over the facts makes at this moment: all rankings, and trends of some scopes. */
const check = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, now: number, isLookedAt: () => boolean) {
  const queries = makeFigureQueries(yield* Table)
  const contributions = contributionsOf(facts)
  const abouts = scopesWith(contributions)
  for (const about of abouts.filter(isLookedAt)) {
    for (const window of windows) {
      const label = `${window} ${scopeKey(about.scope)}`
      const expected = expectedTrend(about, window, now)
      const trend = yield* queries.trend(about.scope, window)
      assert.deepStrictEqual(
        { ...trend, total: keyed(trend.total) } as unknown,
        { ...expected, total: keyed(expected.total) },
        label
      )
      assert.deepStrictEqual(keyed(yield* queries.figures(about.scope, window)), keyed(expected.total), label)
    }
  }
  for (const window of rankedWindows) {
    for (const ranking of rankings) {
      const { rows, total, asOf } = yield* queries.leaderboard(ranking, window, 0)
      const expected = expectedRanking(abouts, ranking, window, now)
      assert.deepStrictEqual(rows.map(keyed), expected.slice(0, 50).map(keyed), `${window} ${ranking}`)
      assert.strictEqual(total, expected.length)
      assert.strictEqual(asOf, new Date(now).toISOString())
    }
  }
  const global = abouts.find(({ scope }) => scope._tag === "Global") ?? { scope: { _tag: "Global" }, added: [] }
  const lastFactAt = contributions
    .map((one) => one.lastFactAt)
    .reduce<string | null>((a, b) => ((a ?? "") > b ? a : b), null)
  const open = addOpenWork([openWork(contributions)].flatMap((one) => one ?? []))
  const lastHour = expectedWindow(global, "1h", now)
  assert.deepStrictEqual(yield* queries.health, judge({ now, lastFactAt, lastHour, open, queues, obstacles: [] }))
})

/** That connections say what their latest run says, and how often what happened on them. */
const checkConnections = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, now: number) {
  const { connections, neighbours } = makeTopology(yield* Table)
  const expected = expectedConnectionCounts(contributionsOf(facts), now)
  const latest = expectedLatest(contributionsOf(facts))
  const nothing = Object.fromEntries(Object.keys(connectionCounters).map((name) => [name, 0]))
  const named = ({ source, target }: WorkflowConnection) =>
    `${source.repository}/${source.workflow} ${target.repository}/${target.workflow}`.toLowerCase()
  const all = (yield* connections({ limit: 500 })).connections
  assert.sameMembers(all.map(named), [...latest.keys()])
  for (const { counts, ...said } of all) {
    assert.deepStrictEqual({ ...counts }, expected.get(named({ counts, ...said })) ?? nothing)
    assert.deepStrictEqual<unknown>(said, latest.get(named({ counts, ...said })))
  }
  for (const repository of new Set(all.flatMap(({ source, target }) => [source.repository, target.repository]))) {
    const { starts, startedBy } = yield* neighbours(repository)
    const key = repository.toLowerCase()
    assert.deepStrictEqual(
      starts,
      all.filter(({ source }) => source.repository.toLowerCase() === key)
    )
    const leading = all.filter(({ target }) => target.repository.toLowerCase() === key)
    assert.sameDeepMembers([...startedBy], leading)
  }
})

/** Ages of runs, so that something leaves each window. */
const ages = [300_000, 7_200_000, 3 * day, 16 * day, 60 * day] as const

for (const [name, layer] of Object.entries(layers)) {
  describe(`Rollup on ${name}`, () => {
    it.effect.prop(
      "makes the plain fold over the set of facts, whatever is repeated, late, interrupted or rolled up meanwhile",
      { seed: Schema.Int },
      ({ seed }) =>
        Effect.gen(function* () {
          yield* TestClock.setTime(start)
          const chance = new Chance(seed)
          const facts = journeys(chance, 1 + chance.below(20), start, chance.pick(ages))
          const between = Effect.all([tick(queues), chance.happens(0.3) ? tick(queues) : Effect.void], {
            concurrency: "unbounded"
          })
          yield* recordAll(repeated(facts, chance), chance, 1 + chance.below(3), between)
          // A turn that died with its process ends.
          yield* TestClock.adjust("3 minutes")
          yield* settle
          yield* check(facts, yield* Effect.clockWith((clock) => clock.currentTimeMillis), () => chance.happens(0.5))
          yield* TestClock.adjust("1 hour")
          yield* settle
          yield* checkConnections(facts, yield* Effect.clockWith((clock) => clock.currentTimeMillis))
          // Some time passes, and things leave windows.
          const rests = [1, 7, 44, 61, 200, 1440, 2900, 9 * 1440, 16 * 1440, 31 * 1440] as const
          for (let step = 0; step < 3; step++) {
            yield* TestClock.adjust(Duration.minutes(chance.pick(rests)))
            yield* settle
            const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
            // What is older than facts are kept for is gone.
            if (facts.every(({ data }) => now - Date.parse(data.acceptedAt) < 89 * day))
              yield* check(facts, now, () => chance.happens(0.25))
          }
          yield* TestClock.adjust("1 hour")
          yield* settle
          const end = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
          if (facts.every(({ data }) => end - Date.parse(data.acceptedAt) < 89 * day)) {
            yield* checkConnections(facts, end)
          }
        }).pipe(Effect.provide(layer), Effect.scoped),
      { arbitrary: { runs: propertyRuns(name === "memory" ? 12 : 2) } }
    )
  })
}
