/** The few numbers by which a machine sees that something is wrong: what alarms watch. Pure. */
import type { Health, QueueSample, StalledWork } from "./Answers.ts"
import type { Evidence } from "./Judgement.ts"

/** The service in five numbers. */
export interface Vitals {
  /** Seconds since which the oldest delivery waits for its plan; 0 where none does. */
  readonly oldestUnplanned: number
  /** Seconds since which the oldest allowed target waits for its outcome; 0 where none does. */
  readonly oldestUnsettled: number
  /** 0 green or nothing to judge by, 1 amber, 2 red. */
  readonly health: 0 | 1 | 2
  /** Outcomes of the last hour that are not known. */
  readonly unknownOutcomes: number
  /** Messages that were given up, of all queues that answer. */
  readonly deadLetters: number
}

const grades = { unknown: 0, green: 0, amber: 1, red: 2 } as const satisfies Record<Health["status"], number>

const ageOf = ({ now, open }: Pick<Evidence, "now" | "open">, kind: StalledWork["kind"]): number => {
  const first = open.oldest.find((work) => work.kind === kind)
  return first === undefined ? 0 : Math.max(0, Math.floor((now - Date.parse(first.since)) / 1000))
}

const deadOf = (queues: ReadonlyArray<QueueSample>): number => queues.reduce((sum, { dead }) => sum + dead, 0)

/** The numbers of what was judged. */
export const vitalsOf = (evidence: Evidence, status: Health["status"]): Vitals => ({
  oldestUnplanned: ageOf(evidence, "unplanned"),
  oldestUnsettled: ageOf(evidence, "unsettled"),
  health: grades[status],
  unknownOutcomes: evidence.lastHour.counts.unknown ?? 0,
  deadLetters: deadOf(evidence.queues)
})
