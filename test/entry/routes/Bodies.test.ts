/** How many bodies are taken, how many bytes of them, and for how long. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { HttpServerRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { BodyLimits, makeBodies } from "../../../src/entry/routes/Bodies.ts"

const limits = { bodies: 2, bytes: 100, deadline: 10_000 }
const bodies = Effect.provideService(makeBodies, BodyLimits, limits)

/** A request whose body arrives in these pieces, and ends only if it is said to. */
const request = (pieces: ReadonlyArray<number>, ends = true) =>
  HttpServerRequest.fromWeb(
    new Request("http://localhost/", {
      method: "POST",
      duplex: "half",
      body: new ReadableStream({
        start: (controller) => {
          for (const length of pieces) controller.enqueue(new Uint8Array(length).fill(length))
          if (ends) controller.close()
        }
      })
    } as RequestInit)
  )

const length = (body: Uint8Array) => Effect.succeed(body.length)

describe("bodies under way", () => {
  it.effect("arrive whole, in the order of their pieces", () =>
    Effect.gen(function* () {
      const { withBody } = yield* bodies
      const body = yield* withBody(request([1, 2, 3]), 10, Effect.succeed)
      assert.deepStrictEqual([...body], [1, 2, 2, 3, 3, 3])
      assert.strictEqual(yield* withBody(request([]), 10, length), 0)
    })
  )

  it.effect("are refused above the size that the caller names", () =>
    Effect.gen(function* () {
      const { withBody } = yield* bodies
      assert.strictEqual(yield* withBody(request([5, 5]), 10, length), 10)
      assert.deepInclude(yield* Effect.flip(withBody(request([5, 6], false), 10, length)), { reason: "TooLarge" })
    })
  )

  it.effect("are refused beyond their number, until one is answered", () =>
    Effect.gen(function* () {
      const { withBody } = yield* bodies
      const answered = yield* Deferred.make<void>()
      const use = () => Deferred.await(answered)
      const held = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(withBody(request([1]), 10, use), { startImmediately: true })
      )
      assert.deepInclude(yield* Effect.flip(withBody(request([1]), 10, length)), { reason: "Busy" })
      yield* Deferred.succeed(answered, undefined)
      yield* Effect.forEach(held, Fiber.join)
      assert.strictEqual(yield* withBody(request([1]), 10, length), 1)
    })
  )

  it.effect("are refused beyond their bytes altogether, which are given back whatever becomes of them", () =>
    Effect.gen(function* () {
      const { withBody } = yield* bodies
      const reading = yield* Deferred.make<void>()
      const held = yield* Effect.forkChild(
        withBody(request([60]), 100, () => Effect.andThen(Deferred.succeed(reading, undefined), Effect.never))
      )
      yield* Deferred.await(reading)
      assert.deepInclude(yield* Effect.flip(withBody(request([41]), 100, length)), { reason: "Busy" })
      assert.strictEqual(yield* withBody(request([40]), 100, length), 40)
      yield* Fiber.interrupt(held)
      assert.deepInclude(yield* Effect.flip(withBody(request([101]), 100, length)), { reason: "TooLarge" })
      assert.strictEqual(yield* withBody(request([100]), 100, length), 100)
    })
  )

  it.effect("have a deadline, however slowly they come", () =>
    Effect.gen(function* () {
      const { withBody } = yield* bodies
      const slow = yield* Effect.forkChild(Effect.flip(withBody(request([1], false), 10, length)), {
        startImmediately: true
      })
      yield* TestClock.adjust(limits.deadline)
      assert.deepInclude(yield* Fiber.join(slow), { reason: "Late" })
    })
  )
})
