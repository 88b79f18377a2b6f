/**
 * A WorkQueue over a QueueStore. Messages are plain data, so they become JSON text as they are; on the way back their schema checks
 * them, since another version may have written them.
 */
import { Duration, Effect, type Schema } from "effect"
import type { Offer, WorkQueue } from "../ports/WorkQueue.ts"
import { consumer } from "./Consumer.ts"
import { HandlingGate } from "./HandlingGate.ts"
import { messageDecoder } from "./MessageDecoder.ts"
import { defaultOptions, millis, type NewMessage, type QueueOptions, type QueueStore } from "./QueueStore.ts"
import { steadyMillis } from "./SteadyTime.ts"
import { currentTraceparent } from "./TraceContext.ts"

/** A queue of what `schema` describes; `name` identifies it in errors, logs and traces. Queues of one process share a gate. */
export const fromStore = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  store: QueueStore,
  options: QueueOptions<A> = defaultOptions,
  gate = new HandlingGate()
): WorkQueue<A> => {
  const added =
    (traceparent: string | undefined) =>
    ({ body, delay }: Offer<A>): NewMessage => ({
      body: JSON.stringify(body),
      traceparent,
      wait: delay === undefined ? 0 : millis(Duration.fromInputUnsafe(delay)),
      group: options.groupOf?.(body),
      deduplication: options.deduplicationOf?.(body)
    })
  return {
    offer: Effect.fnUntraced(function* (messages) {
      if (messages.length === 0) return
      yield* store.add(messages.map(added(yield* currentTraceparent)), yield* steadyMillis)
    }),
    consume: consumer(name, store, options, messageDecoder(schema, options.isNewer), gate),
    deadLetters: store.deadLetters,
    deadLetter: store.deadLetter,
    redrive: (id) => Effect.flatMap(steadyMillis, (now) => store.redrive(id, now)),
    depth: Effect.flatMap(steadyMillis, store.depth)
  }
}
