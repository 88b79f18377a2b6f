/**
 * Sweep: finds deliveries that never arrived, and has GitHub send them again, so that an outage of ours costs no deployment.
 *
 * GitHub's log is read from where the last sweep ended, and where it could not be read to the end, from there
 * (`MissingDeliveries.ts`). A delivery is missing if every attempt of it failed and its run was not planned; it is asked for at once, and four
 * times more with growing waits (`RequestRedelivery.ts`), which outlasts an outage and does not hammer a service that refuses it. What
 * arrives twice is planned once. Several sweeps at a time ask once: asking begins with a conditional write. Each redelivery is a fact.
 *
 * | a sweep | at most | in an hour |
 * | --- | --- | --- |
 * | pages of the log, of 100 attempts | `mostPages` | 1,200 |
 * | redeliveries, as long as the newest attempt failed, or where no more are missing | `usually` | 600 |
 * | redeliveries, where we answer again and more are missing: two a second | `mostAtOnce` | 3,000 |
 *
 * So a backlog of 5,000 is asked for in 20 sweeps, less than two hours, with 4,200 of the 5,000 requests that GitHub allows an App in an hour.
 */
import { Clock, Duration, Effect } from "effect"
import { lookForMissing } from "./MissingDeliveries.ts"
import { elapsed, requestMissing } from "./RequestRedelivery.ts"
import * as Stage from "./Stage.ts"

/**
 * One sweep: the deliveries that were asked for. Costs one request to GitHub for each 100 attempts since the last sweep, one or two for each
 * redelivery, and at most two reads for each delivery that failed.
 */
export const sweep = Effect.fn("Sweep.sweep")(function* () {
  const startedAt = yield* elapsed
  const now = yield* Clock.currentTimeMillis
  const isAnswering = yield* lookForMissing(now)
  const asked = yield* requestMissing(isAnswering, startedAt, now)
  return asked.map(({ value }) => value.deliveryId)
})

/** A sweep every 5 minutes, for ever. */
export const sweepRegularly = Stage.regularly({
  name: "Sweep",
  every: Duration.minutes(5),
  run: Effect.as(sweep(), false),
  onFailure: (cause) => Effect.logWarning("the sweep for lost deliveries failed", cause)
})
