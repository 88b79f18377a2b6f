/** What connections cost, when they are counted, and which of several runs has the last word on one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { outcomeFact, requestAccepted } from "../../src/domain/Fact.ts"
import { chainOf, type Order, orderId } from "../../src/domain/Order.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import { connectionKey } from "../../src/domain/Topology.ts"
import { Table } from "../../src/ports/Table.ts"
import { layer, Recorder } from "../../src/readmodel/Recorder.ts"
import { countConnection, readConnectionCounts } from "../../src/readmodel/rollup/ConnectionCounts.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { makeTopology } from "../../src/readmodel/Topology.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { acceptance, repository, sourceRun, target, workflow } from "../fixtures/Runs.ts"
import { TableWatch, watched } from "../ledger/WatchedTable.ts"
import { contribute, costOf, range, settle } from "./Contributing.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000
const publisher = { appVersion: "1.0.0" }
const ends = (index: number) => ({
  source: { repository: repository(`acme/source-${index}`), workflow: workflow("ci.yml") },
  target: { repository: repository(`acme/target-${index}`), workflow: workflow("cd.yml") }
})

/** How often each of these connections was dispatched in seven days, by both sides. */
const dispatched = Effect.fnUntraced(function* (indices: ReadonlyArray<number>) {
  const table = yield* Table
  const [bySource, byTarget] = [
    yield* readConnectionCounts(table, "source", "", "~"),
    yield* readConnectionCounts(table, "target", "", "~")
  ]
  return indices.map((index) => {
    const [source, target] = [
      bySource(connectionKey(ends(index), "source")),
      byTarget(connectionKey(ends(index), "target"))
    ]
    assert.deepStrictEqual(source, target)
    return source.dispatched
  })
})

describe("the counts of connections", () => {
  it.effect(
    "are right with the tick where at most 50 have changed, and with the turn of ten minutes where more have",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start)
        yield* contribute(range(0, 50), start - minute)
        assert.strictEqual(yield* tick([]), "done")
        assert.deepStrictEqual(new Set(yield* dispatched(range(0, 50))), new Set([1]))
        yield* contribute(range(50, 51), start - minute)
        assert.strictEqual(yield* tick([]), "done")
        assert.deepStrictEqual(new Set(yield* dispatched(range(50, 51))), new Set([0]))
        yield* TestClock.adjust("9 minutes")
        yield* settle
        assert.deepStrictEqual(new Set(yield* dispatched(range(50, 51))), new Set([0]))
        yield* TestClock.adjust("1 minute")
        yield* settle
        assert.deepStrictEqual(new Set(yield* dispatched(range(0, 101))), new Set([1]))
        const left = [...(yield* (yield* TableWatch).dump).keys()].filter((key) => key.includes("connections/marks"))
        assert.deepStrictEqual(left, [])
      }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect("are right, too, where a version before left minutes for the turn of the hour", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* contribute(range(0, 51), start - minute)
      yield* settle
      const { dump } = yield* TableWatch
      const marks = [...(yield* dump).values()].filter(({ key }) => key.partition === "connections/marks")
      const table = yield* Table
      for (const { key, attributes } of marks) {
        yield* table.write({ _tag: "Delete", key })
        yield* table.append([{ key: { ...key, sort: `2026-11-23T10${key.sort.slice(15)}` }, attributes }])
      }
      yield* settle
      assert.deepStrictEqual(new Set(yield* dispatched(range(0, 51))), new Set([1]))
    }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect(
    "lose a day with the turn of the seventh after it, and nothing is left of one that nothing happens on",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start)
        yield* contribute([1], start - minute)
        yield* settle
        yield* TestClock.setTime(Date.parse("2026-11-29T23:59:00.000Z"))
        yield* settle
        assert.deepStrictEqual(yield* dispatched([1]), [1])
        yield* TestClock.setTime(Date.parse("2026-11-30T00:00:30.000Z"))
        yield* settle
        assert.deepStrictEqual(yield* dispatched([1]), [0])
        const rest = [...(yield* (yield* TableWatch).dump).keys()].filter((key) => /connection(s|-counts)\//.test(key))
        assert.deepStrictEqual(rest, [])
      }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect("cost a read and at most four writes, and no write where nothing has changed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const sum = { ends: ends(1), minutes: new Map([["2026-11-23T10:19", { allowed: 1, dispatched: 1 }]]) }
      const cost = costOf(countConnection(sum, start))
      assert.deepStrictEqual(yield* cost, { reads: 1, writes: 4 })
      assert.deepStrictEqual(yield* cost, { reads: 1, writes: 0 })
      const more = { ...sum, minutes: new Map([["2026-11-23T10:20", { allowed: 1, failed: 1 }]]) }
      assert.deepStrictEqual(yield* costOf(countConnection(more, start)), { reads: 1, writes: 3 })
      const older = { ...sum, minutes: new Map([["2026-11-16T23:59", { allowed: 1 }]]) }
      assert.deepStrictEqual(yield* costOf(countConnection(older, start)), { reads: 0, writes: 0 })
    }).pipe(Effect.provide(watched(layerMemory)))
  )
})

/** An order of a run that was accepted so many minutes after the start, for the same target. */
const orderOf = (runId: number, after: number): Order => {
  const run = sourceRun({ runId })
  const about = target({ repository: "acme/deploy", workflow: "cd.yml" })
  const acceptedAt = new Date(start + after * minute).toISOString()
  return {
    ...{ deliveryId: `delivery-${runId}` as never, acceptedAt, run, generation: 0 },
    ...{ id: orderId(run, about), target: about, inputs: {}, chain: chainOf(run) }
  }
}
const started = (order: Order) => [
  requestAccepted(order, publisher),
  outcomeFact(
    order,
    {
      outcome: { _tag: "Dispatched", started: { id: GitHubId.make("7"), url: "https://github.com/run/7" } },
      at: start + 5 * minute
    },
    publisher
  )
]

describe("the latest word on a connection", () => {
  it.effect(
    "is that of the latest run, of those accepted at once that whose key is greatest, whichever comes last",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start + 10 * minute)
        const { record } = yield* Recorder
        const { neighbours } = makeTopology(yield* Table)
        const said = Effect.map(neighbours(repository("acme/deploy")), ({ startedBy }) =>
          startedBy.map(({ run }) => run.split("/")[1])
        )
        for (const [runId, after, latest] of [
          [20, 2, "20"],
          [10, 1, "20"],
          [21, 2, "21"],
          [20, 2, "21"],
          [11, 3, "11"],
          [30, 0, "11"]
        ] as const) {
          assert.deepStrictEqual(
            (yield* record(started(orderOf(runId, after)))).filter((problem) => problem !== undefined),
            []
          )
          assert.deepStrictEqual(yield* said, [latest])
        }
      }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )

  it.effect("is missing of a repository of which facts are known, or of which nothing is", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const { record } = yield* Recorder
      const { neighbours } = makeTopology(yield* Table)
      const known = (name: string) =>
        Effect.map(neighbours(repository(name)), (found) => [found.known, found.starts.length, found.startedBy.length])
      yield* record([requestAccepted(acceptance(), publisher)])
      assert.deepStrictEqual(yield* known("ACME/app"), [true, 0, 0])
      assert.deepStrictEqual(yield* known("acme/deploy"), [false, 0, 0])
      yield* record(started(orderOf(20, 0)))
      assert.deepStrictEqual(yield* known("acme/deploy"), [true, 0, 1])
    }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )

  it.effect("expires with the facts that it is folded from", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const { record } = yield* Recorder
      const table = yield* Table
      yield* record(started(orderOf(20, 0)))
      const { items } = yield* table.query({ table: "projections", partition: "connections/source", limit: 10 })
      assert.strictEqual(items[0]?.expiresAt, (start + 90 * 1440 * minute) / 1000)
      yield* TestClock.adjust("90 days")
      assert.deepStrictEqual((yield* makeTopology(table).connections({ limit: 10 })).connections, [])
    }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )

  it.effect("costs no read and two writes, of which none is a transaction", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const { record } = yield* Recorder
      yield* record(started(orderOf(20, 0)))
      const { reads } = yield* costOf(record(started(orderOf(21, 1))))
      assert.strictEqual(reads, 1, "the facts of the run")
      const { dump } = yield* TableWatch
      const stored = [...(yield* dump)].filter(([address]) => address.startsWith("projections connections/"))
      assert.deepStrictEqual(
        stored.map(([, { version, attributes }]) => [version, attributes.run]),
        [
          [1, "1296269/21/1"],
          [1, "1296269/21/1"]
        ]
      )
    }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )
})
