/**
 * What a fact adds to the projections.
 *
 * Writes per fact: a minute and an hour of each of its 4 scopes (6 if it tells of a target), the row of its delivery in 2 lists (none before
 * it is accepted), and at most one item of open work. Once a day and process also marks: for each repository, for each day of each list of deliveries, and once
 * an hour for each scope. Facts of one transaction share what they have in common.
 */
import type { RepositoryName } from "../domain/Names.ts"
import type { Update } from "../ports/Table.ts"
import { markExpiry } from "./EventLog.ts"
import type { FactWrites, Recording } from "./FactWrites.ts"
import { activeMarks } from "./projections/Active.ts"
import { counterWrites } from "./projections/Buckets.ts"
import { rowMarks, rowWrites } from "./projections/DeliveryRows.ts"
import { knownKey } from "./projections/Keys.ts"
import { openWrites } from "./projections/OpenWork.ts"

const knownMark = (recording: Recording, side: "sources" | "targets", name: RepositoryName): Update => ({
  _tag: "Update",
  key: knownKey(side, name),
  set: { name },
  expiresAt: markExpiry(recording)
})

const knownMarks = (recording: Recording): ReadonlyArray<Update> => {
  const { data } = recording.fact
  const source = knownMark(recording, "sources", data.sourceRepository)
  return "target" in data ? [source, knownMark(recording, "targets", data.target.repository)] : [source]
}

/** What a fact writes to the projections. */
export const projectionWrites = (recording: Recording): FactWrites => ({
  writes: [...counterWrites(recording), ...rowWrites(recording), ...openWrites(recording)],
  marks: [...rowMarks(recording), ...knownMarks(recording), ...activeMarks(recording)]
})
