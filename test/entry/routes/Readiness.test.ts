/** Whether the service is ready, by what its stores take. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { HttpRouter, HttpServerRequest } from "effect/http"
import { TestClock } from "effect/testing"
import * as Readiness from "../../../src/entry/routes/Readiness.ts"
import { Table, TableError, TableUnavailable } from "../../../src/ports/Table.ts"
import * as FakeQueues from "../../../src/testing/fakes/Queues.ts"

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
      const app = yield* HttpRouter.toHttpEffect(Readiness.layer).pipe(
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
