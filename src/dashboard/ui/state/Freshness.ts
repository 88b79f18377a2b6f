/** How old what is shown is: what the indicator beside the refresh button says. */

import { refreshEvery } from "./Refreshing.ts"
import type { Remote } from "./Remotes.ts"

export interface Freshness {
  readonly state: "loading" | "fresh" | "stale" | "failing"
  /** When the oldest answer that is shown came; undefined before the first. */
  readonly since: number | undefined
}

/** Answers older than this are called stale: three refreshes were missed. */
export const staleAfter = 3 * refreshEvery

export const freshnessOf = (remotes: ReadonlyArray<Remote<unknown>>, now: number): Freshness => {
  const times = remotes.flatMap(({ at }) => (at === undefined ? [] : [at]))
  const since = times.length === 0 ? undefined : Math.min(...times)
  if (remotes.some(({ failure }) => failure?._tag === "Unreachable")) return { state: "failing", since }
  if (since === undefined) return { state: "loading", since }
  return { state: now - since > staleAfter ? "stale" : "fresh", since }
}
