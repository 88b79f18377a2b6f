/**
 * What became of each target of a run: each counts once, by what the highest generation says that says anything about it: its outcome, or
 * that it was allowed, or that it was denied. Pure.
 */
import { isoTime } from "./Bucket.ts"
import type { Fact } from "./Fact.ts"
import { entryOf, type FactPart, type Status } from "./FactTable.ts"
import { type Target, type TargetKey, targetKey, targetLabel } from "./Order.ts"
import { sketchOf } from "./Sketch.ts"
import type { Tally } from "./Tally.ts"

type TargetFact = Extract<Fact, { readonly data: { readonly target: Target } }>

/** A target as far as the facts go. */
export interface TargetState {
  readonly key: TargetKey
  readonly target: Target
  /** `owner/name file@ref` */
  readonly label: string
  readonly status: Status
  readonly part: FactPart
  /** The time of the fact that says so, in the spelling that sorts. */
  readonly since: string
  /** Why it was denied, withdrawn or failed. */
  readonly reason: string | null
  /** Milliseconds from acceptance to dispatch; none of a replay, which says nothing of our speed. */
  readonly elapsed: number | undefined
}

/** What of one generation says more. */
const weights: Partial<Record<FactPart, number>> = { denies: 1, allows: 2, settles: 3, withdraws: 3 }
const weightOf = ({ type }: Fact): number => weights[entryOf(type).part] ?? 0

const isAboutTarget = (fact: Fact): fact is TargetFact => "target" in fact.data

/** The fact that says most; of equals, which only denials of a target that is named twice are, that whose id is least. */
const strongest = (a: TargetFact, b: TargetFact): TargetFact => {
  const difference = a.data.generation - b.data.generation || weightOf(a) - weightOf(b) || (a.id < b.id ? 1 : -1)
  return difference > 0 ? a : b
}

const stateOf = (key: TargetKey, fact: TargetFact): TargetState => {
  const { part, status, reason } = entryOf(fact.type)
  const { target, generation } = fact.data
  return {
    key,
    target,
    label: targetLabel(target),
    status,
    part,
    since: isoTime(Date.parse(fact.time)),
    reason: reason(fact.data as never),
    elapsed: "elapsed" in fact.data && generation === 0 ? fact.data.elapsed : undefined
  }
}

/** The targets of a run, in the order of their keys. */
export const foldTargets = (facts: ReadonlyArray<Fact>): ReadonlyArray<TargetState> =>
  [...Map.groupBy(facts.filter(isAboutTarget), ({ data }) => targetKey(data.target))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, about]) => stateOf(key, about.reduce(strongest)))

/** Whether a target was allowed and has no outcome. */
export const isOpen = ({ part }: TargetState): boolean => part === "allows"

/** What a target adds. */
export const targetTally = (target: TargetState): Tally => {
  const { status, part, reason, elapsed } = target
  const sketch = elapsed === undefined ? undefined : sketchOf([elapsed])
  return {
    counts: {
      targets: 1,
      ...(part === "denies" ? {} : { queued: 1 }),
      ...(part === "settles" ? { tried: 1 } : {}),
      [isOpen(target) ? "open" : status]: 1
    },
    ...(reason === null ? {} : { reasons: { [reason]: 1 } }),
    ...(sketch === undefined ? {} : { elapsed: sketch })
  }
}
