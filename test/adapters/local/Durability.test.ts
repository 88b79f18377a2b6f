import { spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { layerQueues } from "../../../src/adapters/local/SqliteQueue.ts"
import { layerTable } from "../../../src/adapters/local/SqliteTable.ts"
import { RunKey } from "../../../src/domain/SourceRun.ts"
import { type ReportMessage, ReportQueue } from "../../../src/flow/Queues.ts"
import { done, type Received } from "../../../src/ports/WorkQueue.ts"
import { attributesAt } from "../../../src/testing/contracts/TableSupport.ts"
import { eventually, realTime } from "../../../src/testing/contracts/Time.ts"
import { program } from "../../fixtures/Programs.ts"
import { databasePath } from "./support.ts"

/** Starts a process that does `deed`, killed with the test's scope if it still lives. */
const start = Effect.fnUntraced(function* (path: string, deed: string) {
  const script = yield* Effect.promise(() => program("test/adapters/local/dyingProcess.ts"))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [script, path, deed])),
    (running) => Effect.sync(() => running.kill("SIGKILL"))
  )
  const output = { lines: "", errors: "" }
  child.stdout.on("data", (text) => {
    output.lines += text
  })
  child.stderr.on("data", (text) => {
    output.errors += text
  })
  const closed = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ?? `exit ${code}`))
  })
  const prints = (lines: number) =>
    eventually(
      realTime,
      `${lines} lines`,
      Effect.sync(() => output.lines.split("\n").length > lines)
    )
  return {
    output,
    prints,
    kill: Effect.sync(() => child.kill("SIGKILL")),
    /** How it ended: the signal, or the exit code. */
    end: Effect.promise(() => closed)
  }
})

/** The queues and the Table on a database that another process has left. */
const layersAt = (path: string) => Layer.fresh(Layer.provide(Layer.merge(layerQueues, layerTable), Sqlite.layer(path)))

/** The first messages that are handed out, `count` at least. */
const receive = Effect.fnUntraced(function* (count: number) {
  const queue = yield* ReportQueue
  const seen: Array<Received<ReportMessage>> = []
  const consume = queue.consume(
    (messages) => {
      seen.push(...messages)
      return Effect.succeed(messages.map(() => done))
    },
    { concurrency: 1, batchSize: 100 }
  )
  yield* Effect.forkScoped(consume)
  yield* eventually(
    realTime,
    `${count} messages are handed out`,
    Effect.sync(() => seen.length >= count)
  )
  return seen
})

describe("what a killed process leaves behind", () => {
  it.live("has every message whose offer was answered", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      assert.strictEqual(yield* (yield* start(path, "offer")).end, "SIGKILL")
      yield* Effect.gen(function* () {
        assert.deepInclude(yield* (yield* ReportQueue).depth, { waiting: 2, inFlight: 0, dead: 0 })
        const [first] = yield* receive(1)
        assert.deepEqual(first?.body, { version: 1, run: RunKey.make("1/1/1") })
        assert.strictEqual(first?.attempt, 1)
      }).pipe(Effect.provide(layersAt(path)))
    })
  )
  it.live("has every write that was answered", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      assert.strictEqual(yield* (yield* start(path, "write")).end, "SIGKILL")
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* attributesAt({ table: "ledger", partition: "p", sort: "a" }), { text: "Grüße" })
        assert.deepStrictEqual(yield* attributesAt({ table: "ledger", partition: "p", sort: "b" }), { n: 1 })
      }).pipe(Effect.provide(layersAt(path)))
    })
  )
  it.live("hands out at once what was in hand, as the same attempt", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      assert.strictEqual(yield* (yield* start(path, "handle")).end, "SIGKILL")
      const seen = yield* Effect.provide(receive(1), layersAt(path))
      assert.deepStrictEqual(
        seen.map(({ attempt }) => attempt),
        [1]
      )
    })
  )
  it.live("has all that was answered when it is killed at any moment, and nothing by halves", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const worker = yield* start(path, "work")
      yield* worker.prints(300)
      yield* worker.kill
      yield* worker.end
      const answered = worker.output.lines.split("\n").slice(0, -1).map(Number)
      yield* Effect.gen(function* () {
        const counted = yield* attributesAt({ table: "ledger", partition: "p", sort: "count" })
        assert.isAtLeast(Number(counted?.count), answered.length)
        const { waiting } = yield* (yield* ReportQueue).depth
        assert.isAtMost(Number(counted?.count), waiting)
        const seen = yield* receive(waiting)
        const stored = new Set(seen.map(({ body }) => Number(body.run.split("/")[1])))
        assert.deepStrictEqual(
          answered.filter((n) => !stored.has(n)),
          []
        )
      }).pipe(Effect.provide(layersAt(path)))
    })
  )
})

describe("a second process", () => {
  it.live("is refused while the first lives, and let in as soon as it was killed", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const first = yield* start(path, "hold")
      yield* first.prints(1)
      const second = yield* start(path, "offer")
      assert.strictEqual(yield* second.end, "exit 1")
      assert.include(second.output.errors, "another process has the database open")
      assert.include(second.output.errors, path)
      yield* first.kill
      yield* first.end
      const third = yield* start(path, "offer")
      assert.strictEqual(yield* third.end, "SIGKILL", third.output.errors)
    })
  )
})
