/** From the contributions of a minute to what of it waits, and from all minutes to the backlog: exact counts, and the oldest by name. Pure. */
import { Schema } from "effect"
import { StalledWork } from "./Answers.ts"
import { type Bucket, bucketOf } from "./Bucket.ts"
import type { Contribution } from "./Contribution.ts"

/** Most works of a kind that are listed by name. */
const mostListed = 20

/** How many works wait since a minute. */
const Since = Schema.Record(Schema.String, Schema.Int)

/** What waits of the runs that were accepted in a minute. */
export const OpenWork = Schema.Struct({
  /** Runs without a plan. */
  unplanned: Schema.Int,
  /** Allowed targets without an outcome. */
  unsettled: Schema.Int,
  /** Works by the minute since which they wait. */
  since: Schema.Struct({ unplanned: Since, unsettled: Since }),
  /** The oldest works, at most 20 of each kind. */
  oldest: Schema.Array(StalledWork)
})
export interface OpenWork extends Schema.Schema.Type<typeof OpenWork> {}

/** The oldest come first; of one moment in the order of their deliveries. */
const byAge = (a: StalledWork, b: StalledWork): number => {
  const [before, after] = [a, b].map(({ since, deliveryId, kind }) => `${since} ${deliveryId} ${kind}`)
  return (before ?? "") < (after ?? "") ? -1 : 1
}

/** The oldest of each kind: how long is too long differs by kind. */
const oldestOf = (works: ReadonlyArray<StalledWork>): ReadonlyArray<StalledWork> => {
  const inOrder = works.toSorted(byAge)
  const first = (kind: StalledWork["kind"]) => inOrder.filter((work) => work.kind === kind).slice(0, mostListed)
  return [...first("unplanned"), ...first("unsettled")].toSorted(byAge)
}

const worksOf = ({ deliveryId, source, workflow, waiting }: Contribution): ReadonlyArray<StalledWork> => {
  if (waiting === undefined) return []
  const { unplannedSince, unsettled, unsettledSince, unsettledTarget } = waiting
  const about = { deliveryId, source, workflow }
  return [
    ...(unplannedSince === null
      ? []
      : [{ kind: "unplanned", ...about, target: null, count: 1, since: unplannedSince } as const]),
    ...(unsettledSince === null
      ? []
      : [{ kind: "unsettled", ...about, target: unsettledTarget, count: unsettled, since: unsettledSince } as const])
  ]
}

const totalOf = (works: ReadonlyArray<StalledWork>, kind: StalledWork["kind"]): number =>
  works.reduce((sum, work) => sum + (work.kind === kind ? work.count : 0), 0)

const sinceOf = (works: ReadonlyArray<StalledWork>, kind: StalledWork["kind"]): Record<Bucket, number> => {
  const minutes: Record<Bucket, number> = {}
  for (const work of works.filter((one) => one.kind === kind)) {
    const minute = bucketOf("minute", work.since)
    minutes[minute] = (minutes[minute] ?? 0) + 1
  }
  return minutes
}

/** What of a minute's runs waits; undefined where nothing does. */
export const openWork = (contributions: ReadonlyArray<Contribution>): OpenWork | undefined => {
  const works = contributions.flatMap(worksOf)
  if (works.length === 0) return undefined
  return {
    unplanned: totalOf(works, "unplanned"),
    unsettled: totalOf(works, "unsettled"),
    since: { unplanned: sinceOf(works, "unplanned"), unsettled: sinceOf(works, "unsettled") },
    oldest: oldestOf(works)
  }
}

const addSince = (a: Record<Bucket, number>, b: typeof Since.Type): Record<Bucket, number> => {
  const total = { ...a }
  for (const minute in b) total[minute] = (total[minute] ?? 0) + (b[minute] ?? 0)
  return total
}

const nothingOpen: OpenWork = { unplanned: 0, unsettled: 0, since: { unplanned: {}, unsettled: {} }, oldest: [] }

/** All that waits. */
export const addOpenWork = (all: ReadonlyArray<OpenWork>): OpenWork =>
  all.reduce(
    (sum, one) => ({
      unplanned: sum.unplanned + one.unplanned,
      unsettled: sum.unsettled + one.unsettled,
      since: {
        unplanned: addSince(sum.since.unplanned, one.since.unplanned),
        unsettled: addSince(sum.since.unsettled, one.since.unsettled)
      },
      oldest: oldestOf([...sum.oldest, ...one.oldest])
    }),
    nothingOpen
  )
