/**
 * What must be stored once these facts are recorded: a plain fold over the set of them, which has the documented keys and nothing of how
 * they are written. By table, partition and sort key.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { DeliveryRow } from "../../src/domain/Answers.ts"
import type { ChainNode } from "../../src/domain/Chain.ts"
import type { Contribution } from "../../src/domain/Contribution.ts"
import { eventRow } from "../../src/domain/EventRow.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { entryOf } from "../../src/domain/FactTable.ts"
import { foldRun, foldVersion, foundRun, isAcceptance, runOf } from "../../src/domain/RunFold.ts"
import { sparseCounts } from "../../src/domain/Tally.ts"
import type { Attributes, Item } from "../../src/ports/Table.ts"
import { decodeRow } from "../../src/readmodel/EventRows.ts"
import { decodeFound } from "../../src/readmodel/FoundRuns.ts"
import { asAttributes } from "../../src/readmodel/Items.ts"

type Items = Map<string, Attributes>

/** Each fact once. */
const distinct = (facts: ReadonlyArray<Fact>): ReadonlyArray<Fact> => [
  ...new Map(facts.map((fact) => [fact.id, fact])).values()
]

const listsOf = (fact: Fact): ReadonlyArray<string> => {
  const { status, reason } = entryOf(fact.type)
  const source = `/source=${fact.data.sourceRepository.toLowerCase()}`
  const lists = ["", source, `/status=${status}`, `${source}/status=${status}`]
  if ("target" in fact.data) {
    const target = `/target=${fact.data.target.repository.toLowerCase()}`
    lists.push(target, source + target, `${target}/status=${status}`)
  }
  const code = reason(fact.data as never)
  if (code !== null) lists.push(`/reason=${code}`, `/status=${status}/reason=${code}`)
  return lists.map((list) => `events${list}`)
}

/** Rows of events, and the days that have any. */
const eventItems = (facts: ReadonlyArray<Fact>, items: Items): void => {
  for (const fact of facts.filter(({ type }) => entryOf(type).row)) {
    const day = fact.time.slice(0, 10)
    for (const list of listsOf(fact)) {
      const id = `${entryOf(fact.type).status}${fact.id.slice(fact.type.length)}`
      items.set(`projections ${list}/${day} ${fact.time}/${id}`, { ...eventRow(fact, fact.time) })
      items.set(`projections ${list}/days ${day}`, {})
    }
  }
}

const foundItems = (facts: ReadonlyArray<Fact>, items: Items): void => {
  for (const fact of facts) {
    const { part } = entryOf(fact.type)
    if (part === "accepts" || part === "precedes") {
      const digest = createHash("sha256").update(fact.data.deliveryId).digest("hex")
      items.set(`events deliveries/${digest[0]} ${fact.data.deliveryId}`, { run: runOf(fact) })
    }
    if (!isAcceptance(fact)) continue
    const { acceptedAt, deliveryId, runNumber, runId, sha, branch, actor } = fact.data
    const row = { ...foundRun(fact) }
    const number = runNumber === undefined ? [] : [`number=${runNumber}`]
    for (const key of [...number, `run=${runId}`, `branch=${branch}`, `actor=${actor}`]) {
      items.set(`projections find/${key} ${acceptedAt}/${deliveryId}`, row)
    }
    items.set(`projections find/commit=${sha.slice(0, 7)} ${sha}/${acceptedAt}/${deliveryId}`, row)
  }
}

const knownItems = (facts: ReadonlyArray<Fact>, items: Items): void => {
  for (const { data } of facts) {
    items.set(`projections known/sources ${data.sourceRepository.toLowerCase()}`, {})
    if ("target" in data) items.set(`projections known/targets ${data.target.repository.toLowerCase()}`, {})
  }
}

const rowItems = (row: DeliveryRow, pair: Attributes, items: Items): void => {
  for (const list of ["runs", `runs/source=${row.source.toLowerCase()}`]) {
    const day = row.acceptedAt.slice(0, 10)
    const attributes = { ...row, counts: sparseCounts(row.counts), ...pair } as unknown as Attributes
    items.set(`projections ${list}/${day} ${row.acceptedAt}/${row.deliveryId}`, attributes)
    items.set(`projections ${list}/days ${day}`, {})
  }
}

const contributionItem = (contribution: Contribution, part: string, pair: Attributes, items: Items): void => {
  const minute = contribution.acceptedAt.slice(0, 16)
  const address = `projections contributions/${minute} ${contribution.run}${part}`
  items.set(address, { ...contribution, ...pair } as unknown as Attributes)
  items.set(`projections marks ${minute}`, {})
}

const nodeItem = (node: ChainNode | undefined, pair: Attributes, items: Items): void => {
  if (node === undefined) return
  const address = `projections chain/${node.root} ${String(node.depth).padStart(4, "0")}/${node.run}`
  items.set(address, { ...node, ...pair } as unknown as Attributes)
}

/** What an item holds: of rows of events and found runs as they are read, of marks and known repositories nothing, since only their address counts. */
export const contentOf = Effect.fnUntraced(function* (address: string, item: Item) {
  if (address.startsWith("projections find/")) return asAttributes(yield* decodeFound(item))
  if (/^projections events\/(?!.*days )/.test(address)) return asAttributes(yield* decodeRow(item))
  return /^projections (marks|known)/.test(address) ? {} : item.attributes
})

/** Everything but the facts themselves. Of marks and known repositories only the address counts. */
export const expectedItems = (published: ReadonlyArray<Fact>): Items => {
  const facts = distinct(published)
  const items: Items = new Map()
  eventItems(facts, items)
  foundItems(facts, items)
  knownItems(facts, items)
  for (const [first, ...others] of Map.groupBy(facts, runOf).values()) {
    const fold = foldRun([first as Fact, ...others])
    const counted = [first, ...others].filter((fact) => fact?.type !== "dispatch.report.published")
    const pair = { fold: foldVersion, facts: counted.length }
    if (fold.contribution !== undefined) contributionItem(fold.contribution, "", pair, items)
    if (fold.shown !== undefined) {
      rowItems(fold.shown.row, pair, items)
      nodeItem(fold.shown.node, pair, items)
    }
    for (const contribution of fold.lost) contributionItem(contribution, "/lost", pair, items)
  }
  return items
}
