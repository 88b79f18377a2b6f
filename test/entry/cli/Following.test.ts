/** A service that is asked again and again, by the test's clock. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, References } from "effect"
import { TestClock } from "effect/testing"
import type { EventRow } from "../../../src/domain/Answers.ts"
import { CommandFailed } from "../../../src/entry/cli/Failures.ts"
import { newsOf, type Poll } from "../../../src/entry/cli/Following.ts"
import { ServiceAway } from "../../../src/entry/cli/Service.ts"
import { deliveryId, repository, workflow } from "../../fixtures/Runs.ts"

const row = (id: string, second = 1): EventRow => ({
  id,
  type: "dispatch.trigger.succeeded",
  status: "dispatched",
  time: new Date(second * 1000).toISOString(),
  deliveryId,
  source: repository("acme/app"),
  workflow: workflow("ci.yml"),
  target: null,
  reason: null,
  message: null,
  url: null
})
const page = (rows: ReadonlyArray<EventRow>, cursor: string | null = null) => ({ rows, cursor, days: 30 })
type Page = ReturnType<typeof page>

/** What is shown in a minute, where each look's answer is the next of the list, and nothing new after it. */
const shownOf = (first: Page, answers: ReadonlyArray<Page | CommandFailed | ServiceAway>) =>
  Effect.gen(function* () {
    const left = [...answers]
    const cursors: Array<string | undefined> = []
    const shown: Array<string> = []
    const look: Poll = (cursor) => {
      cursors.push(cursor)
      const answer = left.shift() ?? first
      return "rows" in answer ? Effect.succeed(answer) : Effect.fail(answer)
    }
    const show = (rows: ReadonlyArray<EventRow>) => Effect.sync(() => void shown.push(...rows.map(({ id }) => id)))
    const fiber = yield* Effect.forkChild(newsOf(first, look, show))
    yield* TestClock.adjust("1 minute")
    const ended = fiber.pollUnsafe()
    yield* Fiber.interrupt(fiber)
    return { shown, cursors, ended }
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))

describe("events --follow", () => {
  it.effect("shows each event once, oldest first, also those that are recorded late", () =>
    Effect.gen(function* () {
      const { shown } = yield* shownOf(page([row("b"), row("a")]), [
        page([row("b"), row("a")]),
        page([row("d"), row("b"), row("late"), row("a")])
      ])
      assert.deepStrictEqual(shown, ["late", "d"])
    })
  )

  it.effect("leaves nothing out of a burst of more than a page, and does not go back into history", () =>
    Effect.gen(function* () {
      const first = page([row("b", 11), row("a", 10)], "history")
      const { shown, cursors } = yield* shownOf(first, [
        page([row("e", 14), row("d", 13)], "p2"),
        page([row("c", 12), row("b", 11)], "p3"),
        page([row("a", 10), row("before", 9)], "p4")
      ])
      assert.deepStrictEqual(shown, ["c", "d", "e"])
      assert.deepStrictEqual(cursors.slice(0, 4), [undefined, "p2", "p3", undefined])
    })
  )

  it.effect("waits for a service that is away, and has what happened meanwhile", () =>
    Effect.gen(function* () {
      const away = new ServiceAway({ message: "it does not answer" })
      const { shown, ended } = yield* shownOf(page([row("a")]), [away, away, page([row("b"), row("a")])])
      assert.deepStrictEqual(shown, ["b"])
      assert.isUndefined(ended)
    })
  )

  it.effect("ends where waiting is of no use", () =>
    Effect.gen(function* () {
      const { ended } = yield* shownOf(page([]), [new CommandFailed({ message: "this is not the admin token" })])
      assert.strictEqual(ended?._tag, "Failure")
    })
  )
})
