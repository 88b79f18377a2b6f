/** Order queue → Dispatch, Report. */
import { Effect } from "effect"
import type { OrderMessage, Received } from "../../ports/WorkQueue.ts"
import { dispatch } from "../Dispatch.ts"
import { each } from "../Handlers.ts"
import { report } from "../Report.ts"

/** Handles what is in the order queue. */
export const handleOrders = each(
  Effect.fnUntraced(function* ({ body, ...message }: Received<OrderMessage>) {
    return body._tag === "DispatchOrder" ? yield* dispatch({ ...message, body }) : yield* report({ ...message, body })
  })
)
