/**
 * What every QueueStore keeps to: the WorkQueue contract for the queue over it, and what that does not show. To hold one of your own to it:
 *
 *     queueStoreContract("my store", Layer.effect(StoreUnderTest, makeMyStore))
 *
 * The layer is built anew for every test and gives an empty store.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Duration, Effect, Layer, Schema } from "effect"
import { fromStore } from "../../ports/WorkQueueFromStore.ts"
import { after, type QueueStore, type Taken } from "../../ports/WorkQueueStore.ts"
import { Job, QueueUnderTest } from "./QueueUnderTest.ts"
import { testTime } from "./Time.ts"
import { workQueueContract } from "./WorkQueue.ts"

/** A store that starts empty. */
export class StoreUnderTest extends Context.Service<StoreUnderTest, QueueStore>()(
  "dispatcher/testing/contracts/StoreUnderTest"
) {}

/** Registers the contract's tests for a store. */
export const queueStoreContract = <E>(name: string, layer: Layer.Layer<StoreUnderTest, E>): void => {
  workQueueContract(name, Layer.provide(queueOverStore, Layer.fresh(layer)), testTime)
  describe(`QueueStore contract: ${name}`, () => {
    const test = (what: string, body: Effect.Effect<void, unknown, StoreUnderTest>) =>
      it.effect(what, () => Effect.provide(body, Layer.fresh(layer)))
    takingTests(test)
    leaseTests(test)
  })
}

const options = { maxAttempts: 3, lease: Duration.seconds(60) }
const queueOverStore = Layer.effect(
  QueueUnderTest,
  Effect.map(StoreUnderTest, (store) => ({
    ...options,
    queue: fromStore("contract", Job, store, options),
    offerForeign: (body) => fromStore("contract", Schema.Json, store).offer([{ body }]),
    loseOne: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(store.take({ limit: 1, now, leaseEnd: after(now, options.lease) }))
    )
  }))
)

type Test = (what: string, body: Effect.Effect<void, unknown, StoreUnderTest>) => void

const message = (body: string, visibleAt: number) => ({
  body: JSON.stringify(body),
  traceparent: undefined,
  visibleAt
})
const bodies = (taken: ReadonlyArray<Taken>) => taken.map(({ body }) => JSON.parse(body))
const takeAt = Effect.fnUntraced(function* (now: number, leaseEnd = now + 100, limit = 10) {
  return yield* (yield* StoreUnderTest).take({ limit, now, leaseEnd })
})
/** The only message that is visible. */
const takeOne = Effect.fnUntraced(function* (now: number, leaseEnd?: number) {
  const [taken, ...others] = (yield* takeAt(now, leaseEnd)).messages
  assert.deepStrictEqual(others, [])
  return taken ?? assert.fail("nothing is visible")
})

const takingTests = (test: Test): void => {
  test(
    "gives what is visible, longest visible first, then in the order of the offers, as many as asked for",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("d", 30), message("b", 20), message("later", 41)])
      yield* store.add([message("a", 10), message("c", 20)])
      assert.deepStrictEqual(bodies((yield* takeAt(40, 200, 3)).messages), ["a", "b", "c"])
      assert.deepStrictEqual(bodies((yield* takeAt(40, 200, 3)).messages), ["d"])
    })
  )
  test(
    "says when there will be something, where there is nothing yet",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      assert.deepStrictEqual(yield* takeAt(0), { messages: [], next: undefined })
      yield* store.add([message("later", 90), message("sooner", 80)])
      assert.deepStrictEqual(yield* takeAt(79), { messages: [], next: 80 })
      yield* takeOne(80, 85)
      assert.deepStrictEqual(yield* takeAt(84), { messages: [], next: 85 })
    })
  )
  test(
    "stays in order with thousands of messages",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      const moments = Array.from({ length: 5000 }, (_, n) => (n * 7919) % 5003)
      yield* store.add(moments.map((at) => message(String(at), at)))
      const taken = (yield* takeAt(10_000, 20_000, 5000)).messages
      assert.deepStrictEqual(
        bodies(taken).map(Number),
        moments.toSorted((a, b) => a - b)
      )
    })
  )
  test(
    "rings when messages came, and when one came back",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      let rings = 0
      const stop = store.doorbell.listen(() => {
        rings += 1
      })
      yield* store.add([message("a", 0)])
      assert.strictEqual(rings, 1)
      const { id, attempt } = yield* takeOne(0)
      yield* store.settle([{ _tag: "Retry", id, attempt, visibleAt: 5 }])
      assert.strictEqual(rings, 2)
      stop()
      yield* store.add([message("b", 0)])
      assert.strictEqual(rings, 2)
    })
  )
}

const leaseTests = (test: Test): void => {
  test(
    "hands out nothing twice before its lease ends, and counts attempts",
    Effect.gen(function* () {
      yield* (yield* StoreUnderTest).add([message("a", 0)])
      const first = yield* takeOne(0, 10)
      assert.deepStrictEqual((yield* takeAt(9)).messages, [])
      const second = yield* takeOne(10)
      assert.deepStrictEqual(second, { ...first, attempt: 2 })
    })
  )
  test(
    "moves the end of a lease",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0), message("other", 25)])
      const lease = yield* takeOne(0, 10)
      yield* store.renew([lease], 20)
      yield* store.renew([lease], 30)
      assert.deepStrictEqual(bodies((yield* takeAt(25)).messages), ["other"])
      assert.deepStrictEqual(yield* takeAt(29), { messages: [], next: 30 })
      assert.strictEqual((yield* takeOne(30)).attempt, 2)
    })
  )
  test(
    "obeys a late verdict as long as nobody else has the message",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0)])
      const { id, attempt } = yield* takeOne(0, 10)
      yield* store.settle([{ _tag: "Done", id, attempt }])
      assert.deepStrictEqual(yield* store.depth(50), { waiting: 0, inFlight: 0, dead: 0 })
    })
  )
  test(
    "ignores whoever lost the message to somebody else",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0)])
      const { id, attempt } = yield* takeOne(0, 10)
      yield* takeOne(10, 20)
      yield* store.renew([{ id, attempt }], 1000)
      yield* store.settle([{ _tag: "Done", id, attempt }])
      yield* store.settle([{ _tag: "Retry", id, attempt, visibleAt: 11 }])
      yield* store.settle([{ _tag: "Dead", id, attempt, reason: "late", attempts: 1 }])
      assert.deepStrictEqual(yield* takeAt(19), { messages: [], next: 20 })
      assert.deepStrictEqual(yield* store.depth(19), { waiting: 0, inFlight: 1, dead: 0 })
      assert.strictEqual((yield* takeOne(20)).attempt, 3)
    })
  )
  test(
    "ignores who gave the message back already",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0)])
      const { id, attempt } = yield* takeOne(0, 10)
      yield* store.settle([{ _tag: "Retry", id, attempt, visibleAt: 50 }])
      assert.deepStrictEqual(yield* store.depth(1), { waiting: 1, inFlight: 0, dead: 0 })
      yield* store.renew([{ id, attempt }], 1000)
      yield* store.settle([{ _tag: "Done", id, attempt }])
      assert.strictEqual((yield* takeOne(50)).attempt, 2)
    })
  )
  test(
    "counts a message whose lease has ended as waiting",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0), message("b", 1000)])
      yield* takeOne(0, 10)
      assert.deepStrictEqual(yield* store.depth(9), { waiting: 1, inFlight: 1, dead: 0 })
      assert.deepStrictEqual(yield* store.depth(10), { waiting: 2, inFlight: 0, dead: 0 })
    })
  )
}
