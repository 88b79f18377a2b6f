/** The stub server's lists: deliveries, journeys, found runs, and events by the combinations of filters that the real server has an index for. */
import type { Choices, DeliveryRow, EventRow, FoundRun, Journey } from "../../../src/domain/Answers.ts"
import type { ChainView } from "../../../src/domain/Chain.ts"
import { eventRow } from "../../../src/domain/EventRow.ts"
import { entryOf, rowStatuses, rowTypes } from "../../../src/domain/FactTable.ts"
import { foundRun, runOf } from "../../../src/domain/RunFold.ts"
import { windows } from "../../../src/domain/Vocabulary.ts"
import { foldsOf } from "./StubFolds.ts"
import type { World } from "./StubWorld.ts"

/** The combinations that the stub serves; the real server's may differ. */
export const searches: ReadonlyArray<ReadonlyArray<string>> = [
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

export const choices = ({ sources, targets }: World): Choices => ({
  sources,
  targets,
  moreSources: false,
  moreTargets: false,
  statuses: rowStatuses,
  types: rowTypes,
  windows,
  searches
})

export const deliveryRows = (world: World, source: string | null): ReadonlyArray<DeliveryRow> =>
  foldsOf(world).flatMap(({ row }) => (row === null || (source !== null && row.source !== source) ? [] : [row]))

/** By delivery, or by the key of the run. */
export const journeyOf = (world: Pick<World, "facts">, id: string): Journey | undefined =>
  foldsOf(world).find(({ facts }) => facts.some((fact) => fact.data.deliveryId === id || runOf(fact) === id))

/** The chain that began with a run, those nearest to it first. */
export const chainViewOf = (world: Pick<World, "facts">, root: string): ChainView | undefined => {
  const nodes = foldsOf(world).flatMap(({ chain }) => (chain?.root === root ? [chain] : []))
  return nodes.length === 0 ? undefined : { nodes: nodes.toSorted((a, b) => a.depth - b.depth), cursor: null }
}

const isSought = (run: FoundRun, by: string | null, value: string): boolean => {
  switch (by) {
    case "number":
      return `${run.runNumber}` === value
    case "run":
      return run.runId === (/\/runs\/(\d+)/.exec(value)?.[1] ?? value)
    case "commit":
      return run.sha === value.toLowerCase()
    case "branch":
      return run.branch === value
    default:
      return run.actor === value
  }
}

export const foundRuns = ({ facts }: World, query: URLSearchParams): ReadonlyArray<FoundRun> =>
  facts
    .flatMap((fact) => (fact.type === "dispatch.request.accepted" ? foundRun(fact) : []))
    .filter((run) => isSought(run, query.get("by"), query.get("value") ?? ""))

/** The events that match all that is given; `undefined` where no index would serve that. */
export const eventRows = (world: World, query: URLSearchParams): ReadonlyArray<EventRow> | undefined => {
  const asked = ["source", "target", "status", "reason"].filter((name) => query.has(name))
  if (!searches.some((names) => names.length === asked.length && names.every((name) => asked.includes(name))))
    return undefined
  const [from, to] = [query.get("from"), query.get("to")]
  return world.facts
    .filter(({ type }) => entryOf(type).row)
    .map((fact) => eventRow(fact, fact.time))
    .filter(
      (row) =>
        asked.every((name) =>
          name === "target"
            ? row.target?.startsWith(`${query.get(name)} `)
            : row[name as "source" | "status" | "reason"] === query.get(name)
        ) &&
        (from === null || Date.parse(row.time) >= Date.parse(from)) &&
        (to === null || Date.parse(row.time) <= Date.parse(to))
    )
}
