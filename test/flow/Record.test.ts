import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Fact } from "../../src/domain/Fact.ts"
import type { Item } from "../../src/ports/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { expectedBuckets, expectedEvents, expectedKnown, expectedOpen, expectedRows } from "../store/Expected.ts"
import { layers } from "../store/Layers.ts"
import { Spy } from "../store/SpiedTable.ts"
import { retold, tellAll } from "../store/Telling.ts"

const now = Date.parse("2026-11-23T00:20:00.000Z")
const decodeFact = Schema.decodeUnknownSync(Fact)

/** Journeys of the last day and a half, and most of them of the last hour. */
const journeys = (chance: Chance, count: number): ReadonlyArray<Fact> =>
  Array.from({ length: count }, (_, index) => {
    const age = chance.happens(0.7) ? chance.below(3_600_000) : chance.below(130_000_000)
    return journey({ chance, index, at: now - 300_000 - age })
  }).flat()

/** The stored items whose address starts like this. */
const stored = (dump: ReadonlyMap<string, Item>, prefix: string) =>
  new Map(
    Array.from(dump)
      .filter(([address]) => address.startsWith(prefix))
      .map(([address, item]) => [address, item.attributes])
  )

const checkStore = Effect.fnUntraced(function* (told: ReadonlyArray<Fact>, tellings: ReadonlyArray<Fact>) {
  const dump = yield* (yield* Spy).dump
  const facts = [...stored(dump, "events run/").values()].map((attributes) => decodeFact(attributes))
  // Each fact is there once, as one of its tellings.
  assert.deepStrictEqual(facts.map(({ id }) => id).sort(), [...new Set(told.map(({ id }) => id))].sort())
  const spelled = new Set(tellings.map((fact) => JSON.stringify(fact)))
  for (const fact of facts) assert.isTrue(spelled.has(JSON.stringify(fact)), fact.id)
  // Everything else follows from those, and from nothing else.
  const buckets = new Map([...stored(dump, "projections minute/"), ...stored(dump, "projections hour/")])
  assert.deepStrictEqual(buckets, expectedBuckets(facts))
  assert.deepStrictEqual(stored(dump, "events events"), expectedEvents(facts))
  assert.deepStrictEqual(stored(dump, "projections deliveries"), expectedRows(facts))
  assert.deepStrictEqual(new Set(stored(dump, "projections known/").keys()), expectedKnown(facts))
  const open = new Set(stored(dump, "projections open/").keys())
  for (const address of expectedOpen(facts)) assert.isTrue(open.has(address), address)
})

for (const [name, layer] of Object.entries(layers)) {
  describe(`Record on ${name}`, () => {
    it.effect.prop(
      "counts every fact once, whatever is repeated, reordered, interrupted or lost",
      { seed: Schema.Int },
      ({ seed }) =>
        Effect.gen(function* () {
          yield* TestClock.setTime(now)
          const chance = new Chance(seed)
          const told = journeys(chance, 1 + chance.below(25))
          const tellings = retold(told, chance)
          yield* tellAll(tellings, chance)
          yield* checkStore(told, tellings)
        }).pipe(Effect.provide(layer), Effect.scoped),
      { arbitrary: { runs: name === "memory" ? 60 : 20 }, timeout: 120_000 }
    )
  })
}
