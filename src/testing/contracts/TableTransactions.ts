/** The part of the Table contract that is about many writes: in one transaction, and at the same time. */
import { assert } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { absent, atVersion, maxTransactionWrites, present } from "../../ports/Table.ts"
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

export const transactionTests = (it: TableTests): void => {
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
      assert.strictEqual((yield* queryTable({ ...key(), limit: 1000 })).items.length, 0)
      yield* transact(...writes(maxTransactionWrites))
      const { items } = yield* queryTable({ ...key(), limit: 1000 })
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

export const raceTests = (it: TableTests): void => {
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
