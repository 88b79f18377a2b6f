/** What the stages count, for Prometheus and OTLP: rates of this process, and what its queues hold. The dashboard's figures come from facts instead. */
import { Effect, Metric } from "effect"
import type { QueueSample } from "../domain/Answers.ts"
import type { Decision } from "../domain/Decision.ts"
import type { Outcome } from "../domain/Outcome.ts"
import type { Vitals } from "../domain/Vitals.ts"
import { AlarmMetrics } from "../ports/AlarmMetrics.ts"
import type { Verdict } from "../ports/WorkQueue.ts"

/** What becomes of a request to the webhook's address, as a label; each answer has one. */
export const deliveryResults = [
  "accepted",
  "ignored",
  "malformed",
  "bad_signature",
  "not_stored",
  "too_large",
  "late",
  "displaced",
  "busy",
  "unreadable",
  "not_allowed",
  "failed"
] as const
/** One of {@link deliveryResults}. */
export type DeliveryResult = (typeof deliveryResults)[number]

const seriesOf = new Map<string, Metric.Metric<number, unknown>>()

/** The series of a metric with these labels, made once: that costs more than to count. Labels have few values each. */
const series = (metric: Metric.Metric<number, unknown>, labels: Readonly<Record<string, string>>) => {
  const key = `${metric.id}\n${Object.values(labels).join("\n")}`
  const known = seriesOf.get(key)
  if (known !== undefined) return known
  const made = Metric.withAttributes(metric, labels)
  seriesOf.set(key, made)
  return made
}
const count = (
  counter: Metric.Counter<number>,
  labels: Readonly<Record<string, string>>,
  by = 1
): Effect.Effect<void> => Metric.update(series(counter, labels), by)

const deliveries = Metric.counter("dispatcher_deliveries_total", {
  description: "Requests to the webhook's address, by what became of them",
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
  description: "How long the oldest message of a queue that is not done has been there; 0 where there is none"
})
const queueAnswers = Metric.gauge("dispatcher_queue_up", {
  description: "1 where the queue answered when it was asked last; where 0, its other figures are from before"
})

const health = Metric.gauge("dispatcher_health", {
  description: "Health as the rollup judged it last: 0 green or nothing to judge by, 1 amber, 2 red"
})
const oldestUnplanned = Metric.gauge("dispatcher_oldest_unplanned_seconds", {
  description: "How long the oldest delivery has waited for its plan; 0 where none waits"
})
const oldestUnsettled = Metric.gauge("dispatcher_oldest_unsettled_seconds", {
  description: "How long the oldest allowed target has waited for its outcome; 0 where none waits"
})
const unknownOutcomes = Metric.gauge("dispatcher_unknown_outcomes", {
  description: "Outcomes of the last hour that are not known"
})

/** Counts a request to the webhook's address, or some of which the same became. */
export const countDelivery = (result: DeliveryResult, requests = 1): Effect.Effect<void> =>
  count(deliveries, { result }, requests)

/** Counts a request that seems to be GitHub's and is signed with another secret. */
export const countRefusedSignature: Effect.Effect<void> = Effect.andThen(Metric.update(refusedSignatures, 1), () =>
  Effect.flatMap(AlarmMetrics, ({ count }) => count("RefusedSignatures"))
)

/** Shows what the rollup has judged, to those who ask for metrics and to the platform's alarms. */
export const gaugeVitals = Effect.fnUntraced(function* (vitals: Vitals) {
  yield* Metric.update(health, vitals.health)
  yield* Metric.update(oldestUnplanned, vitals.oldestUnplanned)
  yield* Metric.update(oldestUnsettled, vitals.oldestUnsettled)
  yield* Metric.update(unknownOutcomes, vitals.unknownOutcomes)
  const alarms = yield* AlarmMetrics
  yield* alarms.set({
    OldestUnplannedAge: vitals.oldestUnplanned,
    OldestUnsettledAge: vitals.oldestUnsettled,
    Health: vitals.health,
    UnknownOutcomes: vitals.unknownOutcomes,
    DeadLetters: vitals.deadLetters
  })
})

/** Counts a read that an owner's settings refuse. */
export const countShutOut: Effect.Effect<void> = Metric.update(shutOuts, 1)

/** Counts a message that a stage has handled. */
export const countMessage = (stage: string, { _tag }: Verdict): Effect.Effect<void> =>
  count(messages, { stage: stage.toLowerCase(), verdict: _tag.toLowerCase() })

/** Counts a decision. */
export const countDecision = (decision: Decision): Effect.Effect<void> =>
  count(decisions, { reason: decision._tag === "Allowed" ? "allowed" : decision.denial.code })

/** Counts an outcome. */
export const countOutcome = ({ _tag }: Outcome): Effect.Effect<void> => count(orders, { outcome: _tag.toLowerCase() })

/** Shows what a queue holds. An age that the queue does not have (SQS) makes no series. */
export const gaugeQueue = ({ name: queue, waiting, inFlight, dead, oldest }: QueueSample): Effect.Effect<void> => {
  const messages = (state: string, count: number) => Metric.update(series(queueMessages, { queue, state }), count)
  const isEmpty = waiting + inFlight === 0
  return Effect.all(
    [
      messages("waiting", waiting),
      messages("in_flight", inFlight),
      messages("dead", dead),
      Metric.update(series(queueAnswers, { queue }), 1),
      oldest === null && !isEmpty ? Effect.void : Metric.update(series(queueOldest, { queue }), oldest ?? 0)
    ],
    { discard: true }
  )
}

/** Shows that a queue did not answer. */
export const gaugeSilence = (queue: QueueSample["name"]): Effect.Effect<void> =>
  Metric.update(series(queueAnswers, { queue }), 0)
