/** How long facts and read models are kept. Items expire by themselves; nothing has to clean up. */
import { Context, Duration } from "effect"
import { bucketStart } from "../domain/Bucket.ts"

/** How long each is kept. */
export interface Retention {
  /** Facts, from when they happened; and what is folded from them: rows of runs, contributions, what runs are found by. */
  readonly events: Duration.Duration
  /** Lists of events, each of which is in several; at most as long as facts. */
  readonly lists: Duration.Duration
  /** Tallies of hours; at least 15 days. */
  readonly hours: Duration.Duration
  /** Tallies of days. */
  readonly days: Duration.Duration
}
/** How long facts and read models are kept, where nothing else is provided. */
export const Retention = Context.Reference<Retention>("dispatcher/readmodel/Retention", {
  defaultValue: () => ({
    events: Duration.days(90),
    lists: Duration.days(30),
    hours: Duration.days(90),
    days: Duration.days(400)
  })
})

/** When something of a time (milliseconds since the epoch) may be forgotten, in whole seconds since the epoch. */
export const expiryOf = (millis: number, kept: Duration.Duration): number =>
  Math.ceil((millis + Duration.toMillis(kept)) / 1000)

/** When whatever happened on a day, or before its end, may be forgotten, in whole seconds since the epoch. */
export const dayExpiry = (day: string, kept: Duration.Duration): number =>
  expiryOf(Date.parse(bucketStart("day", day)), Duration.sum(kept, Duration.days(1)))
