/**
 * How old what is shown is: what the indicator beside the refresh button says, and whether it holds now. "Nothing is stalled" and "All is well"
 * are claims about the present: they stand only on figures of the last minutes, from a server that answers.
 */

import { ago } from "../format/Times.ts"
import { refreshEvery } from "./Refreshing.ts"
import type { Remote } from "./Remotes.ts"

export interface Freshness {
  /** `refused`: the server answers, with nothing that could be shown. */
  readonly state: "loading" | "fresh" | "stale" | "failing" | "refused"
  /** When the oldest answer that is shown came; undefined before the first. */
  readonly since: number | undefined
}

/** Answers older than this are called stale: three refreshes were missed. */
export const staleAfter = 3 * refreshEvery

export const freshnessOf = (remotes: ReadonlyArray<Remote<unknown>>, now: number): Freshness => {
  const times = remotes.flatMap(({ at }) => (at === undefined ? [] : [at]))
  const since = times.length === 0 ? undefined : Math.min(...times)
  if (remotes.some(({ failure }) => failure?._tag === "Unreachable")) return { state: "failing", since }
  if (since === undefined) return { state: remotes.some(({ failure }) => failure) ? "refused" : "loading", since }
  return { state: now - since > staleAfter ? "stale" : "fresh", since }
}

/** Figures are brought up to date each minute; older than this, that has stopped. */
const patience = 3 * 60_000

/** Why an answer of a moment (RFC 3339; null: there is none yet) says nothing about now; undefined where it does. */
export const doubtOf = (asOf: string | null, isAnswering: boolean, now: number): string | undefined => {
  if (!isAnswering) return "The server does not answer, so what happens now is not known."
  const moment = asOf === null ? 0 : Date.parse(asOf)
  // Figures before the first rollup are those of the beginning of time.
  if (moment === 0) return "No figures have been made yet."
  return now - moment > patience
    ? `The figures were brought up to date ${ago(moment, now)}; what happened since is not in them.`
    : undefined
}
