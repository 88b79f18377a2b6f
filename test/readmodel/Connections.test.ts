/** What connections cost, when they are counted, and which of several runs has the last word on one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { outcomeFact, requestAccepted, resultFact } from "../../src/domain/Fact.ts"
import { chainOf, type Order, orderId } from "../../src/domain/Order.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import { connectionKey } from "../../src/domain/Topology.ts"
import { Table } from "../../src/ports/Table.ts"
import { readConnections, type Side } from "../../src/readmodel/Connections.ts"
import { layer, Recorder } from "../../src/readmodel/Recorder.ts"
import { applySums } from "../../src/readmodel/rollup/ConnectionUpdates.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { makeTopology } from "../../src/readmodel/Topology.ts"
import { diesBefore, nth } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { acceptance, repository, sourceRun, target, workflow } from "../fixtures/Runs.ts"
import { TableWatch, tableWrites, watched } from "../ledger/WatchedTable.ts"
import { contribute, costOf, dispatchedFate, range, settle } from "./Contributing.ts"
import { overrun } from "./Overrun.ts"

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
  const counts = Effect.fnUntraced(function* (side: Side) {
    const { connections } = yield* readConnections(table, { side, limit: 1000 })
    return new Map(connections.map((one) => [connectionKey(one, "source"), one.counts.dispatched]))
  })
  const [bySource, byTarget] = [yield* counts("source"), yield* counts("target")]
  assert.deepStrictEqual(bySource, byTarget)
  return indices.map((index) => bySource.get(connectionKey(ends(index), "source")))
})
/** Addresses of what the table has of connections. */
const addresses = Effect.map(
  Effect.flatMap(TableWatch, ({ dump }) => dump),
  (items) => [...items.keys()].filter((key) => /^projections connection/.test(key))
)

describe("connections", () => {
  it.effect(
    "are right with the tick where at most 100 have changed, and with the turn of two minutes where more have",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start)
        yield* contribute(range(0, 100), start - minute)
        assert.strictEqual(yield* tick([]), "done")
        assert.deepStrictEqual(new Set(yield* dispatched(range(0, 100))), new Set([1]))
        yield* contribute(range(100, 101), start - minute)
        assert.strictEqual(yield* tick([]), "done")
        assert.deepStrictEqual(new Set(yield* dispatched(range(100, 101))), new Set([undefined]))
        yield* TestClock.adjust("1 minute")
        yield* settle
        assert.deepStrictEqual(new Set(yield* dispatched(range(100, 101))), new Set([undefined]))
        yield* TestClock.adjust("1 minute")
        yield* settle
        assert.deepStrictEqual(new Set(yield* dispatched(range(0, 201))), new Set([1]))
        assert.deepStrictEqual(
          (yield* addresses).filter((key) => key.includes("connections/marks")),
          []
        )
      }).pipe(Effect.provide(watched(layerMemory)))
  )

  for (const [before, turn] of [
    ["ten minutes", "2026-11-23T10:1"],
    ["the hour", "2026-11-23T10"]
  ] as const) {
    it.effect(`are right, too, where a version before left minutes for the turn of ${before}`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start)
        yield* contribute(range(0, 101), start - minute)
        yield* settle
        const { dump } = yield* TableWatch
        const marks = [...(yield* dump).values()].filter(({ key }) => key.partition === "connections/marks")
        assert.strictEqual(marks.length, 1)
        const table = yield* Table
        for (const { key, attributes } of marks) {
          yield* table.write({ _tag: "Delete", key })
          yield* table.append([{ key: { ...key, sort: `${turn}${key.sort.slice(16)}` }, attributes }])
        }
        yield* settle
        assert.deepStrictEqual(new Set(yield* dispatched(range(0, 101))), new Set([1]))
      }).pipe(Effect.provide(watched(layerMemory)))
    )
  }

  it.effect("lose a day with the turn of the seventh after it, and nothing but what the latest run says is left", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* contribute([1], start - minute)
      yield* settle
      yield* contribute([2], start - minute)
      yield* settle
      yield* TestClock.setTime(Date.parse("2026-11-29T23:59:00.000Z"))
      yield* contribute([2], Date.parse("2026-11-29T23:58:00.000Z"))
      yield* settle
      assert.deepStrictEqual(yield* dispatched([1, 2]), [1, 2])
      yield* TestClock.setTime(Date.parse("2026-11-30T00:00:30.000Z"))
      yield* settle
      assert.deepStrictEqual(yield* dispatched([1, 2]), [0, 1])
      yield* TestClock.setTime(Date.parse("2026-12-06T00:00:30.000Z"))
      yield* settle
      assert.deepStrictEqual(yield* dispatched([1, 2]), [0, 0])
      yield* TestClock.adjust("4 days")
      assert.deepStrictEqual(
        (yield* addresses).filter((key) => !key.includes("connections/by-")),
        []
      )
    }).pipe(Effect.provide(watched(layerMemory)))
  )

  it.effect(
    "cost one read and two writes, a write for a new day, one of each for an hour that is over, and no write where nothing has changed",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start)
        const update = (minute: string, counts: object) => {
          const fate = { ...dispatchedFate, run: `1/${minute.replace(/\D/g, "")}/1`, acceptedAt: `${minute}:00.000Z` }
          const sum = { latest: { ...ends(1), ...fate }, minutes: new Map([[minute, counts]]) }
          return costOf(applySums([sum as never], start))
        }
        const one = { allowed: 1, dispatched: 1 }
        assert.deepStrictEqual(yield* update("2026-11-23T10:19", one), { reads: 1, writes: 3 })
        assert.deepStrictEqual(yield* update("2026-11-23T10:19", one), { reads: 1, writes: 0 })
        assert.deepStrictEqual(yield* update("2026-11-23T10:20", { allowed: 1, failed: 1 }), { reads: 1, writes: 2 })
        assert.deepStrictEqual(yield* update("2026-11-23T11:00", one), { reads: 2, writes: 3 })
        assert.deepStrictEqual(yield* update("2026-11-23T10:20", one), { reads: 2, writes: 3 })
        assert.deepStrictEqual(yield* update("2026-11-16T23:59", one), { reads: 1, writes: 0 })
        assert.deepStrictEqual(yield* dispatched([1]), [3])
      }).pipe(Effect.provide(watched(layerMemory)))
  )

  for (const [what, partition] of [
    ["a connection", "connections/by-target"],
    ["an hour of one", "connection-hours/"]
  ] as const) {
    it.effect(`come to the same where a rollup whose turn is over writes ${what} as it was before another's`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(start)
        yield* contribute([1], start - 65 * minute)
        yield* settle
        yield* contribute([1], start - 70 * minute)
        yield* contribute([1], start - 5 * minute)
        const goOn = yield* overrun((name) => name.startsWith(partition))
        // The other one counts what was added by now, in both hours, and its turn ends.
        yield* contribute([1], start - 72 * minute)
        yield* contribute([1], start - 3 * minute)
        yield* settle
        yield* goOn
        yield* settle
        assert.deepStrictEqual(yield* dispatched([1]), [5])
        // All hours of the day are summed up once more.
        yield* contribute([1], start - 130 * minute)
        yield* settle
        assert.deepStrictEqual(yield* dispatched([1]), [6])
      }).pipe(Effect.provide(watched(layerMemory)), Effect.scoped)
    )
  }

  it.effect("come to the same where a tick dies between any two of its writes", () =>
    Effect.gen(function* () {
      const faults = yield* Faults
      for (const writes of range(1, 12)) {
        yield* TestClock.setTime(start + writes * 2 * 60 * minute)
        yield* contribute([writes], start + writes * 2 * 60 * minute - minute)
        yield* settle
        // The hour is over, and what changes is in both.
        yield* TestClock.adjust("1 hour")
        yield* contribute([writes], start + writes * 2 * 60 * minute - 2 * minute)
        yield* contribute([writes], start + (writes * 2 + 1) * 60 * minute - minute)
        yield* faults.on(tableWrites, nth(writes, diesBefore))
        yield* Effect.exit(tick([]))
        yield* faults.clear
        yield* TestClock.adjust("3 minutes")
        yield* settle
        assert.deepStrictEqual(yield* dispatched([writes]), [3])
      }
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
const startedRun = { id: GitHubId.make("7"), url: "https://github.com/run/7" }
const started = (order: Order) => [
  requestAccepted(order, publisher),
  outcomeFact(
    order,
    {
      outcome: { _tag: "Dispatched", started: startedRun },
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
        const said = settle.pipe(
          Effect.andThen(neighbours(repository("acme/deploy"))),
          Effect.map(({ startedBy }) => startedBy.map(({ run }) => run.split("/")[1]))
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
      assert.deepStrictEqual(yield* known("acme/deploy"), [true, 0, 0])
      yield* settle
      assert.deepStrictEqual(yield* known("acme/deploy"), [true, 0, 1])
    }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )

  it.effect("expires with the facts that it is folded from", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const { record } = yield* Recorder
      const table = yield* Table
      yield* record(started(orderOf(20, 0)))
      yield* settle
      const { items } = yield* table.query({ table: "projections", partition: "connections/by-source", limit: 10 })
      assert.strictEqual(items[0]?.expiresAt, (start + 90 * 1440 * minute) / 1000)
      yield* TestClock.adjust("90 days")
      assert.deepStrictEqual((yield* makeTopology(table).connections({ limit: 10 })).connections, [])
    }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )

  it.effect("follows what becomes of its run, and of no earlier one", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start + 10 * minute)
      const { record } = yield* Recorder
      const { neighbours } = makeTopology(yield* Table)
      const said = settle.pipe(
        Effect.andThen(neighbours(repository("acme/deploy"))),
        Effect.map(({ startedBy }) => startedBy.map(({ run, state }) => [run.split("/")[1], state]))
      )
      const ended = (order: Order) => {
        const completedAt = new Date(start + 8 * minute).toISOString()
        const result = { _tag: "Completed", conclusion: "failure", attempt: 1, completedAt, duration: minute } as const
        return resultFact(order, startedRun, { result, at: start + 8 * minute }, publisher)
      }
      yield* record(started(orderOf(20, 1)))
      yield* record(started(orderOf(21, 2)))
      assert.deepStrictEqual(yield* said, [["21", "running"]])
      yield* record([ended(orderOf(20, 1))])
      assert.deepStrictEqual(yield* said, [["21", "running"]])
      yield* record([ended(orderOf(21, 2))])
      assert.deepStrictEqual(yield* said, [["21", "failed"]])
    }).pipe(Effect.provide(layer), Effect.provide(watched(layerMemory)))
  )
})
