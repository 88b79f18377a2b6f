/** What consumes the queues: the stages as batch handlers, the same for worker fibers and for Lambda. */
import { Cause, Effect } from "effect"
import type { BatchHandler, OrderMessage, Received, Verdict } from "../ports/WorkQueue.ts"
import { dispatch } from "./Dispatch.ts"
import { plan } from "./Plan.ts"
import { report } from "./Report.ts"
import { retryLater } from "./Waiting.ts"

/**
 * A handler of single messages as a handler of batches. The messages of a batch are handled side by side, and one that meets a bug
 * (a defect) does not take the others with it.
 */
export const each =
  <A, R>(handle: (message: Received<A>) => Effect.Effect<Verdict, never, R>): BatchHandler<A, R> =>
  (messages) =>
    Effect.forEach(messages, (message) => Effect.catchCause(handle(message), afterDefect(message)), {
      concurrency: "unbounded"
    })

const afterDefect = (message: Received<unknown>) => (cause: Cause.Cause<never>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.failCause(cause)
    : Effect.logError("a handler died; its message will come again", cause).pipe(
        Effect.andThen(retryLater(message, `the handler died: ${Cause.squash(cause)}`))
      )

/** Plan queue → Plan. */
export const handlePlans = each(plan)

/** Order queue → Dispatch, Report. */
export const handleOrders = each(
  Effect.fnUntraced(function* ({ body, ...message }: Received<OrderMessage>) {
    return body._tag === "DispatchOrder" ? yield* dispatch({ ...message, body }) : yield* report({ ...message, body })
  })
)
