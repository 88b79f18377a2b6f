/** The part of the WorkQueue contract that is about consumers: how many at once, how long, and how they end. */
import { assert } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { done, type Received } from "../../ports/WorkQueue.ts"
import { type Job, QueueUnderTest } from "./QueueUnderTest.ts"
import { eventually } from "./Time.ts"
import { consumeAll, consumeWith, jobs, namesOf, numbered, type QueueSuite } from "./WorkQueueSupport.ts"

export const consumerTests = (suite: QueueSuite): void => {
  concurrencyTests(suite)
  leaseTests(suite)
  interruptionTests(suite)
}

const concurrencyTests = ({ test, soon, aWhile }: QueueSuite): void => {
  test(
    "works on as many batches at once as allowed, of at most as many messages",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const gate = yield* Deferred.make<void>()
      const sizes: Array<number> = []
      let [working, finished] = [0, 0]
      yield* queue.offer(jobs(...numbered(30)))
      yield* consumeWith(
        Effect.fnUntraced(function* (messages) {
          sizes.push(messages.length)
          working += 1
          yield* Deferred.await(gate)
          working -= 1
          finished += messages.length
          return messages.map(() => done)
        }),
        { concurrency: 3, batchSize: 2 }
      )
      yield* soon("three batches are in hand", () => working === 3)
      yield* aWhile
      assert.strictEqual(working, 3)
      yield* Deferred.succeed(gate, undefined)
      yield* soon("all are finished", () => finished === 30)
      assert.isAtMost(Math.max(...sizes), 2)
    })
  )
  test(
    "goes on with other batches while one takes long",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const seen: Array<Received<Job>> = []
      const gate = yield* Deferred.make<void>()
      yield* consumeWith(
        (messages) => {
          seen.push(...messages)
          const verdicts = messages.map(() => done)
          const slow = messages.some(({ body }) => body.name === "slow")
          return slow ? Effect.as(Deferred.await(gate), verdicts) : Effect.succeed(verdicts)
        },
        { concurrency: 2, batchSize: 1 }
      )
      yield* queue.offer(jobs("slow", ...numbered(5)))
      yield* soon("all are handed out", () => seen.length === 6)
      yield* Deferred.succeed(gate, undefined)
    })
  )
  test(
    "hands a message to one consumer only",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const names = numbered(100)
      const consumers = [yield* consumeAll(), yield* consumeAll(), yield* consumeAll()]
      yield* Effect.forEach(names, (name) => queue.offer(jobs(name)), { concurrency: 10 })
      yield* soon("all are handed out", () => consumers.flat().length >= names.length)
      yield* aWhile
      assert.deepStrictEqual(namesOf(consumers.flat()), names)
    })
  )
}

const leaseTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  test(
    "hands out a message again when its consumer died, after the lease",
    Effect.gen(function* () {
      const { queue, lease, loseOne, can } = yield* QueueUnderTest
      yield* queue.offer(jobs("orphan"))
      yield* loseOne
      const seen = yield* consumeAll()
      yield* aWhile
      assert.deepStrictEqual(seen, [])
      yield* time.pass(lease)
      yield* soon("it is handed out", () => seen.length === 1)
      assert.deepStrictEqual(
        seen.map(({ body, attempt }) => [body.name, attempt]),
        [["orphan", can.countsVerdicts ? 1 : 2]]
      )
    })
  )
  test(
    "hands out a message only once while its handler works, however long",
    Effect.gen(function* () {
      const { queue, lease } = yield* QueueUnderTest
      const gate = yield* Deferred.make<void>()
      let started = 0
      yield* queue.offer(jobs("long"))
      yield* consumeWith((messages) => {
        started += 1
        return Effect.as(
          Deferred.await(gate),
          messages.map(() => done)
        )
      })
      yield* soon("the work starts", () => started === 1)
      const idle = yield* consumeAll()
      yield* Effect.repeat(time.pass(Duration.times(lease, 1 / 2)), { times: 5 })
      yield* Deferred.succeed(gate, undefined)
      yield* eventually(
        time,
        "the message is gone",
        Effect.map(queue.depth, ({ inFlight }) => inFlight === 0)
      )
      yield* time.pass(lease)
      yield* aWhile
      assert.deepStrictEqual([started, idle], [1, []])
    })
  )
  test(
    "counts what waits and what is in hand",
    Effect.gen(function* () {
      const { queue, can } = yield* QueueUnderTest
      const gate = yield* Deferred.make<void>()
      const waits = can.delays ? [{ body: { name: "later" }, delay: "1 hour" as const }] : jobs("later")
      yield* queue.offer([...jobs("a", "b", "c"), ...waits])
      const shows = (waiting: number, inFlight: number) =>
        eventually(
          time,
          `${waiting} wait, ${inFlight} are in hand`,
          Effect.map(
            queue.depth,
            (depth) => depth.waiting === waiting && depth.inFlight === inFlight && depth.dead === 0
          )
        )
      yield* shows(4, 0)
      yield* consumeWith(
        (messages) =>
          Effect.as(
            Deferred.await(gate),
            messages.map(() => done)
          ),
        {
          concurrency: 2,
          batchSize: 1
        }
      )
      yield* shows(2, 2)
      yield* Deferred.succeed(gate, undefined)
      yield* shows(can.delays ? 1 : 0, 0)
    })
  )
}

const interruptionTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  test(
    "finishes what is in hand when it is interrupted, and takes nothing more",
    Effect.gen(function* () {
      const { queue, lease } = yield* QueueUnderTest
      const gate = yield* Deferred.make<void>()
      const started: Array<string> = []
      const consumer = yield* consumeWith(
        (messages) => {
          started.push(...namesOf(messages))
          return Effect.as(
            Deferred.await(gate),
            messages.map(() => done)
          )
        },
        { concurrency: 2, batchSize: 1 }
      )
      yield* queue.offer(jobs("in hand", "in hand too", "waiting"))
      yield* soon("two are in hand", () => started.length === 2)
      const interruption = yield* Effect.forkChild(Fiber.interrupt(consumer))
      yield* aWhile
      assert.isUndefined(consumer.pollUnsafe(), "the consumer waits for its handlers")
      // Also now no other consumer may get what is in hand.
      yield* Effect.repeat(time.pass(Duration.times(lease, 1 / 2)), { times: 3 })
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(interruption)
      assert.strictEqual(started.length, 2)

      const [waiting] = ["in hand", "in hand too", "waiting"].filter((name) => !started.includes(name))
      const seen = yield* consumeAll()
      yield* soon("the other waits for the next consumer", () => seen.length > 0)
      yield* time.pass(lease)
      yield* aWhile
      assert.deepStrictEqual(
        seen.map(({ body, attempt }) => [body.name, attempt]),
        [[waiting, 1]]
      )
    })
  )
  test(
    "ends at once when it is interrupted with nothing in hand",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const consumer = yield* consumeWith((messages) => Effect.succeed(messages.map(() => done)))
      yield* aWhile
      yield* Fiber.interrupt(consumer)
      yield* queue.offer(jobs("left"))
      yield* aWhile
      assert.strictEqual((yield* queue.depth).waiting, 1)
    })
  )
}
