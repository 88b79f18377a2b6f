import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Random } from "effect"
import { TestClock } from "effect/testing"
import {
  AwsError,
  type AwsFailure,
  asOneCall,
  awsFailureOf,
  call,
  Timeouts
} from "../../../src/adapters/aws/AwsCall.ts"
import { connectionLost, serviceError } from "./support/ClientFaults.ts"

const named = (name: string) => Object.assign(new Error("no answer"), { name })

describe("what an error of the SDK means", () => {
  const meanings: ReadonlyArray<readonly [string, unknown, AwsFailure]> = [
    ["a busy table", serviceError("ProvisionedThroughputExceededException"), "throttled"],
    ["a busy account", serviceError("RequestLimitExceeded"), "throttled"],
    ["a busy API", serviceError("ThrottlingException"), "throttled"],
    ["a busy queue", serviceError("RequestThrottled", 403), "throttled"],
    ["too many requests, whatever the name", serviceError("SomethingElse", 429), "throttled"],
    ["a transaction that is still under way", serviceError("TransactionInProgressException"), "throttled"],
    ["a broken service", serviceError("InternalServerError", 500), "unavailable"],
    ["a service that is away", serviceError("ServiceUnavailable", 503), "unavailable"],
    ["an answer that was cut off", Object.assign(serviceError("SyntaxError", 200)), "unavailable"],
    ["a broken connection", connectionLost(), "unavailable"],
    ["a refused connection", Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), "unavailable"],
    ["a time-out of the SDK", named("TimeoutError"), "unavailable"],
    ["a request that makes no sense", serviceError("ValidationException"), "refused"],
    ["a thing that is not there", serviceError("ResourceNotFoundException"), "refused"],
    ["missing rights", serviceError("AccessDeniedException", 403), "refused"],
    ["no credentials", named("CredentialsProviderError"), "refused"],
    ["a collection that is too large for good", serviceError("ItemCollectionSizeLimitExceededException"), "refused"],
    ["no error at all", "what?", "refused"]
  ]
  for (const [what, cause, meaning] of meanings) {
    it(`${what}: ${meaning}`, () => assert.strictEqual(awsFailureOf(cause), meaning))
  }
})

/** A service that fails so often before it answers. */
const failing = (times: number, error: () => Error) => {
  const sentAt: Array<number> = []
  return {
    sentAt,
    ask: Effect.flatMap(Effect.clockWith(Effect.succeed), (clock) =>
      call({
        operation: "Some.Thing",
        send: () => {
          sentAt.push(clock.currentTimeMillisUnsafe())
          return sentAt.length <= times ? Promise.reject(error()) : Promise.resolve("done")
        }
      })
    )
  }
}

/** The first gives up a little before the end of the budget. */
const afterAWhile = <A, E>(effect: Effect.Effect<A, E>) => Effect.delay(effect, "1500 millis")

/** Lets virtual time pass until the effect has ended. */
const passing = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
  const fiber = yield* Effect.forkChild(effect)
  while (fiber.pollUnsafe() === undefined) {
    yield* TestClock.withLive(Effect.sleep("1 millis"))
    yield* TestClock.adjust("20 millis")
  }
  return yield* Fiber.join(fiber)
})

describe("a call", () => {
  it.effect("asks again what may pass, after growing pauses", () =>
    Effect.gen(function* () {
      const { ask, sentAt } = failing(5, () => serviceError("ThrottlingException"))
      assert.strictEqual(yield* passing(ask), "done")
      const pauses = sentAt.slice(1).map((at, n) => at - (sentAt[n] ?? 0))
      assert.strictEqual(pauses.length, 5)
      for (const [n, pause] of pauses.entries()) assert.closeTo(pause, 40 * 2 ** n, 8 * 2 ** n + 25)
    }).pipe(Random.withSeed("growing"))
  )
  it.effect("does not ask again what was refused", () =>
    Effect.gen(function* () {
      const { ask, sentAt } = failing(1, () => serviceError("ValidationException"))
      const error = yield* Effect.flip(ask)
      assert.instanceOf(error, AwsError)
      assert.strictEqual(error.message, "Some.Thing: ValidationException: made up by the test")
      assert.strictEqual(sentAt.length, 1)
    })
  )
  it.effect("sends nothing after its budget, and gives the last failure", () =>
    Effect.gen(function* () {
      const { ask, sentAt } = failing(Number.POSITIVE_INFINITY, connectionLost)
      const error = yield* Effect.flip(passing(ask))
      assert.strictEqual(error.failure, "unavailable")
      assert.include(error.message, "ECONNRESET")
      const { call: budget } = yield* Timeouts
      const last = sentAt.at(-1) ?? 0
      assert.isAtMost(last, Duration.toMillis(budget) + 20)
      assert.isAbove(last, Duration.toMillis(budget) - 1500)
      assert.isAtMost(yield* Clock.currentTimeMillis, Duration.toMillis(budget) + 100)
    })
  )
  it.effect("shares its budget with the others of one operation", () =>
    Effect.gen(function* () {
      const first = failing(Number.POSITIVE_INFINITY, connectionLost)
      const second = failing(0, connectionLost)
      const error = yield* Effect.flip(
        passing(asOneCall(Effect.andThen(Effect.ignore(first.ask), afterAWhile(second.ask))))
      )
      assert.include(error.message, "its time was over")
      assert.deepStrictEqual(second.sentAt, [])
      assert.isAbove(first.sentAt.length, 1)
      const { call: budget } = yield* Timeouts
      assert.isAtMost(yield* Clock.currentTimeMillis, Duration.toMillis(budget) + 2000)
      // A later call has a budget of its own.
      assert.strictEqual(yield* passing(asOneCall(second.ask)), "done")
    })
  )
  it.effect("says what failed where its pause ends too late for another request", () =>
    Effect.gen(function* () {
      const { ask, sentAt } = failing(Number.POSITIVE_INFINITY, connectionLost)
      const { call: budget } = yield* Timeouts
      const clock = yield* Clock.Clock
      let slept = 0
      const wall = () => clock.currentTimeMillisUnsafe() + slept
      // A busy machine: a pause of some milliseconds ends when the budget is used up.
      const late: Clock.Clock = {
        ...clock,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        currentTimeMillisUnsafe: wall,
        currentTimeMillis: Effect.sync(wall),
        sleep: (duration) =>
          Effect.tap(clock.sleep(duration), () =>
            Effect.sync(() => {
              slept = Duration.toMillis(budget)
            })
          )
      }
      const error = yield* passing(Effect.provideService(Effect.flip(asOneCall(ask)), Clock.Clock, late))
      assert.include(error.message, "ECONNRESET")
      assert.lengthOf(sentAt, 1)
    })
  )
  it.effect("gives a request up after a while, and aborts it in the SDK", () =>
    Effect.gen(function* () {
      const signals: Array<AbortSignal> = []
      const ask = call({
        operation: "Some.Thing",
        send: (signal) => {
          signals.push(signal)
          return new Promise(() => {})
        }
      })
      const error = yield* Effect.flip(passing(ask))
      assert.include(error.message, "TimeoutError: no answer within 3s")
      assert.isAbove(signals.length, 1)
      assert.isTrue(signals.every(({ aborted }) => aborted))
      // The last request starts within 6 s and takes 3 s: less than GitHub waits for its webhook.
      assert.isAtMost(yield* Clock.currentTimeMillis, 9100)
    })
  )
})
