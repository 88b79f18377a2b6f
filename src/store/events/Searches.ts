/**
 * By what events can be found: a list of its own, kept up with every fact, for each combination of filters. Whatever is not listed here
 * cannot be answered without reading what was not asked for, so it is not answered.
 */
import { denialCodes } from "../../domain/Denial.ts"
import type { Fact } from "../../domain/Fact.ts"
import { type Counter, counterOf, reasonOf } from "../../domain/Measure.ts"
import { repositoryKey } from "../../domain/Names.ts"
import { failureCodes } from "../../domain/Outcome.ts"
import type { DayList } from "../DayList.ts"

export const filters = ["source", "target", "status", "reason"] as const
export type Filter = (typeof filters)[number]
/** What filters ask for, as in keys. */
export type FilterValues = { readonly [filter in Filter]?: string }

/** The combinations that have a list, which are those that can be asked for. */
export const indexes: ReadonlyArray<ReadonlyArray<Filter>> = [
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

/** By what a fact is found. */
export const filterValuesOf = (fact: Fact): FilterValues => {
  const reason = reasonOf(fact)
  return {
    source: repositoryKey(fact.data.sourceRepository),
    status: counterOf[fact.type],
    ...("target" in fact.data ? { target: repositoryKey(fact.data.target.repository) } : {}),
    ...(reason === undefined ? {} : { reason })
  }
}

const listName = (combination: ReadonlyArray<Filter>, values: FilterValues): string =>
  combination.map((filter) => `/${filter}=${values[filter]}`).join("")

/** The list of the events that have these values; the combination must be one of {@link indexes}. */
export const eventList = (combination: ReadonlyArray<Filter>, values: FilterValues): DayList => ({
  table: "events",
  name: `events${listName(combination, values)}`
})

/** The lists that a fact is in. */
export const listsOf = (fact: Fact): ReadonlyArray<DayList> => {
  const values = filterValuesOf(fact)
  return indexes
    .filter((combination) => combination.every((filter) => values[filter] !== undefined))
    .map((combination) => eventList(combination, values))
}

const statuses: ReadonlyMap<string, ReadonlyArray<Counter>> = new Map([
  ...denialCodes.map((code): [string, ReadonlyArray<Counter>] => [code, ["denied", "withdrawn"]]),
  ...failureCodes.map((code): [string, ReadonlyArray<Counter>] => [code, ["failed"]])
])

/** The statuses that facts with this reason can have; none for what is no reason. */
export const statusesOfReason = (reason: string): ReadonlyArray<Counter> => statuses.get(reason) ?? []
