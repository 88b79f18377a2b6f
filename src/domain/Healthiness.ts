/**
 * How the service does, judged from its figures: the status, and every reason for it. Pure.
 *
 * | reason | amber | red |
 * | --- | --- | --- |
 * | `failing`: success rate of the last hour | below 95 % | below 50 %, of at least 4 tries |
 * | `uncertain`: outcomes of the last hour that nobody knows | any | |
 * | `unplanned`: a delivery waits for its plan | 5 minutes | 15 minutes |
 * | `unsettled`: a queued order waits for its outcome | 10 minutes | 30 minutes |
 * | `backlog`: deliveries and orders that wait | 100 | 1000 |
 * | each [obstacle](Obstacle.ts), by its kind | any | |
 *
 * Without a reason the status is green, or unknown (`idle`) where nothing happened for a day: then nothing shows that things work.
 */
import type { Figures } from "./Figures.ts"
import { describeObstacle, type Obstacle } from "./Obstacle.ts"
import type { Health, StalledWork } from "./Views.ts"

const minutes = (count: number): number => count * 60_000

/** Thresholds of waiting, in milliseconds; work is stalled from the first on. */
const patience = {
  unplanned: { amber: minutes(5), red: minutes(15) },
  unsettled: { amber: minutes(10), red: minutes(30) }
} as const
const rates = { amber: 0.95, red: 0.5, leastTries: 4 } as const
const backlogs = { amber: 100, red: 1000 } as const
const idleAfter = minutes(24 * 60)
const mostStalled = 20

/** What health is judged from. */
export interface Evidence {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** RFC 3339 in UTC; null if there was never a fact. */
  readonly lastFactAt: string | null
  /** All figures of the last hour. */
  readonly lastHour: Pick<Figures, "counts" | "successRate">
  /** Everything that waits. */
  readonly waiting: ReadonlyArray<StalledWork>
  /** What only a person can mend. */
  readonly obstacles: ReadonlyArray<Obstacle>
}

interface Reason {
  readonly status: "amber" | "red"
  readonly code: string
  readonly message: string
}

const graded = (
  value: number,
  limits: { readonly amber: number; readonly red: number }
): "amber" | "red" | undefined => (value >= limits.red ? "red" : value >= limits.amber ? "amber" : undefined)

const reason = (status: Reason["status"] | undefined, code: string, message: string): ReadonlyArray<Reason> =>
  status === undefined ? [] : [{ status, code, message }]

const failing = ({ lastHour: { counts, successRate } }: Evidence): ReadonlyArray<Reason> => {
  if (successRate === null || successRate >= rates.amber) return []
  const tried = counts.dispatched + counts.failed + counts.unknown
  const status = successRate < rates.red && tried >= rates.leastTries ? "red" : "amber"
  return reason(status, "failing", `${counts.dispatched} of ${tried} dispatches of the last hour succeeded.`)
}

const uncertain = ({ lastHour: { counts } }: Evidence): ReadonlyArray<Reason> =>
  reason(
    counts.unknown > 0 ? "amber" : undefined,
    "uncertain",
    `Of ${counts.unknown} dispatches of the last hour nobody knows whether they started anything.`
  )

const age = (now: number, since: string): number => now - Date.parse(since)

const nouns = { unplanned: "A delivery waits for its plan", unsettled: "A queued order waits for its outcome" } as const

const stalling =
  (kind: StalledWork["kind"]) =>
  ({ now, waiting }: Evidence): ReadonlyArray<Reason> => {
    const oldest = Math.max(0, ...waiting.filter((work) => work.kind === kind).map(({ since }) => age(now, since)))
    return reason(
      graded(oldest, patience[kind]),
      kind,
      `${nouns[kind]} since ${Math.floor(oldest / minutes(1))} minutes.`
    )
  }

const backlog = ({ waiting }: Evidence): ReadonlyArray<Reason> =>
  reason(graded(waiting.length, backlogs), "backlog", `${waiting.length} deliveries and orders wait.`)

const hindered = ({ obstacles }: Evidence): ReadonlyArray<Reason> =>
  obstacles.flatMap((obstacle) => reason("amber", obstacle.kind, describeObstacle(obstacle)))

const judges = [failing, uncertain, stalling("unplanned"), stalling("unsettled"), backlog, hindered]

const oldestFirst = (a: StalledWork, b: StalledWork): number => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0)

const stalled = ({ now, waiting }: Evidence): ReadonlyArray<StalledWork> =>
  waiting
    .filter(({ kind, since }) => age(now, since) >= patience[kind].amber)
    .toSorted(oldestFirst)
    .slice(0, mostStalled)

const idle = ({ now, lastFactAt }: Evidence): Pick<Health, "status" | "reasons"> => {
  if (lastFactAt === null) {
    return { status: "unknown", reasons: [{ code: "idle", message: "Nothing has happened yet." }] }
  }
  const hours = Math.floor(age(now, lastFactAt) / minutes(60))
  if (age(now, lastFactAt) < idleAfter) return { status: "green", reasons: [] }
  return { status: "unknown", reasons: [{ code: "idle", message: `Nothing has happened for ${hours} hours.` }] }
}

const verdict = (evidence: Evidence): Pick<Health, "status" | "reasons"> => {
  const found = judges.flatMap((judge) => judge(evidence))
  if (found.length === 0) return idle(evidence)
  const status = found.some((one) => one.status === "red") ? "red" : "amber"
  return { status, reasons: found.map(({ code, message }) => ({ code, message })) }
}

/** Judges. */
export const judgeHealth = (evidence: Evidence, updatedAt: string): Health => ({
  ...verdict(evidence),
  updatedAt,
  lastFactAt: evidence.lastFactAt,
  successRate: evidence.lastHour.successRate,
  backlog: {
    unplanned: evidence.waiting.filter(({ kind }) => kind === "unplanned").length,
    unsettled: evidence.waiting.filter(({ kind }) => kind === "unsettled").length
  },
  stalled: stalled(evidence)
})

/** What is said while nobody keeps the figures up to date. */
export const unattended: Health = {
  status: "unknown",
  reasons: [{ code: "unattended", message: "The figures have not been brought up to date for minutes." }],
  updatedAt: null,
  lastFactAt: null,
  successRate: null,
  backlog: { unplanned: 0, unsettled: 0 },
  stalled: []
}
