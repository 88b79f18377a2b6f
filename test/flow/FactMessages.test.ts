/** What carries facts to Record: how much goes into a message, what is read of which version, and what waits for a newer one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, References, Result } from "effect"
import { TestClock } from "effect/testing"
import { layerQueue } from "../../src/adapters/local/QueueFactBus.ts"
import { Fact, isNewerFact, outcomeFact, requestAccepted } from "../../src/domain/Fact.ts"
import { chainOf, orderId } from "../../src/domain/Order.ts"
import { bytesOf, FactMessage, factMessages, isNewerFactMessage } from "../../src/flow/FactMessages.ts"
import { FactQueue } from "../../src/flow/Queues.ts"
import { FactBus } from "../../src/ports/FactBus.ts"
import { done, type WorkQueue } from "../../src/ports/WorkQueue.ts"
import { makeMemoryStore } from "../../src/queue/MemoryStore.ts"
import { messageDecoder } from "../../src/queue/MessageDecoder.ts"
import { fromStore } from "../../src/queue/QueueFromStore.ts"
import { defaultOptions } from "../../src/queue/QueueStore.ts"
import { acceptance, sourceRun, target } from "../fixtures/Runs.ts"

const publisher = { appVersion: "1.2.3" }
const accepted = (attempt = 1): Fact => requestAccepted(acceptance(sourceRun({ attempt })), publisher)
const failed = (attempt: number, bytes: number): Fact => {
  const of = acceptance(sourceRun({ attempt }))
  const about = target({ repository: "acme/deploy", workflow: "cd.yml" })
  const order = { ...of, id: orderId(of.run, about), target: about, inputs: {}, chain: chainOf(of.run) }
  const outcome = { _tag: "Failed", code: "unavailable", message: "x".repeat(bytes) } as const
  return outcomeFact(order, { outcome, at: 0 }, publisher)
}
const attempts = (messages: ReadonlyArray<FactMessage>) =>
  messages.map(({ facts }) => facts.map(({ data }) => data.attempt))
const decode = messageDecoder(FactMessage, isNewerFactMessage)
const read = (message: unknown) => decode(JSON.stringify(message))
const postponed = { ...accepted(3), type: "dispatch.target.postponed" }

describe("facts that are published together", () => {
  it("are one message, or as few as they fit into, in their order", () => {
    assert.deepStrictEqual(factMessages([]), [])
    assert.deepStrictEqual(attempts(factMessages([accepted()])), [[1]])
    const many = Array.from({ length: 200 }, (_, index) => accepted(index + 1))
    const messages = factMessages(many)
    assert.deepStrictEqual(
      messages.flatMap(({ facts }) => facts),
      many
    )
    assert.strictEqual(messages.length, Math.ceil(many.reduce((sum, fact) => sum + bytesOf(fact) + 1, 0) / 62_000))
    for (const message of messages) assert.isBelow(Buffer.byteLength(JSON.stringify(message)), 62_200)
  })

  it("have one that is too large in a message of its own", () => {
    const facts = [accepted(1), failed(2, 200_000), accepted(3), accepted(4)]
    assert.deepStrictEqual(attempts(factMessages(facts)), [[1], [2], [3, 4]])
  })

  it("are read as they were sent, with their trace", () => {
    for (const [message] of [factMessages([accepted(), accepted(2)]), factMessages([accepted()], "00-1-2-01")])
      assert.deepStrictEqual(Result.getOrThrow(read(message)), message)
  })
})

describe("a message of the fact queue", () => {
  it("of an earlier version is one fact as it is, which may name its trace", () => {
    for (const fact of [accepted(), { ...accepted(), traceparent: "00-1-2-01" }]) {
      const { facts, traceparent } = Result.getOrThrow(read(fact))
      assert.deepStrictEqual([facts, traceparent], [[fact], fact.traceparent])
    }
  })

  it("waits for a newer version where that alone knows it, or one of its facts", () => {
    const [message] = factMessages([accepted(1), accepted(2)])
    for (const newer of [
      postponed,
      { ...message, facts: [accepted(1), postponed, accepted(2)] },
      { ...message, type: "dispatch.deltas" }
    ])
      assert.deepInclude(Result.getOrThrow(Result.flip(read(newer))), { isNewer: true }, JSON.stringify(newer))
  })

  it("says where it cannot be read, and what is expected there", () => {
    const [message] = factMessages([accepted(1), accepted(2)])
    const { runId: _, ...data } = accepted(2).data
    const broken: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
      [
        { ...message, facts: [accepted(1), { ...accepted(2), data }] },
        ['["facts"][1]["data"]["runId"]', "Missing key"]
      ],
      [{ ...message, facts: [] }, ['["facts"]', "Missing key"]],
      [{ source: "dispatcher", type: "dispatch.facts" }, ['["facts"]', "Missing key"]],
      [{ ...message, facts: accepted() }, ['["facts"]', "Expected array"]],
      [{ ...message, facts: { 0: postponed } }, ['["facts"]', "Expected array"]],
      [{ ...message, source: "shop" }, ['["source"]', 'Expected "dispatcher"']],
      [{ ...message, traceparent: 7 }, ['["traceparent"]', "Expected string"]],
      [{ ...accepted(), traceparent: 7 }, ['["traceparent"]', "Expected string"]],
      [{ ...accepted(), data }, ['["facts"][0]["data"]["runId"]', "Missing key"]],
      [{}, ['["facts"][0]']],
      [null, ['["facts"][0]']],
      [[accepted()], ['["facts"][0]']]
    ]
    for (const [sent, words] of broken) {
      const { isNewer, reason } = Result.getOrThrow(Result.flip(read(sent)))
      assert.isFalse(isNewer, reason)
      for (const word of words) assert.include(reason, word)
    }
  })
})

describe("two versions on one fact queue", () => {
  /** Consumes for a while; gives the ids of the facts that came. */
  const consumed = <A>(queue: WorkQueue<A>, factsOf: (body: A) => ReadonlyArray<Fact>) =>
    Effect.gen(function* () {
      const ids: Array<string> = []
      const consuming = yield* Effect.forkChild(
        queue.consume(
          (messages) => {
            ids.push(...messages.flatMap(({ body }) => factsOf(body)).map(({ id }) => id))
            return Effect.succeed(messages.map(() => done))
          },
          { concurrency: 1, batchSize: 10 }
        )
      )
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.interrupt(consuming)
      return ids
    })

  it.effect("leave to the newer one what carries several facts, and lose nothing; the newer one reads both", () =>
    Effect.gen(function* () {
      const store = makeMemoryStore()
      const older = fromStore("fact", Fact, store, { ...defaultOptions, isNewer: isNewerFact })
      const newer = fromStore("fact", FactMessage, store, { ...defaultOptions, isNewer: isNewerFactMessage })
      const bus = layerQueue.pipe(Layer.provide(Layer.succeed(FactQueue, newer)))
      const together = [accepted(1), accepted(2)]
      yield* FactBus.use(({ publish }) => publish(together)).pipe(Effect.provide(bus))
      yield* FactBus.use(({ publish }) => publish([accepted(3)])).pipe(Effect.provide(bus))
      yield* older.offer([{ body: accepted(4) }, { body: accepted(5) }])
      assert.deepInclude(yield* newer.depth, { waiting: 4, dead: 0 })
      assert.sameMembers(yield* consumed(older, (fact) => [fact]), [accepted(4).id, accepted(5).id])
      assert.deepInclude(yield* newer.depth, { waiting: 2, inFlight: 0, dead: 0 })
      yield* older.offer([{ body: accepted(4) }])
      yield* TestClock.adjust("1 minute")
      const came = yield* consumed(newer, ({ facts }) => facts)
      assert.sameMembers(
        came,
        [...together, accepted(3), accepted(4)].map(({ id }) => id)
      )
      assert.deepInclude(yield* newer.depth, { waiting: 0, inFlight: 0, dead: 0 })
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
