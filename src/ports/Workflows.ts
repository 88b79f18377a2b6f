/** Starts workflows, and finds what was started. */
import { Context, type DateTime, type Effect } from "effect"
import type { Order } from "../domain/Order.ts"
import type { StartedRun } from "../domain/Outcome.ts"
import type { GitHubError } from "./GitHubError.ts"

export class Workflows extends Context.Service<
  Workflows,
  {
    /**
     * Starts the order's workflow: exactly one request that GitHub can act on. Null where GitHub does not tell which run it started
     * (Enterprise Server before 3.21). Fails with `Ambiguous` when the answer was lost; that is never retried here.
     */
    readonly start: (order: Order) => Effect.Effect<StartedRun | null, GitHubError>
    /** The runs of the order's workflow and ref that this App started by `workflow_dispatch` since then, oldest first. */
    readonly findStarted: (order: Order, since: DateTime.Utc) => Effect.Effect<ReadonlyArray<StartedRun>, GitHubError>
  }
>()("dispatcher/ports/Workflows") {}
