/** Whether the service is ready, by what its stores take; and what Prometheus reads: counters of the process, and what the queues hold when it asks. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, Ref, References } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { RunKey } from "../../../src/domain/SourceRun.ts"
import { layerMetrics, layerReadiness } from "../../../src/entry/routes/Monitoring.ts"
import { PlanQueue, ReportQueue } from "../../../src/flow/Queues.ts"
import { Table, TableError, TableUnavailable } from "../../../src/ports/Table.ts"
import { dead, QueueError } from "../../../src/ports/WorkQueue.ts"
import { messageVersion } from "../../../src/queue/MessageDecoder.ts"
import * as FakeQueues from "../../../src/testing/fakes/Queues.ts"

const message = (run: string) => ({ body: { version: messageVersion, run: RunKey.make(run) } as const })
const own = Effect.provideService(Metric.MetricRegistry, new Map())
const silently = Effect.provideService(References.MinimumLogLevel, "None")

const asking = Effect.map(HttpRouter.toHttpEffect(layerMetrics()), (app) =>
  app.pipe(
    Effect.flatMap((response) => Effect.promise(() => HttpServerResponse.toWeb(response).text())),
    Effect.scoped,
    Effect.provideService(
      HttpServerRequest.HttpServerRequest,
      HttpServerRequest.fromWeb(new Request("http://localhost/metrics"))
    )
  )
)
const linesOf = (text: string, queue: string) => text.split("\n").filter((line) => line.includes(`queue="${queue}"`))

describe("metrics", () => {
  it.effect("have what each queue holds at the moment, and nothing of the messages", () =>
    Effect.gen(function* () {
      const reports = yield* ReportQueue
      yield* reports.offer([message("7/8/1"), message("7/9/1")])
      yield* TestClock.adjust("90 seconds")
      const ask = yield* asking
      const text = yield* ask
      assert.deepStrictEqual(linesOf(text, "report").toSorted(), [
        'dispatcher_queue_messages{queue="report",state="dead"} 0',
        'dispatcher_queue_messages{queue="report",state="in_flight"} 0',
        'dispatcher_queue_messages{queue="report",state="waiting"} 2',
        'dispatcher_queue_oldest_seconds{queue="report"} 90',
        'dispatcher_queue_up{queue="report"} 1'
      ])
      for (const queue of ["plan", "order", "fact"]) {
        assert.include(linesOf(text, queue), `dispatcher_queue_oldest_seconds{queue="${queue}"} 0`)
        assert.lengthOf(linesOf(text, queue), 5)
      }
      assert.notInclude(text, "7/8/1")
      yield* Effect.forkScoped(
        reports.consume((all) => Effect.succeed(all.map(() => dead("no use"))), { concurrency: 1, batchSize: 10 })
      )
      yield* TestClock.adjust("1 second")
      const later = linesOf(yield* ask, "report")
      assert.include(later, 'dispatcher_queue_messages{queue="report",state="dead"} 2')
      assert.include(later, 'dispatcher_queue_messages{queue="report",state="waiting"} 0')
      assert.include(later, 'dispatcher_queue_oldest_seconds{queue="report"} 0')
    }).pipe(Effect.scoped, Effect.provide(FakeQueues.layerMemory), own, silently)
  )

  it.effect("ask the queues once a second at most, and show one that does not answer", () =>
    Effect.gen(function* () {
      let asked = 0
      let answers = true
      const refused = new QueueError({ queue: "plan", operation: "depth", message: "the disk is gone" })
      const queues = Layer.provideMerge(
        Layer.effect(
          PlanQueue,
          Effect.map(PlanQueue, (queue) => ({
            ...queue,
            depth: Effect.suspend(() => {
              asked += 1
              return answers ? queue.depth : Effect.fail(refused)
            })
          }))
        ),
        FakeQueues.layerMemory
      )
      const ask = yield* Effect.provide(asking, queues)
      const first = yield* Effect.replicateEffect(ask, 20, { concurrency: "unbounded" })
      assert.strictEqual(asked, 1)
      assert.include(first[0], 'dispatcher_queue_up{queue="plan"} 1')
      answers = false
      yield* TestClock.adjust("1 second")
      const text = yield* ask
      assert.include(text, 'dispatcher_queue_up{queue="plan"} 0')
      assert.include(text, 'dispatcher_queue_up{queue="order"} 1')
      assert.notInclude(text, "the disk is gone")
    }).pipe(Effect.scoped, own, silently)
  )
})

const full = new TableError({ operation: "write", reason: new TableUnavailable({ message: "the disk is full" }) })

describe("readiness", () => {
  it.effect("takes a write, at most once a second however often it is asked", () =>
    Effect.gen(function* () {
      const writes = yield* Ref.make(0)
      const failing = yield* Ref.make(false)
      const table = Layer.mock(Table, {
        write: () =>
          Effect.andThen(
            Ref.update(writes, (count) => count + 1),
            Effect.flatMap(Ref.get(failing), (fails) => (fails ? Effect.fail(full) : Effect.void))
          )
      })
      const app = yield* HttpRouter.toHttpEffect(layerReadiness()).pipe(
        Effect.provide(Layer.merge(table, FakeQueues.layerMemory))
      )
      const ask = app.pipe(
        Effect.map(({ status }) => status),
        Effect.scoped,
        Effect.provideService(
          HttpServerRequest.HttpServerRequest,
          HttpServerRequest.fromWeb(new Request("http://localhost/ready"))
        )
      )
      assert.deepStrictEqual(
        yield* Effect.replicateEffect(ask, 50, { concurrency: "unbounded" }),
        Array.from({ length: 50 }, () => 200)
      )
      yield* Ref.set(failing, true)
      assert.strictEqual(yield* ask, 200)
      assert.strictEqual(yield* Ref.get(writes), 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* ask, 503)
      assert.strictEqual(yield* Ref.get(writes), 2)
    })
  )
})
