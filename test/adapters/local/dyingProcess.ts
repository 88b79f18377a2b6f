/**
 * A process that does something durable and is killed at that very moment. `node dyingProcess.ts <database> <deed>`
 * It prints a line for whatever was answered, and dies by SIGKILL: nothing is flushed, nothing is closed.
 */
import { Effect, Layer } from "effect"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { layerQueues } from "../../../src/adapters/local/SqliteQueue.ts"
import { layerTable } from "../../../src/adapters/local/SqliteTable.ts"
import { RunKey } from "../../../src/domain/SourceRun.ts"
import { type ReportMessage, ReportQueue } from "../../../src/flow/Queues.ts"
import { absent, type Key, Table } from "../../../src/ports/Table.ts"

const die = Effect.sync(() => process.kill(process.pid, "SIGKILL"))
const print = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))
const message = (n: number): ReportMessage => ({ version: 1, run: RunKey.make(`1/${n}/1`) })
const key = (sort: string): Key => ({ table: "ledger", partition: "p", sort })

const deeds: Record<string, Effect.Effect<unknown, unknown, ReportQueue | Table>> = {
  offer: Effect.flatMap(ReportQueue, (queue) =>
    queue.offer([{ body: message(1) }, { body: message(2), delay: "1 hour" }])
  ),
  write: Effect.flatMap(Table, (table) =>
    table.transact([
      { _tag: "Put", key: key("a"), attributes: { text: "Grüße" }, condition: absent },
      { _tag: "Update", key: key("b"), add: { n: 1 } }
    ])
  ),
  handle: Effect.gen(function* () {
    const queue = yield* ReportQueue
    yield* queue.offer([{ body: message(1) }])
    yield* queue.consume(() => Effect.andThen(die, Effect.never), { concurrency: 1, batchSize: 10 })
  }),
  // Offers and writes until another process kills it.
  work: Effect.gen(function* () {
    const [queue, table] = [yield* ReportQueue, yield* Table]
    const worker = (first: number) =>
      Effect.gen(function* () {
        for (let n = first; ; n += 8) {
          yield* queue.offer([{ body: message(n) }])
          yield* table.write({ _tag: "Update", key: key("count"), add: { count: 1 } })
          yield* print(`${n}`)
        }
      })
    yield* Effect.all([1, 2, 3, 4, 5, 6, 7, 8].map(worker), { concurrency: "unbounded" })
  }),
  hold: Effect.andThen(print("open"), Effect.never)
}

const [, , path = "", deed = ""] = process.argv
const layers = Layer.provide(Layer.merge(layerQueues, layerTable), Sqlite.layer(path))
await Effect.runPromise(
  (deeds[deed] ?? Effect.die(`no such deed: ${deed}`)).pipe(Effect.andThen(die), Effect.provide(layers))
)
