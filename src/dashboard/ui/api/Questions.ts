/**
 * What the page can ask the server (`../Api.ts`): each question is a path with its query and the decoder of its answer.
 *
 * The path is also what an answer is remembered by, so equal questions must have equal paths: parameters come in a fixed order.
 */
import type { DeliveryRow, FindKey, FoundRun, RankedWindow, Ranking, Window } from "../../../domain/Answers.ts"
import { runKeyPattern } from "../../../domain/Vocabulary.ts"
import type { ExplainRequest } from "../../api/Commands.ts"
import type { SentAnswers } from "./Answers.ts"
import type { Decoding } from "./Decode.ts"
import { decoders } from "./Decoders.ts"
import type { PageOf, Sent } from "./Sent.ts"

/** A hypothetical run, and texts that take the place of configs on GitHub: what `/explain` takes. */
export type ExplainBody = typeof ExplainRequest.Encoded

/** Something to ask for with GET. */
export interface ApiQuestion<A> {
  /** Path and query below `/admin/api`. */
  readonly path: string
  readonly decode: Decoding<A>
}

type Parameters = Readonly<Record<string, string | number | undefined>>

const withQuery = (path: string, parameters: Parameters): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, `${value}`)
  return query.size === 0 ? path : `${path}?${query}`
}

/** Whose figures: of everything, of a source, of a target, of what a source causes in a target. */
export interface About {
  readonly source: string | undefined
  readonly target: string | undefined
}

export const healthQuestion: ApiQuestion<SentAnswers["health"]> = { path: "/health", decode: decoders.health }
export const filters: ApiQuestion<SentAnswers["choices"]> = { path: "/filters", decode: decoders.choices }

/** The figures of a window, in all and point by point. */
export const trends = ({ source, target }: About, window: Window): ApiQuestion<SentAnswers["trend"]> => ({
  path: withQuery("/trends", { source, target, window }),
  decode: decoders.trend
})

/** Workflows have an endpoint of their own. */
export const ranking = (
  ranked: Ranking,
  window: RankedWindow,
  page: number
): ApiQuestion<SentAnswers["leaderboard"]> => ({
  path:
    ranked === "workflows"
      ? withQuery("/workflows", { window, page })
      : withQuery("/repositories", { window, ranking: ranked, page }),
  decode: decoders.leaderboard
})

/** How many rows a list asks for. */
const pageSize = 25

export const deliveries = (
  source: string | undefined,
  cursor: string | undefined
): ApiQuestion<PageOf<Sent<DeliveryRow>>> => ({
  path: withQuery("/deliveries", { source, cursor, limit: pageSize }),
  decode: decoders.deliveryPage
})

/** What a run is looked for by, and the value. */
export interface RunSearch {
  readonly by: FindKey
  readonly value: string
}

export const found = ({ by, value }: RunSearch, cursor: string | undefined): ApiQuestion<PageOf<Sent<FoundRun>>> => ({
  path: withQuery("/find", { by, value, cursor, limit: pageSize }),
  decode: decoders.foundPage
})

/** What events are searched by. */
export interface EventFilters extends About {
  readonly status: string | undefined
  readonly reason: string | undefined
  /** RFC 3339. */
  readonly from: string | undefined
  readonly to: string | undefined
}

export const eventsQuestion = (
  search: EventFilters,
  cursor: string | undefined
): ApiQuestion<SentAnswers["eventPage"]> => {
  const { source, target, status, reason, from, to } = search
  return {
    path: withQuery("/events", { source, target, status, reason, from, to, cursor, limit: pageSize }),
    decode: decoders.eventPage
  }
}

/** The journey of a delivery, or of a run by its key. */
export const journeyQuestion = (id: string): ApiQuestion<SentAnswers["journey"]> => ({
  path: runKeyPattern.test(id) ? `/runs/${id}/journey` : `/deliveries/${encodeURIComponent(id)}/journey`,
  decode: decoders.journey
})

/** A page of the chain that began with a run, by the run's key. One range read of up to 500 runs. */
export const chainQuestion = (root: string, cursor?: string): ApiQuestion<SentAnswers["chain"]> => ({
  path: withQuery(`/chains/${root}`, { cursor }),
  decode: decoders.chain
})

/** Who starts whom: a page of all connections, up to 500, in the order of their sources. */
export const connectionsQuestion = (cursor: string | undefined): ApiQuestion<SentAnswers["connectionPage"]> => ({
  path: withQuery("/topology", { cursor }),
  decode: decoders.connectionPage
})

/** What a repository starts, and what starts it or wants to; up to 500 of each. */
export const neighboursQuestion = (repository: string): ApiQuestion<SentAnswers["neighbours"]> => ({
  path: `/topology/${repository}`,
  decode: decoders.neighbours
})
