/** From the facts of a run to its node of the chain that it is part of. A plain function of the set of facts. Pure. */
import type { DeliveryRow } from "./Answers.ts"
import { type ChainEdge, type ChainNode, type EdgeState, edgeStates, maxEdges } from "./Chain.ts"
import { shortMessage } from "./EventRow.ts"
import type { Fact } from "./Fact.ts"
import { entryOf, type ResultFact, type TargetStatus } from "./FactTable.ts"
import { type ChainPlace, causeOf, orderId } from "./Order.ts"
import { isGood, type RunResult } from "./RunResult.ts"
import { runKey } from "./SourceRun.ts"
import type { TargetState } from "./TargetFold.ts"

/** Where the run of these facts stands, by the latest generation that says so; of equals the fact whose id is least. */
export const placeIn = (facts: ReadonlyArray<Fact>): ChainPlace | undefined =>
  facts.reduce<Fact | undefined>((best, fact) => {
    if (fact.data.chain === undefined || best === undefined) return fact.data.chain === undefined ? best : fact
    const difference = fact.data.generation - best.data.generation || (fact.id < best.id ? 1 : -1)
    return difference > 0 ? fact : best
  }, undefined)?.data.chain

const resultOf = (fact: ResultFact): RunResult => {
  const { data } = fact
  if (!("conclusion" in data)) return { _tag: "Lost", message: shortMessage(data.message) }
  const { conclusion, startedAttempt: attempt, completedAt, duration } = data
  return { _tag: "Completed", conclusion, attempt, completedAt, duration }
}

const stateOf = ({ part, status, result, running }: TargetState): EdgeState => {
  if (part === "allows") return "open"
  if (part === "denies" || part === "withdraws") return "refused"
  if (status !== "dispatched") return "failed"
  if (running) return "running"
  if (result === undefined || !("conclusion" in result.data)) return "unseen"
  return isGood(result.data.conclusion) ? "succeeded" : "failed"
}

/** What became of a target, in the words that are shown. */
export const fateOf = (about: TargetState): Omit<ChainEdge, "orderId" | "target"> => {
  const { fact, status, since, reason, result } = about
  const message = entryOf(fact.type).message(fact.data as never)
  return {
    state: stateOf(about),
    // A target's fact has no other status.
    status: status as TargetStatus,
    since,
    reason,
    message: message === null ? null : shortMessage(message),
    started: "started" in fact.data ? fact.data.started : null,
    result: result === undefined ? null : resultOf(result)
  }
}

const edgeOf = (row: DeliveryRow, about: TargetState): ChainEdge => ({
  orderId: orderId({ ...row, repositoryId: row.sourceRepositoryId }, about.target),
  target: about.target,
  ...fateOf(about)
})

const statesOf = (edges: ReadonlyArray<ChainEdge>): ChainNode["states"] =>
  Object.fromEntries(
    edgeStates.map((state) => [state, edges.filter((edge) => edge.state === state).length])
  ) as ChainNode["states"]

/** What a node says of the run itself. */
const runOfRow = (row: DeliveryRow) => {
  const { deliveryId, acceptedAt, source: repository, workflow, branch, runId, attempt } = row
  const { runUrl: url, conclusion, status, message } = row
  return {
    ...{ deliveryId, acceptedAt, repository, workflow, branch, runId, attempt, url, conclusion, status },
    message: message === null ? null : shortMessage(message)
  }
}

/**
 * The node of a run with these facts, this row and these targets; undefined where the run is no part of a chain: no order started it, and
 * no target was decided about; or where it is not known (yet) where it stands.
 */
export const chainNode = (
  facts: ReadonlyArray<Fact>,
  row: DeliveryRow,
  targets: ReadonlyArray<TargetState>
): ChainNode | undefined => {
  const place = placeIn(facts)
  if (place === undefined || (place.depth === 0 && targets.length === 0)) return undefined
  const all = targets.map((target) => edgeOf(row, target))
  // Those of one state stay in the order of their targets' keys.
  const edges = edgeStates.flatMap((state) => all.filter((edge) => edge.state === state))
  return {
    run: runKey({ ...row, repositoryId: row.sourceRepositoryId }),
    ...place,
    cause: place.parent === null ? null : causeOf(place.parent),
    ...runOfRow(row),
    states: statesOf(all),
    edges: edges.slice(0, maxEdges),
    moreEdges: Math.max(0, edges.length - maxEdges)
  }
}
