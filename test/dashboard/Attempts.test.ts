/** How many wrong tokens may be presented: by one address, by all, and in which time. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { Attempts, type AttemptsOptions, layer } from "../../src/dashboard/Attempts.ts"

const limits = {
  perAddress: { burst: 3, every: "10 seconds" },
  overall: { burst: 5, every: "2 seconds" },
  addresses: 100
} satisfies AttemptsOptions

const attempt = (address: string, right: boolean) =>
  Attempts.use((attempts) => Effect.result(attempts.attempt(address, () => right))).pipe(
    Effect.map(
      Result.match({ onSuccess: (was) => (was ? "right" : "wrong"), onFailure: ({ retryAfter }) => retryAfter })
    )
  )
const wrong = (address: string) => attempt(address, false)
const right = (address: string) => attempt(address, true)
const times = <A, E, R>(count: number, effect: Effect.Effect<A, E, R>) =>
  Effect.all(Array.from({ length: count }, () => effect))

describe("attempts", () => {
  it.effect("after a burst of wrong ones an address waits, and then has one more each interval", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* times(4, wrong("a")), ["wrong", "wrong", "wrong", 10])
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* wrong("a"), 6)
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(yield* times(2, wrong("a")), ["wrong", 10])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* times(4, wrong("a")), ["wrong", "wrong", "wrong", 10])
    }).pipe(Effect.provide(layer(limits)))
  )

  it.effect("the right one must wait too, is not looked at meanwhile, and counts for nothing", () =>
    Effect.gen(function* () {
      const attempts = yield* Attempts
      assert.deepStrictEqual(yield* times(20, right("a")), Array(20).fill("right"))
      yield* times(3, wrong("a"))
      let looked = false
      const refused = yield* Effect.flip(
        attempts.attempt("a", () => {
          looked = true
          return true
        })
      )
      assert.strictEqual(refused._tag, "TooManyAttempts")
      assert.isFalse(looked)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* times(3, right("a")), ["right", "right", "right"])
    }).pipe(Effect.provide(layer(limits)))
  )

  it.effect("one address does not use up another's, but all of them use up everybody's", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* times(4, wrong("a")), ["wrong", "wrong", "wrong", 10])
      assert.deepStrictEqual(yield* times(3, wrong("b")), ["wrong", "wrong", 2])
      assert.strictEqual(yield* right("c"), 2)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* right("c"), "right")
      assert.strictEqual(yield* wrong("c"), "wrong")
      assert.strictEqual(yield* wrong("d"), 2)
    }).pipe(Effect.provide(layer(limits)))
  )

  it.effect("attempts at once are counted one by one", () =>
    Effect.gen(function* () {
      const fibers = yield* Effect.forEach(Array(50), () => Effect.forkChild(wrong("a")))
      const ends = yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(ends.filter((end) => end === "wrong").length, 3)
    }).pipe(Effect.provide(layer(limits)))
  )

  it.effect("only so many addresses are remembered; the quietest is forgotten first", () =>
    Effect.gen(function* () {
      yield* times(2, wrong("busy"))
      yield* wrong("quiet")
      yield* wrong("busy")
      yield* wrong("newcomer")
      assert.strictEqual(yield* wrong("busy"), 10)
      assert.deepStrictEqual(yield* times(4, wrong("quiet")), ["wrong", "wrong", "wrong", 10])
    }).pipe(
      Effect.provide(
        layer({
          perAddress: { burst: 3, every: "10 seconds" },
          overall: { burst: 100, every: "1 second" },
          addresses: 2
        })
      )
    )
  )

  it.effect("a clock that goes back takes nothing away and gives nothing", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      yield* times(2, wrong("a"))
      yield* TestClock.setTime(0)
      assert.deepStrictEqual(yield* times(2, wrong("a")), ["wrong", 10])
    }).pipe(Effect.provide(layer(limits)))
  )
})
