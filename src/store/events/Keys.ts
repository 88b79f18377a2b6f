/**
 * Where the event log keeps facts. Every read is a get or a range of one partition, and every partition is bounded: by one run and its
 * replays, or by one day.
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `run/<run key>` | `<generation>/<stage>.<what><about>` | a fact: the item that makes it count once; in the order of the stages |
 * | `delivery/<guid>` | `run` | of which run the delivery told |
 * | `events[/<filter>=<value>]…/<day>` | `<time>/<fact id>` | a line for a fact; once for every combination of filters that is searched by |
 * | `events[/<filter>=<value>]…/days` | day | that there are events on that day |
 */
import type { Fact } from "../../domain/Fact.ts"
import { keyText } from "../../domain/KeyText.ts"
import { type Counter, counterOf } from "../../domain/Measure.ts"
import { type DeliveryId, type RunKey, runKey } from "../../domain/SourceRun.ts"
import type { Key } from "../../ports/Table.ts"

/** The order of what happens to a run; as text, what comes before the acceptance sorts before it, too. */
const stages: Readonly<Record<Counter, number>> = {
  redelivered: -1,
  accepted: 0,
  replayed: 1,
  ignored: 2,
  invalid: 2,
  unreachable: 2,
  planned: 2,
  denied: 3,
  queued: 3,
  dispatched: 4,
  failed: 4,
  withdrawn: 4,
  unknown: 4,
  reported: 5
}

const generationPart = (generation: number): string => String(generation).padStart(6, "0")

/** The run of which a fact tells. */
export const runOf = ({ data: { sourceRepositoryId, runId, attempt } }: Fact): RunKey =>
  runKey({ repositoryId: sourceRepositoryId, runId, attempt })

const runPartition = (run: RunKey): string => `run/${run}`

/** Where a fact itself is kept: the same place for the same id, whenever and by whomever it is told. */
export const factKey = (fact: Fact): Key => {
  const run = runOf(fact)
  const about = fact.id.slice(`${fact.type}/${run}`.length)
  const what = counterOf[fact.type]
  const sort = `${generationPart(fact.data.generation)}/${stages[what]}.${what}${keyText(about)}`
  return { table: "events", partition: runPartition(run), sort }
}

/** The range of all facts of a run, in the order of its stages; from a generation on. */
export const journeyRange = (run: RunKey, generation = 0) =>
  ({ table: "events", partition: runPartition(run), from: generationPart(generation) }) as const

/** Where it is kept of which run a delivery told. */
export const deliveryKey = (delivery: DeliveryId): Key => ({
  table: "events",
  partition: `delivery/${delivery}`,
  sort: "run"
})
