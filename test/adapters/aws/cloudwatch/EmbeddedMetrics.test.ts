/** Metrics as lines of the log: to the byte what CloudWatch reads, one line for an invocation, and none where nothing was recorded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as EmbeddedMetrics from "../../../../src/adapters/aws/cloudwatch/EmbeddedMetrics.ts"
import { AlarmMetrics, alarmMetrics } from "../../../../src/ports/AlarmMetrics.ts"
import { metricsIn } from "../../../fixtures/EmbeddedMetrics.ts"

const now = Date.parse("2026-11-29T12:00:00.000Z")

/** The lines that an effect writes. */
const linesOf = (work: Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    yield* TestClock.setTime(now)
    yield* work.pipe(Effect.provide(EmbeddedMetrics.layer("dispatcher-prod", (line) => void lines.push(line))))
    return lines
  })
const sink = <A>(use: (metrics: typeof AlarmMetrics.Service) => Effect.Effect<A>) => Effect.flatMap(AlarmMetrics, use)
const publish = sink((metrics) => metrics.publish)

describe("metrics of CloudWatch", () => {
  it.effect("are this line", () =>
    Effect.gen(function* () {
      const recorded = sink((metrics) => metrics.set({ OldestUnplannedAge: 61, Health: 2 }))
      assert.deepStrictEqual(yield* linesOf(Effect.andThen(recorded, publish)), [
        '{"_aws":{"Timestamp":1795953600000,"CloudWatchMetrics":[{"Namespace":"Dispatcher","Dimensions":[["Deployment"]],' +
          '"Metrics":[{"Name":"OldestUnplannedAge","Unit":"Seconds"},{"Name":"Health","Unit":"None"}]}]},' +
          '"Deployment":"dispatcher-prod","OldestUnplannedAge":61,"Health":2}\n'
      ])
    })
  )

  it.effect("are all within the format's specification", () =>
    Effect.gen(function* () {
      const values = Object.fromEntries(Object.keys(alarmMetrics).map((name, index) => [name, index]))
      const [line = ""] = yield* linesOf(
        Effect.andThen(
          sink((metrics) => metrics.set(values)),
          publish
        )
      )
      assert.notInclude(line.slice(0, -1), "\n")
      assert.deepStrictEqual(metricsIn(line), {
        namespace: "Dispatcher",
        dimensions: { Deployment: "dispatcher-prod" },
        values
      })
    })
  )

  it.effect("are counted until they are published, and a line has only what was recorded since", () =>
    Effect.gen(function* () {
      const conflict = sink((metrics) => metrics.count("WriteConflicts"))
      const lines = yield* linesOf(
        Effect.gen(function* () {
          yield* publish
          yield* conflict
          yield* conflict
          yield* publish
          yield* publish
          yield* conflict
          yield* publish
        })
      )
      assert.deepStrictEqual(
        lines.map((line) => metricsIn(line).values),
        [{ WriteConflicts: 2 }, { WriteConflicts: 1 }]
      )
    })
  )
})
