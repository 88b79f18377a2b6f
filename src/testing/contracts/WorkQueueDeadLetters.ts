/** The part of the WorkQueue contract that is about messages that are given up. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { dead, retry } from "../../ports/WorkQueue.ts"
import { delayOfNewer } from "../../ports/WorkQueueReading.ts"
import { QueueUnderTest } from "./QueueUnderTest.ts"
import { consumeAll, jobs, namesOf, type QueueSuite, settles } from "./WorkQueueSupport.ts"

export const deadLetterTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  test(
    "dead: keeps the message aside with the reason",
    Effect.gen(function* () {
      const { queue, lease } = yield* QueueUnderTest
      const seen = yield* consumeAll(({ body }) => dead(`${body.name} is beyond help`))
      yield* queue.offer([{ body: { name: "patient", note: "kept" } }])
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      yield* time.pass(lease)
      yield* aWhile
      assert.strictEqual(seen.length, 1)
      const [letter] = yield* queue.deadLetters(10)
      assert.deepStrictEqual(letter?.body, { name: "patient", note: "kept" })
      assert.strictEqual(letter?.reason, "patient is beyond help")
      assert.strictEqual(letter?.attempts, 1)
      assert.strictEqual(letter?.id, seen[0]?.id)
    })
  )
  test(
    "gives the newest dead letters, as many as asked for",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      yield* consumeAll(() => dead("no use"))
      for (const [index, name] of ["a", "b", "c"].entries()) {
        yield* queue.offer(jobs(name))
        yield* settles(time, { waiting: 0, inFlight: 0, dead: index + 1 })
      }
      const letters = yield* queue.deadLetters(2)
      assert.deepStrictEqual(
        letters.map(({ body }) => body),
        [{ name: "c" }, { name: "b" }]
      )
    })
  )
  test(
    "gives up after the last attempt, with the last reason, and announces that attempt",
    Effect.gen(function* () {
      const { queue, maxAttempts } = yield* QueueUnderTest
      const seen = yield* consumeAll(({ attempt }) => retry(Duration.zero, `failed at attempt ${attempt}`))
      yield* queue.offer(jobs("hopeless"))
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      const attempts = Array.from({ length: maxAttempts }, (_, n) => [n + 1, n + 1 === maxAttempts])
      assert.deepStrictEqual(
        seen.map(({ attempt, lastAttempt }) => [attempt, lastAttempt]),
        attempts
      )
      const [letter] = yield* queue.deadLetters(10)
      assert.deepStrictEqual(letter?.body, { name: "hopeless" })
      assert.include(letter?.reason, `failed at attempt ${maxAttempts}`)
      assert.strictEqual(letter?.attempts, maxAttempts)
    })
  )
  test(
    "gives up a message that every consumer died of, without handing it out once more",
    Effect.gen(function* () {
      const { queue, maxAttempts, lease, loseOne } = yield* QueueUnderTest
      yield* queue.offer(jobs("poisonous"))
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        yield* loseOne
        yield* time.pass(lease)
      }
      const seen = yield* consumeAll()
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      assert.deepStrictEqual(seen, [])
      const [letter] = yield* queue.deadLetters(10)
      assert.deepStrictEqual(letter?.body, { name: "poisonous" })
      assert.isNotEmpty(letter?.reason)
      assert.strictEqual(letter?.attempts, maxAttempts)
    })
  )
  test(
    "gives up what is no message of its kind, and lets the others pass",
    Effect.gen(function* () {
      const { queue, offerForeign } = yield* QueueUnderTest
      const foreign = [{ title: "no job" }, "text", 7, null, [], { name: 7 }]
      for (const [index, body] of foreign.entries()) {
        yield* offerForeign(body)
        yield* queue.offer(jobs(`good ${index}`))
      }
      const seen = yield* consumeAll()
      yield* settles(time, { waiting: 0, inFlight: 0, dead: foreign.length })
      assert.deepStrictEqual(
        namesOf(seen),
        foreign.map((_, index) => `good ${index}`)
      )
      const letters = yield* queue.deadLetters(100)
      for (const body of foreign)
        assert.deepInclude(
          letters.map((letter) => letter.body),
          body
        )
      for (const { reason } of letters) assert.isNotEmpty(reason)
    })
  )
  test(
    "keeps a message of a newer version for whoever reads it, and gives it up after the last attempt",
    Effect.gen(function* () {
      const { queue, maxAttempts, offerForeign } = yield* QueueUnderTest
      const newer = { version: 2, title: "a job of tomorrow" }
      yield* offerForeign(newer)
      yield* queue.offer(jobs("of today"))
      const seen = yield* consumeAll()
      yield* soon("the other passes", () => seen.length === 1)
      yield* aWhile
      const { waiting, inFlight, dead: buried } = yield* queue.depth
      assert.deepStrictEqual([waiting + inFlight, buried], [1, 0])
      if (!time.virtual) return
      for (let attempt = 1; attempt < maxAttempts; attempt++) yield* time.pass(delayOfNewer(attempt))
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      const [letter] = yield* queue.deadLetters(1)
      assert.deepStrictEqual(letter?.body, newer)
      assert.include(letter?.reason, "newer version")
      assert.deepStrictEqual(namesOf(seen), ["of today"])
    })
  )
}
