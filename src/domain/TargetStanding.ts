/** Where each target of a run stands, from its decision to the end of what it started, as the source may know it. Pure. */
import type { Decision } from "./Decision.ts"
import { isSkip } from "./Denial.ts"
import { disclosed } from "./Disclosure.ts"
import type { RepositoryName } from "./Names.ts"
import type { Order, OrderId, Target } from "./Order.ts"
import type { Outcome } from "./Outcome.ts"
import type { Plan } from "./Plan.ts"
import { isGood, type RunResult } from "./RunResult.ts"

/** How an order ended, if it did, and what is known of the end of what it started: what the ledger's `standings` say. */
export interface OrderSoFar {
  readonly order: Pick<Order, "id">
  readonly outcome: Outcome | undefined
  readonly result: { readonly result: RunResult } | undefined
}

/**
 * Where a target stands.
 * - `waiting`: to be started; `running`: it was started, and has not ended.
 * - `succeeded`, `failed`: it ended so; `failed`, too, where it could not be started, or its end cannot be learned any more.
 * - `untraceable`: it was started, but GitHub named no run (Enterprise Server before 3.21), so its end is never known.
 * - `refused`: a side denied it, or withdrew its consent before the start.
 * - `duplicate`: another rule of the same run starts the same workflow.
 */
export type Standing = "waiting" | "running" | "succeeded" | "failed" | "untraceable" | "refused" | "duplicate"

/** A target, where it stands, and how that is said. */
export interface CheckedTarget {
  readonly target: Target
  readonly standing: Standing
  /** A word or two: the conclusion of the started run, or a code. */
  readonly says: string
  /** One sentence, where there is something to explain. */
  readonly why?: string
  /** The started run. */
  readonly url?: string
  readonly optional: boolean
}

type Stand = Omit<CheckedTarget, "target" | "optional">

const resulted = (result: RunResult | undefined): Stand => {
  if (result === undefined) return { standing: "running", says: "running" }
  if (result._tag === "Lost") return { standing: "failed", says: "lost", why: result.message }
  const { conclusion } = result
  return { standing: isGood(conclusion) ? "succeeded" : "failed", says: conclusion ?? "no conclusion" }
}

const refused = (source: RepositoryName, target: Target, denial: Parameters<typeof disclosed>[0]["denial"]): Stand => {
  const { code, message } = disclosed({ denial, target }, source)
  return { standing: code === "duplicate_target" ? "duplicate" : "refused", says: code, why: message }
}

const ended = (source: RepositoryName, target: Target, state: OrderSoFar | undefined): Stand => {
  const outcome = state?.outcome
  switch (outcome?._tag) {
    case undefined:
      return { standing: "waiting", says: "waits to be started" }
    case "Dispatched":
      return outcome.started === null
        ? { standing: "untraceable", says: "started", why: "GitHub named no run, so its end is not known" }
        : { ...resulted(state?.result?.result), url: outcome.started.url }
    case "Failed":
      return { standing: "failed", says: `not started, ${outcome.code}`, why: outcome.message }
    case "Withdrawn":
      return refused(source, target, outcome)
    case "Unknown":
      return { standing: "failed", says: "unknown", why: outcome.message }
  }
}

const standOf = (
  source: RepositoryName,
  decision: Decision,
  states: ReadonlyMap<OrderId, OrderSoFar>
): CheckedTarget => ({
  target: decision.target,
  optional: decision.optional === true,
  ...(decision._tag === "Denied"
    ? refused(source, decision.target, decision.denial)
    : ended(source, decision.target, states.get(decision.orderId)))
})

/** All targets of a plan, in its order, without those that an earlier version denied because a rule was not about the run. */
export const standingsOf = (
  { run, decisions, pending }: Plan,
  orders: ReadonlyArray<OrderSoFar>
): ReadonlyArray<CheckedTarget> => {
  const states = new Map(orders.map((state) => [state.order.id, state]))
  const decided = decisions
    .filter((decision) => decision._tag === "Allowed" || !isSkip(decision.denial))
    .map((decision) => standOf(run.repository, decision, states))
  const undecided = pending.map(
    ({ target, optional = false }): CheckedTarget => ({
      target,
      optional,
      standing: "waiting",
      says: "cannot be reached yet"
    })
  )
  return [...decided, ...undecided]
}
