/** Starts workflows, finds what was started, and how that ended. */
import { Context, type Effect, type Option } from "effect"
import type { Order } from "../domain/Order.ts"
import type { StartedRun } from "../domain/Outcome.ts"
import type { Completed } from "../domain/RunResult.ts"
import type { GitHubId } from "../domain/SourceRun.ts"
import type { GitHubError } from "./GitHubError.ts"

/** Whether a request may still be sent: asked without delay, right before the request is written to its connection. */
export type MaySend = () => boolean

/** What a search for started runs is about. */
export type Dispatchable = Pick<Order, "run" | "target">

/** Starts orders' workflows. */
export class Workflows extends Context.Service<
  Workflows,
  {
    /**
     * Starts the order's workflow: exactly one request that GitHub can act on. Null where GitHub does not name the run that it started
     * (Enterprise Server before 3.21). Fails with `Ambiguous` when the answer was lost; that is never retried here. Fails with `Unavailable`,
     * and sends nothing, where `maySend` is false by the time at which the request could go out.
     */
    readonly start: (order: Order, maySend: MaySend) => Effect.Effect<StartedRun | null, GitHubError>
    /**
     * The runs of the target's workflow and ref that this App started by `workflow_dispatch` at `since` (GitHub's time, milliseconds since
     * the epoch) or later, oldest first.
     */
    readonly findStarted: (target: Dispatchable, since: number) => Effect.Effect<ReadonlyArray<StartedRun>, GitHubError>
    /**
     * How the latest attempt of a run of the target's repository ended; none while it goes on. `NotFound` where the run was deleted, or the
     * repository is out of the App's reach. One request.
     */
    readonly ending: (
      target: Dispatchable,
      startedRunId: GitHubId
    ) => Effect.Effect<Option.Option<Completed>, GitHubError>
  }
>()("dispatcher/ports/Workflows") {}
