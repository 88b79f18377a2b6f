/**
 * What every QueueStore keeps to: the WorkQueue contract for the queue over it, and what that does not show. To hold one of your own to it:
 *
 *     queueStoreContract("my store", Layer.effect(StoreUnderTest, makeMyStore))
 *
 * The layer is built anew for every test and gives an empty store.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Schema } from "effect"
import { fromStore } from "../../queue/QueueFromStore.ts"
import { type LeasedMessage, mostUnanswered, type NewMessage, type QueueStore } from "../../queue/QueueStore.ts"
import { steadyMillis } from "../../queue/SteadyTime.ts"
import { groupOfJob, Job, QueueUnderTest } from "./QueueUnderTest.ts"
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
    suspectTests(test)
  })
}

const options = { maxAge: Duration.hours(1), lease: Duration.seconds(60) }
const queueOverStore = Layer.effect(
  QueueUnderTest,
  Effect.map(StoreUnderTest, (store) => ({
    ...options,
    can: { groups: true, countsVerdicts: true, delays: true, ages: true },
    queue: fromStore("contract", Job, store, { ...options, groupOf: groupOfJob }),
    offerForeign: (body) => fromStore("contract", Schema.Json, store).offer([{ body }]),
    loseOne: Effect.gen(function* () {
      const look = { limit: 1, now: yield* steadyMillis, lease: Duration.toMillis(options.lease) }
      const { messages } = yield* store.take({ ...look, alone: false })
      if (messages.length === 0) yield* store.take({ ...look, alone: true })
    })
  }))
)

type Test = (what: string, body: Effect.Effect<void, unknown, StoreUnderTest>) => void

/** A message that is offered at 0. */
const message = (body: string, visibleAt: number, group?: string): NewMessage => ({
  body: JSON.stringify(body),
  traceparent: undefined,
  wait: visibleAt,
  group,
  deduplication: undefined
})
const bodies = (taken: ReadonlyArray<LeasedMessage>) => taken.map(({ body }) => JSON.parse(body))
const takeAt = Effect.fnUntraced(function* (now: number, leaseEnd = now + 100, limit = 10, alone = false) {
  return yield* (yield* StoreUnderTest).take({ limit, now, lease: leaseEnd - now, alone })
})
/** The only message that is visible. */
const takeOne = Effect.fnUntraced(function* (now: number, leaseEnd?: number, alone?: boolean) {
  const [taken, ...others] = (yield* takeAt(now, leaseEnd, 10, alone)).messages
  assert.deepStrictEqual(others, [])
  return taken ?? assert.fail("nothing is visible")
})
const nothingUntil = (next: number | undefined) => ({ messages: [], next, suspects: false })

const takingTests = (test: Test): void => {
  test(
    "gives what is visible, longest visible first, then in the order of the offers, as many as asked for",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("d", 30), message("b", 20), message("later", 41)], 0)
      yield* store.add([message("a", 10), message("c", 20)], 0)
      assert.deepStrictEqual(bodies((yield* takeAt(40, 200, 3)).messages), ["a", "b", "c"])
      assert.deepStrictEqual(bodies((yield* takeAt(40, 200, 3)).messages), ["d"])
    })
  )
  test(
    "says when there will be something, where there is nothing yet",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      assert.deepStrictEqual(yield* takeAt(0), nothingUntil(undefined))
      yield* store.add([message("later", 90), message("sooner", 80)], 0)
      assert.deepStrictEqual(yield* takeAt(79), nothingUntil(80))
      yield* takeOne(80, 85)
      assert.deepStrictEqual(yield* takeAt(84), nothingUntil(85))
    })
  )
  test(
    "lets messages gather until one has been visible for as long as they may wait, and gives all that are visible then",
    Effect.gen(function* () {
      const { take, add } = yield* StoreUnderTest
      const look = (now: number, alone = false) => take({ limit: 10, now, lease: 100, alone, linger: 50 })
      const gather = (next: number) => ({ messages: [], next, suspects: false, gathers: true })
      yield* add([message("b", 20), message("a", 10)], 0)
      assert.deepStrictEqual(yield* look(9), nothingUntil(10))
      assert.deepStrictEqual(yield* look(10), gather(60))
      yield* add([message("c", 59), message("later", 61)], 0)
      assert.deepStrictEqual(yield* look(59), gather(60))
      assert.deepStrictEqual(bodies((yield* look(60)).messages), ["a", "b", "c"])
      assert.deepStrictEqual(yield* look(61), gather(111))
    })
  )
  test(
    "stays in order with thousands of messages",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      const moments = Array.from({ length: 5000 }, (_, n) => (n * 7919) % 5003)
      yield* store.add(
        moments.map((at) => message(String(at), at)),
        0
      )
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
      const stop = store.arrivals.listen(() => {
        rings += 1
      })
      yield* store.add([message("a", 0)], 0)
      assert.strictEqual(rings, 1)
      const { id, handout } = yield* takeOne(0)
      yield* store.settle([{ _tag: "Retry", id, handout, wait: 5 }], 0)
      assert.strictEqual(rings, 2)
      stop()
      yield* store.add([message("b", 0)], 0)
      assert.strictEqual(rings, 2)
    })
  )
}

const leaseTests = (test: Test): void => {
  test(
    "hands out nothing twice before its lease ends, and counts hand-outs, not attempts",
    Effect.gen(function* () {
      yield* (yield* StoreUnderTest).add([message("a", 0)], 0)
      const first = yield* takeOne(0, 10)
      assert.deepStrictEqual((yield* takeAt(9)).messages, [])
      const second = yield* takeOne(10)
      assert.deepStrictEqual([first.attempt, first.unanswered], [1, 0])
      assert.deepStrictEqual(second, { ...first, handout: first.handout + 1, unanswered: 1 })
    })
  )
  test(
    "moves the end of a lease",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0), message("other", 25)], 0)
      const lease = yield* takeOne(0, 10)
      yield* store.renew([lease], 5, 15)
      yield* store.renew([lease], 6, 24)
      assert.deepStrictEqual(bodies((yield* takeAt(25)).messages), ["other"])
      assert.deepStrictEqual(yield* takeAt(29), nothingUntil(30))
      assert.strictEqual((yield* takeOne(30)).unanswered, 1)
    })
  )
  test(
    "obeys a late verdict as long as no other consumer has the message",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0)], 0)
      const { id, handout } = yield* takeOne(0, 10)
      yield* store.settle([{ _tag: "Done", id, handout }], 12)
      assert.deepStrictEqual(yield* store.depth(50), { waiting: 0, inFlight: 0, dead: 0, oldest: null })
    })
  )
  test(
    "ignores a consumer that lost the message to another",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0)], 0)
      const { id, handout } = yield* takeOne(0, 10)
      yield* takeOne(10, 20)
      yield* store.renew([{ id, handout }], 12, 988)
      yield* store.settle([{ _tag: "Done", id, handout }], 12)
      yield* store.settle([{ _tag: "Retry", id, handout, wait: 1 }], 10)
      yield* store.settle([{ _tag: "Dead", id, handout, reason: "late", attempts: 1 }], 12)
      assert.deepStrictEqual(yield* takeAt(19), nothingUntil(20))
      assert.deepStrictEqual(yield* store.depth(19), { waiting: 0, inFlight: 1, dead: 0, oldest: 0 })
      assert.strictEqual((yield* takeOne(20)).unanswered, 2)
    })
  )
  test(
    "ignores who gave the message back already",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0)], 0)
      const { id, handout } = yield* takeOne(0, 10)
      yield* store.settle([{ _tag: "Retry", id, handout, wait: 49 }], 1)
      assert.deepStrictEqual(yield* store.depth(1), { waiting: 1, inFlight: 0, dead: 0, oldest: 0 })
      yield* store.renew([{ id, handout }], 12, 988)
      yield* store.settle([{ _tag: "Done", id, handout }], 12)
      const again = yield* takeOne(50)
      assert.deepStrictEqual([again.attempt, again.unanswered, again.offeredAt], [2, 0, 0])
    })
  )
  test(
    "counts a message whose lease has ended as waiting",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("a", 0), message("b", 1000)], 0)
      yield* takeOne(0, 10)
      assert.deepStrictEqual(yield* store.depth(9), { waiting: 1, inFlight: 1, dead: 0, oldest: 0 })
      assert.deepStrictEqual(yield* store.depth(10), { waiting: 2, inFlight: 0, dead: 0, oldest: 0 })
    })
  )
  test(
    "has the age of the oldest message that is not done: waiting, put off or in hand; a dead letter has none",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      const oldest = (now: number) => Effect.map(store.depth(now), (depth) => depth.oldest)
      assert.isNull(yield* oldest(5000))
      yield* store.add([message("a", 0)], 1000)
      yield* store.add([message("b", 900_000)], 31_500)
      assert.strictEqual(yield* oldest(61_999), 60)
      assert.strictEqual(yield* oldest(0), 0, "a clock that was set back")
      const { id, handout } = yield* takeOne(61_999, 100_000)
      assert.strictEqual(yield* oldest(63_000), 62, "in hand")
      yield* store.settle([{ _tag: "Dead", id, handout, reason: "no use", attempts: 1 }], 63_000)
      assert.strictEqual(yield* oldest(63_000), 31)
      yield* store.redrive(id, 70_000)
      yield* store.settle([{ _tag: "Done", ...(yield* takeOne(70_000, 80_000)) }], 70_000)
      assert.strictEqual(yield* oldest(71_500), 40)
    })
  )
}

const suspectTests = (test: Test): void => {
  test(
    "gives what has often been handed out without a verdict only to who takes it alone, until there is a verdict",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("suspect", 0)], 0)
      for (let n = 0; n < mostUnanswered; n++) assert.strictEqual((yield* takeOne(n, n + 1)).unanswered, n)
      yield* store.add([message("other", 0)], 0)
      const ordinary = yield* takeAt(10)
      assert.deepStrictEqual([bodies(ordinary.messages), ordinary.suspects], [["other"], true])
      const { id, handout, unanswered } = yield* takeOne(10, 20, true)
      assert.strictEqual(unanswered, mostUnanswered)
      assert.isFalse((yield* takeAt(19)).suspects, "it is in hand")
      assert.isTrue((yield* takeAt(20)).suspects)
      yield* store.settle([{ _tag: "Retry", id, handout, wait: 5 }], 20)
      assert.deepStrictEqual(yield* takeAt(24), nothingUntil(25))
      assert.strictEqual((yield* takeOne(25)).unanswered, 0)
    })
  )
  test(
    "says when a message becomes visible that is to be taken alone",
    Effect.gen(function* () {
      const store = yield* StoreUnderTest
      yield* store.add([message("suspect", 0), message("later", 80)], 0)
      for (let n = 0; n < mostUnanswered; n++) yield* takeAt(n, n + 1, 1)
      assert.isTrue((yield* takeAt(10, 90)).suspects)
      yield* takeOne(10, 70, true)
      assert.deepStrictEqual(yield* takeAt(20), nothingUntil(70))
    })
  )
}
