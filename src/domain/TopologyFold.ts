/** From the targets of a run to what it says of who starts whom; and which of two runs has the last word. Pure. */
import { type Bucket, bucketOf, isoTime } from "./Bucket.ts"
import { fateOf } from "./ChainFold.ts"
import type { Contribution } from "./Contribution.ts"
import type { RunKey } from "./SourceRun.ts"
import type { Tally } from "./Tally.ts"
import type { TargetState } from "./TargetFold.ts"
import {
  type ConnectionCounter,
  type ConnectionCounts,
  connectionCounters,
  connectionKey,
  type Ends,
  type LatestOnConnection
} from "./Topology.ts"

/** What a run says of a connection, and of how many facts that was folded: those about the target. */
export interface FoldedConnection {
  readonly latest: LatestOnConnection
  readonly facts: number
}

/** What a run says of the connection to one of its targets. */
export const connectionOf = (run: RunKey, about: TargetState): FoldedConnection => {
  const { fact, target, part, facts } = about
  const { sourceRepository, sourceWorkflow, acceptedAt } = fact.data
  const { repository, workflow, ref } = target
  return {
    latest: {
      source: { repository: sourceRepository, workflow: sourceWorkflow },
      target: { repository, workflow },
      run,
      acceptedAt: isoTime(Date.parse(acceptedAt)),
      decision: part === "denies" ? "denied" : "allowed",
      ref,
      ...fateOf(about)
    },
    facts
  }
}

/** Which of several words is the last one: that with the greater `fold`, of equals that with the greater `facts`. */
export interface Precedence {
  readonly fold: number
  readonly facts: number
}

/** Bits of a number of facts, and of a fold's version: with the 32 of a run they fill a safe integer. */
const bits = { facts: 14, version: 7 } as const
const run32 = (run: RunKey): number => {
  const [, runId = "", attempt = ""] = run.split("/")
  return Number((BigInt.asUintN(27, BigInt(runId)) << 5n) | BigInt.asUintN(5, BigInt(attempt)))
}

/**
 * What decides who has the last word on a connection: first when the run was accepted; of runs of one millisecond, the run and attempt (those of
 * one moment have ids that are close to each other, so the last 27 bits are enough); of one run, the fold's version, then its facts.
 */
export const precedenceOf = (
  { latest: { acceptedAt, run }, facts }: FoldedConnection,
  version: number
): Precedence => ({
  fold: Date.parse(acceptedAt),
  facts: (run32(run) * 2 ** bits.version + version) * 2 ** bits.facts + Math.min(facts, 2 ** bits.facts - 1)
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

/** What each of some minutes has of a connection. */
export interface ConnectionSum {
  readonly ends: Ends
  readonly minutes: ReadonlyMap<Bucket, Partial<ConnectionCounts>>
}

/** What contributions have of each connection, minute by minute; by the connection's key. What older versions folded has none. */
export const connectionSums = (contributions: ReadonlyArray<Contribution>): ReadonlyMap<string, ConnectionSum> => {
  const sums = new Map<string, { readonly ends: Ends; readonly minutes: Map<Bucket, Partial<ConnectionCounts>> }>()
  for (const { source, workflow, acceptedAt, targets } of contributions) {
    const minute = bucketOf("minute", acceptedAt)
    for (const { repository, workflow: started, tally } of targets) {
      if (started === undefined) continue
      const ends = { source: { repository: source, workflow }, target: { repository, workflow: started } }
      const key = connectionKey(ends, "source")
      const sum = sums.get(key) ?? { ends, minutes: new Map() }
      sum.minutes.set(minute, sparseConnectionCounts([sum.minutes.get(minute) ?? {}, connectionTally(tally)]))
      sums.set(key, sum)
    }
  }
  return sums
}
