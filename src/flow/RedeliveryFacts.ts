/** The facts of redeliveries: each request for a delivery is published once its run is known, and before the delivery is forgotten. */
import { Effect } from "effect"
import { deliveryRedelivered } from "../domain/Fact.ts"
import type { Versioned } from "../ledger/Items.ts"
import { type Missing, Redeliveries } from "../ledger/Redeliveries.ts"
import { Deliveries } from "../ports/Deliveries.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import type { TableError } from "../ports/Table.ts"
import { publisher, type Settings } from "./Settings.ts"

/** The run that a delivery is about, by GitHub's record of it; undefined where that is about no completed run. */
const runOf = Effect.fnUntraced(function* ({ attemptId }: Missing) {
  const reading = yield* Deliveries.use(({ content }) => content(attemptId))
  if (reading._tag === "Completed") return reading.run
  yield* Effect.logWarning("a redelivered delivery is about no completed run, so there is no fact", reading)
  return undefined
})

/**
 * Publishes the requests for a delivery whose facts are not known to be published, and gives the delivery without them; as it is, where that
 * fails: it holds up nothing, and the next sweep tries again. One request to GitHub where the delivery has not arrived and its run is not known yet.
 */
const announced = (missing: Missing) =>
  Effect.gen(function* (): Effect.fn.Return<
    Missing,
    FactBusError | GitHubError | TableError,
    Deliveries | FactBus | Redeliveries | Settings
  > {
    const { unpublished, ...rest } = missing
    if (unpublished === undefined) return missing
    const { deliveryId, failedAt: lostAt } = missing
    const memory = yield* Redeliveries
    const run = missing.run ?? (yield* memory.acceptedRun(deliveryId)) ?? (yield* runOf(missing))
    if (run === undefined) return rest
    const facts = yield* FactBus
    const by = yield* publisher
    yield* facts.publish(unpublished.map((request) => deliveryRedelivered({ deliveryId, run, lostAt, ...request }, by)))
    return { ...rest, run }
  }).pipe(
    Effect.catch((error) =>
      Effect.as(Effect.logWarning("the fact of a redelivery is not published yet", error), missing)
    )
  )

/** A remembered delivery after {@link announced}, as it is stored by then. */
export const announcedAndStored = Effect.fnUntraced(function* (remembered: Versioned<Missing>) {
  const memory = yield* Redeliveries
  const { value, version } = remembered
  const published = yield* announced(value)
  if (published === value || !(yield* memory.update(published, version))) return remembered
  return { value: published, version: version + 1 }
})

/** Forgets a delivery that arrived, once all requests for it are published. */
export const forget = Effect.fnUntraced(function* (missing: Missing) {
  const memory = yield* Redeliveries
  const { unpublished, deliveryId } = yield* announced(missing)
  if (unpublished === undefined) yield* memory.forget(deliveryId)
})
