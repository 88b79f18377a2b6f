import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { during, ProgressScreen } from "../../../src/entry/cli/Terminal.ts"

/** What is drawn while something takes so long. */
const drawnDuring = (seconds: number, isInterrupted = false) =>
  Effect.gen(function* () {
    const drawn: Array<string> = []
    const work = during("waiting")(Effect.delay(Effect.succeed("result"), `${seconds} seconds`))
    const watched = Effect.provideService(work, ProgressScreen, (text) => void drawn.push(text))
    const fiber = yield* Effect.forkChild(watched)
    yield* TestClock.adjust("1500 millis")
    if (isInterrupted) yield* Fiber.interrupt(fiber)
    yield* TestClock.adjust("1 minute")
    return { drawn, exit: yield* Fiber.await(fiber) }
  })

describe("during", () => {
  it.effect("says what is waited for, and takes it back", () =>
    Effect.gen(function* () {
      const { drawn, exit } = yield* drawnDuring(2)
      assert.strictEqual(exit._tag === "Success" ? exit.value : undefined, "result")
      assert.strictEqual(drawn[0], "\r\u001b[2K⠋ waiting…")
      assert.notStrictEqual(drawn[1], drawn[0])
      assert.strictEqual(drawn.at(-1), "\r\u001b[2K")
    })
  )

  it.effect("leaves nothing behind where it is given up", () =>
    Effect.gen(function* () {
      const { drawn } = yield* drawnDuring(10, true)
      assert.strictEqual(drawn.at(-1), "\r\u001b[2K")
      assert.strictEqual(drawn.filter((text) => text === "\r\u001b[2K").length, 1)
    })
  )

  it.effect("says nothing of what is soon over, and nothing without a terminal", () =>
    Effect.gen(function* () {
      const { drawn } = yield* drawnDuring(0.5)
      assert.deepStrictEqual(drawn, [])
      const unwatched = during("waiting")(Effect.succeed("result"))
      assert.strictEqual(yield* Effect.provideService(unwatched, ProgressScreen, undefined), "result")
    })
  )
})
