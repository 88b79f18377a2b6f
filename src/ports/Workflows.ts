/** Starts workflows, and finds what was started. */
import { Clock, Context, DateTime, Duration, Effect, Layer } from "effect"
import { type Order, targetKey } from "../domain/Order.ts"
import type { StartedRun } from "../domain/Outcome.ts"
import type { GitHubError } from "./GitHubError.ts"
import { type Mishap, Script } from "./Mishaps.ts"

/** Starts orders' workflows. */
export class Workflows extends Context.Service<
  Workflows,
  {
    /**
     * Starts the order's workflow: exactly one request that GitHub can act on. Null where GitHub does not tell which run it started
     * (Enterprise Server before 3.21). Fails with `Ambiguous` when the answer was lost; that is never retried here.
     */
    readonly start: (order: Order) => Effect.Effect<StartedRun | null, GitHubError>
    /**
     * The runs of the order's workflow and ref that this App started by `workflow_dispatch` from `since` until `until`, oldest first;
     * by our clock, so with a few seconds more on both sides.
     */
    readonly findStarted: (
      order: Order,
      since: DateTime.Utc,
      until: DateTime.Utc
    ) => Effect.Effect<ReadonlyArray<StartedRun>, GitHubError>
  }
>()("dispatcher/ports/Workflows") {}

/** A workflow that was started in memory. */
export interface StartedWorkflow {
  readonly order: Order
  readonly run: StartedRun
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What {@link layerMemory} was asked and has started, and what goes wrong with it. */
export class StartedWorkflows extends Context.Service<
  StartedWorkflows,
  {
    /** Everything that was started, in order. */
    readonly all: Effect.Effect<ReadonlyArray<StartedWorkflow>>
    readonly requests: Effect.Effect<ReadonlyArray<keyof Workflows["Service"]>>
    /** What the next requests of a kind meet, one each. */
    readonly script: (operation: keyof Workflows["Service"], ...mishaps: ReadonlyArray<Mishap>) => Effect.Effect<void>
    /** From now on, started runs are listed only after a while; at first they are listed at once. */
    readonly listAfter: (delay: Duration.Input) => Effect.Effect<void>
    /** From now on, answers do not tell which run was started. */
    readonly hideRunIds: Effect.Effect<void>
  }
>()("dispatcher/ports/Workflows/StartedWorkflows") {}

const firstRunId = 1000

const makeMemory = Effect.sync(() => {
  const script = new Script<keyof Workflows["Service"]>("Workflows")
  const started: Array<StartedWorkflow> = []
  let listingDelay = 0
  let tellsRunIds = true

  const start = (order: Order) =>
    Effect.map(Clock.currentTimeMillis, (at) => {
      const id = firstRunId + started.length
      const run = { id, url: `https://github.com/${order.target.repository}/actions/runs/${id}` }
      started.push({ order, run, at })
      return tellsRunIds ? run : null
    })
  const isLike = (order: Order, other: Order) =>
    targetKey(order.target) === targetKey(other.target) && order.target.ref === other.target.ref
  const find = (wanted: Order, since: DateTime.Utc, until: DateTime.Utc) =>
    Effect.map(Clock.currentTimeMillis, (now) =>
      started
        .filter(({ order, at }) => isLike(order, wanted) && at + listingDelay <= now)
        .filter(({ at }) => at >= DateTime.toEpochMillis(since) && at <= DateTime.toEpochMillis(until))
        .map(({ run }) => run)
    )

  return Context.make(Workflows, {
    start: (order) => script.request("start", start(order)),
    findStarted: (order, since, until) => script.request("findStarted", find(order, since, until))
  }).pipe(
    Context.add(StartedWorkflows, {
      all: Effect.sync(() => [...started]),
      requests: script.requests,
      script: script.add,
      listAfter: (delay) =>
        Effect.sync(() => {
          listingDelay = Duration.toMillis(Duration.fromInputUnsafe(delay))
        }),
      hideRunIds: Effect.sync(() => {
        tellsRunIds = false
      })
    })
  )
})

/** A GitHub in memory that starts whatever it is asked to; run ids count up. */
export const layerMemory: Layer.Layer<Workflows | StartedWorkflows> = Layer.effectContext(makeMemory)
