/** Every endpoint of the API that is answered by what is stored, over real queries: how many reads it takes, and that facts do not make it more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { runOf } from "../../src/domain/RunFold.ts"
import { Table, type TableReader } from "../../src/ports/Table.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import { makeLists } from "../../src/readmodel/Lists.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { makeTopology } from "../../src/readmodel/Topology.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { watched } from "../ledger/WatchedTable.ts"
import { journeys, recordAll } from "../readmodel/Recording.ts"
import { bearer, dashboard, endpoints } from "./support.ts"

const now = Date.parse("2026-11-23T00:20:00.000Z")

/** What a reader is asked for; it can do nothing but get and query. */
const counted = ({ get, query }: TableReader, reads: Array<string>): TableReader => ({
  get: (key) => {
    reads.push(`get ${key.partition}`)
    return get(key)
  },
  query: (asked) => {
    reads.push(`query ${asked.partition}`)
    return query(asked)
  }
})

/** How many reads each endpoint takes after so many runs. */
const readsAfter = (runs: number) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now)
    const chance = new Chance(5)
    const facts = journeys(chance, runs, now)
    yield* recordAll(facts, chance, 1, Effect.void)
    while ((yield* tick([])) === "more");
    const [fact = assert.fail("no facts")] = facts
    const root = facts.find(({ data }) => "target" in data && data.chain !== undefined)?.data.chain?.root
    const reads: Array<string> = []
    const reader = counted(yield* Table, reads)
    const { ask } = yield* dashboard({
      queries: { ...makeFigureQueries(reader), ...makeLists(reader), ...makeTopology(reader) }
    })
    const paths = endpoints.map((path) =>
      path
        .replace(/deliveries\/[^/]+\/journey/, `deliveries/${fact.data.deliveryId}/journey`)
        .replace(/runs\/.*\/journey/, `runs/${runOf(fact)}/journey`)
        .replace(/chains\/.*/, `chains/${root}`)
        .replace(/topology\/.*/, `topology/${fact.data.sourceRepository}`)
    )
    const taken = yield* Effect.forEach(paths, (path) =>
      Effect.gen(function* () {
        reads.length = 0
        assert.strictEqual((yield* ask(path, bearer())).status, 200, path)
        return reads.length
      })
    )
    return new Map(endpoints.map((path, index) => [path, taken[index] ?? 0]))
  }).pipe(Effect.scoped, Effect.provide(watched(layerMemory)))

describe("what an endpoint reads", () => {
  it.effect("is 1 to 4 stored items or ranges, however many facts there are", () =>
    Effect.gen(function* () {
      const few = yield* readsAfter(3)
      const many = yield* readsAfter(300)
      assert.strictEqual(many.get("/admin/api/chains/1296269/30433642/1"), 1)
      assert.strictEqual(many.get("/admin/api/topology"), 1)
      assert.strictEqual(many.get("/admin/api/topology/acme/app"), 2)
      for (const [path, reads] of many) {
        assert.isAtLeast(reads, 1, path)
        assert.isAtMost(reads, 4, path)
        // A page of a list goes through days until it is full, three at most.
        if (!/deliveries$|events$/.test(path)) assert.strictEqual(reads, few.get(path), path)
      }
    })
  )
})
