/** Handlers of figures: each reads one stored answer and returns it. There is nothing here to compute with, and a test keeps it so. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { RepositoryName } from "../../domain/Names.ts"
import { globalScope, type Scope } from "../../domain/Scope.ts"
import { DashboardQueries } from "../../readmodel/DashboardQueries.ts"
import { Api } from "../Api.ts"
import { orUnavailable } from "./Failing.ts"

interface About {
  readonly source?: RepositoryName
  readonly target?: RepositoryName
}

const scopeOf = ({ source, target }: About): Scope => {
  if (source !== undefined && target !== undefined) return { _tag: "Pair", source, target }
  if (source !== undefined) return { _tag: "Source", repository: source }
  return target === undefined ? globalScope : { _tag: "Target", repository: target }
}

export const layer = HttpApiBuilder.group(
  Api,
  "figures",
  Effect.fnUntraced(function* (handlers) {
    const queries = yield* DashboardQueries
    return handlers.handleAll({
      health: () => orUnavailable(queries.health),
      figures: ({ query }) => orUnavailable(queries.figures(scopeOf(query), query.window ?? "24h")),
      trends: ({ query }) => orUnavailable(queries.trend(scopeOf(query), query.window ?? "24h")),
      repositories: ({ query: { ranking = "sources", window = "24h", page = 0 } }) =>
        orUnavailable(queries.leaderboard(ranking, window, page)),
      workflows: ({ query: { window = "24h", page = 0 } }) =>
        orUnavailable(queries.leaderboard("workflows", window, page))
    })
  })
)
