/**
 * What became of each target of a run: each counts once, by what the highest generation says that says anything about it: its outcome, or
 * that it was allowed, or that it was denied; and what became of the run that was started for it, by its latest attempt. Pure.
 */
import { isoTime } from "./Bucket.ts"
import type { Fact } from "./Fact.ts"
import { entryOf, type FactPart, type ResultFact, type Status } from "./FactTable.ts"
import { type Target, type TargetKey, targetKey, targetLabel } from "./Order.ts"
import { isGood } from "./RunResult.ts"
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
  /** The fact that says so: the decision, or the outcome. */
  readonly fact: TargetFact
  /** The time of the fact that says so, in the spelling that sorts. */
  readonly since: string
  /** Why it was denied, withdrawn or failed. */
  readonly reason: string | null
  /** Milliseconds from acceptance to dispatch; none of a replay, which says nothing of our speed. */
  readonly elapsed: number | undefined
  /** The end of the run that was started for it; undefined while that is not known. */
  readonly result: ResultFact | undefined
  /** Whether a run was started for it whose end is waited for. */
  readonly running: boolean
}

/** What of one generation says more. */
const weights: Partial<Record<FactPart, number>> = { denies: 1, allows: 2, settles: 3, withdraws: 3 }
const weightOf = ({ type }: Fact): number => weights[entryOf(type).part] ?? 0

const isAboutTarget = (fact: Fact): fact is TargetFact => "target" in fact.data
const isResult = (fact: Fact): fact is ResultFact => entryOf(fact.type).part === "results"

/** The attempt that a result is about; what is learned of a run after it was lost counts more. */
const attemptOf = (fact: ResultFact): number => ("startedAttempt" in fact.data ? fact.data.startedAttempt : 0)
const latestResult = (facts: ReadonlyArray<Fact>): ResultFact | undefined =>
  facts.filter(isResult).toSorted((a, b) => attemptOf(b) - attemptOf(a))[0]

/** The fact that says most; of equals, which only denials of a target that is named twice are, that whose id is least. */
const strongest = (a: TargetFact, b: TargetFact): TargetFact => {
  const difference = a.data.generation - b.data.generation || weightOf(a) - weightOf(b) || (a.id < b.id ? 1 : -1)
  return difference > 0 ? a : b
}

const stateOf = (key: TargetKey, fact: TargetFact, about: ReadonlyArray<TargetFact>): TargetState => {
  const latest = latestResult(about)
  const { part, status, reason } = entryOf(fact.type)
  const { target, generation } = fact.data
  return {
    key,
    target,
    label: targetLabel(target),
    status,
    part,
    fact,
    since: isoTime(Date.parse(fact.time)),
    reason: reason(fact.data as never),
    elapsed: "elapsed" in fact.data && generation === 0 ? fact.data.elapsed : undefined,
    result: status === "dispatched" ? latest : undefined,
    running: "started" in fact.data && fact.data.started !== null && latest === undefined
  }
}

/** The targets of a run, in the order of their keys. */
export const foldTargets = (facts: ReadonlyArray<Fact>): ReadonlyArray<TargetState> =>
  [...Map.groupBy(facts.filter(isAboutTarget), ({ data }) => targetKey(data.target))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, about]) => {
      const [first, ...others] = about.filter((fact) => !isResult(fact))
      // A result that comes before the outcome says nothing yet.
      return first === undefined ? [] : [stateOf(key, others.reduce(strongest, first), about)]
    })

/** Whether a target was allowed and has no outcome. */
export const isOpen = ({ part }: TargetState): boolean => part === "allows"

/** What the run that was started for a target adds. */
const resultCounts = ({ result, running }: TargetState): Tally["counts"] => {
  if (result === undefined) return running ? { running: 1 } : {}
  const { status } = entryOf(result.type)
  if (!("conclusion" in result.data)) return { [status]: 1 }
  return { [status]: 1, [isGood(result.data.conclusion) ? "succeeded" : "unsuccessful"]: 1 }
}

/** Milliseconds from acceptance to the end of the run that was started; undefined where it has not ended, or a replay started it. */
const completionOf = ({ elapsed, result }: TargetState): number | undefined =>
  elapsed !== undefined && result !== undefined && "elapsed" in result.data ? result.data.elapsed : undefined

/** What a target adds. */
export const targetTally = (target: TargetState): Tally => {
  const { status, part, reason, elapsed } = target
  const sketch = elapsed === undefined ? undefined : sketchOf([elapsed])
  const ended = completionOf(target)
  const completion = ended === undefined ? undefined : sketchOf([ended])
  return {
    counts: {
      targets: 1,
      ...(part === "denies" ? {} : { queued: 1 }),
      ...(part === "settles" ? { tried: 1 } : {}),
      [isOpen(target) ? "open" : status]: 1,
      ...resultCounts(target)
    },
    ...(reason === null ? {} : { reasons: { [reason]: 1 } }),
    ...(sketch === undefined ? {} : { elapsed: sketch }),
    ...(completion === undefined ? {} : { completion })
  }
}
