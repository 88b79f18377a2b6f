/**
 * What every layer of the Table port keeps to. To hold a layer of your own to it:
 *
 *     tableContract("my table", myTableLayer, realTime)
 *
 * All tests share the layer; each keeps to partitions of its own, so what other runs left behind does no harm.
 */
import { assert, layer } from "@effect/vitest"
import { Clock, Effect, Exit, type Layer } from "effect"
import {
  type Attributes,
  absent,
  atVersion,
  maxItemBytes,
  maxTransactionWrites,
  present,
  type Table
} from "../../src/ports/Table.ts"
import { modelTests } from "./TableModel.ts"
import { queryTests } from "./TableQueries.ts"
import {
  assertConditionFails,
  assertInvalid,
  attributesAt,
  freshPartition,
  itemAt,
  put,
  query,
  remove,
  stubbornly,
  type TableTests,
  transact,
  update,
  write
} from "./TableSupport.ts"
import type { Time } from "./Time.ts"

/** Registers the contract's tests for a layer of the Table. */
export const tableContract = <E>(name: string, tableLayer: Layer.Layer<Table, E>, time: Time): void =>
  layer(tableLayer, { excludeTestServices: !time.virtual, timeout: "60 seconds" })(`Table contract: ${name}`, (it) => {
    writeTests(it)
    conditionTests(it)
    transactionTests(it)
    queryTests(it)
    expiryTests(it, time)
    raceTests(it)
    modelTests(it)
  })

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

const writeTests = (it: TableTests): void => {
  it.effect("has nothing under a key that nobody wrote", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      assert.isUndefined(yield* itemAt(key()))
      assert.deepStrictEqual(yield* query({ ...key(), limit: 10 }), { items: [], cursor: undefined })
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

const conditionTests = (it: TableTests): void => {
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

const transactionTests = (it: TableTests): void => {
  it.effect("writes everything, across tables and partitions", () =>
    Effect.gen(function* () {
      const [ledger, events, projections] = [
        freshPartition("ledger")(),
        freshPartition("events")(),
        freshPartition("projections")()
      ]
      yield* write(put(projections, { gone: true }))
      yield* transact(
        put(ledger, { a: 1 }, { condition: absent }),
        update(events, { add: { n: 2 } }),
        remove(projections, { condition: present })
      )
      assert.deepStrictEqual(yield* attributesAt(ledger), { a: 1 })
      assert.deepStrictEqual(yield* attributesAt(events), { n: 2 })
      assert.isUndefined(yield* itemAt(projections))
    })
  )
  it.effect("writes nothing if a condition fails, and names every one that did", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      yield* write(put(key("there"), { n: 1 }))
      const attempt = transact(
        put(key("new"), {}),
        put(key("there"), { n: 2 }, { condition: absent }),
        update(key("counter"), { add: { n: 1 } }),
        remove(key("missing"), { condition: present })
      )
      yield* assertConditionFails(attempt, 1, 3)
      assert.isUndefined(yield* itemAt(key("new")))
      assert.isUndefined(yield* itemAt(key("counter")))
      assert.deepStrictEqual(yield* attributesAt(key("there")), { n: 1 })
    })
  )
  it.effect("writes nothing if one write is invalid", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      yield* write(put(key("text"), { n: "text" }))
      yield* assertInvalid(transact(put(key("new"), {}), update(key("text"), { add: { n: 1 } })))
      assert.isUndefined(yield* itemAt(key("new")))
    })
  )
  it.effect("takes as many writes as it promises, and no more", () =>
    Effect.gen(function* () {
      const key = freshPartition("events")
      const writes = (count: number) => Array.from({ length: count }, (_, n) => put(key(`${1000 + n}`), { n }))
      yield* assertInvalid(transact(...writes(maxTransactionWrites + 1)))
      assert.strictEqual((yield* query({ ...key(), limit: 1000 })).items.length, 0)
      yield* transact(...writes(maxTransactionWrites))
      const { items } = yield* query({ ...key(), limit: 1000 })
      assert.deepStrictEqual(
        items.map(({ attributes }) => attributes),
        writes(maxTransactionWrites).map(({ attributes }) => attributes)
      )
    })
  )
  it.effect("refuses two writes on one item", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* assertInvalid(transact(put(key, { n: 1 }), update(key, { add: { n: 1 } })))
      assert.isUndefined(yield* itemAt(key))
    })
  )
  it.effect("does nothing when there is nothing to do", () => transact())
}

const expiryTests = (it: TableTests, time: Time): void => {
  const inSeconds = (seconds: number) => Effect.map(Clock.currentTimeMillis, (now) => Math.floor(now / 1000) + seconds)

  it.effect("hides an item from its expiry on, and counts it as absent", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      const expiresAt = yield* inSeconds(2)
      for (const sort of ["a", "b", "c", "d"]) yield* write(put(key(sort), { sort, n: 5 }, { expiresAt }))
      yield* write(put(key("stays"), {}))
      assert.strictEqual((yield* itemAt(key("a")))?.expiresAt, expiresAt)
      assert.strictEqual((yield* query({ ...key(), limit: 9 })).items.length, 5)

      yield* time.pass("3 seconds")
      assert.isUndefined(yield* itemAt(key("a")))
      const { items, cursor } = yield* query({ ...key(), limit: 1 })
      assert.deepStrictEqual([items.map((item) => item.key.sort), cursor], [["stays"], undefined])

      yield* assertConditionFails(write(put(key("a"), {}, { condition: present })), 0)
      yield* assertConditionFails(write(remove(key("a"), { condition: atVersion(1) })), 0)
      yield* write(put(key("a"), { again: true }, { condition: absent }))
      yield* write(update(key("b"), { add: { n: 1 } }))
      yield* transact(put(key("c"), {}, { condition: absent }))
      const unexpiring = { version: 1, expiresAt: undefined }
      assert.deepStrictEqual(yield* itemAt(key("a")), { ...unexpiring, key: key("a"), attributes: { again: true } })
      assert.deepStrictEqual(yield* itemAt(key("b")), { ...unexpiring, key: key("b"), attributes: { n: 1 } })
      assert.deepStrictEqual(yield* itemAt(key("c")), { ...unexpiring, key: key("c"), attributes: {} })
    })
  )
  it.effect("keeps an expiry through updates that name none, and drops it by a put that names none", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      const [sooner, later] = [yield* inSeconds(60), yield* inSeconds(90)]
      const expiry = Effect.map(itemAt(key), (item) => item?.expiresAt)
      yield* write(put(key, {}, { expiresAt: sooner }))
      yield* write(update(key, { add: { n: 1 } }))
      assert.strictEqual(yield* expiry, sooner)
      yield* write(update(key, { expiresAt: later }))
      assert.strictEqual(yield* expiry, later)
      yield* write(put(key, {}))
      assert.strictEqual(yield* expiry, undefined)
    })
  )
  it.effect("never shows an item that was already expired when it was written", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, {}, { expiresAt: (yield* inSeconds(0)) - 1 }))
      assert.isUndefined(yield* itemAt(key))
    })
  )
}

const raceTests = (it: TableTests): void => {
  const together = { concurrency: "unbounded" } as const
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

  it.effect("sums adds of 50 fibers exactly", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      yield* Effect.forEach(
        numbers(50),
        (n) =>
          Effect.forEach(numbers(4), () =>
            n % 2 === 0
              ? stubbornly(write(update(key(), { add: { n, half: 0.5 } })))
              : stubbornly(transact(update(key(), { add: { n, half: 0.5 } }), put(key(`other ${n}`), {})))
          ),
        together
      )
      const item = yield* itemAt(key())
      assert.deepStrictEqual(item?.attributes, { n: 4 * 1225, half: 100 })
      assert.strictEqual(item?.version, 200)
    })
  )
  it.effect("lets exactly one of many win where nothing was", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      const exits = yield* Effect.forEach(
        numbers(20),
        (n) => Effect.exit(stubbornly(write(put(key, { n }, { condition: absent })))),
        together
      )
      const winners = exits.flatMap((exit, n) => (Exit.isSuccess(exit) ? [n] : []))
      assert.strictEqual(winners.length, 1)
      assert.deepStrictEqual(yield* attributesAt(key), { n: winners[0] ?? null })
    })
  )
  it.effect("loses no update that is guarded by a version", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, { seen: [] }))
      const append = (n: number) =>
        Effect.gen(function* () {
          const item = yield* itemAt(key)
          const seen = item?.attributes.seen
          if (item === undefined || !Array.isArray(seen)) return assert.fail("the item is gone")
          yield* write(put(key, { seen: [...seen, n] }, { condition: atVersion(item.version) }))
        }).pipe(Effect.retry({ times: 1000 }))
      yield* Effect.forEach(numbers(20), append, together)
      const item = yield* itemAt(key)
      const seen = item?.attributes.seen
      assert.deepStrictEqual(Array.isArray(seen) ? seen.toSorted((a, b) => Number(a) - Number(b)) : seen, numbers(20))
      assert.strictEqual(item?.version, 21)
    })
  )
}
