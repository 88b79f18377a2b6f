/**
 * How the service does, judged from its read models: the status, and every reason for it. Pure.
 *
 * | reason | amber | red |
 * | --- | --- | --- |
 * | `failing`: success rate of the last hour | below 95 % | below 50 %, of at least 4 tries |
 * | `uncertain`: outcomes of the last hour that are not known | any | |
 * | `unplanned`: a delivery waits for its plan | 5 minutes | 15 minutes |
 * | `unsettled`: an allowed target waits for its outcome | 10 minutes | 30 minutes |
 * | `backlog`: deliveries and targets that wait | 100 | 1000 |
 * | `queued`: the oldest message of a queue waits | 10 minutes | 30 minutes |
 * | `dead_letters`: messages that were given up | any | |
 * | `unsampled`: a queue does not answer | any | |
 * | each [obstacle](Obstacle.ts), by its kind | any | |
 *
 * Without a reason the status is green, or unknown (`idle`) where nothing happened for a day: then nothing shows that things work.
 */
import type { Health, QueueSample, StalledWork } from "./Answers.ts"
import { type Bucket, isoTime } from "./Bucket.ts"
import { describeObstacle, type Obstacle } from "./Obstacle.ts"
import type { OpenWork } from "./OpenWork.ts"
import { counted } from "./Sentence.ts"
import type { WindowFigures } from "./WindowFigures.ts"

const minute = 60_000

interface Limits {
  readonly amber: number
  readonly red: number
}
/** Minutes of waiting; work is stalled from the first on. */
const patience = {
  unplanned: { amber: 5, red: 15 },
  unsettled: { amber: 10, red: 30 },
  queued: { amber: 10, red: 30 }
} as const satisfies Record<string, Limits>
const rates = { amber: 0.95, red: 0.5, leastTries: 4 } as const
const backlogs: Limits = { amber: 100, red: 1000 }
const idleMinutes = 24 * 60
/** Most stalled works that are listed. */
const mostListed = 20

/** What health is judged from. */
export interface Evidence {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** RFC 3339 in UTC; null if there was never a fact. */
  readonly lastFactAt: string | null
  /** The figures of everything in the last hour. */
  readonly lastHour: Pick<WindowFigures, "counts" | "successRate">
  /** All that waits. */
  readonly open: OpenWork
  /** What the queues hold; those that did not answer are not there. */
  readonly queues: ReadonlyArray<QueueSample>
  /** What no fact shows. */
  readonly obstacles: ReadonlyArray<Obstacle>
}

interface Reason {
  readonly status: "amber" | "red"
  readonly code: string
  readonly message: string
}

const graded = (value: number, limits: Limits): "amber" | "red" | undefined =>
  value >= limits.red ? "red" : value >= limits.amber ? "amber" : undefined

const reason = (status: Reason["status"] | undefined, code: string, message: string): ReadonlyArray<Reason> =>
  status === undefined ? [] : [{ status, code, message }]

const anyOf = (isSo: boolean): "amber" | undefined => (isSo ? "amber" : undefined)

const failing = ({ lastHour: { counts, successRate } }: Evidence): ReadonlyArray<Reason> => {
  if (successRate === undefined || successRate >= rates.amber) return []
  const { dispatched = 0, tried = 0 } = counts
  const status = successRate < rates.red && tried >= rates.leastTries ? "red" : "amber"
  return reason(status, "failing", `${dispatched} of ${tried} dispatches of the last hour succeeded.`)
}

const uncertain = ({ lastHour: { counts } }: Evidence): ReadonlyArray<Reason> => {
  const { unknown = 0 } = counts
  const dispatches = counted(unknown, "dispatch", "dispatches")
  return reason(anyOf(unknown > 0), "uncertain", `The outcome of ${dispatches} of the last hour is not known.`)
}

/** Whole minutes from a minute to now. */
const ageOf = (now: number, since: Bucket): number => Math.floor((now - Date.parse(`${since}:00.000Z`)) / minute)

/** An age of so many minutes, in hours from two hours on, in days from two days on. */
const inWords = (minutes: number): string => {
  if (minutes < 120) return counted(minutes, "minute")
  return minutes < 2 * idleMinutes ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / idleMinutes)} days`
}

const waits = {
  unplanned: "A delivery has waited for its plan",
  unsettled: "An allowed target has waited for its outcome"
} as const

const stalling =
  (kind: StalledWork["kind"]) =>
  ({ now, open }: Evidence): ReadonlyArray<Reason> => {
    const oldest = Object.keys(open.since[kind]).reduce((most, since) => Math.max(most, ageOf(now, since)), 0)
    return reason(graded(oldest, patience[kind]), kind, `${waits[kind]} for ${inWords(oldest)}.`)
  }

const backlog = ({ open: { unplanned, unsettled } }: Evidence): ReadonlyArray<Reason> =>
  reason(graded(unplanned + unsettled, backlogs), "backlog", `${unplanned + unsettled} deliveries and targets wait.`)

const queued = ({ queues }: Evidence): ReadonlyArray<Reason> =>
  queues.flatMap(({ name, oldest, waiting }) => {
    const minutes = Math.floor((oldest ?? 0) / 60)
    const held = counted(waiting, "message")
    const message = `The ${name} queue holds ${held}; the oldest has waited for ${inWords(minutes)}.`
    return reason(graded(minutes, patience.queued), "queued", message)
  })

const deadLetters = ({ queues }: Evidence): ReadonlyArray<Reason> =>
  queues.flatMap(({ name, dead }) =>
    reason(anyOf(dead > 0), "dead_letters", `The ${name} queue has given up ${counted(dead, "message")}.`)
  )

const queueNames = ["plan", "order", "report", "fact"] as const satisfies ReadonlyArray<QueueSample["name"]>
const unsampled = ({ queues }: Evidence): ReadonlyArray<Reason> =>
  queueNames.flatMap((name) =>
    reason(anyOf(!queues.some((queue) => queue.name === name)), "unsampled", `The ${name} queue does not answer.`)
  )

const hindered = ({ obstacles }: Evidence): ReadonlyArray<Reason> =>
  obstacles.flatMap((obstacle) => reason("amber", obstacle.kind, describeObstacle(obstacle)))

const judges = [
  failing,
  uncertain,
  stalling("unplanned"),
  stalling("unsettled"),
  backlog,
  queued,
  deadLetters,
  unsampled,
  hindered
]

const isStalled = (now: number, kind: StalledWork["kind"], since: Bucket): boolean =>
  ageOf(now, since) >= patience[kind].amber

const stalledCount = ({ now, open }: Evidence, kind: StalledWork["kind"]): number =>
  Object.entries(open.since[kind]).reduce((sum, [since, works]) => sum + (isStalled(now, kind, since) ? works : 0), 0)

const stalled = (evidence: Evidence): Pick<Health, "stalled" | "moreStalled"> => {
  const listed = evidence.open.oldest
    .filter(({ kind, since }) => isStalled(evidence.now, kind, since.slice(0, 16)))
    .slice(0, mostListed)
  const all = stalledCount(evidence, "unplanned") + stalledCount(evidence, "unsettled")
  return { stalled: listed, moreStalled: all - listed.length }
}

const idle = ({ now, lastFactAt }: Evidence): Pick<Health, "status" | "reasons"> => {
  if (lastFactAt === null) {
    return { status: "unknown", reasons: [{ code: "idle", message: "Nothing has happened yet." }] }
  }
  const age = ageOf(now, lastFactAt.slice(0, 16))
  if (age < idleMinutes) return { status: "green", reasons: [] }
  const message = `Nothing has happened for ${inWords(age)}.`
  return { status: "unknown", reasons: [{ code: "idle", message }] }
}

const verdict = (evidence: Evidence): Pick<Health, "status" | "reasons"> => {
  const found = judges.flatMap((judge) => judge(evidence))
  if (found.length === 0) return idle(evidence)
  const status = found.some((one) => one.status === "red") ? "red" : "amber"
  return { status, reasons: found.map(({ code, message }) => ({ code, message })) }
}

/** Judges. */
export const judge = (evidence: Evidence): Health => ({
  ...verdict(evidence),
  asOf: isoTime(evidence.now),
  lastFactAt: evidence.lastFactAt,
  successRate: evidence.lastHour.successRate ?? null,
  backlog: { unplanned: evidence.open.unplanned, unsettled: evidence.open.unsettled },
  ...stalled(evidence),
  queues: evidence.queues
})

/** The last moment at which health is what was judged at `judgedAt`: five minutes later it is not known any more. Milliseconds. */
export const judgedUntil = (judgedAt: number): number => judgedAt + 5 * minute

/** What is answered while no rollup brings the figures up to date. */
export const unattendedHealth: Health = {
  status: "unknown",
  reasons: [{ code: "unattended", message: "The figures have not been brought up to date for minutes." }],
  asOf: null,
  lastFactAt: null,
  successRate: null,
  backlog: { unplanned: 0, unsettled: 0 },
  stalled: [],
  moreStalled: 0,
  queues: []
}
