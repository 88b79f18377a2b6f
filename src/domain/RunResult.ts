/** How a run that the dispatcher started ended. Pure. */
import { Schema } from "effect"
import { Ordinal, type SourceRun } from "./SourceRun.ts"
import { goodConclusions } from "./Vocabulary.ts"

/**
 * What is known of the end of a started run.
 * - `Completed`: an attempt of the run ended, with GitHub's conclusion (null where it gives none). `completedAt` is RFC 3339; `duration` in
 *   milliseconds is null where GitHub does not say when the attempt began.
 * - `Lost`: how the run ended cannot be learned any more: it was deleted, or its repository left the installation.
 */
export const RunResult = Schema.TaggedUnion({
  Completed: {
    conclusion: Schema.NullOr(Schema.String),
    /** The attempt of the started run; a re-run is another. */
    attempt: Ordinal,
    completedAt: Schema.String,
    duration: Schema.NullOr(Schema.Int)
  },
  Lost: { message: Schema.String }
})
export type RunResult = typeof RunResult.Type
/** The end of an attempt. */
export type Completed = Extract<RunResult, { readonly _tag: "Completed" }>

/** A result, and when it was stored, in milliseconds since the epoch: that is the time of its fact. */
export interface Resulted {
  readonly result: RunResult
  readonly at: number
}

/** The attempt that a result is about; that of a lost run is 0, so that whatever is learned later counts more. */
export const attemptOf = (result: RunResult): number => (result._tag === "Completed" ? result.attempt : 0)

/** Of several results the one that counts: the latest attempt's. */
export const latestResult = <R extends Pick<Resulted, "result">>(results: ReadonlyArray<R>): R | undefined =>
  results.reduce<R | undefined>(
    (best, one) => (best === undefined || attemptOf(best.result) < attemptOf(one.result) ? one : best),
    undefined
  )

const good: ReadonlySet<string | null> = new Set(goodConclusions)
/** Whether a conclusion is one of success. */
export const isGood = (conclusion: string | null): boolean => good.has(conclusion)

/** From when an attempt began to when it ended; null where one of both is not known. */
export const durationBetween = (startedAt: string | undefined, completedAt: string): number | null => {
  const duration = startedAt === undefined ? Number.NaN : Date.parse(completedAt) - Date.parse(startedAt)
  return Number.isFinite(duration) ? Math.max(0, Math.round(duration)) : null
}

/** The result that the delivery of a completed run carries; where GitHub does not say when the run ended, it ended when it was accepted. */
export const resultOfRun = ({ run, acceptedAt }: { run: SourceRun; acceptedAt: string }): Completed => {
  const completedAt = run.updatedAt ?? acceptedAt
  return {
    _tag: "Completed",
    conclusion: run.conclusion,
    attempt: run.attempt,
    completedAt,
    duration: durationBetween(run.startedAt, completedAt)
  }
}
