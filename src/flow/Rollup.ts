/**
 * Rollup: brings the figures up to date with what was recorded, and with time: windows, rankings, health. A tick costs what changed
 * (`../readmodel/rollup/Tick.ts`); it may come late, twice, or end halfway: the next one puts it right.
 */
import { Cause, Effect } from "effect"
import type { QueueSample } from "../domain/Answers.ts"
import type { Table, TableError } from "../ports/Table.ts"
import { type Depth, FactQueue, OrderQueue, PlanQueue, type QueueError, ReportQueue } from "../ports/WorkQueue.ts"
import { tick } from "../readmodel/rollup/Tick.ts"

/** How long the local rollup rests. */
const rest = "10 seconds"
/** Most ticks in a row while there is more to do: what is left then waits for the next time. */
const mostInARow = 60

/** What a queue holds; nothing of one that does not answer, which health then says. */
const sampled = (name: QueueSample["name"], depth: Effect.Effect<Depth, QueueError>) =>
  depth.pipe(
    Effect.map((held): ReadonlyArray<QueueSample> => [{ name, ...held, oldest: null }]),
    Effect.catch((error) => Effect.as(Effect.logWarning("a queue could not be looked into", error), []))
  )

/** What all queues hold. */
const samples = Effect.gen(function* () {
  const queues = [
    sampled("plan", (yield* PlanQueue).depth),
    sampled("order", (yield* OrderQueue).depth),
    sampled("report", (yield* ReportQueue).depth),
    sampled("fact", (yield* FactQueue).depth)
  ]
  return (yield* Effect.all(queues, { concurrency: "unbounded" })).flat()
})

/** What the rollup reads and writes. */
export type Services = Table | PlanQueue | OrderQueue | ReportQueue | FactQueue

/** Ticks until all is up to date. Fails where the table does; what it wrote until then is right. */
export const rollup: Effect.Effect<void, TableError, Services> = Effect.gen(function* () {
  const queues = yield* samples
  for (let ticks = 0; ticks < mostInARow; ticks++) {
    if ((yield* tick(queues)) !== "more") return
  }
}).pipe(Effect.withSpan("Rollup"))

const orNextTime = (cause: Cause.Cause<TableError>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.logError("the rollup failed; the next one makes up for it", cause)

/** Rolls up now and every 10 seconds, for ever. */
export const rollupRegularly: Effect.Effect<never, never, Services> = Effect.catchCause(rollup, orNextTime).pipe(
  Effect.andThen(Effect.sleep(rest)),
  Effect.forever
)
