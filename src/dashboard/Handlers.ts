/**
 * The API's handlers. Each reads one stored answer and returns it, or a part of it: nothing is merged, sorted, summed, grouped or filtered
 * here, and there is nothing to do it with. What is asked is checked by the contract before a handler sees it.
 */
import { DateTime, Effect, Layer, type Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FactType } from "../domain/Fact.ts"
import { type Counter, counterOf } from "../domain/Measure.ts"
import { RepositoryName } from "../domain/Names.ts"
import { globalScope, type Scope } from "../domain/Scope.ts"
import { runKey } from "../domain/SourceRun.ts"
import type { Journey } from "../domain/Views.ts"
import { DeadLetters } from "../flow/DeadLetters.ts"
import { explain, layerPasted } from "../flow/Explain.ts"
import { Replays } from "../flow/Replay.ts"
import type { Settings } from "../flow/Settings.ts"
import type { ConfigSource } from "../ports/ConfigSource.ts"
import type { TableError } from "../ports/Table.ts"
import { type Paging, Readings, type Search } from "../store/Readings.ts"
import {
  Api,
  BadCursor,
  Caller,
  GitHubUnavailable,
  NoSuchDeadLetter,
  NoSuchJourney,
  StoreUnavailable,
  UnsupportedSearch
} from "./Api.ts"

interface About {
  readonly source?: RepositoryName
  readonly target?: RepositoryName
}
interface Question extends About {
  readonly type?: FactType
  readonly status?: Counter
  readonly reason?: string
  readonly from?: DateTime.Utc
  readonly to?: DateTime.Utc
}

const scopeOf = ({ source, target }: About): Scope => {
  if (source !== undefined && target !== undefined) return { _tag: "Pair", source, target }
  if (source !== undefined) return { _tag: "Source", repository: source }
  return target === undefined ? globalScope : { _tag: "Target", repository: target }
}

const pagingOf = ({ limit = 50, cursor }: { readonly limit?: number; readonly cursor?: string }): Paging => ({
  limit,
  ...(cursor === undefined ? {} : { cursor })
})

/** `type` and `status` are two names for one thing. */
const searchOf = ({ source, target, type, status, reason, from, to }: Question): Search => ({
  ...(source === undefined ? {} : { source }),
  ...(target === undefined ? {} : { target }),
  ...(type === undefined ? {} : { status: counterOf[type] }),
  ...(status === undefined ? {} : { status }),
  ...(reason === undefined ? {} : { reason }),
  ...(from === undefined ? {} : { from: DateTime.formatIso(from) }),
  ...(to === undefined ? {} : { to: DateTime.formatIso(to) })
})

const contradiction = ({ type, status }: Question): UnsupportedSearch | undefined =>
  type === undefined || status === undefined || counterOf[type] === status
    ? undefined
    : new UnsupportedSearch({
        message: `events of type ${type} have the status ${counterOf[type]}, so none is ${status}; give one of both`,
        supported: [["type"], ["status"]]
      })

const listed = (combinations: ReadonlyArray<ReadonlyArray<string>>): string =>
  combinations.map((names) => (names.length === 0 ? "none" : names.join(" + "))).join("; ")

/** What went wrong is for the log; who asks learns that it is worth asking again. */
const unavailable = (error: { readonly message: string }) =>
  Effect.logWarning("the dashboard was not answered", error).pipe(
    Effect.andThen(new StoreUnavailable({ message: "the store does not answer; try again soon" }))
  )
const orUnavailable = <A>(reading: Effect.Effect<A, TableError>) => Effect.catchTag(reading, "TableError", unavailable)
const badCursor = ({ message }: { readonly message: string }) => Effect.fail(new BadCursor({ message }))
const known = (journey: Option.Option<Journey>) =>
  Effect.mapError(
    Effect.fromOption(journey),
    () => new NoSuchJourney({ message: "nothing is known of this; what is older than the retention is forgotten" })
  )

const layerFigures = HttpApiBuilder.group(
  Api,
  "figures",
  Effect.fnUntraced(function* (handlers) {
    const readings = yield* Readings
    return handlers.handleAll({
      health: () => orUnavailable(readings.health),
      summary: ({ query }) => orUnavailable(readings.kpi(scopeOf(query), query.window ?? "24h")),
      funnel: ({ query }) =>
        readings.kpi(scopeOf(query), query.window ?? "24h").pipe(
          Effect.map(({ scope, window, updatedAt, counts }) => ({ scope, window, updatedAt, counts })),
          orUnavailable
        ),
      denials: ({ query }) =>
        readings.kpi(scopeOf(query), query.window ?? "24h").pipe(
          Effect.map(({ scope, window, updatedAt, reasons }) => ({ scope, window, updatedAt, reasons })),
          orUnavailable
        ),
      trends: ({ query }) => orUnavailable(readings.trend(scopeOf(query), query.range ?? "24h")),
      repositories: ({ query: { ranking = "sources", window = "24h", page = 0 } }) =>
        orUnavailable(readings.leaderboard(ranking, window, page)),
      workflows: ({ query: { window = "24h", page = 0 } }) =>
        orUnavailable(readings.leaderboard("workflows", window, page)),
      filters: () => orUnavailable(readings.choices)
    })
  })
)

const layerDeliveries = HttpApiBuilder.group(
  Api,
  "deliveries",
  Effect.fnUntraced(function* (handlers) {
    const readings = yield* Readings
    const replays = yield* Replays
    return handlers.handleAll({
      deliveries: ({ query }) =>
        readings
          .deliveries(query.source, pagingOf(query))
          .pipe(Effect.catchTags({ TableError: unavailable, BadCursor: badCursor })),
      journey: ({ params }) =>
        readings.journey(params.id).pipe(Effect.flatMap(known), Effect.catchTag("TableError", unavailable)),
      runJourney: ({ params }) =>
        readings.runJourney(runKey(params)).pipe(Effect.flatMap(known), Effect.catchTag("TableError", unavailable)),
      events: Effect.fnUntraced(function* ({ query }) {
        const nonsense = contradiction(query)
        if (nonsense !== undefined) return yield* nonsense
        return yield* readings.events(searchOf(query), pagingOf(query)).pipe(
          Effect.catchTags({
            TableError: unavailable,
            BadCursor: badCursor,
            UnsupportedSearch: ({ asked, supported }) =>
              Effect.fail(
                new UnsupportedSearch({
                  message: `events cannot be searched by ${asked.join(" + ")}; supported are: ${listed(supported)}`,
                  supported
                })
              )
          })
        )
      }),
      replay: Effect.fnUntraced(function* ({ params: { id } }) {
        const { name } = yield* Caller
        const { generation } = yield* replays.replay(id, name).pipe(
          Effect.catchTags({
            NoSuchDelivery: () => Effect.fail(new NoSuchJourney({ message: "there is no such delivery to replay" })),
            TableError: unavailable,
            QueueError: unavailable
          })
        )
        return { deliveryId: id, generation }
      })
    })
  })
)

/** Given configs by the names of their repositories, which the contract has checked. */
const byRepository = (configs: Readonly<Record<string, string>>): ReadonlyMap<RepositoryName, string> =>
  new Map(Object.entries(configs).map(([name, text]) => [RepositoryName.make(name), text]))

const layerRules = HttpApiBuilder.group(
  Api,
  "rules",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ConfigSource | Settings>()
    return handlers.handle("explain", ({ payload: { run, configs = {}, defaultBranch = "main" } }) =>
      explain(run).pipe(
        Effect.provide(layerPasted(byRepository(configs), defaultBranch)),
        Effect.provideContext(services),
        Effect.mapError(({ message }) => new GitHubUnavailable({ message }))
      )
    )
  })
)

const noSuchLetter = () => new NoSuchDeadLetter({ message: "the queue has no dead letter with this id" })

const layerDeadLetters = HttpApiBuilder.group(
  Api,
  "deadLetters",
  Effect.fnUntraced(function* (handlers) {
    const deadLetters = yield* DeadLetters
    return handlers.handleAll({
      deadLetters: ({ query: { queue, limit = 50 } }) =>
        deadLetters.list(queue, limit).pipe(
          Effect.map((letters) => ({ letters })),
          Effect.catchTag("QueueError", unavailable)
        ),
      deadLetter: ({ params: { queue, id } }) =>
        deadLetters.show(queue, id).pipe(
          Effect.catchTag("QueueError", unavailable),
          Effect.flatMap((letter) => Effect.mapError(Effect.fromOption(letter), noSuchLetter))
        ),
      redrive: Effect.fnUntraced(function* ({ payload: { queue, id } }) {
        const { name } = yield* Caller
        const asking = deadLetters.redrive(queue, id ?? "all", name)
        const redriven = yield* Effect.catchTag(asking, "QueueError", unavailable)
        if (id !== undefined && redriven === 0) return yield* noSuchLetter()
        return { queue, redriven }
      })
    })
  })
)

/** The handlers of all groups. */
export const layer = Layer.mergeAll(layerFigures, layerDeliveries, layerRules, layerDeadLetters)
