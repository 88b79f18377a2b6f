/**
 * Replay: a delivery is planned again against the configs of now. Only what has no successful outcome is dispatched.
 *
 * A replay is another generation of the plan: its facts have ids of their own, and one of them names who asked. Who asked, and when,
 * travels in the plan message; Plan stores and publishes it.
 */
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { type DeliveryId, runKey } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { TableError } from "../ports/Table.ts"
import type { QueueError } from "../ports/WorkQueue.ts"
import { PlanQueue } from "./Queues.ts"

/** Nothing is known of the delivery: it never arrived, or longer ago than the ledger remembers (90 days; 30 where it was never planned). */
export class NoSuchDelivery extends Schema.TaggedError<NoSuchDelivery>()("NoSuchDelivery", {
  message: Schema.String
}) {}

const replayDelivery = Effect.fn("Replay")(function* (deliveryId: DeliveryId, by: string) {
  const ledger = yield* Ledger
  const plans = yield* PlanQueue
  const counted = yield* ledger.countReplay(deliveryId)
  if (Option.isNone(counted)) {
    return yield* new NoSuchDelivery({ message: `nothing is known of delivery ${deliveryId}` })
  }
  const { run, generation } = counted.value
  const at = DateTime.formatIso(yield* DateTime.now)
  yield* plans.offer([{ body: { version: 1, ...counted.value, replay: { by, at } } }])
  yield* Effect.logInfo("replay requested").pipe(
    Effect.annotateLogs({ deliveryId, source: run.repository, run: runKey(run), by, generation })
  )
  return { generation }
})

/** Has deliveries planned again. */
export class Replays extends Context.Service<
  Replays,
  {
    /** Gives the generation that the facts of the replay will be of. Three table reads, four after 30 days, one table write, one queue write. */
    readonly replay: (
      deliveryId: DeliveryId,
      by: string
    ) => Effect.Effect<{ readonly generation: number }, NoSuchDelivery | TableError | QueueError>
  }
>()("dispatcher/flow/Replay/Replays") {}

/** Replays by the ledger and the plan queue. */
export const layer: Layer.Layer<Replays, never, Ledger | PlanQueue> = Layer.effect(
  Replays,
  Effect.map(Effect.context<Ledger | PlanQueue>(), (services) => ({
    replay: (deliveryId: DeliveryId, by: string) => Effect.provideContext(replayDelivery(deliveryId, by), services)
  }))
)
