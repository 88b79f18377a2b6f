/** The part of the Table contract that is about items that expire. */
import { assert } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { absent, atVersion, present } from "../../ports/Table.ts"
import {
  allSorts,
  assertConditionFails,
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
import type { ContractTime } from "./Time.ts"

export const expiryTests = (it: TableTests, time: ContractTime): void => {
  const inSeconds = (seconds: number) => Effect.map(Clock.currentTimeMillis, (now) => Math.floor(now / 1000) + seconds)

  it.effect("hides an item from its expiry on, and counts it as absent", () =>
    Effect.gen(function* () {
      const key = freshPartition()
      const expiresAt = yield* inSeconds(5)
      for (const sort of ["a", "b", "c", "d"]) yield* write(put(key(sort), { sort, n: 5 }, { expiresAt }))
      yield* write(put(key("stays"), {}))
      assert.strictEqual((yield* itemAt(key("a")))?.expiresAt, expiresAt)
      assert.strictEqual((yield* queryTable({ ...key(), limit: 9 })).items.length, 5)

      yield* time.pass("6 seconds")
      assert.isUndefined(yield* itemAt(key("a")))
      assert.deepStrictEqual(yield* allSorts({ ...key(), limit: 1 }), ["stays"])

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
