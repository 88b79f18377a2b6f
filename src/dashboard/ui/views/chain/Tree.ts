/** A chain as the tree that is drawn: each target hangs below its source run, and is that run's card once it is known as one. */
import type { ChainEdge, ChainNode, ChainView } from "../../../../domain/Chain.ts"
import type { Sent } from "../../api/Sent.ts"
import { noteOf, type Said, saidOfEdge, saidOfRun } from "./Words.ts"

type Edge = Sent<ChainEdge>
type Node = Sent<ChainNode>

/** A card of the tree, and what hangs below it. */
export interface ChainItem extends Said {
  /** The same card has the same key in every answer. */
  readonly key: string
  readonly repository: string
  readonly workflow: string
  /** Branch of a run, ref of a target; null where there is none. */
  readonly branch: string | null
  /** GitHub's page of the run; null where there is none, or it is not known. */
  readonly url: string | null
  /** The journey that has it: its own, or for a target that is no run yet, that of its source run. */
  readonly journey: string
  /** What became of the run as a source, where that is worth a line. */
  readonly note: string | null
  /** How many of its targets are in each state, as the server counts them. */
  readonly states: Node["states"] | undefined
  /** How many targets more there are than the server lists. */
  readonly moreTargets: number
  readonly isAlive: boolean
  /** Whether it failed, or something below it did. */
  readonly isTroubled: boolean
  /** Whether it is alive, or something below it is. */
  readonly isStirring: boolean
  /** Whether it merely succeeded, and all below it. */
  readonly isQuiet: boolean
  readonly below: ReadonlyArray<ChainItem>
}

/** Failures first, then what is alive, then all else, and what merely succeeded last. */
const failuresFirst = (items: ReadonlyArray<ChainItem>): ReadonlyArray<ChainItem> => {
  const stirring = items.filter(({ isTroubled, isStirring }) => !isTroubled && isStirring)
  const still = items.filter(({ isTroubled, isStirring }) => !isTroubled && !isStirring)
  return [
    ...items.filter(({ isTroubled }) => isTroubled),
    ...stirring,
    ...still.filter(({ isQuiet }) => !isQuiet),
    ...still.filter(({ isQuiet }) => isQuiet)
  ]
}

type Own = Omit<ChainItem, "isTroubled" | "isStirring" | "isQuiet" | "below">

const item = (own: Own, isBroken: boolean, unordered: ReadonlyArray<ChainItem>): ChainItem => {
  const below = failuresFirst(unordered)
  return {
    ...own,
    isTroubled: isBroken || own.state === "failed" || below.some(({ isTroubled }) => isTroubled),
    isStirring: own.isAlive || below.some(({ isStirring }) => isStirring),
    isQuiet: own.state === "succeeded" && own.note === null && below.every(({ isQuiet }) => isQuiet),
    below
  }
}

const isAliveState = (state: string): boolean => state === "open" || state === "running"

const leaf = (edge: Edge, source: Node): ChainItem => {
  const { target, orderId: key, started } = edge
  const said = saidOfEdge(edge)
  return item(
    {
      ...{ ...said, key, repository: target.repository, workflow: target.workflow, branch: target.ref },
      ...{ url: started?.url ?? null, journey: source.deliveryId, note: null, states: undefined, moreTargets: 0 },
      isAlive: isAliveState(said.state)
    },
    false,
    []
  )
}

/** Whether an order's end is the end of this attempt of the run that it started. */
const isEndOf = ({ result }: Edge, { attempt }: Node): boolean =>
  result?._tag !== "Completed" || result.attempt === attempt

/** The runs that each order started: more than one where a run was run again. */
const startedRuns = (nodes: ReadonlyArray<Node>): ReadonlyMap<string | null, ReadonlyArray<Node>> => {
  const found = new Map<string | null, ReadonlyArray<Node>>()
  for (const node of nodes) found.set(node.parent, [...(found.get(node.parent) ?? []), node])
  return found
}

/** All that hangs below runs, for the nodes of one answer. */
const growing = (nodes: ReadonlyArray<Node>) => {
  const started = startedRuns(nodes)
  const ofEdge = (edge: Edge, source: Node): ReadonlyArray<ChainItem> => {
    const runs = started.get(edge.orderId) ?? []
    const [only, another] = runs
    if (only === undefined) return [leaf(edge, source)]
    if (another === undefined) return [ofNode(only, edge)]
    const isKnown = runs.some((run) => isEndOf(edge, run))
    const attempts = runs.map((run) => ofNode(run, isEndOf(edge, run) ? edge : undefined))
    return isKnown ? attempts : [leaf(edge, source), ...attempts]
  }
  /** `edge` is what is known of its end by the order that started it. */
  const ofNode = (node: Node, edge: Edge | undefined): ChainItem => {
    const { run, deliveryId, repository, workflow, branch, url, status, states } = node
    const said = edge === undefined ? saidOfRun(node) : saidOfEdge(edge)
    const isGoing = status === "waiting" || status === "open"
    return item(
      {
        ...{ ...said, key: run, repository, workflow, branch, url: url ?? edge?.started?.url ?? null },
        ...{ journey: deliveryId, note: noteOf(node), states, moreTargets: node.moreEdges },
        isAlive: isGoing || isAliveState(said.state)
      },
      status === "invalid" || status === "unreachable" || states.failed > 0,
      node.edges.flatMap((target) => ofEdge(target, node))
    )
  }
  return ofNode
}

/** The trees of a chain: one, from its first run on; what belongs to no run that is listed is a tree of its own. */
export const treesOf = ({ nodes }: Pick<Sent<ChainView>, "nodes">): ReadonlyArray<ChainItem> => {
  const orders = new Set<string | null>(nodes.flatMap(({ edges }) => edges.map(({ orderId }) => orderId)))
  const ofNode = growing(nodes)
  return nodes.filter(({ parent }) => !orders.has(parent)).map((node) => ofNode(node, undefined))
}
