/** A GitHub in memory that starts workflows. */
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { type Order, targetKey } from "../../domain/Order.ts"
import type { StartedRun } from "../../domain/Outcome.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { GitHubError, Unavailable } from "../../ports/GitHubError.ts"
import { type Dispatchable, Workflows } from "../../ports/Workflows.ts"

/** A workflow that was started in memory. */
export interface StartedWorkflow {
  readonly order: Order
  readonly run: StartedRun
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What {@link layerMemory} has started, and how it shows that. */
export class StartedWorkflows extends Context.Service<
  StartedWorkflows,
  {
    /** Everything that was started, in order. */
    readonly all: Effect.Effect<ReadonlyArray<StartedWorkflow>>
    /** From now on, started runs are listed only after a while; at first they are listed at once. */
    readonly listAfter: (delay: Duration.Input) => Effect.Effect<void>
    /** From now on, answers do not name the run that was started. */
    readonly hideRunIds: Effect.Effect<void>
  }
>()("dispatcher/testing/fakes/StartedWorkflows") {}

const firstRunId = 1000

const makeMemory = Effect.map(Clock.Clock, (clock) => {
  const started: Array<StartedWorkflow> = []
  let listingDelay = 0
  let tellsRunIds = true

  const start = (order: Order) =>
    Effect.sync(() => {
      const at = clock.currentTimeMillisUnsafe()
      const id = GitHubId.make(String(firstRunId + started.length))
      const run = { id, url: `https://github.com/${order.target.repository}/actions/runs/${id}` }
      started.push({ order, run, at })
      return tellsRunIds ? run : null
    })
  const unsent = Effect.fail(
    new GitHubError({ operation: "Workflows.start", reason: new Unavailable({ message: "too late to send" }) })
  )
  const isLike = (order: Order, other: Dispatchable) =>
    targetKey(order.target) === targetKey(other.target) && order.target.ref === other.target.ref
  const find = (wanted: Dispatchable, since: number) =>
    Effect.sync(() => {
      const now = clock.currentTimeMillisUnsafe()
      return started
        .filter(({ order, at }) => isLike(order, wanted) && at + listingDelay <= now && at >= since)
        .map(({ run }) => run)
    })

  return Context.make(Workflows, {
    start: (order, maySend) => Effect.suspend(() => (maySend() ? start(order) : unsent)),
    findStarted: find
  }).pipe(
    Context.add(StartedWorkflows, {
      all: Effect.sync(() => [...started]),
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
