/** What consumes the queues: the stages as batch handlers, the same for worker fibers and for Lambda. */
import { Effect } from "effect"
import type { BatchHandler, OrderMessage, Received, Verdict } from "../ports/WorkQueue.ts"
import { dispatch } from "./Dispatch.ts"
import { plan } from "./Plan.ts"
import { report } from "./Report.ts"

/** A handler of single messages as a handler of batches; the messages of a batch are handled side by side. */
export const each =
  <A, R>(handle: (message: Received<A>) => Effect.Effect<Verdict, never, R>): BatchHandler<A, R> =>
  (messages) =>
    Effect.forEach(messages, handle, { concurrency: "unbounded" })

/** Plan queue → Plan. */
export const handlePlans = each(plan)

/** Order queue → Dispatch, Report. */
export const handleOrders = each(
  Effect.fnUntraced(function* ({ body, ...message }: Received<OrderMessage>) {
    return body._tag === "DispatchOrder" ? yield* dispatch({ ...message, body }) : yield* report({ ...message, body })
  })
)
