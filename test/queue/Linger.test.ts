/** Consumers that linger: what they leave to gather while others have messages in hand, and for how long. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { done, type Received } from "../../src/ports/WorkQueue.ts"
import { HandlingGate } from "../../src/queue/HandlingGate.ts"
import { makeMemoryStore } from "../../src/queue/MemoryStore.ts"
import { fromStore } from "../../src/queue/QueueFromStore.ts"
import { defaultOptions, type QueueStore } from "../../src/queue/QueueStore.ts"

const options = { concurrency: 1, batchSize: 10 }

/** Two queues of a process: a message is in hand of the first until `finish`; the other's consumer lingers for a second. */
const twoQueues = Effect.gen(function* () {
  const gate = new HandlingGate()
  const store = makeMemoryStore()
  let looks = 0
  const watched: QueueStore = {
    ...store,
    take: (look) => {
      looks += 1
      return store.take(look)
    }
  }
  const urgent = fromStore("urgent", Schema.String, makeMemoryStore(), defaultOptions, gate)
  const patient = fromStore("patient", Schema.String, watched, defaultOptions, gate)
  const work = yield* Deferred.make<void>()
  const batches: Array<ReadonlyArray<string>> = []
  const note = (messages: ReadonlyArray<Received<string>>) =>
    Effect.sync(() => {
      batches.push(messages.map(({ body }) => body))
      return messages.map(() => done)
    })
  yield* Effect.forkScoped(
    urgent.consume(
      (messages) =>
        Effect.as(
          Deferred.await(work),
          messages.map(() => done)
        ),
      options
    )
  )
  yield* Effect.forkScoped(patient.consume(note, { ...options, linger: Duration.seconds(1) }))
  // A consumer that ends finishes what it has in hand.
  yield* Effect.addFinalizer(() => Deferred.succeed(work, undefined))
  const offer = (body: string) => Effect.andThen(patient.offer([{ body }]), TestClock.adjust("1 millis"))
  const begin = Effect.andThen(urgent.offer([{ body: "start" }]), TestClock.adjust("1 millis"))
  const finish = Effect.andThen(Deferred.succeed(work, undefined), TestClock.adjust("1 millis"))
  return { offer, begin, finish, batches, looks: () => looks }
})

describe("a consumer that lingers", () => {
  it.effect("takes messages as they come while no others are in hand", () =>
    Effect.gen(function* () {
      const { batches, offer } = yield* twoQueues
      yield* offer("a")
      yield* offer("b")
      assert.deepStrictEqual(batches, [["a"], ["b"]])
    })
  )

  it.effect("lets them gather while others are, without a look for each that comes, for as long as they may wait", () =>
    Effect.gen(function* () {
      const { batches, begin, looks, offer } = yield* twoQueues
      yield* begin
      yield* offer("a")
      const before = looks()
      yield* offer("b")
      yield* offer("c")
      assert.strictEqual(looks(), before)
      yield* TestClock.adjust("996 millis")
      assert.deepStrictEqual(batches, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(batches, [["a", "b", "c"]])
      yield* offer("d")
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(batches.length, 1)
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(batches[1], ["d"])
    })
  )

  it.effect("takes what gathered as soon as the others are dealt with", () =>
    Effect.gen(function* () {
      const { batches, begin, finish, offer } = yield* twoQueues
      yield* begin
      yield* offer("a")
      yield* offer("b")
      assert.deepStrictEqual(batches, [])
      yield* finish
      assert.deepStrictEqual(batches, [["a", "b"]])
    })
  )
})
