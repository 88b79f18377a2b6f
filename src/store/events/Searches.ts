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

/** The combinations that have a list. */
export const indexes: ReadonlyArray<ReadonlyArray<Filter>> = [
  [],
  ["source"],
  ["target"],
  ["source", "target"],
  ["status"],
  ["source", "status"],
  ["target", "status"],
  ["reason"]
]

/** The combinations that can be asked for: a reason has one status, so naming both asks for no more than naming the reason. */
export const supportedSearches: ReadonlyArray<ReadonlyArray<Filter>> = [...indexes, ["status", "reason"]]

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

const statuses: ReadonlyMap<string, Counter> = new Map([
  ...denialCodes.map((code) => [code, "denied"] as const),
  ...failureCodes.map((code) => [code, "failed"] as const)
])

/** The one status that facts with this reason have; undefined for what is no reason. */
export const statusOfReason = (reason: string): Counter | undefined => statuses.get(reason)
