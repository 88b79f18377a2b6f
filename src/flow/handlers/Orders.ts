/** Order queue → Dispatch. */
import { dispatch } from "../Dispatch.ts"
import { each } from "../Handlers.ts"

/** Handles what is in the order queue. */
export const handleOrders = each(dispatch)
