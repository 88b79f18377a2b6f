/**
 * What a fact adds to the figures of its scopes. The recorder writes exactly this, in one transaction with the fact; a test compares the
 * figures with a plain fold of this function over the facts.
 */
import type { Fact, FactType } from "./Fact.ts"

/** What is counted. `denied`, `failed`, `withdrawn` and `unknown` are how targets ended that are not known to have been started; `redelivered` are deliveries before they arrive. */
export const counters = [
  "accepted",
  "ignored",
  "invalid",
  "unreachable",
  "planned",
  "queued",
  "denied",
  "dispatched",
  "failed",
  "withdrawn",
  "unknown",
  "reported",
  "replayed",
  "redelivered"
] as const
export type Counter = (typeof counters)[number]

/** Which counter a fact adds to: one each. It is also the status by which events are searched. */
export const counterOf: Readonly<Record<FactType, Counter>> = {
  "dispatch.request.accepted": "accepted",
  "dispatch.request.ignored": "ignored",
  "dispatch.config.invalid": "invalid",
  "dispatch.config.unreachable": "unreachable",
  "dispatch.plan.created": "planned",
  "dispatch.target.queued": "queued",
  "dispatch.target.denied": "denied",
  "dispatch.trigger.succeeded": "dispatched",
  "dispatch.trigger.failed": "failed",
  "dispatch.trigger.withdrawn": "withdrawn",
  "dispatch.trigger.unknown": "unknown",
  "dispatch.report.published": "reported",
  "dispatch.replay.requested": "replayed",
  "dispatch.delivery.redelivered": "redelivered"
}

/** Upper bounds, in milliseconds, of the histogram of times from acceptance to dispatch; the last bucket has none. */
export const elapsedBounds = [
  250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000
] as const

/** The name of the attribute that counts a histogram bucket (by its index). */
export const elapsedAttribute = (index: number): string => `elapsed.${index}`
/** The name of the attribute that counts a reason of denials, withdrawals or failures. */
export const reasonAttribute = (code: string): string => `reason.${code}`

const elapsedBucket = (elapsed: number): number => {
  const index = elapsedBounds.findIndex((bound) => elapsed <= bound)
  return index === -1 ? elapsedBounds.length : index
}

/** The reason of a denial, withdrawal or failure, the code by which it is ranked. */
export const reasonOf = (fact: Fact): string | undefined => {
  switch (fact.type) {
    case "dispatch.target.denied":
    case "dispatch.trigger.withdrawn":
    case "dispatch.trigger.failed":
      return fact.data.code
    default:
      return undefined
  }
}

/** Milliseconds from acceptance to dispatch; none for a replay, which may be asked for days later and says nothing of our speed. */
const elapsedOf = (fact: Fact): number | undefined =>
  fact.type === "dispatch.trigger.succeeded" && fact.data.generation === 0 ? fact.data.elapsed : undefined

/** What a fact adds, by attribute name. */
export const additions = (fact: Fact): Readonly<Record<string, number>> => {
  const reason = reasonOf(fact)
  const elapsed = elapsedOf(fact)
  return {
    [counterOf[fact.type]]: 1,
    ...(reason === undefined ? {} : { [reasonAttribute(reason)]: 1 }),
    ...(elapsed === undefined ? {} : { [elapsedAttribute(elapsedBucket(elapsed))]: 1 })
  }
}
