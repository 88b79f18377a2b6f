/** What the rollup writes and reads in a month: an hour of it is played over the counting table, and every other hour is taken to be like it. */
import { Context, Effect, Layer, Option } from "effect"
import { bucketBefore, bucketOf, isoTime } from "../../src/domain/Bucket.ts"
import { sketchOf } from "../../src/domain/Sketch.ts"
import { Table } from "../../src/ports/Table.ts"
import { asAttributes } from "../../src/readmodel/Items.ts"
import { freshMarks, minuteMark } from "../../src/readmodel/Marks.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../../test/fixtures/Chance.ts"
import { dispatchedFate } from "../../test/readmodel/Contributing.ts"
import { at, settle } from "../Rollup.ts"
import { layerTable, layerUsed, usedBy } from "./Counting.ts"

const hour = Date.parse("2026-11-23T10:00:00.000Z")
const minute = 60_000
/** Minutes of a month. */
export const minutes = 30 * 24 * 60
/** The ticks of the hour that are counted: ten minutes, since some things have their turn every ten minutes. Before them comes what they follow on. */
const counted: ReadonlyArray<number> = Array.from({ length: 10 }, (_, index) => 31 + index)
const settled: ReadonlyArray<number> = [29, 30, 59, 60]
/** How old a minute is when it leaves a window or the one before: 15 m, 1 h, 24 h and 7 d. */
const ages = [15, 30, 60, 120, 1440, 2880, 10_080, 20_160] as const

/** Write and read units of a month. */
export interface RollupUnits {
  readonly writes: number
  readonly reads: number
}

/** What so many runs of so many sources, each with a target of its own, add in a minute. Delays vary as they do. */
const contributeMinute = Effect.fnUntraced(function* (
  chance: Chance,
  perMinute: number,
  sources: number,
  when: number
) {
  const runs = Math.floor(perMinute + chance.next())
  if (runs === 0) return
  const { append } = yield* Table
  const acceptedAt = isoTime(when)
  const items = Array.from({ length: runs }, (_, nth) => {
    const index = chance.below(sources)
    const elapsed = Math.round(900 * Math.exp(chance.next() + chance.next() - 1))
    const completion = Math.round(180_000 * Math.exp(2 * chance.next() + 2 * chance.next() - 2))
    const ended = chance.below(10) === 0 ? { unsuccessful: 1 } : { succeeded: 1 }
    const tally = {
      counts: { targets: 1, queued: 1, dispatched: 1, tried: 1, completed: 1, ...ended },
      elapsed: sketchOf([elapsed]),
      completion: sketchOf([completion])
    }
    const run = `${1000 + index}/${when / 1000}${nth}/1`
    return {
      key: { table: "projections", partition: `contributions/${bucketOf("minute", acceptedAt)}`, sort: run } as const,
      attributes: asAttributes({
        ...{ run, deliveryId: `delivery-${index}`, acceptedAt, lastFactAt: acceptedAt, version: "1.0.0" },
        ...{
          source: `acme/source-${index}`,
          workflow: "ci.yml",
          tally: { counts: { accepted: 1, planned: 1 } }
        },
        targets: [{ repository: `acme/target-${index}`, workflow: "cd.yml", tally, fate: dispatchedFate }],
        ...{ fold: 1, facts: 6 }
      })
    }
  })
  yield* append(items)
  yield* append(yield* freshMarks([minuteMark(bucketOf("minute", acceptedAt))]))
})

/** The memory below the counting table, for what has been there long since. */
class Memory extends Context.Service<Memory, Table["Service"]>()("dispatcher/bench/cost/Memory") {}
const layerBelow = Layer.effect(Memory, Table).pipe(Layer.provide(layerMemory))

/** Copies the day of each scope to the 179 days before, as they stand there where it has always been so. */
const copyDay = Effect.fnUntraced(function* (sources: number) {
  const table = yield* Memory
  const days = Array.from({ length: 179 }, (_, back) => bucketBefore("day", hour, back + 1))
  const scopes = Array.from({ length: sources }, (_, index) => [
    `source/acme/source-${index}`,
    `workflow/acme/source-${index}/ci.yml`,
    `target/acme/target-${index}`,
    `pair/acme/source-${index}/acme/target-${index}`
  ])
  for (const scope of ["global", "version/1.0.0", ...scopes.flat()]) {
    const place = { table: "projections", partition: `days/${scope}` } as const
    const today = yield* table.get({ ...place, sort: bucketBefore("day", hour, 0) })
    if (Option.isNone(today)) continue
    const { attributes } = today.value
    yield* table.append(days.map((sort) => ({ key: { ...place, sort }, attributes })))
  }
})

/**
 * Counts the month's units of one process (a function that starts anew reads the hours of each scope once), where so many deliveries come evenly from half of so many repositories, for the other half. Of the days before there
 * is what leaves a window with a tick that is counted.
 */
export const countRollup = (deliveries: number, repositories: number): Effect.Effect<RollupUnits> =>
  Effect.gen(function* () {
    const chance = new Chance(1)
    const perMinute = deliveries / minutes
    const contribute = (when: number) => contributeMinute(chance, perMinute, repositories / 2, when)
    const recent = Array.from({ length: 120 }, (_, back) => hour - (back + 1) * minute)
    const leaving = counted.flatMap((now) => ages.map((age) => hour + (now - age) * minute))
    const before = [...new Set([...recent, ...leaving])].filter((when) => when < hour)
    const earlier = before.filter((when) => when < hour - 60 * minute)
    yield* Effect.forEach(earlier.toSorted(), contribute)
    yield* at(hour - 60 * minute)(settle)
    yield* copyDay(repositories / 2)
    yield* Effect.forEach(
      before.filter((when) => when >= hour - 60 * minute),
      contribute
    )
    yield* at(hour)(settle)
    const sum = { writes: 0, reads: 0 }
    for (let now = 1; now <= 60; now++) {
      yield* contribute(hour + (now - 1) * minute)
      const isCounted = counted.includes(now)
      if (!isCounted && !settled.includes(now)) continue
      const work = at(hour + now * minute)(isCounted ? tick([]) : settle)
      const { writes, reads } = yield* usedBy(work)
      const weight = now === 60 ? 1 : isCounted ? 59 / counted.length : 0
      sum.writes += weight * writes
      sum.reads += weight * reads
    }
    return { writes: (sum.writes * minutes) / 60, reads: (sum.reads * minutes) / 60 }
  }).pipe(Effect.provide(Layer.mergeAll(layerTable, layerBelow).pipe(Layer.provideMerge(layerUsed))), Effect.orDie)
