/** Rollup: figures, rankings and health, brought up to date tick by tick. On one machine every 10 seconds, and at once where one leaves work. */
import { Duration, Effect } from "effect"
import { tick } from "../readmodel/rollup/Tick.ts"
import { freeTurn } from "../readmodel/rollup/TickItem.ts"
import { gaugeVitals } from "./Metrics.ts"
import { sampleQueues } from "./QueueSamples.ts"
import * as Stage from "./Stage.ts"

/** One tick, with a sample of the queues; the metrics have what it judged. Fails where the table does; the next one makes up for it. */
export const rollup = Effect.flatMap(sampleQueues, (queues) => tick(queues, gaugeVitals))

/** Ticks for ever, in the only process that does. */
export const rollupRegularly = Effect.andThen(
  Effect.catch(freeTurn, (error) =>
    Effect.logWarning("the turn of a rollup that died may last for two minutes", error)
  ),
  Stage.regularly({
    name: "Rollup",
    every: Duration.seconds(10),
    run: Effect.map(rollup, (result) => result === "more"),
    onFailure: (cause) => Effect.logError("the rollup failed; the next one makes up for it", cause)
  })
)
