/**
 * What one installation may have under way with one of GitHub's budgets: a bounded number of requests at once, and none at
 * all while GitHub asks to wait, this process or another one that shares its limits. Going on asking then is what gets an App suspended.
 */
import { Clock, Duration, Effect, Semaphore } from "effect"
import { GitHubError, type GitHubErrorReason, RateLimited, Unavailable } from "../../ports/GitHubError.ts"
import { SharedLimits } from "../../ports/SharedLimits.ts"

/** Puts a request in its turn; fails without running it where its turn does not come. */
type RequestLimiter = <A>(operation: string, request: Effect.Effect<A, GitHubError>) => Effect.Effect<A, GitHubError>

/** GitHub allows 100 at once, over both APIs and all of an App's processes. */
const concurrency = 20
/** How long a request may wait for its turn. */
const patience = Duration.seconds(5)

/** Monotonic milliseconds: a clock that is set back does not make a wait longer. */
const elapsed = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** Whose budget a limiter spends, by which processes share what GitHub asks to wait. */
export interface Budget {
  readonly rights: string
  readonly api: string
}

/** A limiter; without a budget, its waits are its own. */
export const make = Effect.fnUntraced(function* (budget?: Budget) {
  const shared = yield* SharedLimits
  const permits = yield* Semaphore.make(concurrency)
  let closedUntil = Number.NEGATIVE_INFINITY

  const fail = (operation: string, reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))

  const turn = (operation: string) =>
    Effect.timeoutOrElse(permits.takeScoped(1), {
      duration: patience,
      orElse: () =>
        fail(operation, new Unavailable({ message: "too many requests of this installation are under way" }))
    })

  const closeFor = (wait: number, now: number) => {
    closedUntil = Math.max(closedUntil, now + wait)
  }

  const open = Effect.fnUntraced(function* (operation: string) {
    const now = yield* elapsed
    if (now >= closedUntil && budget !== undefined) {
      const wait = yield* shared.waitOf(budget.rights, budget.api)
      if (wait > 0) closeFor(wait, now)
    }
    if (now < closedUntil) return yield* fail(operation, new RateLimited({ retryAfter: closedUntil - now }))
  })

  const close = Effect.fnUntraced(function* ({ reason }: GitHubError) {
    if (reason._tag !== "RateLimited") return
    closeFor(reason.retryAfter, yield* elapsed)
    if (budget !== undefined) yield* shared.met(budget.rights, budget.api, reason.retryAfter)
  })

  const limiter: RequestLimiter = (operation, request) =>
    turn(operation).pipe(
      Effect.andThen(open(operation)),
      Effect.andThen(Effect.tapError(request, close)),
      Effect.scoped
    )
  return limiter
})
