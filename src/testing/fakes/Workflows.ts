/** A GitHub in memory that starts workflows. */
import { Clock, Context, Duration, Effect, Layer, Option } from "effect"
import { type Order, targetKey } from "../../domain/Order.ts"
import type { StartedRun } from "../../domain/Outcome.ts"
import type { Completed } from "../../domain/RunResult.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { GitHubError, NotFound, Unavailable } from "../../ports/GitHubError.ts"
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
    /** Ends an attempt of a run that was started. */
    readonly complete: (run: GitHubId, result: Completed) => Effect.Effect<void>
    /** Deletes a run that was started. */
    readonly remove: (run: GitHubId) => Effect.Effect<void>
  }
>()("dispatcher/testing/fakes/StartedWorkflows") {}

const firstRunId = 1000

const makeMemory = Effect.map(Clock.Clock, (clock) => {
  const started: Array<StartedWorkflow> = []
  let listingDelay = 0
  let givesRunIds = true
  const results = new Map<GitHubId, Completed>()
  const removed = new Set<GitHubId>()

  const start = (order: Order) =>
    Effect.sync(() => {
      const at = clock.currentTimeMillisUnsafe()
      const id = GitHubId.make(String(firstRunId + started.length))
      const run = { id, url: `https://github.com/${order.target.repository}/actions/runs/${id}` }
      started.push({ order, run, at })
      return givesRunIds ? run : null
    })
  const unsent = Effect.fail(
    new GitHubError({ operation: "Workflows.start", reason: new Unavailable({ message: "too late to send" }) })
  )
  const gone = new GitHubError({ operation: "Workflows.ending", reason: new NotFound({ message: "Not Found" }) })
  const ending = (id: GitHubId) =>
    Effect.suspend(() =>
      removed.has(id) || !started.some(({ run }) => run.id === id)
        ? Effect.fail(gone)
        : Effect.succeed(Option.fromNullishOr(results.get(id)))
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
    findStarted: find,
    ending: (_, id) => ending(id)
  }).pipe(
    Context.add(StartedWorkflows, {
      all: Effect.sync(() => [...started]),
      listAfter: (delay) =>
        Effect.sync(() => {
          listingDelay = Duration.toMillis(Duration.fromInputUnsafe(delay))
        }),
      hideRunIds: Effect.sync(() => {
        givesRunIds = false
      }),
      complete: (id, result) => Effect.sync(() => void results.set(id, result)),
      remove: (id) => Effect.sync(() => void removed.add(id))
    })
  )
})

/** A GitHub in memory that starts whatever it is asked to; run ids count up. */
export const layerMemory: Layer.Layer<Workflows | StartedWorkflows> = Layer.effectContext(makeMemory)
