/** Asks the queues what they hold, for health and metrics. */
import { Duration, Effect } from "effect"
import type { QueueSample } from "../domain/Answers.ts"
import type { WorkQueue } from "../ports/WorkQueue.ts"
import { gaugeQueue, gaugeSilence } from "./Metrics.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "./Queues.ts"

/** A queue that answers later than this does not answer. */
const patience = Duration.seconds(5)

const sample = <A>(name: QueueSample["name"], queue: WorkQueue<A>): Effect.Effect<ReadonlyArray<QueueSample>> =>
  queue.depth.pipe(
    Effect.timeout(patience),
    Effect.map((depth) => ({ ...depth, name })),
    Effect.tap(gaugeQueue),
    Effect.map((one) => [one]),
    Effect.catch((error) =>
      Effect.as(
        Effect.andThen(Effect.logWarning("a queue does not answer", { queue: name, error }), gaugeSilence(name)),
        []
      )
    )
  )

/** What each queue holds, which the metrics have from then on. One that does not answer is logged and absent. Asks each queue once. */
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
