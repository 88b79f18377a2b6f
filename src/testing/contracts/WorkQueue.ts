/**
 * What every layer of a WorkQueue keeps to. To hold one of your own to it, make a QueueUnderTest of it:
 *
 *     workQueueContract("my queue", myQueueUnderTest, realTime)
 *
 * The layer is built anew for every test.
 */
import { assert, describe } from "@effect/vitest"
import { Duration, Effect, type Layer } from "effect"
import { dead, done, type Received, retry } from "../../ports/WorkQueue.ts"
import { type Job, QueueUnderTest } from "./QueueUnderTest.ts"
import type { ContractTime } from "./Time.ts"
import { consumerTests } from "./WorkQueueConsumers.ts"
import { deadLetterTests } from "./WorkQueueDeadLetters.ts"
import { aloneTests, groupTests } from "./WorkQueueGroups.ts"
import {
  consumeAll,
  consumeWith,
  jobs,
  makeQueueSuite,
  namesOf,
  numbered,
  type QueueSuite,
  settles
} from "./WorkQueueSupport.ts"
import { traceTests } from "./WorkQueueTraces.ts"

/** Registers the contract's tests for a queue. */
export const workQueueContract = <E>(name: string, layer: Layer.Layer<QueueUnderTest, E>, time: ContractTime): void => {
  // Where time is real, tests mostly wait, so they wait together.
  describe(`WorkQueue contract: ${name}`, { concurrent: !time.virtual }, () => {
    const suite = makeQueueSuite(layer, time)
    offerTests(suite)
    verdictTests(suite)
    deadLetterTests(suite)
    consumerTests(suite)
    groupTests(suite)
    aloneTests(suite)
    traceTests(suite)
  })
}

const seconds = Duration.seconds

const offerTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  test(
    "hands out what was offered, unchanged",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const bodies: ReadonlyArray<Job> = [
        { name: "plain" },
        { name: "unicode", note: "Grüße, 世界 🚀\n\t\"'\\<&>" },
        { name: "empty", note: "" },
        { name: "large", note: "x".repeat(100_000) }
      ]
      const seen = yield* consumeAll()
      yield* queue.offer(bodies.map((body) => ({ body })))
      yield* soon("all are handed out", () => seen.length >= bodies.length)
      for (const body of bodies) {
        const received = seen.find((message) => message.body.name === body.name)
        assert.deepStrictEqual(received?.body, body)
        assert.strictEqual(received?.attempt, 1)
        assert.isFalse(received?.lastAttempt)
      }
      assert.strictEqual(new Set(seen.map(({ id }) => id)).size, bodies.length)
    })
  )
  test(
    "takes hundreds of messages at once, and many offers at once",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const names = numbered(250)
      yield* queue.offer(jobs(...names.slice(0, 200)))
      yield* Effect.forEach(names.slice(200), (name) => queue.offer(jobs(name)), { concurrency: "unbounded" })
      const seen = yield* consumeAll()
      yield* soon("all are handed out", () => seen.length >= names.length)
      assert.deepStrictEqual(namesOf(seen), names)
    })
  )
  test(
    "takes an offer of nothing",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      yield* queue.offer([])
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 0, oldest: null })
    })
  )
  test(
    "has the age of its oldest message, where the storage has it",
    Effect.gen(function* () {
      const { queue, can } = yield* QueueUnderTest
      yield* queue.offer(jobs("first"))
      yield* time.pass("3 seconds")
      yield* queue.offer(jobs("second"))
      const { oldest } = yield* queue.depth
      if (can.ages) assert.isAtLeast(oldest ?? 0, 3)
      else assert.isNull(oldest)
    })
  )
  test(
    "hands out at once what is offered while a consumer waits",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const seen = yield* consumeAll()
      for (const name of ["first", "second", "third"]) {
        yield* aWhile
        yield* queue.offer(jobs(name))
        yield* soon(`${name} is handed out`, () => seen.some(({ body }) => body.name === name))
      }
    })
  )
  test(
    "keeps a delayed message back until its time has come, and lets others pass",
    Effect.gen(function* () {
      const { queue, can } = yield* QueueUnderTest
      if (!can.delays) return
      const seen = yield* consumeAll()
      yield* queue.offer([{ body: { name: "later" }, delay: "3 seconds" }, ...jobs("now")])
      yield* soon("the other is handed out", () => seen.length > 0)
      yield* time.pass("1 second")
      assert.deepStrictEqual(namesOf(seen), ["now"])
      yield* time.pass("2 seconds")
      yield* soon("the delayed one is handed out", () => seen.length > 1)
      assert.deepStrictEqual(namesOf(seen), ["later", "now"])
    })
  )
}

const verdictTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  test(
    "done: never hands out the message again",
    Effect.gen(function* () {
      const { queue, lease } = yield* QueueUnderTest
      const seen = yield* consumeAll()
      yield* queue.offer(jobs("once"))
      yield* soon("it is handed out", () => seen.length > 0)
      yield* time.pass(Duration.times(lease, 2))
      yield* aWhile
      assert.strictEqual(seen.length, 1)
    })
  )
  test(
    "retry: hands out the message again, not before its time, and counts",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const seen = yield* consumeAll(({ attempt }) => (attempt === 1 ? retry(seconds(3), "not yet") : done))
      yield* queue.offer(jobs("twice"))
      yield* soon("it is handed out", () => seen.length === 1)
      yield* time.pass("1 second")
      yield* aWhile
      assert.strictEqual(seen.length, 1)
      yield* time.pass("2 seconds")
      yield* soon("it is handed out again", () => seen.length === 2)
      assert.deepStrictEqual(
        seen.map(({ body, attempt }) => [body.name, attempt]),
        [
          ["twice", 1],
          ["twice", 2]
        ]
      )
      assert.strictEqual(seen[0]?.id, seen[1]?.id)
    })
  )
  test(
    "obeys a verdict of its own for each message of a batch",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const verdictOn = ({ body, attempt }: Received<Job>) => {
        if (body.name === "dead") return dead("no use")
        return body.name === "retry" && attempt === 1 ? retry(Duration.zero, "again") : done
      }
      yield* queue.offer(jobs("done", "dead", "retry", "done too"))
      const seen = yield* consumeAll(verdictOn)
      yield* soon("one is handed out again", () => seen.length >= 5)
      assert.deepStrictEqual(namesOf(seen), ["dead", "done", "done too", "retry", "retry"])
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
    })
  )
  test(
    "hands out again what got no verdict, and only that",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const seen: Array<Received<Job>> = []
      yield* consumeWith((messages) => {
        seen.push(...messages)
        return Effect.succeed(messages.some(({ attempt }) => attempt > 1) ? messages.map(() => done) : [])
      })
      yield* queue.offer(jobs("forgotten"))
      yield* soon("it is handed out", () => seen.length === 1)
      yield* aWhile
      yield* time.pass("2 seconds")
      yield* soon("it is handed out again", () => seen.length === 2)
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 0 })
    })
  )
  const deaths: Record<string, () => Effect.Effect<never>> = {
    dies: () => Effect.die(new Error("a mistake in the handler")),
    "interrupts itself": () => Effect.interrupt,
    throws: () => {
      throw new Error("a mistake in the handler")
    }
  }
  for (const [how, death] of Object.entries(deaths)) {
    test(
      `hands out the whole batch again when the handler ${how}`,
      Effect.gen(function* () {
        const { queue } = yield* QueueUnderTest
        const seen: Array<Received<Job>> = []
        yield* consumeWith((messages) => {
          seen.push(...messages)
          return messages.some(({ attempt }) => attempt === 1) ? death() : Effect.succeed(messages.map(() => done))
        })
        yield* queue.offer(jobs("a", "b"))
        yield* soon("both are handed out", () => seen.length === 2)
        yield* aWhile
        yield* time.pass("2 seconds")
        yield* soon("both are handed out again", () => seen.length === 4)
        assert.deepStrictEqual(namesOf(seen), ["a", "a", "b", "b"])
        yield* settles(time, { waiting: 0, inFlight: 0, dead: 0 })
      })
    )
  }
}
