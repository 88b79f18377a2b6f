/** From the targets of runs to who starts whom: what was counted on connections, and which run has the last word on one. Pure. */
import { type Bucket, bucketOf } from "./Bucket.ts"
import { fateOf } from "./ChainFold.ts"
import type { Contribution } from "./Contribution.ts"
import type { Tally } from "./Tally.ts"
import type { TargetState } from "./TargetFold.ts"
import {
  type ConnectionCounter,
  type ConnectionCounts,
  connectionCounters,
  connectionKey,
  type LatestOnConnection,
  type TargetFate
} from "./Topology.ts"

/** What became of a target of a run. */
export const targetFate = (about: TargetState): TargetFate => ({
  decision: about.part === "denies" ? "denied" : "allowed",
  ref: about.target.ref,
  ...fateOf(about)
})

const names = Object.keys(connectionCounters) as ReadonlyArray<ConnectionCounter>

/** What a tally has for a connection. */
const connectionTally = ({ counts }: Tally): ConnectionCounts =>
  Object.fromEntries(names.map((name) => [name, counts[connectionCounters[name]] ?? 0])) as unknown as ConnectionCounts

/** Adds up; what nothing has is 0. */
export const addConnectionCounts = (all: ReadonlyArray<Partial<ConnectionCounts>>): ConnectionCounts =>
  Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, counts) => sum + (counts[name] ?? 0), 0)])
  ) as unknown as ConnectionCounts

/** The sum as it is stored: without zeros. */
export const sparseConnectionCounts = (all: ReadonlyArray<Partial<ConnectionCounts>>): Partial<ConnectionCounts> =>
  Object.fromEntries(Object.entries(addConnectionCounts(all)).filter(([, count]) => count !== 0))

/**
 * Which of two runs has the last word on a connection: that which was accepted later, of those accepted at once that whose key is greater. Of one
 * run, what is read later.
 */
export const laterWord = (earlier: LatestOnConnection, later: LatestOnConnection): LatestOnConnection =>
  `${earlier.acceptedAt} ${earlier.run}` > `${later.acceptedAt} ${later.run}` ? earlier : later

/** What some minutes have of a connection: the counts of each, and what the latest of their runs says. */
export interface ConnectionSum {
  readonly minutes: ReadonlyMap<Bucket, Partial<ConnectionCounts>>
  readonly latest: LatestOnConnection
}
/** By the connection's key. */
export type ConnectionSums = ReadonlyMap<string, ConnectionSum>

/** What contributions of a minute have of each connection. What older versions folded has none. */
export const connectionSums = (contributions: ReadonlyArray<Contribution>): ConnectionSums => {
  const sums = new Map<string, ConnectionSum>()
  for (const { run, source, workflow, acceptedAt, targets } of contributions) {
    const minute = bucketOf("minute", acceptedAt)
    for (const { repository, workflow: started, tally, fate } of targets) {
      if (started === undefined || fate === undefined) continue
      const ends = { source: { repository: source, workflow }, target: { repository, workflow: started } }
      const latest = { ...ends, run, acceptedAt, ...fate }
      const key = connectionKey(ends, "source")
      const before = sums.get(key)
      const counts = sparseConnectionCounts([before?.minutes.get(minute) ?? {}, connectionTally(tally)])
      sums.set(key, {
        minutes: new Map([...(before?.minutes ?? []), [minute, counts]]),
        latest: before === undefined ? latest : laterWord(before.latest, latest)
      })
    }
  }
  return sums
}

/** What minutes have together, of which each is in one of these. */
export const joinConnectionSums = (all: ReadonlyArray<ConnectionSums>): ConnectionSums => {
  const joined = new Map<string, ConnectionSum>()
  for (const [key, sum] of all.flatMap((sums) => [...sums])) {
    const before = joined.get(key)
    joined.set(key, {
      minutes: new Map([...(before?.minutes ?? []), ...sum.minutes]),
      latest: before === undefined ? sum.latest : laterWord(before.latest, sum.latest)
    })
  }
  return joined
}
