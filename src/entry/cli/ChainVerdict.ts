/** Whether a chain goes on, and how it has ended: what `dispatcher chain --watch` waits for and exits with. Pure. */
import type { DeliveryRow } from "../../domain/Answers.ts"
import { type ChainNode, type ChainView, edgeStates } from "../../domain/Chain.ts"
import { isGood } from "../../domain/RunResult.ts"
import { runKey } from "../../domain/SourceRun.ts"

/**
 * How long after its end a started run may be planned as a source of its own, in milliseconds. Its delivery may be lost, and where only its
 * end was asked for, none comes.
 */
const longestUntilPlanned = 2 * 60_000

/** Whether a started run has just ended and is no node yet: the chain may go on there. `now` in milliseconds since the epoch. */
const isBetweenRuns = ({ nodes }: ChainView, now: number): boolean => {
  const planned = new Set(nodes.map(({ parent, attempt }) => `${parent}@${attempt}`))
  return nodes.some(({ edges }) =>
    edges.some(
      ({ orderId, result }) =>
        result?._tag === "Completed" &&
        now - Date.parse(result.completedAt) < longestUntilPlanned &&
        !planned.has(`${orderId}@${result.attempt}`)
    )
  )
}

const isNodeGoing = ({ status, states }: ChainNode): boolean =>
  status === "waiting" || status === "open" || states.open + states.running > 0

/** Whether something in the chain is still to come: a plan, a start, the end of a started run. */
export const isGoing = (view: ChainView, now: number): boolean =>
  view.nodes.some(isNodeGoing) || isBetweenRuns(view, now)

/** How much went wrong at a node; of the run itself only where nothing started it, else its edge says it. */
const failuresAt = ({ depth, conclusion, status, states }: ChainNode, strict: boolean): number => {
  const itself = depth === 0 && conclusion !== null && !isGood(conclusion) ? 1 : 0
  const file = status === "invalid" || status === "unreachable" ? 1 : 0
  return itself + file + states.failed + (strict ? states.refused + states.unseen : 0)
}

/**
 * How much in a chain failed: its first run, a repository's own dispatching.yml, targets that were not started, started runs. With
 * `strict` also targets that were refused, and started runs whose end cannot be learned.
 */
export const failuresIn = ({ nodes }: ChainView, strict: boolean): number =>
  nodes.reduce((sum, node) => sum + failuresAt(node, strict), 0)

const noStates = Object.fromEntries(edgeStates.map((state) => [state, 0])) as ChainNode["states"]

/** A run that is part of no chain, as a chain of its own. */
export const aloneView = (row: DeliveryRow): ChainView => {
  const { deliveryId, acceptedAt, source: repository, workflow, branch, runId, attempt } = row
  const { runUrl: url, conclusion, status, message } = row
  const run = runKey({ ...row, repositoryId: row.sourceRepositoryId })
  const node = {
    ...{ run, root: run, depth: 0, parent: null, cause: null, deliveryId, acceptedAt, repository, workflow, branch },
    ...{ runId, attempt, url, conclusion, status, message, states: noStates, edges: [], moreEdges: 0 }
  }
  return { nodes: [node], cursor: null }
}
