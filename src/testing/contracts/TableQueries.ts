/** The part of the Table contract that is about ranges, their order, and their pages. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Query } from "../../ports/Table.ts"
import {
  allSorts,
  assertInvalid,
  freshPartition,
  put,
  queryTable,
  remove,
  type TableTests,
  write
} from "./TableSupport.ts"

const directions = ["ascending", "descending"] as const
const inDirection = <A>(direction: (typeof directions)[number], ascending: ReadonlyArray<A>) =>
  direction === "ascending" ? ascending : ascending.toReversed()

/** A partition with an item at each of these sort keys. */
const partitionOf = Effect.fnUntraced(function* (...sorts: ReadonlyArray<string>) {
  const key = freshPartition()
  // In an order that is neither ascending nor descending.
  const shuffled = [...sorts.filter((_, index) => index % 2 === 1), ...sorts.filter((_, index) => index % 2 === 0)]
  for (const sort of shuffled) yield* write(put(key(sort), { sort }))
  const { table, partition } = key()
  return (more?: Partial<Query>): Query => ({ table, partition, limit: 100, ...more })
})

export const queryTests = (it: TableTests): void => {
  for (const direction of directions) {
    it.effect(`gives a range with both its ends, ${direction}`, () =>
      Effect.gen(function* () {
        const range = yield* partitionOf("a", "b", "c", "d", "e")
        const expectRange = Effect.fnUntraced(function* (more: Partial<Query>, expected: string) {
          const sorts = yield* allSorts(range({ ...more, direction }))
          assert.deepStrictEqual(sorts, inDirection(direction, [...expected]), JSON.stringify(more))
        })
        yield* expectRange({}, "abcde")
        yield* expectRange({ from: "b" }, "bcde")
        yield* expectRange({ to: "d" }, "abcd")
        yield* expectRange({ from: "b", to: "d" }, "bcd")
        yield* expectRange({ from: "c", to: "c" }, "c")
        yield* expectRange({ from: "bb", to: "dd" }, "cd")
        yield* expectRange({ from: "d", to: "b" }, "")
        yield* expectRange({ from: "f" }, "")
      })
    )
    it.effect(`gives every item of a range once, page by page, ${direction}`, () =>
      Effect.gen(function* () {
        const sorts = Array.from({ length: 23 }, (_, n) => `item ${100 + n}`)
        const range = yield* partitionOf(...sorts)
        for (const limit of [1, 2, 7, 22, 23, 24, 1000]) {
          assert.deepStrictEqual(yield* allSorts(range({ limit, direction })), inDirection(direction, sorts))
          const part = range({ from: "item 105", to: "item 115", limit, direction })
          assert.deepStrictEqual(yield* allSorts(part), inDirection(direction, sorts.slice(5, 16)))
        }
      })
    )
    it.effect(`goes on where a page ended, whatever was written since, ${direction}`, () =>
      Effect.gen(function* () {
        const range = yield* partitionOf("a", "c", "e", "g", "i")
        const key = (sort: string) => ({ ...range(), sort })
        const first = yield* queryTable(range({ limit: 2, direction }))
        const [last] = inDirection(direction, ["c", "g"])
        assert.strictEqual(first.items.at(-1)?.key.sort, last)
        yield* write(remove(key(last ?? "")))
        for (const sort of ["b", "d", "f", "h"]) yield* write(put(key(sort), {}))
        const rest = yield* allSorts(range({ limit: 2, direction, ...(first.cursor && { cursor: first.cursor }) }))
        assert.deepStrictEqual(rest, direction === "ascending" ? [..."defghi"] : [..."fedcba"])
      })
    )
    it.effect(`orders sort keys by their UTF-8 bytes, ${direction}`, () =>
      Effect.gen(function* () {
        const ascending = [
          "\u0001",
          " ",
          "!",
          "0",
          "10",
          "2",
          "A",
          "B",
          "a",
          "a\u0001",
          "a ",
          "aa",
          "b",
          "z",
          "é",
          "ÿ",
          "Ā",
          "ह",
          "世",
          "\ue000",
          "\uffee",
          "𝄞",
          "🚀",
          "🚀🚀"
        ]
        const range = yield* partitionOf(...ascending)
        assert.deepStrictEqual(yield* allSorts(range({ direction })), inDirection(direction, ascending))
        assert.deepStrictEqual(yield* allSorts(range({ direction, limit: 1 })), inDirection(direction, ascending))
        const beyondAscii = range({ direction, from: "é", to: "𝄞" })
        assert.deepStrictEqual(yield* allSorts(beyondAscii), inDirection(direction, ascending.slice(14, 22)))
      })
    )
  }

  it.effect("gives whole items", () =>
    Effect.gen(function* () {
      const key = freshPartition("events")
      yield* write(put(key("a"), { n: [1] }, { expiresAt: 4_000_000_000 }))
      yield* write(put(key("b"), {}))
      yield* write(put(key("b"), { again: true }))
      const { items } = yield* queryTable({ ...key(), limit: 10 })
      assert.deepStrictEqual(items, [
        { key: key("a"), version: 1, attributes: { n: [1] }, expiresAt: 4_000_000_000 },
        { key: key("b"), version: 2, attributes: { again: true }, expiresAt: undefined }
      ])
    })
  )
  it.effect("pages through items that are large together", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      const sorts = Array.from({ length: 12 }, (_, n) => `large ${10 + n}`)
      for (const sort of sorts) yield* write(put(key(sort), { text: "x".repeat(200_000) }))
      assert.deepStrictEqual(yield* allSorts({ ...key(), limit: 1000 }), sorts)
    })
  )
  it.effect("refuses cursors that no page gave", () =>
    Effect.gen(function* () {
      const range = yield* partitionOf("a", "b", "c")
      for (const cursor of ["", "a", "no cursor!", "////", "%00"]) yield* assertInvalid(queryTable(range({ cursor })))
      const page = yield* queryTable(range({ limit: 2 }))
      const { cursor = "" } = page
      assert.notStrictEqual(cursor, "")
      yield* assertInvalid(queryTable(range({ cursor: `${cursor}!` })))
      yield* assertInvalid(queryTable(range({ cursor, from: "c" })))
    })
  )
  it.effect("refuses limits outside 1 to 1000", () =>
    Effect.gen(function* () {
      const range = yield* partitionOf("a")
      for (const limit of [0, -1, 1.5, 1001, Number.NaN]) yield* assertInvalid(queryTable(range({ limit })))
    })
  )
}
