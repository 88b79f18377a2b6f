/**
 * What must be stored once these facts are recorded: a plain fold over them, which knows the documented keys and nothing of how they are
 * written. By table, partition and sort key.
 */
import { eventRow } from "../../src/domain/EventRow.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { additions, counterOf, reasonOf } from "../../src/domain/Measure.ts"
import { scopeKey, scopesOf } from "../../src/domain/Scope.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import type { Attributes } from "../../src/ports/Table.ts"

type Counted = Record<string, number>

/** A key of a run, and what each fact is to it. */
export const runOf = ({ data }: Fact) =>
  runKey({ repositoryId: data.sourceRepositoryId, runId: data.runId, attempt: data.attempt })

const addTo = (sums: Map<string, Counted>, address: string, added: Readonly<Counted>) => {
  const before = sums.get(address) ?? {}
  const after = Object.entries(added).map(([name, amount]) => [name, (before[name] ?? 0) + amount])
  sums.set(address, { ...before, ...Object.fromEntries(after) })
}

/** Counters of minutes and hours. */
export const expectedBuckets = (facts: ReadonlyArray<Fact>): ReadonlyMap<string, Attributes> => {
  const sums = new Map<string, Counted>()
  for (const fact of facts) {
    for (const scope of scopesOf(fact)) {
      addTo(sums, `projections minute/${scopeKey(scope)} ${fact.time.slice(0, 16)}`, additions(fact))
      addTo(sums, `projections hour/${scopeKey(scope)} ${fact.time.slice(0, 13)}`, additions(fact))
    }
  }
  return sums
}

/** The lists by which events are found. */
const listsOf = (fact: Fact): ReadonlyArray<string> => {
  const source = `/source=${fact.data.sourceRepository.toLowerCase()}`
  const status = `/status=${counterOf[fact.type]}`
  const lists = ["", source, status, source + status]
  if ("target" in fact.data) {
    const target = `/target=${fact.data.target.repository.toLowerCase()}`
    lists.push(target, source + target, target + status)
  }
  const reason = reasonOf(fact)
  if (reason !== undefined) lists.push(`/reason=${reason}`, `${status}/reason=${reason}`)
  return lists.map((list) => `events${list}`)
}

/** Lines of events, and the days that have any. */
export const expectedEvents = (facts: ReadonlyArray<Fact>): ReadonlyMap<string, Attributes> => {
  const items = new Map<string, Attributes>()
  for (const fact of facts) {
    const day = fact.time.slice(0, 10)
    for (const list of listsOf(fact)) {
      items.set(`events ${list}/${day} ${fact.time}/${fact.id}`, { ...eventRow(fact, fact.time) })
      items.set(`events ${list}/days ${day}`, {})
    }
  }
  return items
}

const rowOf = (fact: Fact): Attributes => {
  const { deliveryId, acceptedAt, sourceRepository, sourceRepositoryId, sourceWorkflow, runId, attempt } = fact.data
  const common = { deliveryId, acceptedAt, sourceRepositoryId, runId, attempt, workflow: sourceWorkflow }
  const { branch, conclusion, runUrl } = fact.type === "dispatch.request.accepted" ? fact.data : {}
  const accepted = branch === undefined ? {} : { branch, conclusion: conclusion ?? null, runUrl: runUrl ?? null }
  return { ...common, source: sourceRepository, ...accepted }
}

/** Rows of deliveries, and the days that have any. */
export const expectedRows = (facts: ReadonlyArray<Fact>): ReadonlyMap<string, Attributes> => {
  const items = new Map<string, Attributes>()
  const counts = new Map<string, Counted>()
  for (const fact of facts) {
    if (fact.type === "dispatch.delivery.redelivered") continue
    const { acceptedAt, deliveryId, sourceRepository } = fact.data
    for (const list of ["deliveries", `deliveries/source=${sourceRepository.toLowerCase()}`]) {
      const address = `projections ${list}/${acceptedAt.slice(0, 10)} ${acceptedAt}/${deliveryId}`
      addTo(counts, address, { [counterOf[fact.type]]: 1 })
      items.set(address, { ...items.get(address), ...rowOf(fact) })
      items.set(`projections ${list}/days ${acceptedAt.slice(0, 10)}`, {})
    }
  }
  for (const [address, counted] of counts) items.set(address, { ...items.get(address), ...counted })
  return items
}

/** What opens and closes which work: deliveries by run, orders by target, both by generation. */
const workOf = (fact: Fact): { readonly work: string; readonly opens: boolean } | undefined => {
  const generation = `@${fact.data.generation}`
  switch (counterOf[fact.type]) {
    case "accepted":
    case "replayed":
      return { work: `open/unplanned ${fact.data.acceptedAt}/${runOf(fact)}${generation}`, opens: true }
    case "planned":
    case "ignored":
    case "invalid":
    case "unreachable":
      return { work: `open/unplanned ${fact.data.acceptedAt}/${runOf(fact)}${generation}`, opens: false }
    case "queued":
    case "dispatched":
    case "failed":
    case "withdrawn":
    case "unknown": {
      if (!("target" in fact.data)) return undefined
      const { repository, workflow } = fact.data.target
      const key = `${runOf(fact)}/${repository}/${workflow}`.toLowerCase()
      return {
        work: `open/unsettled ${fact.data.acceptedAt}/${key}${generation}`,
        opens: counterOf[fact.type] === "queued"
      }
    }
    default:
      return undefined
  }
}

/** The addresses of work that was begun and, in that generation, did not end. */
export const expectedOpen = (facts: ReadonlyArray<Fact>): ReadonlySet<string> => {
  const works = facts.map(workOf).filter((work) => work !== undefined)
  const closed = new Set(works.filter(({ opens }) => !opens).map(({ work }) => work))
  return new Set(works.filter(({ work, opens }) => opens && !closed.has(work)).map(({ work }) => `projections ${work}`))
}

/** Repositories that can be chosen. */
export const expectedKnown = (facts: ReadonlyArray<Fact>): ReadonlySet<string> =>
  new Set(
    facts.flatMap(({ data }) => [
      `projections known/sources ${data.sourceRepository.toLowerCase()}`,
      ...("target" in data ? [`projections known/targets ${data.target.repository.toLowerCase()}`] : [])
    ])
  )
