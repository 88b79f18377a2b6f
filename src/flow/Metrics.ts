/** What the stages count, for Prometheus and OTLP: rates of this process. The dashboard's figures come from facts instead. */
import { type Effect, Metric } from "effect"
import type { Decision } from "../domain/Decision.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Reception } from "./Receive.ts"

/** `NotStored` as labels are written: `not_stored`. */
const snakeCase = (tag: string): string => tag.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase()

const deliveries = Metric.counter("dispatcher_deliveries_total", {
  description: "Webhook requests, by what became of them",
  incremental: true
})
const refusedSignatures = Metric.counter("dispatcher_refused_signatures_total", {
  description: "Webhook requests that seem to be GitHub's and are signed with another secret",
  incremental: true
})
const shutOuts = Metric.counter("dispatcher_shut_out_total", {
  description: "Requests that GitHub refused because the owner of the repository shuts the App out",
  incremental: true
})
const decisions = Metric.counter("dispatcher_decisions_total", {
  description: "Decisions about targets, by reason (allowed, or the code of the denial)",
  incremental: true
})
const orders = Metric.counter("dispatcher_orders_total", {
  description: "Orders that have settled, by outcome",
  incremental: true
})

/** Counts a request. */
export const countDelivery = ({ _tag }: Reception): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(deliveries, { result: snakeCase(_tag) }), 1)

/** Counts a request that seems to be GitHub's and is signed with another secret. */
export const countRefusedSignature: Effect.Effect<void> = Metric.update(refusedSignatures, 1)

/** Counts a read that an owner's settings refuse. */
export const countShutOut: Effect.Effect<void> = Metric.update(shutOuts, 1)

/** Counts a decision. */
export const countDecision = (decision: Decision): Effect.Effect<void> =>
  Metric.update(
    Metric.withAttributes(decisions, { reason: decision._tag === "Allowed" ? "allowed" : decision.denial.code }),
    1
  )

/** Counts an outcome. */
export const countOutcome = ({ _tag }: Outcome): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(orders, { outcome: _tag.toLowerCase() }), 1)
