/** Rollup: figures, rankings and health, brought up to date tick by tick. On one machine every 10 seconds, and at once where one leaves work. */
import { Cause, Duration, Effect } from "effect"
import type { Table } from "../ports/Table.ts"
import type { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../ports/WorkQueue.ts"
import { type TickResult, tick } from "../readmodel/rollup/Tick.ts"
import { sampleQueues } from "./QueueSamples.ts"

/** One tick, with a sample of the queues. Fails where the table does; the next one makes up for it. */
export const rollup = Effect.flatMap(sampleQueues, tick)

const pause = Duration.seconds(10)

const orLater = (cause: Cause.Cause<unknown>): Effect.Effect<TickResult> =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.as(Effect.logError("the rollup failed; the next one makes up for it", cause), "done" as const)

/** Ticks for ever. */
export const rollupRegularly: Effect.Effect<never, never, Table | PlanQueue | OrderQueue | ReportQueue | FactQueue> =
  Effect.catchCause(rollup, orLater).pipe(
    Effect.flatMap((result) => (result === "more" ? Effect.yieldNow : Effect.sleep(pause))),
    Effect.forever
  )
