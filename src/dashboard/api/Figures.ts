/** Figures: each answer is one stored item, computed by Rollup before anyone asks; an answer says the moment at which it was right. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Figures, Health, Leaderboard, RankedWindow, Ranking, Trend, Window } from "../../domain/Answers.ts"
import { StoreUnavailable } from "./Errors.ts"
import { about, whole } from "./Fields.ts"
import { Authorization, Parameters } from "./Middleware.ts"

/** Default: 24h. */
const window = { window: Schema.optionalKey(Window) }
/** Default: 24h, the first page, which is 0. */
const ranked = { window: Schema.optionalKey(RankedWindow), page: Schema.optionalKey(whole(0, 1_000_000)) }
const error = [StoreUnavailable] as const

/** Figures of windows, trends, rankings and health. */
export class FiguresApi extends HttpApiGroup.make("figures")
  .add(
    HttpApiEndpoint.get("health", "/health", { success: Health, error }).annotate(
      OpenApi.Summary,
      "How the service does, and why; what its queues hold"
    ),
    HttpApiEndpoint.get("figures", "/figures", { query: { ...about, ...window }, success: Figures, error }).annotate(
      OpenApi.Summary,
      "All figures of a window: of everything, a source, a target, or a source in a target"
    ),
    HttpApiEndpoint.get("trends", "/trends", { query: { ...about, ...window }, success: Trend, error }).annotate(
      OpenApi.Summary,
      "The figures of a window as `total`, and point by point, both of the same moment"
    ),
    HttpApiEndpoint.get("repositories", "/repositories", {
      query: { ...ranked, ranking: Schema.optionalKey(Ranking) },
      success: Leaderboard,
      error
    }).annotate(
      OpenApi.Summary,
      "A page of a ranking of repositories, versions, movers, or targets by the results of what was started in them"
    ),
    HttpApiEndpoint.get("workflows", "/workflows", { query: ranked, success: Leaderboard, error }).annotate(
      OpenApi.Summary,
      "A page of the ranking of source workflows"
    )
  )
  .annotate(
    OpenApi.Description,
    [
      "Stored figures, read by key. Nothing is summed, sorted or merged for an answer.",
      "`successRate` and `elapsed` are of dispatching; `resultRate`, `completion`, `succeeded`, `unsuccessful`, `running` and `lost` are of what was dispatched. No figure mixes the two."
    ].join(" ")
  )
  .middleware(Parameters)
  .middleware(Authorization) {}
