/**
 * Runs as rows of a list, newest first, each with what became of it: what the dashboard calls deliveries.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `runs[/source=<repository>]/<day>` | `<accepted at>/<guid>` | the row, folded |
 * | `runs[/source=<repository>]/days` | day | that there are rows of that day |
 */
import { Effect, Schema, Struct } from "effect"
import { DeliveryRow } from "../domain/Answers.ts"
import { isoTime } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { entryOf } from "../domain/FactTable.ts"
import { type RepositoryName, repositoryKey } from "../domain/Names.ts"
import { isNote } from "../domain/RunFold.ts"
import { sparseCounts, Tally, wholeCounts } from "../domain/Tally.ts"
import type { Appended, Item, Key } from "../ports/Table.ts"
import { type DayList, dayKey, entryKey } from "./DayList.ts"
import { asAttributes, itemDecoder } from "./Items.ts"
import { dayExpiry, type Retention } from "./Retention.ts"

/** The rows of one source, or of all. */
export const runList = (source: RepositoryName | undefined): DayList => ({
  name: source === undefined ? "runs" : `runs/source=${repositoryKey(source)}`
})

const listsOf = (source: RepositoryName): ReadonlyArray<DayList> => [runList(undefined), runList(source)]

/** That the lists have rows of the day of a fact's run. */
export const runDayPuts = (fact: Fact, { events }: Retention): ReadonlyArray<Appended> =>
  entryOf(fact.type).part === "precedes" || isNote(fact)
    ? []
    : listsOf(fact.data.sourceRepository).map((list) => {
        const key = dayKey(list, isoTime(Date.parse(fact.data.acceptedAt)))
        return { key, attributes: {}, expiresAt: dayExpiry(key.sort, events) }
      })

/** Where a row is in the list of all, by which a journey has it, too. */
export const rowKey = ({ acceptedAt, deliveryId }: Pick<DeliveryRow, "acceptedAt" | "deliveryId">): Key =>
  entryKey(runList(undefined), acceptedAt, deliveryId)

/** A row in both lists. */
export const runRowItems = (row: DeliveryRow): ReadonlyArray<Pick<Appended, "key" | "attributes">> => {
  const attributes = asAttributes({ ...row, counts: sparseCounts(row.counts) })
  return listsOf(row.source).map((list) => ({ key: entryKey(list, row.acceptedAt, row.deliveryId), attributes }))
}

const decode = itemDecoder(
  Schema.Struct({ ...Struct.omit(DeliveryRow.fields, ["counts"]), counts: Tally.fields.counts })
)

/** Reads a row. */
export const decodeRunRow = (item: Item): Effect.Effect<DeliveryRow> =>
  Effect.map(decode(item), (row) => ({ ...row, counts: wholeCounts(row) }))
