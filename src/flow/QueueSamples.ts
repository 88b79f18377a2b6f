/** Asks the queues what they hold, for health and metrics. */
import { Effect } from "effect"
import type { QueueSample } from "../domain/Answers.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue, type WorkQueue } from "../ports/WorkQueue.ts"

const sample = <A>(name: QueueSample["name"], queue: WorkQueue<A>): Effect.Effect<ReadonlyArray<QueueSample>> =>
  queue.depth.pipe(
    Effect.map((depth) => [{ ...depth, name }]),
    Effect.catch((error) => Effect.as(Effect.logWarning("a queue does not answer", { queue: name, error }), []))
  )

/** What each queue holds. One that does not answer is logged and absent, which health shows. Asks each queue once. */
export const sampleQueues: Effect.Effect<
  ReadonlyArray<QueueSample>,
  never,
  PlanQueue | OrderQueue | ReportQueue | FactQueue
> = Effect.gen(function* () {
  const samples = yield* Effect.all(
    [
      sample("plan", yield* PlanQueue),
      sample("order", yield* OrderQueue),
      sample("report", yield* ReportQueue),
      sample("fact", yield* FactQueue)
    ],
    { concurrency: "unbounded" }
  )
  return samples.flat()
})
