/** What the stages count, for Prometheus and OTLP: rates of this process, and what its queues hold. The dashboard's figures come from facts instead. */
import { Effect, Metric } from "effect"
import type { QueueSample } from "../domain/Answers.ts"
import type { Decision } from "../domain/Decision.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Verdict } from "../ports/WorkQueue.ts"
import type { Reception } from "./Receive.ts"

/** `NotStored` as labels are written: `not_stored`. */
const snakeCase = (tag: string): string => tag.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase()

/** Counts by one label; the series of each value is made once, since that costs more than to count. `labelOf` gives one of few values. */
const countBy = <A>(
  counter: Metric.Counter<number>,
  label: string,
  labelOf: (counted: A) => string
): ((counted: A) => Effect.Effect<void>) => {
  const counts = new Map<string, Effect.Effect<void>>()
  return (counted) => {
    const value = labelOf(counted)
    const known = counts.get(value)
    if (known !== undefined) return known
    const count = Metric.update(Metric.withAttributes(counter, { [label]: value }), 1)
    counts.set(value, count)
    return count
  }
}

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
const messages = Metric.counter("dispatcher_messages_total", {
  description: "Messages that stages have handled, by what becomes of them",
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
const queueMessages = Metric.gauge("dispatcher_queue_messages", {
  description: "Messages of a queue, by state: waiting, in flight, or dead letters"
})
const queueOldest = Metric.gauge("dispatcher_queue_oldest_seconds", {
  description: "Since when the oldest message of a queue that is not done is there; 0 where there is none"
})
const queueAnswers = Metric.gauge("dispatcher_queue_up", {
  description: "1 where the queue answered when it was asked last; where 0, its other figures are from before"
})

/** Counts a request. */
export const countDelivery = countBy<Reception>(deliveries, "result", ({ _tag }) => snakeCase(_tag))

/** Counts a request that seems to be GitHub's and is signed with another secret. */
export const countRefusedSignature: Effect.Effect<void> = Metric.update(refusedSignatures, 1)

/** Counts a read that an owner's settings refuse. */
export const countShutOut: Effect.Effect<void> = Metric.update(shutOuts, 1)

/** Counts a message that a stage has handled. */
export const countMessage = (stage: string, { _tag }: Verdict): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(messages, { stage: stage.toLowerCase(), verdict: _tag.toLowerCase() }), 1)

/** Counts a decision. */
export const countDecision = countBy<Decision>(decisions, "reason", (decision) =>
  decision._tag === "Allowed" ? "allowed" : decision.denial.code
)

/** Counts an outcome. */
export const countOutcome = countBy<Outcome>(orders, "outcome", ({ _tag }) => _tag.toLowerCase())

/** Shows what a queue holds. An age that the queue does not have (SQS) makes no series. */
export const gaugeQueue = ({ name: queue, waiting, inFlight, dead, oldest }: QueueSample): Effect.Effect<void> => {
  const messages = (state: string, count: number) =>
    Metric.update(Metric.withAttributes(queueMessages, { queue, state }), count)
  const isEmpty = waiting + inFlight === 0
  return Effect.all(
    [
      messages("waiting", waiting),
      messages("in_flight", inFlight),
      messages("dead", dead),
      Metric.update(Metric.withAttributes(queueAnswers, { queue }), 1),
      oldest === null && !isEmpty
        ? Effect.void
        : Metric.update(Metric.withAttributes(queueOldest, { queue }), oldest ?? 0)
    ],
    { discard: true }
  )
}

/** Shows that a queue did not answer. */
export const gaugeSilence = (queue: QueueSample["name"]): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(queueAnswers, { queue }), 0)
