/** Cursors: each list goes on from those that its own pages gave, and takes no others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Table } from "../../src/ports/Table.ts"
import type { Paging } from "../../src/readmodel/DashboardQueries.ts"
import { makeLists } from "../../src/readmodel/Lists.ts"
import { makeTopology } from "../../src/readmodel/Topology.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { repository } from "../fixtures/Runs.ts"
import { watched } from "../ledger/WatchedTable.ts"
import { settle } from "./Contributing.ts"
import { journeys, recordAll } from "./Recording.ts"

/** A page, for as much as this file looks at. */
type Query = (paging: Paging) => Effect.Effect<{ readonly cursor: string | null }, { readonly _tag: string }>

const now = Date.parse("2026-11-23T00:20:00.000Z")

/** Every query that gives pages, over the facts of some runs. */
const pagedQueries = Effect.gen(function* () {
  yield* TestClock.setTime(now)
  const chance = new Chance(3)
  yield* recordAll(journeys(chance, 60, now), chance, 1, Effect.void)
  yield* settle
  const table = yield* Table
  const { deliveries, events, find } = makeLists(table)
  const { connections } = makeTopology(table)
  const source = repository("acme/source-1")
  const queries: Readonly<Record<string, Query>> = {
    deliveries: (paging: Paging) => deliveries(undefined, paging),
    "deliveries of a source": (paging: Paging) => deliveries(source, paging),
    events: (paging: Paging) => events({}, paging),
    "events of a source": (paging: Paging) => events({ source }, paging),
    find: (paging: Paging) => find("actor", "octocat", paging),
    connections
  }
  return queries
})

const madeUp = ["x", "eyJ9", "e30", "bnVsbA", "AAAA", "2026-11-23", "2026-11-23~AAAA", "9999-12-31", ".", "~."]

describe("a cursor", () => {
  it.effect("that no page of the list gave is refused", () =>
    Effect.gen(function* () {
      const queries = Object.entries(yield* pagedQueries)
      const given = new Map<string, string>()
      for (const [name, query] of queries) {
        const { cursor } = yield* query({ limit: 1 })
        given.set(name, cursor ?? assert.fail(`${name} has more than one page`))
        yield* query({ limit: 1, cursor: given.get(name) ?? "" })
      }
      for (const [name, query] of queries) {
        const foreign = [...given].filter(([other]) => other !== name).map(([, cursor]) => cursor)
        const own = given.get(name) ?? ""
        for (const cursor of [...madeUp, ...foreign, own.slice(0, -1), own.slice(1), `${own}A`]) {
          const refusal = yield* Effect.catch(query({ limit: 1, cursor }), Effect.succeed)
          assert.propertyVal(refusal, "_tag", "BadCursor", `${name}: ${cursor}`)
        }
      }
    }).pipe(Effect.provide(watched(layerMemory)), Effect.scoped)
  )
})
