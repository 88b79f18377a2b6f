/** A value that may change outside: when it is read again, how seldom at most, and what happens when it cannot be read. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, References } from "effect"
import { TestClock } from "effect/testing"
import { make, renewAtMostEvery, renewEvery } from "../../src/ports/Renewed.ts"

/** A value outside, how often it was read, and our view of it. */
const world = Effect.gen(function* () {
  const outside = { value: "old", reads: 0, fails: false }
  const read = Effect.suspend(() => {
    outside.reads++
    return outside.fails ? Effect.fail(new Error("no rights")) : Effect.succeed(outside.value)
  })
  return { outside, renewed: yield* make("test", "old", read) }
})
const silently = Effect.provideService(References.MinimumLogLevel, "None")

describe("a value that may change", () => {
  it.effect("is read again after 5 minutes, and not before", () =>
    Effect.gen(function* () {
      const { outside, renewed } = yield* world
      outside.value = "new"
      yield* TestClock.adjust(Duration.subtract(renewEvery, Duration.millis(1)))
      assert.deepStrictEqual([yield* renewed.get, outside.reads], ["old", 0])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual([yield* renewed.get, yield* renewed.get, outside.reads], ["new", "new", 1])
      assert.strictEqual(Duration.toMinutes(renewEvery), 5)
    })
  )

  it.effect("is read at once where it seems wrong, once in 30 seconds however often it seems so", () =>
    Effect.gen(function* () {
      const { outside, renewed } = yield* world
      yield* TestClock.adjust("1 minute")
      outside.value = "new"
      assert.deepStrictEqual([yield* renewed.renew, outside.reads], ["new", 1])
      for (let second = 0; second < 60; second++) {
        yield* Effect.replicateEffect(renewed.renew, 100, { concurrency: "unbounded", discard: true })
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(outside.reads, 2)
      assert.strictEqual(Duration.toSeconds(renewAtMostEvery), 30)
    })
  )

  it.effect("is read once for all who ask at once", () =>
    Effect.gen(function* () {
      const { outside, renewed } = yield* world
      yield* TestClock.adjust(renewEvery)
      yield* Effect.replicateEffect(renewed.get, 100, { concurrency: "unbounded", discard: true })
      assert.strictEqual(outside.reads, 1)
    })
  )

  it.effect("stays as it is while it cannot be read, and is tried again every 30 seconds", () =>
    Effect.gen(function* () {
      const { outside, renewed } = yield* world
      outside.fails = true
      yield* TestClock.adjust(renewEvery)
      assert.deepStrictEqual([yield* renewed.get, yield* renewed.get, outside.reads], ["old", "old", 1])
      yield* TestClock.adjust(renewAtMostEvery)
      assert.deepStrictEqual([yield* renewed.get, outside.reads], ["old", 2])
      outside.fails = false
      outside.value = "new"
      yield* TestClock.adjust(renewAtMostEvery)
      assert.strictEqual(yield* renewed.get, "new")
    }).pipe(silently)
  )
})
