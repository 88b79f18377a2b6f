/**
 * The numbers that alarms of the platform watch, where the platform collects them by itself (CloudWatch). Elsewhere, recording one
 * does nothing: a server has the same numbers at `/metrics`.
 */
import { Context, Effect } from "effect"

/** Each metric, with its unit as CloudWatch writes it. */
export const alarmMetrics = {
  /** How long the oldest delivery has waited for its plan. */
  OldestUnplannedAge: "Seconds",
  /** How long the oldest allowed target has waited for its outcome. */
  OldestUnsettledAge: "Seconds",
  /** 0 green, 1 amber, 2 red. */
  Health: "None",
  /** Outcomes of the last hour that are not known. */
  UnknownOutcomes: "Count",
  /** Messages that were given up, of all queues. */
  DeadLetters: "Count",
  /** Requests that seem to be GitHub's and are signed with another secret. */
  RefusedSignatures: "Count",
  /** Transactions of the store that gave way to another writer of the same items, and were sent again. */
  WriteConflicts: "Count"
} as const satisfies Record<string, "Seconds" | "Count" | "None">

/** The name of one of {@link alarmMetrics}. */
export type AlarmMetric = keyof typeof alarmMetrics

/** What was recorded. */
export type AlarmValues = { readonly [_ in AlarmMetric]?: number }

/** Takes the numbers; costs no request. */
export interface AlarmMetricsSink {
  /** What is so now. */
  readonly set: (values: AlarmValues) => Effect.Effect<void>
  /** One more of what is counted since the last {@link publish}. */
  readonly count: (metric: AlarmMetric) => Effect.Effect<void>
  /** Hands on what was recorded since the last time. */
  readonly publish: Effect.Effect<void>
}

/** Where the numbers go; nowhere, unless a layer says so. */
export const AlarmMetrics = Context.Reference<AlarmMetricsSink>("dispatcher/ports/AlarmMetrics", {
  defaultValue: () => ({ set: () => Effect.void, count: () => Effect.void, publish: Effect.void })
})
