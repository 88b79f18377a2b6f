/** What a chain's page says of a run, or of a target whose run is not known as one: its word, its time, and why it is so. */
import type { ChainEdge, ChainNode, EdgeState } from "../../../../domain/Chain.ts"
import { goodConclusions } from "../../../../domain/Vocabulary.ts"
import type { Sent } from "../../api/Sent.ts"
import { chainState, conclusionLabel, deliveryStatus, reasonLabel, statusLabel } from "../../format/Words.ts"

/** What is said of any target, wherever it is listed. */
type Fate = Omit<Sent<ChainEdge>, "orderId" | "target">
type Node = Sent<ChainNode>

/** How something in a chain does, in the page's words. */
export interface Said {
  /** One of the domain's states, or one that this page does not know. */
  readonly state: string
  readonly word: string
  /** RFC 3339: since when that is so. */
  readonly since: string
  /** How long the run took, in milliseconds; null where that is not known. */
  readonly took: number | null
  /** Why; null where the word says it all. */
  readonly why: string | null
}

const isGood = (conclusion: string): boolean => goodConclusions.some((good) => good === conclusion)

const stateOfConclusion = (conclusion: string | null): EdgeState => {
  if (conclusion === null) return "unseen"
  return isGood(conclusion) ? "succeeded" : "failed"
}

const nthAttempt = (attempt: number): string => (attempt === 1 ? "" : `, attempt ${attempt}`)

/** What is said of a run that no order started, or of an attempt that is not the one that its order knows the end of. */
export const saidOfRun = ({ conclusion, attempt, acceptedAt, url }: Node): Said => ({
  state: stateOfConclusion(conclusion),
  word: `${conclusion === null && url === null ? "Not known yet" : conclusionLabel(conclusion)}${nthAttempt(attempt)}`,
  since: acceptedAt,
  took: null,
  why: null
})

/** Why nothing was started, or may not have been. */
const refusal = ({ state, status, reason }: Fate): string => {
  const what = state === "failed" && status === "failed" ? "Not started" : statusLabel(status)
  return reason === null ? what : `${what}: ${reasonLabel(reason)}`
}

/** What is said of a target. */
export const saidOfEdge = (edge: Fate): Said => {
  const { state, since, message, result } = edge
  if (result?._tag === "Lost") return { state, word: chainState(state).label, since, took: null, why: result.message }
  if (result !== null) {
    const word = `${conclusionLabel(result.conclusion)}${nthAttempt(result.attempt)}`
    return { state, word, since: result.completedAt, took: result.duration, why: null }
  }
  const isNotStarted = state === "failed" || state === "refused"
  return { state, word: isNotStarted ? refusal(edge) : chainState(state).label, since, took: null, why: message }
}

/** What became of a run as a source, where that is worth a line; of a started run that starts nothing it is not. */
export const noteOf = ({ status, message, depth }: Node): string | null => {
  const isSaid = status === "waiting" || status === "invalid" || status === "unreachable"
  if (!isSaid && !(status === "ignored" && depth === 0)) return null
  const { label } = deliveryStatus(status)
  return message === null ? label : `${label}: ${message}`
}
