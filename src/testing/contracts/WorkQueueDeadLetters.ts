/** The part of the WorkQueue contract that is about messages that are given up. */
import { assert } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Option, Predicate } from "effect"
import { dead, done, type Received, retry } from "../../ports/WorkQueue.ts"
import { delayOfNewer } from "../../queue/MessageDecoder.ts"
import { mostUnanswered } from "../../queue/QueueStore.ts"
import { type Job, QueueUnderTest } from "./QueueUnderTest.ts"
import { consumeAll, consumeWith, jobs, namesOf, type QueueSuite, settles } from "./WorkQueueSupport.ts"

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
    "gives up what is put off although it is older than the queue's maximum age, with the last reason, and announces that attempt",
    Effect.gen(function* () {
      const { queue, maxAge, can } = yield* QueueUnderTest
      const wait = Duration.millis(Math.ceil(Duration.toMillis(maxAge) / 3) + 500)
      const seen: Array<Received<Job>> = []
      const ages: Array<number> = []
      yield* consumeWith((messages) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          seen.push(...messages)
          ages.push(...messages.map(({ offeredAt }) => now - offeredAt))
          return messages.map(({ attempt }) => retry(wait, `failed at attempt ${attempt}`))
        })
      )
      yield* queue.offer(jobs("hopeless"))
      for (let round = 1; ; round++) {
        yield* soon(`it is handed out, round ${round}`, () => seen.length === round)
        yield* aWhile
        if (seen.at(-1)?.lastAttempt === true) break
        yield* time.pass(wait)
      }
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      // By a real clock it may be handed out later than it could be, and be too old after fewer attempts; but too old it is.
      const attempts = time.virtual ? 4 : Math.min(seen.length, 4)
      assert.isAbove(ages.at(-1) ?? 0, Duration.toMillis(maxAge))
      assert.deepStrictEqual(
        seen.map(({ lastAttempt }) => lastAttempt),
        Array.from({ length: attempts }, (_, index) => index === attempts - 1)
      )
      if (can.countsVerdicts)
        assert.deepStrictEqual(
          seen.map(({ attempt }) => attempt),
          Array.from({ length: attempts }, (_, index) => index + 1)
        )
      assert.strictEqual(new Set(seen.map(({ offeredAt }) => offeredAt)).size, 1)
      const [letter] = yield* queue.deadLetters(10)
      assert.deepStrictEqual(letter?.body, { name: "hopeless" })
      assert.include(letter?.reason, `failed at attempt ${attempts}`)
      assert.match(letter?.reason ?? "", /^gave up after \d+/)
      assert.strictEqual(letter?.attempts, attempts)
    })
  )
  test(
    "tries a message again however often, as long as it is young",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      // More often than a message may end without a verdict.
      const times = 2 * mostUnanswered + 5
      const seen = yield* consumeAll(({ attempt }) => (attempt <= times ? retry(Duration.zero, "not yet") : done))
      yield* queue.offer(jobs("patient"))
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 0 })
      assert.strictEqual(seen.length, times + 1)
    })
  )
  test(
    "gives up a message that the process died of while it alone was in hand, without handing it out once more",
    Effect.gen(function* () {
      const { queue, lease, loseOne, can } = yield* QueueUnderTest
      if (!can.countsVerdicts) return
      yield* queue.offer(jobs("poisonous"))
      for (let handout = 1; handout <= 2 * mostUnanswered; handout++) {
        yield* loseOne
        yield* time.pass(lease)
      }
      const seen = yield* consumeAll()
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      assert.deepStrictEqual(seen, [])
      const [letter] = yield* queue.deadLetters(10)
      assert.deepStrictEqual(letter?.body, { name: "poisonous" })
      assert.include(letter?.reason, "the process died 5 times while this message alone was in hand")
      assert.strictEqual(letter?.attempts, 1)
    })
  )
  test(
    "keeps a message that consumers died of until then, and starts anew with a verdict",
    Effect.gen(function* () {
      const { queue, lease, loseOne, can } = yield* QueueUnderTest
      if (!can.countsVerdicts) return
      yield* queue.offer(jobs("unlucky"))
      for (let life = 1; life <= 2; life++) {
        for (let handout = 1; handout < 2 * mostUnanswered; handout++) {
          yield* loseOne
          yield* time.pass(lease)
        }
        const consumer = yield* consumeWith((messages) => Effect.succeed(messages.map(() => retry(lease, "not yet"))))
        yield* settles(time, { waiting: 1, inFlight: 0, dead: 0 })
        yield* aWhile
        yield* Fiber.interrupt(consumer)
        yield* time.pass(lease)
      }
      const seen = yield* consumeAll()
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 0 })
      assert.deepStrictEqual(
        seen.map(({ attempt }) => attempt),
        [3]
      )
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
    "keeps a message of a newer version for a version that reads it, until it is older than the queue's maximum age",
    Effect.gen(function* () {
      const { queue, maxAge, offerForeign } = yield* QueueUnderTest
      const newer = { version: 2, title: "a job of tomorrow" }
      yield* offerForeign(newer)
      yield* queue.offer(jobs("of today"))
      const seen = yield* consumeAll()
      yield* soon("the other passes", () => seen.length === 1)
      yield* aWhile
      const { waiting, inFlight, dead: buried } = yield* queue.depth
      assert.deepStrictEqual([waiting + inFlight, buried], [1, 0])
      if (!time.virtual) return
      yield* time.pass(Duration.sum(maxAge, delayOfNewer(Number.MAX_SAFE_INTEGER)))
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      const [letter] = yield* queue.deadLetters(1)
      assert.deepStrictEqual(letter?.body, newer)
      assert.include(letter?.reason, "newer version")
      assert.deepStrictEqual(namesOf(seen), ["of today"])
    })
  )
  test(
    "shows a dead letter by its id, and puts it back as a new message",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      let cured = false
      const seen = yield* consumeAll(() => (cured ? done : dead("no use")))
      yield* queue.offer(jobs("a", "b"))
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 2 })
      const letter = (yield* queue.deadLetters(2)).find(({ body }) => namesIn([body]).includes("a")) ?? assert.fail()
      assert.deepStrictEqual(Option.getOrUndefined(yield* queue.deadLetter(letter.id)), letter)
      assert.isTrue(Option.isNone(yield* queue.deadLetter("0")))
      assert.isFalse(yield* queue.redrive("0"))
      assert.isFalse(yield* queue.redrive(`${letter.id} or another`))
      assert.strictEqual(seen.length, 2)

      cured = true
      yield* time.pass("1 second")
      assert.isTrue(yield* queue.redrive(letter.id))
      yield* soon("it is handed out again", () => seen.length === 3)
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
      const [again = assert.fail()] = seen.slice(2)
      assert.deepStrictEqual([again.body.name, again.attempt, again.lastAttempt], ["a", 1, false])
      assert.isAbove(again.offeredAt, seen[0]?.offeredAt ?? Number.NaN)
      assert.isTrue(Option.isNone(yield* queue.deadLetter(letter.id)))
      assert.isFalse(yield* queue.redrive(letter.id))
    })
  )
}

const namesIn = (bodies: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  bodies.map((body) => (Predicate.hasProperty(body, "name") ? body.name : undefined))
