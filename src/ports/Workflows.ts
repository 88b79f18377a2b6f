/** Starts workflows, and finds what was started. */
import { Context, type Effect } from "effect"
import type { Order } from "../domain/Order.ts"
import type { StartedRun } from "../domain/Outcome.ts"
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
  }
>()("dispatcher/ports/Workflows") {}
