/** The stub server's lists: deliveries, journeys, and events by the combinations of filters that the real server has an index for. */
import type { Fact } from "../../../src/domain/Fact.ts"
import { type Counter, counterOf, counters, reasonOf } from "../../../src/domain/Measure.ts"
import { type Choices, type DeliveryRow, type EventRow, ranges, windows } from "../../../src/domain/Views.ts"
import { countsOf } from "./StubFigures.ts"
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
  statuses: counters,
  types: Object.keys(counterOf),
  windows,
  ranges,
  searches
})

const runOf = ({ data }: Fact): string => `${data.sourceRepositoryId}/${data.runId}/${data.attempt}`

export const deliveryRows = ({ facts }: World, source: string | null): ReadonlyArray<DeliveryRow> => {
  const runs = Map.groupBy(facts, runOf)
  return facts.flatMap((fact) => {
    if (fact.type !== "dispatch.request.accepted" || (source !== null && fact.subject !== source)) return []
    const { data } = fact
    return [
      {
        deliveryId: data.deliveryId,
        acceptedAt: data.acceptedAt,
        source: data.sourceRepository,
        sourceRepositoryId: data.sourceRepositoryId,
        workflow: data.sourceWorkflow,
        runId: data.runId,
        attempt: data.attempt,
        branch: data.branch,
        conclusion: data.conclusion,
        runUrl: data.runUrl,
        counts: countsOf(runs.get(runOf(fact)) ?? [])
      }
    ]
  })
}

const stages: ReadonlyArray<Counter> = [
  "redelivered",
  "accepted",
  "replayed",
  "planned",
  "queued",
  "denied",
  "dispatched",
  "failed",
  "withdrawn",
  "unknown",
  "ignored",
  "reported"
]

export const journeyOf = ({ facts }: World, deliveryId: string): ReadonlyArray<Fact> =>
  facts
    .filter(({ data }) => data.deliveryId === deliveryId)
    .toSorted(
      (a, b) =>
        a.data.generation - b.data.generation || stages.indexOf(counterOf[a.type]) - stages.indexOf(counterOf[b.type])
    )

const urlOf = (fact: Fact): string | null => {
  if (fact.type === "dispatch.request.accepted") return fact.data.runUrl
  if (fact.type === "dispatch.trigger.succeeded") return fact.data.started?.url ?? null
  return fact.type === "dispatch.report.published" ? (fact.data.issue?.url ?? null) : null
}

export const eventRow = (fact: Fact): EventRow => {
  const target = "target" in fact.data ? fact.data.target : undefined
  return {
    id: fact.id,
    type: fact.type,
    status: counterOf[fact.type],
    time: fact.time,
    deliveryId: fact.data.deliveryId,
    source: fact.data.sourceRepository,
    workflow: fact.data.sourceWorkflow,
    target: target === undefined ? null : `${target.repository} ${target.workflow}@${target.ref}`,
    reason: reasonOf(fact) ?? null,
    message: "message" in fact.data ? fact.data.message : null,
    url: urlOf(fact)
  }
}

/** The events that match all that is given; `undefined` where no index would serve that. */
export const eventRows = (world: World, query: URLSearchParams): ReadonlyArray<EventRow> | undefined => {
  const asked = ["source", "target", "status", "reason"].filter((name) => query.has(name))
  if (!searches.some((names) => names.length === asked.length && names.every((name) => asked.includes(name))))
    return undefined
  const [from, to] = [query.get("from"), query.get("to")]
  return world.facts
    .map(eventRow)
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
