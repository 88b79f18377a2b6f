/**
 * By what events are found: a list of its own, kept up with every fact that makes a row, for each combination of filters. Whatever is not
 * listed here cannot be answered without reading what was not asked for, so it is not answered.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `events[/<filter>=<value>]…/<day>` | `<time>/<status>/<what follows the type in the fact's id>` | the row of a fact (`EventRows.ts`) |
 * | `events[/<filter>=<value>]…/days` | day | that there are rows of that day |
 */
import { isoTime } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { entryOf } from "../domain/FactTable.ts"
import { keyText, repositoryKey } from "../domain/Names.ts"
import type { Appended } from "../ports/Table.ts"
import type { EventSearch } from "./DashboardQueries.ts"
import { type DayList, dayKey, entryKey } from "./DayList.ts"
import { rowId, storedRows } from "./EventRows.ts"
import { dayExpiry, expiryOf, type Retention } from "./Retention.ts"

const filters = ["source", "target", "status", "reason"] as const
type Filter = (typeof filters)[number]
/** What filters ask for, as in keys. */
type FilterValues = { readonly [filter in Filter]?: string }

/** The combinations that have a list, which are those that can be asked for. */
export const searches: ReadonlyArray<ReadonlyArray<Filter>> = [
  [],
  ["source"],
  ["target"],
  ["source", "target"],
  ["status"],
  ["source", "status"],
  ["target", "status"],
  ["reason"],
  ["status", "reason"]
]

const listOf = (combination: ReadonlyArray<Filter>, values: FilterValues): DayList => ({
  name: `events${combination.map((filter) => `/${filter}=${values[filter]}`).join("")}`
})

const valuesOf = (fact: Fact): FilterValues => {
  const { status, reason } = entryOf(fact.type)
  const code = reason(fact.data as never)
  return {
    source: repositoryKey(fact.data.sourceRepository),
    status,
    ...("target" in fact.data ? { target: repositoryKey(fact.data.target.repository) } : {}),
    ...(code === null ? {} : { reason: code })
  }
}

const listsOf = (fact: Fact): ReadonlyArray<DayList> => {
  const values = valuesOf(fact)
  return searches
    .filter((combination) => combination.every((filter) => values[filter] !== undefined))
    .map((combination) => listOf(combination, values))
}

const timeOf = (fact: Fact): string => isoTime(Date.parse(fact.time))

/** The rows of a fact, in every list that finds it: 4 of one about a run, 7 of one about a target, 9 with a reason. */
export const rowPuts = (fact: Fact, { lists }: Retention): ReadonlyArray<Appended> => {
  if (!entryOf(fact.type).row) return []
  const time = timeOf(fact)
  const expiresAt = expiryOf(Date.parse(fact.time), lists)
  const keys = listsOf(fact).map((list) => entryKey(list, time, rowId(fact)))
  return storedRows(fact, time, keys).map((row) => ({ ...row, expiresAt }))
}

/** That these lists have rows of the fact's day: the same whichever fact puts it, so once is enough. */
export const rowDayPuts = (fact: Fact, { lists }: Retention): ReadonlyArray<Appended> => {
  if (!entryOf(fact.type).row) return []
  const time = timeOf(fact)
  return listsOf(fact).map((list) => {
    const key = dayKey(list, time)
    return { key, attributes: {}, expiresAt: dayExpiry(key.sort, lists) }
  })
}

/** The list that a search is read from; or the filters that were asked for, where no list is kept for them. */
export const searchedList = (search: EventSearch): DayList | ReadonlyArray<string> => {
  const { source, target, status, reason } = search
  const values: FilterValues = {
    ...(source === undefined ? {} : { source: repositoryKey(source) }),
    ...(target === undefined ? {} : { target: repositoryKey(target) }),
    ...(status === undefined ? {} : { status: keyText(status) }),
    ...(reason === undefined ? {} : { reason: keyText(reason) })
  }
  const asked = filters.filter((filter) => values[filter] !== undefined)
  const found = searches.find((one) => one.length === asked.length && one.every((filter) => asked.includes(filter)))
  return found === undefined ? asked : listOf(found, values)
}
