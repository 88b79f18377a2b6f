/** Rebuilding from the event log: of this version, and of a database that an older version left (`fixtures/older`). */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Fact } from "../../src/domain/Fact.ts"
import { DeliveryId } from "../../src/domain/SourceRun.ts"
import { type Appended, type Attributes, Table } from "../../src/ports/Table.ts"
import { makeLists } from "../../src/readmodel/Lists.ts"
import { rebuild } from "../../src/readmodel/Rebuild.ts"
import { diesBefore, nth } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { TableWatch, tableWrites, watched } from "../ledger/WatchedTable.ts"
import { settle } from "./Contributing.ts"
import { contentOf, expectedItems } from "./Expected.ts"
import { journeys, recordAll } from "./Recording.ts"

const now = Date.parse("2026-11-23T00:20:00.000Z")
const decodeFact = Schema.decodeUnknownSync(Fact)
const memory = watched(layerMemory)
const rebuilt = rebuild(() => Effect.void)

const olderItems = readFileSync(new URL("../fixtures/older/EventLog.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line): Appended => {
    const [partition, sort, attributes] = JSON.parse(line) as [string, string, Attributes]
    return { key: { table: "events", partition, sort }, attributes }
  })
const olderFacts = olderItems
  .filter(({ key }) => key.partition.startsWith("run/"))
  .map(({ attributes }) => decodeFact(attributes))

/** What an older version left, which expires. */
const isOlder = (address: string) => /^events (run|events|find|delivery)\//.test(address)

/** Everything but the facts; of marks and known repositories the address only. */
const folded = Effect.gen(function* () {
  const dump = yield* (yield* TableWatch).dump
  const items = yield* Effect.forEach(
    [...dump].filter(([address]) => !address.startsWith("events facts/") && !isOlder(address)),
    ([address, item]) => Effect.map(contentOf(address, item), (content) => [address, content] as const)
  )
  return new Map(items)
})

/** Known repositories are spelled as the last fact has them. */
const withoutSpelling = (address: string, attributes: Attributes): Attributes =>
  address.startsWith("projections known/") ? {} : attributes
const isShown = (address: string) => address.startsWith("projections ")
/** What is in the table at least, by the first word of its partitions. */
const filled = [
  ...["events", "find", "runs", "known", "chain", "contributions", "connections", "connection-hours"],
  ...["minutes", "hours", "figures", "days", "scopes", "rankings", "open", "rollup"]
]

const wipe = Effect.gen(function* () {
  const table = yield* Table
  for (const [address, { key }] of yield* (yield* TableWatch).dump) {
    if (address.startsWith("projections ")) yield* table.write({ _tag: "Delete", key })
  }
})

describe("rebuild", () => {
  it.effect("takes over what an older version recorded", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const table = yield* Table
      yield* table.append(olderItems)
      assert.deepStrictEqual(yield* rebuilt, { runs: 4, older: olderFacts.length })
      const expected = expectedItems(olderFacts)
      const stored = yield* folded
      assert.deepStrictEqual(stored, expected)
      const { deliveries, journey } = makeLists(table)
      const { rows } = yield* deliveries(undefined, { limit: 50 })
      assert.strictEqual(rows.length, 4)
      const found = Option.getOrThrow(yield* journey(DeliveryId.make("delivery-10")))
      assert.strictEqual(found.row?.counts.targets, 2)
      assert.strictEqual(found.facts[0]?.type, "dispatch.request.accepted")

      assert.strictEqual((yield* rebuilt).older, 0)
      assert.deepStrictEqual(yield* folded, expected)
    }).pipe(Effect.provide(memory))
  )

  it.effect("makes what was lost anew, although it was interrupted before", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const chance = new Chance(11)
      const facts = journeys(chance, 40, now)
      yield* recordAll(facts, chance, 2, Effect.void)
      yield* wipe
      const faults = yield* Faults
      yield* faults.on(tableWrites, nth(61, diesBefore))
      assert.strictEqual((yield* Effect.exit(rebuilt))._tag, "Failure")
      yield* faults.clear
      yield* rebuilt
      assert.deepStrictEqual(yield* folded, expectedItems(facts))
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect(
    "makes all of the table `projections` anew, figures and rankings included, from what the table `events` has",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const chance = new Chance(13)
        const { dump } = yield* TableWatch
        const shown = Effect.map(
          dump,
          (items) =>
            new Map(
              [...items].flatMap(([address, { attributes }]) =>
                isShown(address) ? [[address, withoutSpelling(address, attributes)]] : []
              )
            )
        )
        yield* recordAll(journeys(chance, 60, now, 10 * 86_400_000), chance, 2, Effect.void)
        yield* settle
        const before = yield* shown
        const partitions = new Set([...before.keys()].map((address) => address.split(/[ /]/)[1]))
        for (const partition of filled) assert.isTrue(partitions.has(partition), partition)
        yield* wipe
        assert.strictEqual((yield* shown).size, 0)
        yield* rebuilt
        yield* settle
        assert.deepStrictEqual(yield* shown, before)
      }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("brings up to date what a restored backup has of an earlier day", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const chance = new Chance(12)
      const facts = journeys(chance, 40, now)
      yield* recordAll(facts.slice(0, facts.length / 2), chance, 2, Effect.void)
      const { dump } = yield* TableWatch
      const backup = [...(yield* dump).values()].flatMap(({ key, attributes }) =>
        key.table === "projections" ? [{ key, attributes }] : []
      )
      yield* recordAll(facts.slice(facts.length / 2), chance, 2, Effect.void)
      yield* wipe
      yield* (yield* Table).append(backup)
      assert.notDeepEqual(yield* folded, expectedItems(facts), "the backup is out of date")
      yield* rebuilt
      assert.deepStrictEqual(yield* folded, expectedItems(facts))
    }).pipe(Effect.provide(memory), Effect.scoped)
  )
})
