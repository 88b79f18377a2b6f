/** How long facts and figures are kept. Items expire by themselves; nothing has to clean up. */
import { Context, Duration } from "effect"

/** Shorter than the least that is noted, figures of windows and trends would lack what happened. */
export interface Retention {
  /** Events, journeys and deliveries, from when they were recorded. A fact that comes again later than that counts again. */
  readonly events: Duration.Duration
  /** Counters of minutes; at least 3 hours. */
  readonly minutes: Duration.Duration
  /** Counters of hours; at least 15 days. */
  readonly hours: Duration.Duration
  /** Points of days. */
  readonly days: Duration.Duration
}
export const Retention = Context.Reference<Retention>("dispatcher/store/Retention", {
  defaultValue: () => ({
    events: Duration.days(90),
    minutes: Duration.days(2),
    hours: Duration.days(90),
    days: Duration.days(400)
  })
})

/** When something of the given time (milliseconds since the epoch) may be forgotten, in whole seconds since the epoch. */
export const expiryOf = (millis: number, kept: Duration.Duration): number =>
  Math.ceil((millis + Duration.toMillis(kept)) / 1000)
