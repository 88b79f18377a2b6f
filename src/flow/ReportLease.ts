/** How long Report may write to GitHub under a lease, of an issue or of a check run. */
import { Clock, Duration, Effect } from "effect"
import { Ambiguous, GitHubError } from "../ports/GitHubError.ts"
import { Timing } from "./Settings.ts"

/**
 * Ends what is written to GitHub well before the lease does (`until`, milliseconds since the epoch), so that no other worker writes at the same
 * time. Fails with `Ambiguous` where no answer came by then: GitHub may have acted.
 */
export const withinLease =
  (operation: string, { until }: { readonly until: number }) =>
  <A, R>(writing: Effect.Effect<A, GitHubError, R>) =>
    Effect.gen(function* () {
      const { visibleAfter } = yield* Timing
      const left = until - (yield* Clock.currentTimeMillis) - Duration.toMillis(visibleAfter)
      const reason = new Ambiguous({ message: "no answer while the lease lasted" })
      const orElse = () => Effect.fail(new GitHubError({ operation, reason }))
      return yield* Effect.timeoutOrElse(writing, { duration: Duration.millis(Math.max(0, left)), orElse })
    })
