/** The parts of the WorkQueue contract that are about which messages may be in hand beside each other. */
import { assert } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import { dead, done, type Received, retry, type Verdict } from "../../ports/WorkQueue.ts"
import { mostUnanswered } from "../../queue/QueueStore.ts"
import { type Job, QueueUnderTest } from "./QueueUnderTest.ts"
import { consumeAll, consumeWith, jobs, namesOf, type QueueSuite, settles } from "./WorkQueueSupport.ts"

const member = (group: string, name: string) => ({ body: { name: `${group}${name}`, group } })
const members = (group: string, ...names: ReadonlyArray<string>) => names.map((name) => member(group, name))
/** The names of what was handed out of a group, in that order. */
const inGroup = (seen: ReadonlyArray<Received<Job>>, group: string) =>
  seen.filter(({ body }) => body.group === group).map(({ body }) => body.name)
const generous = { concurrency: 10, batchSize: 1 }

/** Consumes for the rest of the test; a message is in hand until the test lets go of it. */
const holdAll = Effect.fnUntraced(function* () {
  const inHand = new Map<string, Deferred.Deferred<Verdict>>()
  yield* consumeWith(
    Effect.forEach(
      Effect.fnUntraced(function* ({ body }: Received<Job>) {
        const verdict = yield* Deferred.make<Verdict>()
        inHand.set(body.name, verdict)
        return yield* Effect.ensuring(
          Deferred.await(verdict),
          Effect.sync(() => inHand.delete(body.name))
        )
      })
    ),
    generous
  )
  const settle = (name: string, verdict: Verdict = done) =>
    Effect.suspend(() => Deferred.succeed(inHand.get(name) ?? assert.fail(`${name} is not in hand`), verdict))
  return { settle, names: () => [...inHand.keys()].sort() }
})

export const groupTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  const grouped: QueueSuite["test"] = (what, body) =>
    test(
      `groups: ${what}`,
      Effect.flatMap(QueueUnderTest, ({ can }) => (can.groups ? body : Effect.void))
    )
  grouped(
    "has one message of a group in hand at a time, and those of other groups beside it",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const held = yield* holdAll()
      yield* queue.offer([...members("a", "1", "2", "3"), ...members("b", "1", "2")])
      yield* soon("the heads are in hand", () => held.names().length === 2)
      yield* aWhile
      assert.deepStrictEqual(held.names(), ["a1", "b1"])
      yield* held.settle("a1")
      yield* soon("the next is in hand", () => held.names().includes("a2"))
      yield* aWhile
      assert.deepStrictEqual(held.names(), ["a2", "b1"])
      yield* held.settle("a2", dead("no use"))
      yield* soon("the last is in hand", () => held.names().includes("a3"))
      assert.deepStrictEqual(held.names(), ["a3", "b1"])
      yield* held.settle("a3")
      yield* held.settle("b1")
      yield* soon("the other group goes on", () => held.names().includes("b2"))
      yield* held.settle("b2")
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 1 })
    })
  )
  grouped(
    "hands out in the order of the offers",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const names = Array.from({ length: 30 }, (_, n) => String(100 + n))
      for (const name of names) yield* queue.offer([member("a", name), member("b", name)])
      const seen = yield* consumeAll(undefined, { concurrency: 5, batchSize: 3 })
      yield* soon("all are handed out", () => seen.length === 60)
      for (const group of ["a", "b"]) {
        assert.deepStrictEqual(
          inGroup(seen, group),
          names.map((name) => `${group}${name}`)
        )
      }
    })
  )
  grouped(
    "keeps a group waiting for a head that is put off, and no other",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const seen = yield* consumeAll(({ body, attempt }) =>
        body.name === "a1" && attempt === 1 ? retry(Duration.seconds(3), "not yet") : done
      )
      yield* queue.offer([...members("a", "1", "2"), ...members("b", "1", "2"), ...jobs("c")])
      yield* soon("the others are handed out", () => seen.length === 4)
      yield* time.pass("1 second")
      yield* aWhile
      assert.deepStrictEqual(namesOf(seen), ["a1", "b1", "b2", "c"])
      yield* time.pass("2 seconds")
      yield* soon("the group goes on", () => seen.length === 6)
      assert.deepStrictEqual(inGroup(seen, "a"), ["a1", "a1", "a2"])
    })
  )
  grouped(
    "keeps a group waiting for a head that was offered with a delay",
    Effect.gen(function* () {
      const { queue, can } = yield* QueueUnderTest
      if (!can.delays) return
      const seen = yield* consumeAll()
      yield* queue.offer([{ ...member("a", "1"), delay: "3 seconds" }, member("a", "2")])
      yield* time.pass("1 second")
      yield* aWhile
      assert.deepStrictEqual(seen, [])
      yield* time.pass("2 seconds")
      yield* soon("the group goes on", () => seen.length === 2)
      assert.deepStrictEqual(inGroup(seen, "a"), ["a1", "a2"])
    })
  )
  grouped(
    "keeps a group waiting for a head whose consumer died, until its lease ends",
    Effect.gen(function* () {
      const { queue, lease, loseOne } = yield* QueueUnderTest
      yield* queue.offer(members("a", "1", "2"))
      yield* loseOne
      yield* queue.offer(members("b", "1"))
      const seen = yield* consumeAll()
      yield* soon("the other group is handed out", () => seen.length === 1)
      yield* aWhile
      assert.deepStrictEqual(namesOf(seen), ["b1"])
      yield* time.pass(lease)
      yield* soon("the group goes on", () => seen.length === 3)
      assert.deepStrictEqual(inGroup(seen, "a"), ["a1", "a2"])
    })
  )
  grouped(
    "puts a dead letter back at the end of its group",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const held = yield* holdAll()
      yield* queue.offer(members("a", "1", "2", "3"))
      yield* soon("the first is in hand", () => held.names().includes("a1"))
      yield* held.settle("a1", dead("no use"))
      yield* soon("the second is in hand", () => held.names().includes("a2"))
      const [letter] = yield* queue.deadLetters(1)
      assert.isTrue(yield* queue.redrive(letter?.id ?? ""))
      yield* held.settle("a2")
      yield* soon("the third is in hand", () => held.names().includes("a3"))
      assert.deepStrictEqual(held.names(), ["a3"])
      yield* held.settle("a3")
      yield* soon("the first is in hand again", () => held.names().includes("a1"))
      yield* held.settle("a1")
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 0 })
    })
  )
}

export const aloneTests = ({ test, soon, aWhile, time }: QueueSuite): void => {
  test(
    "hands out alone what processes may have died of, once everything else is dealt with",
    Effect.gen(function* () {
      const { queue, lease, loseOne, can } = yield* QueueUnderTest
      if (!can.countsVerdicts) return
      yield* queue.offer(jobs("suspect"))
      for (let handout = 1; handout <= mostUnanswered; handout++) {
        yield* loseOne
        if (handout < mostUnanswered) yield* time.pass(lease)
      }
      const held = yield* holdAll()
      yield* queue.offer(jobs("a", "b"))
      yield* soon("the others are in hand", () => held.names().length === 2)
      yield* time.pass(lease)
      yield* queue.offer(jobs("c"))
      yield* aWhile
      assert.deepStrictEqual(held.names(), ["a", "b"], "nothing is taken any more while the suspect waits")
      yield* held.settle("a")
      yield* aWhile
      assert.deepStrictEqual(held.names(), ["b"])
      yield* held.settle("b")
      yield* soon("the suspect is in hand", () => held.names().includes("suspect"))
      yield* aWhile
      assert.deepStrictEqual(held.names(), ["suspect"])
      yield* held.settle("suspect")
      yield* soon("the others go on", () => held.names().includes("c"))
      yield* held.settle("c")
      yield* settles(time, { waiting: 0, inFlight: 0, dead: 0 })
    })
  )
}
