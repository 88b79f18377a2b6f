/**
 * What runs add to figures and say of who starts whom, by the minute in which they were accepted. Record folds them; Rollup sums them up.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `contributions/<minute>` | `<run key>` | what the run adds, folded |
 * | | `<run key>/<n>` | what more of its targets add, where it has more than 100 targets |
 * | | `<run key>/lost` | what its redeliveries add, in the minute in which it was lost |
 */
import { Effect } from "effect"
import { type Bucket, bucketOf } from "../domain/Bucket.ts"
import { Contribution } from "../domain/Contribution.ts"
import type { RunFold } from "../domain/RunFold.ts"
import { noTally } from "../domain/Tally.ts"
import type { Appended, TableError, TableReader } from "../ports/Table.ts"
import { readAll } from "../ports/Table.ts"
import { asAttributes, itemDecoder } from "./Items.ts"

/** Most targets of one item: usually about 50 KB, and with the longest names and messages below what an item may have. */
const mostTargets = 100

const partition = (minute: Bucket): string => `contributions/${minute}`
const minuteOf = ({ acceptedAt }: Contribution): Bucket => bucketOf("minute", acceptedAt)

const itemOf = (contribution: Contribution, part: string): Pick<Appended, "key" | "attributes"> => ({
  key: { table: "projections", partition: partition(minuteOf(contribution)), sort: `${contribution.run}${part}` },
  attributes: asAttributes(contribution)
})

/** A contribution in parts that fit an item; the run's own tally and what waits are in the first. */
const partsOf = (contribution: Contribution): ReadonlyArray<Contribution> => {
  const { waiting: _, ...rest } = contribution
  const { targets } = contribution
  const more = Array.from({ length: Math.max(Math.ceil(targets.length / mostTargets) - 1, 0) }, (_, index) => ({
    ...rest,
    tally: noTally,
    targets: targets.slice((index + 1) * mostTargets, (index + 2) * mostTargets)
  }))
  return [{ ...contribution, targets: targets.slice(0, mostTargets) }, ...more]
}

/** The items of what a run adds. */
export const contributionItems = ({
  contribution,
  lost
}: RunFold): ReadonlyArray<Pick<Appended, "key" | "attributes">> => [
  ...(contribution === undefined
    ? []
    : partsOf(contribution).map((part, index) => itemOf(part, index === 0 ? "" : `/${index}`))),
  ...lost.map((contribution) => itemOf(contribution, "/lost"))
]

/** The minutes in which a run adds something. */
export const minutesOf = ({ contribution, lost }: RunFold): ReadonlyArray<Bucket> => [
  ...(contribution === undefined ? [] : [minuteOf(contribution)]),
  ...lost.map(minuteOf)
]

const decode = itemDecoder(Contribution)

/** All that was added in a minute; a run in parts comes several times. One read for each 1000. */
export const readContributions = (
  reader: TableReader,
  minute: Bucket
): Effect.Effect<ReadonlyArray<Contribution>, TableError> =>
  Effect.flatMap(readAll(reader, { table: "projections", partition: partition(minute) }), (items) =>
    Effect.forEach(items, decode)
  )
