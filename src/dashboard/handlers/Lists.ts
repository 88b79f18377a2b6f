/** Handlers of lists and journeys: each reads one page, or the facts of one run, and returns it as it is stored. */
import { DateTime, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { maxNodes } from "../../domain/Chain.ts"
import type { FactType } from "../../domain/Fact.ts"
import { factTable, type Status } from "../../domain/FactTable.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { runKey } from "../../domain/SourceRun.ts"
import { DashboardQueries, type EventSearch, type Paging } from "../../readmodel/DashboardQueries.ts"
import { Api } from "../Api.ts"
import { UnsupportedFilters } from "../api/Errors.ts"
import { badCursor, known, knownChain, orUnavailable, unavailable } from "./Failing.ts"

interface Question {
  readonly source?: RepositoryName
  readonly target?: RepositoryName
  readonly type?: FactType
  readonly status?: Status
  readonly reason?: string
  readonly from?: DateTime.Utc
  readonly to?: DateTime.Utc
}

const pagingOf = ({ limit = 50, cursor }: { readonly limit?: number; readonly cursor?: string }): Paging => ({
  limit,
  ...(cursor === undefined ? {} : { cursor })
})

/** `type` and `status` are two names for one thing. */
const searchOf = ({ source, target, type, status, reason, from, to }: Question): EventSearch => ({
  ...(source === undefined ? {} : { source }),
  ...(target === undefined ? {} : { target }),
  ...(type === undefined ? {} : { status: factTable[type].status }),
  ...(status === undefined ? {} : { status }),
  ...(reason === undefined ? {} : { reason }),
  ...(from === undefined ? {} : { from: DateTime.formatIso(from) }),
  ...(to === undefined ? {} : { to: DateTime.formatIso(to) })
})

const contradiction = ({ type, status }: Question): UnsupportedFilters | undefined =>
  type === undefined || status === undefined || factTable[type].status === status
    ? undefined
    : new UnsupportedFilters({
        message: `events of type ${type} have the status ${factTable[type].status}, so none is ${status}; give one of both`,
        supported: [["type"], ["status"]]
      })

const listed = (combinations: ReadonlyArray<ReadonlyArray<string>>): string =>
  combinations.map((names) => (names.length === 0 ? "none" : names.join(" + "))).join("; ")

interface Unsupported {
  readonly asked: ReadonlyArray<string>
  readonly supported: ReadonlyArray<ReadonlyArray<string>>
}
const unsupported = ({ asked, supported }: Unsupported) =>
  Effect.fail(
    new UnsupportedFilters({
      message: `events cannot be searched by ${asked.join(" + ")}; supported are: ${listed(supported)}`,
      supported
    })
  )

export const layer = HttpApiBuilder.group(
  Api,
  "lists",
  Effect.fnUntraced(function* (handlers) {
    const queries = yield* DashboardQueries
    const troubles = { TableError: unavailable, BadCursor: badCursor }
    return handlers.handleAll({
      deliveries: ({ query }) => queries.deliveries(query.source, pagingOf(query)).pipe(Effect.catchTags(troubles)),
      find: ({ query }) => queries.find(query.by, query.value, pagingOf(query)).pipe(Effect.catchTags(troubles)),
      journey: ({ params }) =>
        queries.journey(params.id).pipe(Effect.flatMap(known), Effect.catchTag("TableError", unavailable)),
      runJourney: ({ params }) =>
        queries.runJourney(runKey(params)).pipe(Effect.flatMap(known), Effect.catchTag("TableError", unavailable)),
      chain: ({ params, query: { limit = maxNodes, ...query } }) =>
        queries
          .chain(runKey(params), pagingOf({ ...query, limit }))
          .pipe(Effect.flatMap(knownChain), Effect.catchTags(troubles)),
      topology: ({ query: { limit = 500, ...query } }) =>
        queries.connections(pagingOf({ ...query, limit })).pipe(Effect.catchTags(troubles)),
      neighbours: ({ params: { owner, name } }) =>
        orUnavailable(queries.neighbours(RepositoryName.make(`${owner}/${name}`))),
      events: Effect.fnUntraced(function* ({ query }) {
        const nonsense = contradiction(query)
        if (nonsense !== undefined) return yield* nonsense
        const page = queries.events(searchOf(query), pagingOf(query))
        return yield* Effect.catchTags(page, { ...troubles, UnsupportedSearch: unsupported })
      }),
      filters: () => orUnavailable(queries.choices)
    })
  })
)
