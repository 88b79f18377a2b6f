/** What one installation may have under way at once. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as RequestLimiter from "../../../src/adapters/github/RequestLimiter.ts"
import { GitHubError, RateLimited, Unavailable } from "../../../src/ports/GitHubError.ts"
import { reasonOfFailure } from "./support.ts"

const limited = (millis: number) =>
  Effect.fail(new GitHubError({ operation: "Test.call", reason: new RateLimited({ retryAfter: millis }) }))

/** A request that goes on until it is ended, and how many of those there are. */
const openRequests = Effect.gen(function* () {
  const end = yield* Deferred.make<void>()
  const seen = { now: 0, most: 0 }
  const request = Effect.acquireUseRelease(
    Effect.sync(() => {
      seen.now += 1
      seen.most = Math.max(seen.most, seen.now)
    }),
    () => Deferred.await(end),
    () =>
      Effect.sync(() => {
        seen.now -= 1
      })
  )
  return { end, seen, request }
})

describe("a limiter", () => {
  it.effect("holds 20 requests at once; the others follow", () =>
    Effect.gen(function* () {
      const limiter = yield* RequestLimiter.make()
      const { end, seen, request } = yield* openRequests
      const fiber = yield* Effect.forkChild(
        Effect.forEach(Array(50).keys(), () => limiter("Test.call", request), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(seen.now, 20)
      yield* Deferred.succeed(end, undefined)
      assert.strictEqual((yield* Fiber.join(fiber)).length, 50)
      assert.deepStrictEqual(seen, { now: 0, most: 20 })
    })
  )

  it.effect("lets no request wait for ever, and loses no place by it", () =>
    Effect.gen(function* () {
      const limiter = yield* RequestLimiter.make()
      const { end, seen, request } = yield* openRequests
      const fiber = yield* Effect.forkChild(
        Effect.forEach(Array(20).keys(), () => limiter("Test.call", request), { concurrency: "unbounded" })
      )
      const waiting = yield* Effect.forkChild(reasonOfFailure(limiter("Test.call", Effect.void)))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Fiber.join(waiting))._tag, "Unavailable")
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(fiber)
      yield* Effect.forEach(Array(20).keys(), () => limiter("Test.call", Effect.void), { concurrency: "unbounded" })
      assert.strictEqual(seen.now, 0)
    })
  )

  it.effect("sends nothing while GitHub asks to wait, and says how much longer", () =>
    Effect.gen(function* () {
      const limiter = yield* RequestLimiter.make()
      let sent = 0
      const request = Effect.sync(() => {
        sent += 1
      })
      yield* Effect.flip(limiter("Test.call", limited(60_000)))
      yield* TestClock.adjust("20 seconds")
      const reason = yield* reasonOfFailure(limiter("Test.call", request))
      assert.deepStrictEqual(reason, new RateLimited({ retryAfter: 40_000 }))
      assert.strictEqual(sent, 0)
      yield* TestClock.adjust("40 seconds")
      yield* limiter("Test.call", request)
      assert.strictEqual(sent, 1)
    })
  )

  it.effect("keeps to the longer wait", () =>
    Effect.gen(function* () {
      const limiter = yield* RequestLimiter.make()
      yield* Effect.all([Effect.flip(limiter("a", limited(60_000))), Effect.flip(limiter("b", limited(1000)))], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(yield* reasonOfFailure(limiter("c", Effect.void)), new RateLimited({ retryAfter: 60_000 }))
    })
  )

  it.effect("is not closed by other failures", () =>
    Effect.gen(function* () {
      const limiter = yield* RequestLimiter.make()
      const down = new GitHubError({ operation: "Test.call", reason: new Unavailable({ message: "down" }) })
      yield* Effect.flip(limiter("Test.call", Effect.fail(down)))
      yield* limiter("Test.call", Effect.void)
    })
  )
})
