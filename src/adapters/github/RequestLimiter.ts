/**
 * What one installation may have under way with one of GitHub's budgets: a bounded number of requests at once, and none at
 * all while GitHub asks to wait. Going on asking then is what gets an App suspended.
 */
import { Clock, Duration, Effect, Semaphore } from "effect"
import { GitHubError, type GitHubErrorReason, RateLimited, Unavailable } from "../../ports/GitHubError.ts"

/** Puts a request in its turn; fails without running it where its turn does not come. */
export type RequestLimiter = <A>(
  operation: string,
  request: Effect.Effect<A, GitHubError>
) => Effect.Effect<A, GitHubError>

/** GitHub allows 100 at once, over both APIs and all of an App's processes. */
const concurrency = 20
/** How long a request may wait for its turn. */
const patience = Duration.seconds(5)

/** Monotonic milliseconds: a clock that is set back does not make a wait longer. */
const elapsed = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

export const make: Effect.Effect<RequestLimiter> = Effect.gen(function* () {
  const permits = yield* Semaphore.make(concurrency)
  let closedUntil = Number.NEGATIVE_INFINITY

  const fail = (operation: string, reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))

  const turn = (operation: string) =>
    Effect.timeoutOrElse(permits.takeScoped(1), {
      duration: patience,
      orElse: () =>
        fail(operation, new Unavailable({ message: "too many requests of this installation are under way" }))
    })

  const open = (operation: string) =>
    Effect.flatMap(elapsed, (now) =>
      now < closedUntil ? fail(operation, new RateLimited({ retryAfter: closedUntil - now })) : Effect.void
    )

  const close = (error: GitHubError) =>
    error.reason._tag === "RateLimited"
      ? Effect.map(elapsed, (now) => {
          closedUntil = Math.max(
            closedUntil,
            now + (error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter))
          )
        })
      : Effect.void

  return (operation, request) =>
    turn(operation).pipe(
      Effect.andThen(open(operation)),
      Effect.andThen(Effect.tapError(request, close)),
      Effect.scoped
    )
})
