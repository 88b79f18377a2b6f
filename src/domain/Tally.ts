/** Tallies: how often things happened, why, and how long dispatches took. They add up in any order. Pure. */
import { Schema } from "effect"
import { type CountedStatus, countedStatuses } from "./FactTable.ts"
import { Sketch, sumSketches } from "./Sketch.ts"

/** Counted beside the statuses of facts. */
const derived = ["unplanned", "targets", "open", "tried", "running", "succeeded", "unsuccessful"] as const

/**
 * What is counted: the statuses of facts but those that the journey alone has, and a few that follow from them.
 *
 * | counter | counts |
 * | --- | --- |
 * | `accepted` | source runs that were accepted |
 * | `unplanned` | of these, those without a plan yet |
 * | `ignored`, `invalid`, `unreachable`, `planned` | runs by what planning came to |
 * | `targets` | targets that were decided about, each once, by its latest decision |
 * | `queued`, `denied` | of these, those that were allowed, and those that were not |
 * | `open` | allowed targets without an outcome yet |
 * | `dispatched`, `failed`, `withdrawn`, `unknown` | allowed targets by their latest outcome |
 * | `tried` | `dispatched`, `failed` and `unknown` together |
 * | `completed`, `lost`, `running` | of the dispatched ones, those whose run has ended, cannot be followed any more, or has not ended yet |
 * | `succeeded`, `unsuccessful` | of the completed ones, by the conclusion of the latest attempt |
 * | `replayed`, `redelivered` | replays, and requests for redelivery |
 */
export const counts: ReadonlyArray<CountName> = [...countedStatuses, ...derived]
/** One of {@link counts}. */
export type CountName = CountedStatus | (typeof derived)[number]

const Count = Schema.Int
const numbers = Schema.Record(Schema.String, Count)

/** What happened, as far as it did: a counter that is absent is 0. */
export const Tally = Schema.Struct({
  counts: numbers,
  /** How often each denial, failure or withdrawal code was given. */
  reasons: Schema.optionalKey(numbers),
  /** Times from acceptance to dispatch, without replays. */
  elapsed: Schema.optionalKey(Sketch),
  /** Times from acceptance to the end of the started run's latest attempt, without replays. */
  completion: Schema.optionalKey(Sketch)
})
export interface Tally extends Schema.Schema.Type<typeof Tally> {}

/** Nothing happened. */
export const noTally: Tally = { counts: {} }

type Numbers = typeof numbers.Type
/** The sum of numbers by name; none of none. */
const sumNumbers = (all: ReadonlyArray<Numbers>): Numbers | undefined => {
  const [first, ...others] = all
  if (first === undefined || others.length === 0) return first
  const total: Record<string, number> = { ...first }
  for (const some of others) for (const name in some) total[name] = (total[name] ?? 0) + (some[name] ?? 0)
  return total
}

/** All counters of a tally, those that are absent with 0. */
export const wholeCounts = ({ counts: sparse }: Pick<Tally, "counts">): Record<CountName, number> => {
  const whole: Partial<Record<CountName, number>> = {}
  for (const name of counts) whole[name] = sparse[name] ?? 0
  return whole as Record<CountName, number>
}

/** The counters that are not 0, as they are stored. */
export const sparseCounts = (whole: Readonly<Record<CountName, number>>): Tally["counts"] => {
  const sparse: Record<string, number> = {}
  for (const name of counts) if (whole[name] !== 0) sparse[name] = whole[name]
  return sparse
}

const present = <A>(values: ReadonlyArray<A | undefined>): ReadonlyArray<A> =>
  values.filter((value) => value !== undefined)

/** Adds up. A step for each counter and bin of each tally, so that the sum of many costs as much as they are. */
export const sumTallies = (tallies: Iterable<Tally>): Tally => {
  const all = [...tallies]
  const [first = noTally, ...others] = all
  if (others.length === 0) return first
  const reasons = sumNumbers(present(all.map((tally) => tally.reasons)))
  const elapsed = sumSketches(present(all.map((tally) => tally.elapsed)))
  const completion = sumSketches(present(all.map((tally) => tally.completion)))
  return {
    counts: sumNumbers(all.map((tally) => tally.counts)) ?? {},
    ...(reasons === undefined ? {} : { reasons }),
    ...(elapsed === undefined ? {} : { elapsed }),
    ...(completion === undefined ? {} : { completion })
  }
}
