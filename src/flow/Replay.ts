/**
 * Replay: by somebody's wish, a delivery is planned again against the configs of now. Only what has no successful outcome is dispatched.
 *
 * A replay is another generation of the plan: its facts have ids of their own, and one of them names who asked.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import { replayRequested } from "../domain/Fact.ts"
import { type DeliveryId, runKey } from "../domain/SourceRun.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
import type { TableError } from "../ports/Table.ts"
import { PlanQueue, type QueueError } from "../ports/WorkQueue.ts"
import { Ledger } from "../store/Ledger.ts"
import { type Settings, telling } from "./Settings.ts"

/** Nothing is known of the delivery: it never arrived, or longer ago than the ledger remembers (90 days). */
export class NoSuchDelivery extends Schema.TaggedError<NoSuchDelivery>()("NoSuchDelivery", {
  message: Schema.String
}) {}

const replayDelivery = Effect.fn("Replay")(function* (deliveryId: DeliveryId, by: string) {
  const ledger = yield* Ledger
  const plans = yield* PlanQueue
  const facts = yield* FactBus
  const counted = yield* ledger.countReplay(deliveryId)
  if (Option.isNone(counted)) {
    return yield* new NoSuchDelivery({ message: `nothing is known of delivery ${deliveryId}` })
  }
  const { run, generation } = counted.value
  // First who asked, then what they asked for: nothing is done that nobody is named for.
  yield* facts.publish([replayRequested(counted.value, by, yield* telling)])
  yield* plans.offer([{ body: { version: 1, ...counted.value } }])
  yield* Effect.logInfo("replay requested").pipe(
    Effect.annotateLogs({ deliveryId, source: run.repository, run: runKey(run), by, generation })
  )
  return { generation }
})

/** Has deliveries planned again. */
export class Replays extends Context.Service<
  Replays,
  {
    /** Tells which generation the facts of the replay will be of. Two table reads, one table write, one fact, one queue write. */
    readonly replay: (
      deliveryId: DeliveryId,
      by: string
    ) => Effect.Effect<{ readonly generation: number }, NoSuchDelivery | TableError | QueueError | FactBusError>
  }
>()("dispatcher/flow/Replay/Replays") {}

/** Replays by the ledger and the plan queue. */
export const layer: Layer.Layer<Replays, never, Ledger | PlanQueue | FactBus | Settings> = Layer.effect(
  Replays,
  Effect.map(Effect.context<Ledger | PlanQueue | FactBus | Settings>(), (services) => ({
    replay: (deliveryId: DeliveryId, by: string) => Effect.provideContext(replayDelivery(deliveryId, by), services)
  }))
)
