/** A chain as a tree of lines. Pure. */
import type { ChainEdge, ChainNode, ChainView, EdgeState } from "../../domain/Chain.ts"
import { targetLabel } from "../../domain/Order.ts"
import { isGood } from "../../domain/RunResult.ts"
import { counted, durationText } from "../../domain/Sentence.ts"
import { mark, paint, plain } from "./Terminal.ts"

/** A line of the tree, known by its key while the chain goes on. */
export interface TreeLine {
  readonly key: string
  /** What draws the tree. */
  readonly branch: string
  readonly text: string
}

interface Twig {
  readonly key: string
  readonly text: string
  readonly below: ReadonlyArray<Twig>
}

/** The sign of a state. */
export const signOf = (state: EdgeState): string => {
  switch (state) {
    case "succeeded":
      return mark(true)
    case "failed":
      return mark(false)
    case "open":
      return paint("cyan", "○")
    case "running":
      return paint("cyan", "●")
    case "refused":
      return paint("yellow", "–")
    case "unseen":
      return paint("yellow", "?")
  }
}

const joined = (...parts: ReadonlyArray<string | null>): string => parts.filter((part) => part !== null).join(": ")

/** What became of a target, and how long that took or since when it is so. */
export const wordsOf = ({
  state,
  status,
  since,
  reason,
  message,
  result
}: Pick<ChainEdge, "state" | "status" | "since" | "reason" | "message" | "result">): readonly [
  what: string,
  when: string
] => {
  if (result?._tag === "Lost") return [joined("lost", result.message), `since ${since}`]
  if (result === null) return [state === "running" ? state : joined(status, reason, message), `since ${since}`]
  const { conclusion, attempt, duration, completedAt } = result
  const what = conclusion ?? "no conclusion"
  const when = duration === null ? `at ${completedAt}` : durationText(duration)
  return [attempt === 1 ? what : `${what} of attempt ${attempt}`, when]
}

const lineOf = (sign: string, name: string, what: string, when: string, url: string | null): string => {
  const link = url === null ? "" : ` ${paint("dim", plain(url))}`
  return `${sign} ${paint("bold", plain(name))} ${plain(what)} ${paint("dim", `(${plain(when)})`)}${link}`
}

const edgeText = (edge: ChainEdge): string =>
  lineOf(signOf(edge.state), targetLabel(edge.target), ...wordsOf(edge), edge.started?.url ?? null)

const runText = ({ repository, workflow, branch, attempt, conclusion, acceptedAt, url }: ChainNode): string => {
  const name = `${repository} ${workflow}${branch === null ? "" : `@${branch}`}`
  const what = `${conclusion ?? "completed"}${attempt === 1 ? "" : ` of attempt ${attempt}`}`
  return lineOf(mark(conclusion === null || isGood(conclusion)), name, what, `at ${acceptedAt}`, url)
}

/** What there is to say of a run as a source; of a started run that starts nothing, nothing. */
const noteOf = ({ status, message, depth }: ChainNode): string | undefined => {
  switch (status) {
    case "waiting":
      return `${signOf("open")} waits for its plan`
    case "invalid":
    case "unreachable":
      return `${signOf("failed")} ${plain(joined(status, message))}`
    case "ignored":
      return depth === 0 ? `${signOf("refused")} ${plain(joined(status, message))}` : undefined
    default:
      return undefined
  }
}

/** All that follows from a run, each node at the edge that started it. */
const growing = (nodes: ReadonlyArray<ChainNode>) => {
  const started = Map.groupBy(nodes, ({ parent }) => parent)
  const below = (node: ChainNode): ReadonlyArray<Twig> => {
    const note = noteOf(node)
    return [
      ...(note === undefined ? [] : [{ key: `${node.run} note`, text: note, below: [] }]),
      ...node.edges.map(ofEdge),
      ...(node.moreEdges === 0
        ? []
        : [{ key: `${node.run} more`, text: `… ${counted(node.moreEdges, "target")} more`, below: [] }])
    ]
  }
  const ofEdge = (edge: ChainEdge): Twig => {
    const runs = (started.get(edge.orderId) ?? []).toSorted((a, b) => a.attempt - b.attempt)
    const ofRun = (run: ChainNode): Twig => ({ key: run.run, text: runText(run), below: below(run) })
    // The edge itself is the line of its only run; of re-runs each has a line of its own.
    return { key: edge.orderId, text: edgeText(edge), below: runs.length > 1 ? runs.map(ofRun) : runs.flatMap(below) }
  }
  return (node: ChainNode): Twig => ({ key: node.run, text: runText(node), below: below(node) })
}

const drawn = (twigs: ReadonlyArray<Twig>, branch: string): ReadonlyArray<TreeLine> =>
  twigs.flatMap(({ key, text, below }, index) => {
    const isLast = index === twigs.length - 1
    return [
      { key, branch: `${branch}${isLast ? "└─ " : "├─ "}`, text },
      ...drawn(below, `${branch}${isLast ? "   " : "│  "}`)
    ]
  })

/** The lines of a chain, from its first run down. What belongs to no run that is listed is a tree of its own. */
export const treeOf = ({ nodes, cursor }: ChainView): ReadonlyArray<TreeLine> => {
  const orders = new Set<string | null>(nodes.flatMap(({ edges }) => edges.map(({ orderId }) => orderId)))
  const twig = growing(nodes)
  const roots = nodes.filter(({ parent }) => !orders.has(parent)).map(twig)
  return [
    ...roots.flatMap(({ key, text, below }) => [{ key, branch: "", text }, ...drawn(below, "")]),
    ...(cursor !== null ? [{ key: "more", branch: "", text: `… more runs than these ${nodes.length}` }] : [])
  ]
}

/** A chain as text. */
export const chainText = (view: ChainView): string =>
  treeOf(view)
    .map(({ branch, text }) => branch + text)
    .join("\n")
