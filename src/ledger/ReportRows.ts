/**
 * The runs that an issue shows, each in an item of its own beside that of the issue: so a report writes its own run, however many others
 * are shown. There are as many places as an issue shows runs. A run keeps its place as long as it is shown, and then leaves it to the next,
 * so that nothing has to be removed and a range read is bounded.
 *
 * They are written only together with the item of the issue, under its lease. Earlier versions kept them inside that item; those that are
 * still there are what the issue shows, whatever is in the places, until they move there with the next report.
 */
import { Effect } from "effect"
import { newestFirst, ReportedRun, reportedRuns } from "../domain/Report.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import type { Item, Key, Write } from "../ports/Table.ts"
import { decodeItem, encodeItem } from "./Items.ts"
import { issueRowKey, placeOfRow } from "./Keys.ts"

/** A place that has an item, and the run that it holds; none where that counts no more. */
export interface RowPlace {
  readonly place: string
  readonly run: RunKey | undefined
}
/** The runs that an issue shows, newest first, and where they are. */
interface Rows {
  readonly runs: ReadonlyArray<ReportedRun>
  readonly places: ReadonlyArray<RowPlace>
}

const allPlaces = Array.from({ length: reportedRuns }, (_, index) => String(index).padStart(2, "0"))

/** What an issue shows, by the items of its rows and by what its own item still holds of them. */
export const rowsOf = Effect.fnUntraced(function* (items: ReadonlyArray<Item>, inside: ReadonlyArray<ReportedRun>) {
  const rows = yield* Effect.forEach(items, (item) => decodeItem(item, ReportedRun))
  const runs = inside.length > 0 ? inside : rows.map(({ value }) => value).sort(newestFirst)
  const placeOf = ({ key }: Item, index: number): RowPlace => ({
    place: placeOfRow(key),
    run: inside.length > 0 ? undefined : rows[index]?.value.key
  })
  return { runs, places: items.map(placeOf) } satisfies Rows
})

/**
 * The writes after which an issue shows these runs, at most one for each place. `changed` are those of which more is known; others that have a
 * place are not written.
 */
export const rowWrites = (
  report: Key,
  places: ReadonlyArray<RowPlace>,
  shown: ReadonlyArray<ReportedRun>,
  changed: ReadonlyArray<RunKey>
): ReadonlyArray<Write> => {
  const keys = new Set(shown.map(({ key }) => key))
  const kept = new Map(places.flatMap(({ place, run }) => (run !== undefined && keys.has(run) ? [[run, place]] : [])))
  const left = places.map(({ place }) => place).filter((place) => ![...kept.values()].includes(place))
  const unused = allPlaces.filter((place) => !places.some((one) => one.place === place))
  const free = [...left, ...unused]
  const puts = shown.flatMap((run): ReadonlyArray<Write> => {
    const own = kept.get(run.key)
    if (own !== undefined && !changed.includes(run.key)) return []
    const place = own ?? free.shift()
    if (place === undefined) return []
    return [{ _tag: "Put", key: issueRowKey(report, place), attributes: encodeItem(ReportedRun, run) }]
  })
  const empty = left.filter((place) => free.includes(place))
  return [...puts, ...empty.map((place): Write => ({ _tag: "Delete", key: issueRowKey(report, place) }))]
}
