/** The part of the Table contract that is about single writes and their conditions. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type Attributes, absent, atVersion, maxItemBytes, present } from "../../ports/Table.ts"
import {
  assertConditionFails,
  assertInvalid,
  attributesAt,
  freshPartition,
  itemAt,
  put,
  queryTable,
  remove,
  type TableTests,
  transact,
  update,
  write
} from "./TableSupport.ts"

const everyKindOfJson: Attributes = {
  text: "Grüße, 世界 🚀\u0000\n\"'\\",
  empty: "",
  numbers: [0, -1, 1.5, 2 ** 53 - 1, 1e-7, 1e21],
  yes: true,
  no: false,
  nothing: null,
  nested: { list: [{ deep: [] }, {}], "a.b": 1, "#name": 2, ":value": 3 },
  // Computed, or it would be the object's prototype.
  ["__proto__"]: "no prototype",
  constructor: "no keyword"
}

export const writeTests = (it: TableTests): void => {
  it.effect("has nothing under a key that was never written", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      assert.isUndefined(yield* itemAt(key()))
      assert.deepStrictEqual(yield* queryTable({ ...key(), limit: 10 }), { items: [], cursor: undefined })
    })
  )
  it.effect("gives back what was put, every kind of JSON unchanged", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, everyKindOfJson))
      assert.deepStrictEqual(yield* itemAt(key), {
        key,
        version: 1,
        attributes: everyKindOfJson,
        expiresAt: undefined
      })
    })
  )
  it.effect("replaces the whole item by a put", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, { old: 1, both: 1 }))
      yield* write(put(key, { both: 2 }))
      assert.deepStrictEqual(yield* attributesAt(key), { both: 2 })
    })
  )
  it.effect("sets single attributes by an update, and leaves the others", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, { kept: { a: 1 }, changed: 1 }))
      yield* write(update(key, { set: { changed: [2], new: "x" } }))
      assert.deepStrictEqual(yield* attributesAt(key), { kept: { a: 1 }, changed: [2], new: "x" })
    })
  )
  it.effect("adds to attributes, counting from 0 where there is no attribute or no item", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(update(key, { set: { name: "x" }, add: { count: 2 } }))
      yield* write(update(key, { add: { count: 3, other: -1.25 } }))
      yield* write(update(key, { add: { count: -1, other: 0.5 } }))
      assert.deepStrictEqual(yield* attributesAt(key), { name: "x", count: 4, other: -0.75 })
    })
  )
  it.effect("adds integers exactly, up to the greatest that a double holds", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(update(key, { add: { count: 2 ** 53 - 3 } }))
      yield* write(update(key, { add: { count: 1 } }))
      yield* write(update(key, { add: { count: 1 } }))
      assert.deepStrictEqual(yield* attributesAt(key), { count: 2 ** 53 - 1 })
    })
  )
  it.effect("creates an empty item by an update of nothing", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(update(key, {}))
      assert.deepStrictEqual(yield* attributesAt(key), {})
    })
  )
  it.effect("refuses to add to what is no number, and to set and add at once", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, { text: "1", number: 1 }))
      yield* assertInvalid(write(update(key, { add: { text: 1 } })))
      yield* assertInvalid(write(update(key, { set: { number: 5 }, add: { number: 1 } })))
      yield* assertInvalid(write(update(key, { add: { number: Number.POSITIVE_INFINITY } })))
      assert.deepStrictEqual(yield* attributesAt(key), { text: "1", number: 1 })
    })
  )
  it.effect("removes by a delete, also what is not there", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, { a: 1 }))
      yield* write(remove(key))
      assert.isUndefined(yield* itemAt(key))
      yield* write(remove(key))
    })
  )
  it.effect("counts versions from 1, one up with every write, whatever wrote", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      const versions: Array<number | undefined> = []
      const writes = [
        update(key, { add: { n: 1 } }),
        put(key, { n: 1 }),
        put(key, { n: 1 }),
        update(key, { set: { n: 1 } }),
        remove(key),
        put(key, {})
      ]
      for (const each of writes) {
        yield* write(each)
        versions.push((yield* itemAt(key))?.version)
      }
      yield* transact(update(key, {}), put(freshPartition()(), {}))
      versions.push((yield* itemAt(key))?.version)
      assert.deepStrictEqual(versions, [1, 2, 3, 4, undefined, 1, 2])
    })
  )
  it.effect("keeps tables, partitions and sort keys apart", () =>
    Effect.gen(function* () {
      const ledger = freshPartition("ledger")("a")
      const others = [
        { ...ledger, table: "events" as const },
        { ...ledger, partition: `${ledger.partition}a` },
        { ...ledger, sort: "A" }
      ]
      yield* write(put(ledger, { here: true }))
      for (const other of others) assert.isUndefined(yield* itemAt(other))
    })
  )
  it.effect("takes an item of 300 KB, and refuses one that is too large for any layer", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      const text = "ü".repeat(150_000)
      yield* write(put(key("large"), { text }))
      assert.deepStrictEqual(yield* attributesAt(key("large")), { text })
      yield* assertInvalid(write(put(key("larger"), { text: "x".repeat(maxItemBytes) })))
      yield* assertInvalid(write(update(key("large"), { set: { more: text } })))
      assert.deepStrictEqual(yield* attributesAt(key("large")), { text })
      assert.isUndefined(yield* itemAt(key("larger")))
    })
  )
  it.effect("refuses keys that are empty or too long", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      yield* assertInvalid(write(put(key(""), {})))
      yield* assertInvalid(write(put({ ...key(), partition: "" }, {})))
      yield* assertInvalid(write(put(key("é".repeat(513)), {})))
      yield* write(put(key("é".repeat(512)), { longest: true }))
      assert.deepStrictEqual(yield* attributesAt(key("é".repeat(512))), { longest: true })
    })
  )
}

export const conditionTests = (it: TableTests): void => {
  it.effect("absent: writes only where nothing is", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      yield* write(put(key(), { first: true }, { condition: absent }))
      yield* assertConditionFails(write(put(key(), {}, { condition: absent })), 0)
      yield* assertConditionFails(write(update(key(), { set: { a: 1 }, condition: absent })), 0)
      yield* assertConditionFails(write(remove(key(), { condition: absent })), 0)
      assert.deepStrictEqual(yield* attributesAt(key()), { first: true })
      yield* write(update(key("other"), { add: { n: 1 }, condition: absent }))
      assert.deepStrictEqual(yield* attributesAt(key("other")), { n: 1 })
    })
  )
  it.effect("present: writes only where something is", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* assertConditionFails(write(put(key, {}, { condition: present })), 0)
      yield* assertConditionFails(write(update(key, { add: { n: 1 }, condition: present })), 0)
      yield* assertConditionFails(write(remove(key, { condition: present })), 0)
      assert.isUndefined(yield* itemAt(key))
      yield* write(put(key, {}))
      yield* write(update(key, { add: { n: 1 }, condition: present }))
      yield* write(remove(key, { condition: present }))
      assert.isUndefined(yield* itemAt(key))
    })
  )
  it.effect("version: writes only over exactly that version", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* assertConditionFails(write(put(key, {}, { condition: atVersion(1) })), 0)
      yield* write(put(key, { n: 1 }))
      yield* assertConditionFails(write(put(key, {}, { condition: atVersion(2) })), 0)
      yield* write(update(key, { set: { n: 2 }, condition: atVersion(1) }))
      yield* assertConditionFails(write(remove(key, { condition: atVersion(1) })), 0)
      assert.deepStrictEqual(yield* attributesAt(key), { n: 2 })
      yield* write(remove(key, { condition: atVersion(2) }))
      assert.isUndefined(yield* itemAt(key))
    })
  )
}
