/** The part of the Table contract that read models are written with: appended items, and items that give way to newer ones only. */
import { assert } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { type Appended, absent, type Condition, maxItemBytes, notNewer, Table, withToken } from "../../ports/Table.ts"
import {
  assertConditionFails,
  assertInvalid,
  attributesAt,
  freshPartition,
  itemAt,
  put,
  queryTable,
  remove,
  stubbornly,
  type TableTests,
  transact,
  update,
  write
} from "./TableSupport.ts"

const append = (...items: ReadonlyArray<Appended>) => Effect.flatMap(Table, (table) => table.append(items))

/** A fold of so many facts. */
const folded = (fold: number, facts: number, more = {}) => ({ fold, facts, ...more })

export const appendTests = (it: TableTests): void => {
  it.effect("appends any number of items, over what is there, to several tables", () =>
    Effect.gen(function* () {
      const key = freshPartition("events")
      const other = freshPartition("projections")
      yield* append()
      yield* write(put(key("0005"), { old: true }))
      const sorts = Array.from({ length: 120 }, (_, index) => String(index).padStart(4, "0"))
      yield* append(...sorts.map((sort) => ({ key: key(sort), attributes: { sort } })), {
        key: other(),
        attributes: {}
      })
      const { items } = yield* queryTable({ ...key(), limit: 1000 })
      assert.deepStrictEqual(
        items.map(({ attributes }) => attributes.sort),
        sorts
      )
      assert.deepStrictEqual(yield* attributesAt(other()), {})
      assert.strictEqual((yield* itemAt(key("0005")))?.version, 1)
    })
  )
  it.effect("appends the last of several items for one key", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* append({ key, attributes: { n: 1 } }, { key, attributes: { n: 2 }, expiresAt: 4_000_000_000 })
      const item = yield* itemAt(key)
      assert.deepStrictEqual(item, { key, version: 1, attributes: { n: 2 }, expiresAt: 4_000_000_000 })
    })
  )
  it.effect("appends what gives way to nothing newer, and leaves out what does, which is no failure", () =>
    Effect.gen(function* () {
      const [key, other] = [freshPartition()(), freshPartition()()]
      const item = (fold: number, facts: number) => ({
        ...{ key, attributes: { fold, facts, mine: `${fold}.${facts}` } },
        condition: notNewer(fold, facts)
      })
      const mine = Effect.map(itemAt(key), (stored) => [stored?.attributes.mine, stored?.version])
      yield* append(item(1, 2), { key: other, attributes: { n: 1 } })
      assert.deepStrictEqual(yield* mine, ["1.2", 1])
      yield* append(item(1, 1), { key: other, attributes: { n: 2 } })
      assert.deepStrictEqual(yield* mine, ["1.2", 1])
      assert.deepStrictEqual(yield* attributesAt(other), { n: 2 })
      yield* append(item(2, 1), item(1, 9), item(2, 0))
      assert.deepStrictEqual(yield* mine, ["2.1", 1])
    })
  )
  it.effect("refuses to append what no layer can hold", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      yield* assertInvalid(append({ key: key(), attributes: { text: "x".repeat(maxItemBytes) } }))
      yield* assertInvalid(append({ key: key(""), attributes: {} }))
      assert.isUndefined(yield* itemAt(key()))
    })
  )
}

export const foldTests = (it: TableTests): void => {
  it.effect("not newer: gives way to a greater pair, and only to that", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      const fold = (version: number, facts: number) =>
        write(
          put(key, folded(version, facts, { mine: `${version}.${facts}` }), { condition: notNewer(version, facts) })
        )
      yield* fold(1, 5)
      yield* fold(1, 5)
      yield* fold(1, 7)
      yield* assertConditionFails(fold(1, 6), 0)
      yield* fold(2, 1)
      yield* assertConditionFails(fold(1, 99), 0)
      assert.deepStrictEqual(yield* attributesAt(key), folded(2, 1, { mine: "2.1" }))
    })
  )
  it.effect("not newer: replaces an item without a pair, and leaves nothing of what was there", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* write(put(key, { other: true }))
      yield* write(put(key, folded(1, 1), { condition: notNewer(1, 1), expiresAt: 4_000_000_000 }))
      const item = yield* itemAt(key)
      assert.deepStrictEqual(item, { key, version: 1, attributes: folded(1, 1), expiresAt: 4_000_000_000 })
    })
  )
  it.effect("not newer: whichever is written first, the greatest pair stays", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      const counts = [3, 1, 9, 4, 9, 2, 8, 7, 5, 6]
      yield* Effect.forEach(
        counts,
        (facts) =>
          Effect.exit(stubbornly(write(put(key, folded(1, facts), { condition: notNewer(1, facts) })))).pipe(
            Effect.map((exit) => assert.isTrue(Exit.isSuccess(exit) || Exit.hasFails(exit)))
          ),
        { concurrency: "unbounded", discard: true }
      )
      assert.deepStrictEqual(yield* attributesAt(key), folded(1, 9))
    })
  )
  it.effect.prop(
    "not newer: in any order, what is left has the greatest pair",
    { pairs: Schema.NonEmptyArray(Schema.Tuple([Schema.Literals([1, 2, 3]), Schema.Literals([1, 2, 10, 11])])) },
    ({ pairs }) =>
      Effect.gen(function* () {
        const key = freshPartition()()
        for (const [fold, facts] of pairs) {
          yield* Effect.ignore(write(put(key, folded(fold, facts), { condition: notNewer(fold, facts) })))
        }
        const [greatest] = [...pairs].sort((a, b) => b[0] - a[0] || b[1] - a[1])
        assert.deepStrictEqual(yield* attributesAt(key), folded(greatest?.[0] ?? 0, greatest?.[1] ?? 0))
      }),
    { arbitrary: { runs: 30 }, timeout: 60_000 }
  )
  it.effect("token: deletes only what has it", () =>
    Effect.gen(function* () {
      const key = freshPartition()()
      yield* assertConditionFails(write(remove(key, { condition: withToken("a") })), 0)
      yield* append({ key, attributes: { token: "a" } })
      yield* assertConditionFails(write(remove(key, { condition: withToken("b") })), 0)
      assert.deepStrictEqual(yield* attributesAt(key), { token: "a" })
      yield* write(remove(key, { condition: withToken("a") }))
      assert.isUndefined(yield* itemAt(key))
    })
  )
  it.effect("refuses these conditions for other writes than single puts and single deletes", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      const pair: Condition = notNewer(1, 1)
      yield* assertInvalid(write(update(key(), { set: { a: 1 }, condition: pair })))
      yield* assertInvalid(write(remove(key(), { condition: pair })))
      yield* assertInvalid(write(put(key(), {}, { condition: withToken("a") })))
      yield* assertInvalid(
        transact(put(key(), folded(1, 1), { condition: pair }), put(key("b"), {}, { condition: absent }))
      )
      assert.isUndefined(yield* itemAt(key()))
    })
  )
}
