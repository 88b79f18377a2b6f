import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { layerTable } from "../../src/adapters/local/SqliteTable.ts"
import { Fact } from "../../src/domain/Fact.ts"
import * as EventLog from "../../src/readmodel/EventLog.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { propertyRuns } from "../fixtures/PropertyRuns.ts"
import { TableWatch, watched } from "../ledger/WatchedTable.ts"
import { contentOf, expectedItems } from "./Expected.ts"
import { journeys, recordAll, repeated } from "./Recording.ts"

const now = Date.parse("2026-11-23T00:20:00.000Z")
const decodeFact = Schema.decodeUnknownSync(Fact)
const layers = {
  memory: watched(layerMemory),
  SQLite: Layer.orDie(watched(Layer.provide(layerTable, Sqlite.layer(":memory:"))))
}
const checkStore = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, copies: ReadonlyArray<Fact>) {
  const dump = yield* (yield* TableWatch).dump
  const stored = [...dump].filter(([address]) => address.startsWith("events facts/"))
  const recorded = yield* Effect.forEach(stored, ([, item]) => EventLog.decodeFact(item))
  assert.sameMembers(
    recorded.map(({ id }) => id),
    facts.map(({ id }) => id)
  )
  const spelled = new Set(copies.map((fact) => JSON.stringify(decodeFact(fact))))
  for (const fact of recorded) assert.isTrue(spelled.has(JSON.stringify(fact)), fact.id)
  const others = yield* Effect.forEach(
    [...dump].filter(([address]) => !address.startsWith("events facts/")),
    ([address, item]) => Effect.map(contentOf(address, item), (content) => [address, content] as const)
  )
  assert.deepStrictEqual(new Map(others), expectedItems(facts))
})

for (const [name, layer] of Object.entries(layers)) {
  describe(`Record on ${name}`, () => {
    it.effect.prop(
      "stores the plain fold over the set of facts, whatever is repeated, reordered, interrupted or lost",
      { seed: Schema.Int },
      ({ seed }) =>
        Effect.gen(function* () {
          yield* TestClock.setTime(now)
          const chance = new Chance(seed)
          const facts = journeys(chance, 1 + chance.below(20), now)
          const copies = repeated(facts, chance)
          yield* recordAll(copies, chance, 1 + chance.below(5), Effect.void)
          yield* checkStore(facts, copies)
        }).pipe(Effect.provide(layer), Effect.scoped),
      { arbitrary: { runs: propertyRuns(name === "memory" ? 12 : 4) } }
    )
  })
}
