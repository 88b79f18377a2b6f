/**
 * The runs that an issue shows, each in an item of its own beside that of the issue: so a report writes its own run, however many others
 * are shown. There are as many places as an issue shows runs. A run keeps its place as long as it is shown, and then leaves it to the next,
 * so that nothing has to be removed and a range read is bounded.
 *
 * They are written under the lease of the item of the issue and before it, each on condition of the version that was read with the claim: so
 * a worker that lost the lease replaces nothing that the next one wrote. What it writes all the same is true, but not known to be in the issue;
 * such a run stays noted as unfinished, and is written again. Earlier versions kept the runs inside that item; those that are still there are
 * what the issue shows, whatever is in the places, until they move there with the next report.
 */
import { Effect } from "effect"
import { isNewer, newestFirst, ReportedRun, reportedRuns } from "../domain/Report.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { absent, atVersion, type Condition, type Item, type Key, type Write } from "../ports/Table.ts"
import { decodeItem, encodeItem, type Versioned } from "./Items.ts"
import { issueRowKey, placeOfRow } from "./Keys.ts"

/** A place that has an item, the item's version, and the run that it holds; none where that counts no more. */
export interface RowPlace {
  readonly place: string
  readonly version: number
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
  // Two workers, one of which lost the lease, may have put one run in two places.
  const latest = new Map<RunKey, ReportedRun>()
  for (const { value } of rows) {
    const other = latest.get(value.key)
    if (other === undefined || isNewer(value, other)) latest.set(value.key, value)
  }
  const counts = ({ value }: Versioned<ReportedRun>) => inside.length === 0 && latest.get(value.key) === value
  const places = items.map(({ key, version }, index): RowPlace => {
    const row = rows[index]
    return { place: placeOfRow(key), version, run: row !== undefined && counts(row) ? row.value.key : undefined }
  })
  return { runs: inside.length > 0 ? inside : [...latest.values()].sort(newestFirst), places } satisfies Rows
})

/**
 * The writes after which an issue shows these runs, at most one for each place, each on condition that the place is as it was read. `changed`
 * are those of which more is known; others that have a place are not written.
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
  const versions = new Map(places.map(({ place, version }) => [place, version]))
  const asRead = (place: string): Condition => {
    const version = versions.get(place)
    return version === undefined ? absent : atVersion(version)
  }
  const unused = allPlaces.filter((place) => !places.some((one) => one.place === place))
  const free = [...left, ...unused]
  const puts = shown.flatMap((run): ReadonlyArray<Write> => {
    const own = kept.get(run.key)
    if (own !== undefined && !changed.includes(run.key)) return []
    const place = own ?? free.shift()
    if (place === undefined) return []
    const attributes = encodeItem(ReportedRun, run)
    return [{ _tag: "Put", key: issueRowKey(report, place), attributes, condition: asRead(place) }]
  })
  const empty = left.filter((place) => free.includes(place))
  const remove = (place: string): Write => ({
    _tag: "Delete",
    key: issueRowKey(report, place),
    condition: asRead(place)
  })
  return [...puts, ...empty.map(remove)]
}
