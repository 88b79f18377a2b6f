/**
 * The bound on what one chain starts, whatever the graph of workflows that start each other. A plan reserves its starts before it is stored,
 * first come in the order of the file, and never gives one back. The root run's own plan does not count: it is bounded as a plan.
 */
import { type Decision, optionalityOf } from "./Decision.ts"
import type { Order, OrderId } from "./Order.ts"
import type { Decided } from "./Planning.ts"
import { counted } from "./Sentence.ts"

/** What a plan may start, and how many starts its chain has reserved then. */
export interface Reservation extends Decided {
  readonly starts: number
}

/** Whether the orders of a plan count as starts of their chain. */
export const countsStarts = (orders: ReadonlyArray<Order>): boolean => orders.some(({ chain }) => chain.depth > 1)

const refused = (decision: Decision, starts: number, most: number): Decision => {
  if (decision._tag === "Denied") return decision
  const { target, outbound, checks } = decision
  const expected = `at most ${counted(most, "start")} of one chain`
  return {
    _tag: "Denied",
    target,
    outbound,
    ...optionalityOf(decision),
    checks: [...checks, { name: "chain_too_long", passed: false, expected, actual: counted(starts, "start") }],
    denial: {
      code: "chain_too_long",
      message: `The chain of dispatches that led to this run has reserved ${counted(starts, "start")}; this service lets a chain have ${most} (DISPATCH_MAX_CHAIN_STARTS).`
    }
  }
}

/** Lets a plan have the starts that are left; `starts` were reserved before, those of the orders in `reserved` among them. */
export const reserveStarts = (
  { decisions, orders }: Decided,
  starts: number,
  most: number,
  reserved: ReadonlySet<OrderId>
): Reservation => {
  const fresh = orders.filter(({ id }) => !reserved.has(id))
  const refusedIds = new Set(fresh.slice(Math.max(0, most - starts)).map(({ id }) => id))
  const now = starts + fresh.length - refusedIds.size
  return {
    starts: now,
    orders: orders.filter(({ id }) => !refusedIds.has(id)),
    decisions: decisions.map((decision) =>
      decision._tag === "Allowed" && refusedIds.has(decision.orderId) ? refused(decision, now, most) : decision
    )
  }
}
