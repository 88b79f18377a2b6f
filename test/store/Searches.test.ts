import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Fact } from "../../src/domain/Fact.ts"
import { type Counter, counterOf, reasonOf } from "../../src/domain/Measure.ts"
import { sameRepository } from "../../src/domain/Names.ts"
import { indexes } from "../../src/store/events/Searches.ts"
import { BadCursor, Readings, type Search, UnsupportedSearch } from "../../src/store/Readings.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { repository } from "../fixtures/Runs.ts"
import { layers } from "./Layers.ts"
import { Spy } from "./SpiedTable.ts"
import { record } from "./Telling.ts"

const day = 86_400_000
const now = Date.parse("2026-11-23T12:20:00.000Z")

/** Journeys of two months, with weeks in which nothing happened. */
const facts: ReadonlyArray<Fact> = (() => {
  const chance = new Chance(5)
  const days = [0, 1, 1, 2, 9, 10, 11, 12, 30, 31, 60]
  return days.flatMap((ago, turn) =>
    Array.from({ length: 1 + chance.below(12) }, (_, n) =>
      journey({ chance, index: 100 * turn + n, at: now - ago * day - chance.below(day / 3), pace: 60_000 })
    ).flat()
  )
})()

const reasons = ["source_branch", "not_found", "inbound_not_allowed"] as const
/** A reason for which consent was withdrawn, and for which targets are denied, too. */
const withdrawnFor =
  facts.flatMap((fact) => (fact.type === "dispatch.trigger.withdrawn" ? [fact.data.code] : []))[0] ?? ""
const source = repository("acme/SOURCE-1")
const target = repository("acme/target-2")

const matches = ({ source, target, status, reason, from, to }: Search, fact: Fact): boolean =>
  (source === undefined || sameRepository(source, fact.data.sourceRepository)) &&
  (target === undefined || ("target" in fact.data && sameRepository(target, fact.data.target.repository))) &&
  (status === undefined || counterOf[fact.type] === status) &&
  (reason === undefined || reasonOf(fact) === reason) &&
  (from === undefined || Date.parse(fact.time) >= Date.parse(from)) &&
  (to === undefined || Date.parse(fact.time) <= Date.parse(to))

/** The ids that a search must find, newest first. */
const expected = (search: Search): ReadonlyArray<string> =>
  facts
    .filter((fact) => matches(search, fact))
    .map(({ id, time }) => ({ id, sort: `${time}/${id}` }))
    .sort((a, b) => (a.sort < b.sort ? 1 : -1))
    .map(({ id }) => id)

/** All that a search finds, page by page. */
const find = Effect.fnUntraced(function* (search: Search, limit: number) {
  const readings = yield* Readings
  const { tally } = yield* Spy
  const ids: Array<string> = []
  let cursor: string | null = null
  do {
    const before = tally.reads
    const page: { readonly rows: ReadonlyArray<{ id: string }>; readonly cursor: string | null } =
      yield* readings.events(search, cursor === null ? { limit } : { limit, cursor })
    assert.isAtMost(tally.reads - before, 4)
    assert.isAtMost(page.rows.length, limit)
    ids.push(...page.rows.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== null)
  return ids
})

const searchFor = (combination: ReadonlyArray<string>, status: Counter, reason: string): Search => ({
  ...(combination.includes("source") ? { source } : {}),
  ...(combination.includes("target") ? { target } : {}),
  ...(combination.includes("status") ? { status } : {}),
  ...(combination.includes("reason") ? { reason } : {})
})

const timeRanges = [
  {},
  { from: "2026-11-22T00:00:00Z" },
  { to: "2026-11-14T10:00:00+02:00" },
  { from: "2026-10-24T00:00:00.000Z", to: "2026-11-22T11:00:00.000Z" },
  { from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" }
]

describe("searching events", () => {
  const { memory } = layers

  it.effect(
    "finds what the filters ask for, newest first, page by page across empty days",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        yield* record(facts)
        for (const combination of indexes) {
          for (const status of ["denied", "withdrawn", "dispatched", "accepted"] as const) {
            for (const range of timeRanges) {
              const reason = status === "denied" ? reasons[0] : status === "withdrawn" ? withdrawnFor : reasons[1]
              const search = { ...searchFor(combination, status, reason), ...range }
              for (const limit of [1, 7, 200]) {
                assert.deepStrictEqual(yield* find(search, limit), expected(search), JSON.stringify(search))
              }
            }
          }
        }
        assert.isAbove(expected({ source, target }).length, 3)
        assert.isAbove(expected({ status: "withdrawn", reason: withdrawnFor }).length, 0)
      }).pipe(Effect.provide(memory)),
    60_000
  )

  it.effect("includes both ends of a time range to the millisecond", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* record(facts)
      const { time } = facts[20] ?? assert.fail("there are more facts")
      assert.deepStrictEqual(yield* find({ from: time, to: time }, 50), expected({ from: time, to: time }))
      assert.isAbove(expected({ from: time, to: time }).length, 0)
    }).pipe(Effect.provide(memory))
  )

  it.effect("refuses combinations that no index serves, and says which are served", () =>
    Effect.gen(function* () {
      const { events } = yield* Readings
      for (const search of [
        { source, target, status: "failed" },
        { source, reason: "not_found" },
        { target, reason: "not_found" }
      ] as const) {
        const error = yield* Effect.flip(events(search, { limit: 5 }))
        assert.isTrue(error instanceof UnsupportedSearch)
        if (error instanceof UnsupportedSearch) assert.deepStrictEqual(error.supported, indexes)
      }
    }).pipe(Effect.provide(memory))
  )

  it.effect("finds nothing for a reason that contradicts the status, or is none, without reading", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* record(facts)
      const { events } = yield* Readings
      const { tally } = yield* Spy
      const before = tally.reads
      for (const search of [
        { status: "failed", reason: "source_branch" },
        { reason: "no such reason" },
        { reason: "x".repeat(100_000) },
        { reason: "\ud800" }
      ] as const) {
        assert.deepStrictEqual(yield* events(search, { limit: 5 }), { rows: [], cursor: null })
      }
      assert.strictEqual(tally.reads, before)
    }).pipe(Effect.provide(memory))
  )

  it.effect("refuses cursors that no page gave, and times that are none", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* record(facts)
      const { events, deliveries } = yield* Readings
      for (const cursor of ["", "nonsense", "2026-11-23~", "2026-11-23~!!", "2026-11-23~AAAA", "%00"]) {
        const errors = [
          yield* Effect.flip(events({}, { limit: 5, cursor })),
          yield* Effect.flip(deliveries(undefined, { limit: 5, cursor }))
        ]
        for (const error of errors) assert.isTrue(error instanceof BadCursor, cursor)
      }
      assert.isTrue((yield* Effect.flip(events({ from: "yesterday" }, { limit: 5 }))) instanceof BadCursor)
    }).pipe(Effect.provide(memory))
  )
})
