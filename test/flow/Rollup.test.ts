/** The rollup of one machine: what it takes of the queues, when it ticks, and what it does after trouble. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, References } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { TestClock } from "effect/testing"
import { runKey } from "../../src/domain/SourceRun.ts"
import { sampleQueues } from "../../src/flow/QueueSamples.ts"
import { PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { rollup, rollupRegularly } from "../../src/flow/Rollup.ts"
import { AlarmMetrics, type AlarmValues } from "../../src/ports/AlarmMetrics.ts"
import { Table, TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { QueueError } from "../../src/ports/WorkQueue.ts"
import { messageVersion } from "../../src/queue/MessageDecoder.ts"
import { makeFigureQueries } from "../../src/readmodel/FigureReadings.ts"
import { freshMarks, minuteMark } from "../../src/readmodel/Marks.ts"
import { layerFakeStorage } from "../../src/testing/fakes/Memory.ts"
import { acceptance } from "../fixtures/Runs.ts"

const start = Date.parse("2026-11-23T10:20:00.000Z")
const message = { version: messageVersion, run: runKey(acceptance().run) } as const
const health = Effect.flatMap(Table, (table) => makeFigureQueries(table).health)
const codes = Effect.map(health, ({ reasons }) => reasons.map(({ code }) => code))

/** The plan queue does not answer. */
const withoutPlans = Layer.effect(
  PlanQueue,
  Effect.map(PlanQueue, (queue) => ({
    ...queue,
    depth: Effect.fail(new QueueError({ queue: "plan", operation: "depth", message: "the disk is gone" }))
  }))
)
const silently = Effect.provideService(References.MinimumLogLevel, "None")

describe("samples of the queues", () => {
  it.effect("have what each queue holds, and for how long", () =>
    Effect.gen(function* () {
      const reports = yield* ReportQueue
      yield* reports.offer([{ body: message }])
      yield* TestClock.adjust("90 seconds")
      yield* reports.offer([{ body: message }])
      const nothing = { waiting: 0, inFlight: 0, dead: 0, oldest: null }
      assert.deepStrictEqual(yield* sampleQueues, [
        { name: "plan", ...nothing },
        { name: "order", ...nothing },
        { name: "report", waiting: 2, inFlight: 0, dead: 0, oldest: 90 },
        { name: "fact", ...nothing }
      ])
    }).pipe(Effect.provide(layerFakeStorage))
  )

  it.effect("leave out a queue that does not answer", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        (yield* sampleQueues).map(({ name }) => name),
        ["order", "report", "fact"]
      )
    }).pipe(silently, Effect.provide(Layer.provideMerge(withoutPlans, layerFakeStorage)))
  )
})

describe("the rollup's worker", () => {
  it.effect("has health show what waits, what was given up, and what does not answer", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      yield* (yield* ReportQueue).offer([{ body: message }])
      assert.strictEqual(yield* rollup, "done")
      assert.deepStrictEqual(yield* codes, ["unsampled"])
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* rollup, "done")
      assert.deepStrictEqual(yield* codes, ["queued", "unsampled"])
      assert.deepStrictEqual((yield* health).queues[1], {
        ...{ name: "report", waiting: 1, inFlight: 0, dead: 0, oldest: 600 }
      })
    }).pipe(silently, Effect.provide(Layer.provideMerge(withoutPlans, layerFakeStorage)))
  )

  it.effect("hands what it judged to alarms and to /metrics", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      let recorded: AlarmValues = {}
      const sink = {
        ...(yield* AlarmMetrics),
        set: (values: AlarmValues) =>
          Effect.sync(() => {
            recorded = values
          })
      }
      yield* Effect.provideService(rollup, AlarmMetrics, sink)
      const expected = { OldestUnplannedAge: 0, OldestUnsettledAge: 0, Health: 1, UnknownOutcomes: 0, DeadLetters: 0 }
      assert.deepStrictEqual(recorded, expected)
      assert.match(yield* PrometheusMetrics.format(), /^dispatcher_health 1$/m)
    }).pipe(silently, Effect.provide(Layer.provideMerge(withoutPlans, layerFakeStorage)))
  )

  it.effect("ticks every 10 seconds, and at once where a tick leaves work", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const { append } = yield* Table
      const asOf = Effect.map(health, (one) => one.asOf)
      yield* Effect.forkScoped(rollupRegularly)
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* asOf, "2026-11-23T10:20:00.000Z")
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* asOf, "2026-11-23T10:20:00.000Z")
      // More minutes than a tick takes, so that one tick leaves work.
      const minutes = Array.from({ length: 300 }, (_, back) =>
        new Date(start - back * 60_000).toISOString().slice(0, 16)
      )
      yield* append(yield* freshMarks(minutes.map(minuteMark)))
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* asOf, "2026-11-23T10:20:10.000Z")
      const marks = yield* (yield* Table).query({ table: "projections", partition: "marks", limit: 1 })
      assert.lengthOf(marks.items, 0)
    }).pipe(Effect.provide(layerFakeStorage), Effect.scoped)
  )

  it.effect("goes on after a tick that failed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const table = yield* Table
      let fails = true
      const unavailable = new TableError({
        operation: "append",
        reason: new TableUnavailable({ message: "the disk is full" })
      })
      const failing = Table.of({
        ...table,
        append: (items) => (fails ? Effect.fail(unavailable) : table.append(items))
      })
      yield* Effect.forkScoped(Effect.provideService(rollupRegularly, Table, failing))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(yield* codes, ["unattended"])
      fails = false
      yield* TestClock.adjust(Duration.seconds(10))
      assert.deepStrictEqual(yield* codes, ["idle"])
    }).pipe(silently, Effect.provide(layerFakeStorage), Effect.scoped)
  )
})
