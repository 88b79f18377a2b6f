import { assert, describe } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { RunKey } from "../../src/domain/SourceRun.ts"
import * as DeadLetters from "../../src/flow/DeadLetters.ts"
import { PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { dead } from "../../src/ports/WorkQueue.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { Logs, planMessage, scenario } from "./Harness.ts"

/** Lets every queue give up all that it has. */
const giveUp = Effect.gen(function* () {
  const options = { concurrency: 1, batchSize: 1 }
  const plans = yield* PlanQueue
  const reports = yield* ReportQueue
  const handle = (messages: ReadonlyArray<unknown>) => Effect.succeed(messages.map(() => dead("no use")))
  const consumers = [plans.consume(handle, options), reports.consume(handle, options)]
  yield* Effect.raceFirst(
    Effect.all(consumers, { concurrency: "unbounded" }),
    Effect.repeat(Effect.yieldNow, { times: 1000 })
  )
})

describe("dead letters", () => {
  scenario(
    "of all queues are listed, newest first, shown, and put back with who asked in the log",
    Effect.gen(function* () {
      const letters = yield* DeadLetters.DeadLetters
      const plans = yield* PlanQueue
      const reports = yield* ReportQueue
      yield* plans.offer([{ body: planMessage(sourceRun()).body }])
      yield* giveUp
      yield* TestClock.adjust("1 minute")
      yield* reports.offer([1, 2].map((n) => ({ body: { version: 1, run: RunKey.make(`1/${n}/1`) } })))
      yield* giveUp

      const all = yield* letters.list(undefined, 10)
      assert.deepStrictEqual(
        all.map(({ queue, reason }) => [queue, reason]),
        [
          ["report", "no use"],
          ["report", "no use"],
          ["plan", "no use"]
        ]
      )
      assert.lengthOf(yield* letters.list(undefined, 2), 2)
      assert.lengthOf(yield* letters.list("plan", 2), 1)
      const [, , { id } = assert.fail()] = all
      assert.deepStrictEqual(Option.getOrUndefined(yield* letters.show("plan", id)), all[2])

      assert.strictEqual(yield* letters.redrive("plan", id, "an operator"), 1)
      assert.strictEqual(yield* letters.redrive("plan", id, "an operator"), 0)
      assert.strictEqual(yield* letters.redrive("report", "all", "an operator"), 2)
      assert.deepStrictEqual([(yield* plans.depth).waiting, (yield* reports.depth).waiting], [1, 2])
      assert.lengthOf(yield* letters.list(undefined, 10), 0)
      const logged = (yield* Logs.use(({ lines }) => lines)).filter(({ text }) => text === "dead letter put back")
      assert.deepStrictEqual(
        logged.map(({ annotations }) => [annotations.queue, annotations.by]),
        [
          ["plan", "an operator"],
          ["report", "an operator"],
          ["report", "an operator"]
        ]
      )
    }).pipe(Effect.provide(DeadLetters.layer))
  )
})
